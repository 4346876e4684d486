# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""tools/deps on systems that are made up of scripts in PATH."""

import os
import subprocess
import time

import pytest

from conftest import TOOLS

NEEDED = "sh sed awk cat env grep".split()


class System:
    """Only these commands exist: the ones that `deps` is written with, and fakes that note how they were called."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.bin = os.path.join(self.folder, "bin")
        os.mkdir(self.bin)
        for name in NEEDED:
            os.symlink(os.path.realpath(os.path.join("/usr/bin", name)), os.path.join(self.bin, name))
        self.write("log", "")
        self.set_installed("")
        self.fake("id", f"cat {self.path('uid')}")
        self.write("uid", "0")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as stream:
            stream.write(text)

    def fake(self, name, body):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="ascii") as stream:
            stream.write(f"#!{self.bin}/sh\n{body}\n")
        os.chmod(path, 0o755)

    def set_installed(self, names):
        self.write("installed", "".join(f"installed {name}\n" for name in names.split()))

    def add_apt(self, candidates="1.0"):
        self.fake("dpkg-query", f"cat {self.path('installed')}")
        self.fake("apt-get", f'echo "apt-get $*" >> {self.path("log")}')
        self.fake("apt-cache", f'echo "  Candidate: {candidates}"')

    def run(self, *arguments):
        return subprocess.run([f"{self.bin}/sh", os.path.join(TOOLS, "deps"), *arguments], env={"PATH": self.bin},
                              capture_output=True, text=True, check=False, timeout=60)

    def calls(self):
        with open(self.path("log"), encoding="ascii") as stream:
            return stream.read().splitlines()


@pytest.fixture
def system(tmp_path):
    return System(tmp_path)


def all_packages(system):
    return " ".join(line.split()[0] for line in system.run("--list").stdout.splitlines())


def test_list_names_packages_and_what_they_are_for(system):
    lines = dict(line.split(maxsplit=1) for line in system.run("--list").stdout.splitlines())
    assert lines["device-tree-compiler"] == "manifests"
    assert {"gcc", "gcc-multilib", "xorriso", "ovmf", "python3-pexpect", "qemu-system-x86"} <= set(lines)
    assert not [name for name in lines if "?" in name]


def test_nothing_missing_is_quick_and_calls_no_apt(system):
    system.add_apt()
    system.set_installed(all_packages(system))
    start = time.monotonic()
    result = system.run()
    assert time.monotonic() - start < 1
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    assert system.calls() == []


def test_missing_packages_are_installed_after_an_update(system):
    system.add_apt()
    system.set_installed(all_packages(system).replace("xorriso", "").replace("mtools", ""))
    result = system.run()
    assert result.returncode == 0
    assert system.calls() == ["apt-get -q update", "apt-get -q install -y --no-install-recommends xorriso mtools"]


def test_a_package_whose_name_is_part_of_another_is_missed(system):
    system.add_apt()
    system.set_installed(all_packages(system).replace("ovmf ", "", 1))
    assert "ovmf-ia32" in all_packages(system)
    system.run()
    assert system.calls()[-1] == "apt-get -q install -y --no-install-recommends ovmf"


def test_optional_package_needs_no_update(system):
    system.add_apt()
    system.set_installed(all_packages(system).replace("gcc-multilib", ""))
    assert system.run().returncode == 0
    assert system.calls() == ["apt-get -q install -y --no-install-recommends gcc-multilib"]


def test_optional_package_that_does_not_exist_is_done_without(system):
    system.add_apt(candidates="(none)")
    system.set_installed(all_packages(system).replace("gcc-multilib", "").replace("ovmf-ia32", ""))
    result = system.run()
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    assert system.calls() == []


def test_ordinary_user_uses_sudo(system):
    system.add_apt()
    system.write("uid", "1000")
    system.fake("sudo", f'echo "sudo $1" >> {system.path("log")}; exec "$@"')
    system.set_installed(all_packages(system).replace("xorriso", ""))
    assert system.run().returncode == 0
    assert system.calls() == ["sudo env", "apt-get -q update",
                              "sudo env", "apt-get -q install -y --no-install-recommends xorriso"]


def test_ordinary_user_without_sudo_is_told(system):
    system.add_apt()
    system.write("uid", "1000")
    system.set_installed(all_packages(system).replace("xorriso", ""))
    result = system.run()
    assert result.stderr == "deps: missing packages; as root: apt-get install --no-install-recommends xorriso\n"
    assert result.returncode == 1
    assert system.calls() == []


def test_check_changes_nothing(system):
    system.add_apt()
    system.set_installed("")
    result = system.run("--check")
    assert result.returncode == 1 and "device-tree-compiler" in result.stderr
    assert system.calls() == []


def test_apt_that_fails(system):
    system.add_apt()
    system.fake("apt-get", "echo 'E: no network' >&2; exit 100")
    result = system.run()
    assert result.returncode != 0 and "E: no network" in result.stderr


def test_other_system_gets_a_list(system):
    system.fake("dtc", "")
    result = system.run()
    assert result.returncode == 1
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in result.stdout.splitlines() if line.startswith("  ")}
    assert lines["device-tree-compiler"] == "found              manifests"
    assert lines["xorriso"] == "missing            ISO images"
    assert lines["python3-pexpect"].startswith("cannot tell ")


def test_usage(system):
    result = system.run("--frobnicate")
    assert result.returncode == 2 and result.stderr.startswith("usage: deps")
