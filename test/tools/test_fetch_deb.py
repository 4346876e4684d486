# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""fetch-deb against a small package archive in a folder."""

import hashlib
import os
import subprocess

import pytest

from conftest import TOOLS
from trapeze.debsources import in_suites


class Archive:
    """An apt archive of packages made here, and a fetch-deb that uses it."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.index = ""
        os.mkdir(self.path("archive"))
        with open(self.path("sources.list"), "w", encoding="ascii") as stream:
            stream.write(f"deb [trusted=yes] file:{self.path('archive')} ./\n")
        self.add("lib", files={"usr/lib/lib.a": "library"})
        self.add("linux-9", files={"boot/vmlinuz-9": "kernel"})
        self.add("linux", files={"usr/share/doc/linux/copyright": "free"}, depends="linux-9 (= 1) | linux-8")
        self.add("hollow", files={"usr/share/doc/hollow/copyright": "free"})
        self.add("loop", files={"usr/share/doc/loop/copyright": "free"}, depends="loop")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def add(self, name, files, version="1", depends=""):
        tree = self.path("build", f"{name}-{version}")
        control = f"Package: {name}\nVersion: {version}\nArchitecture: i386\nMaintainer: none\nDescription: a test\n"
        control += f"Depends: {depends}\n" if depends else ""
        for path, text in {"DEBIAN/control": control, **files}.items():
            os.makedirs(os.path.dirname(os.path.join(tree, path)), exist_ok=True)
            with open(os.path.join(tree, path), "w", encoding="ascii") as stream:
                stream.write(text)
        deb = f"{name}_{version}_i386.deb"
        subprocess.run(["dpkg-deb", "-Znone", "--root-owner-group", "-b", tree, self.path("archive", deb)],
                       check=True, capture_output=True)
        with open(self.path("archive", deb), "rb") as stream:
            data = stream.read()
        self.index += f"{control}Filename: ./{deb}\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n\n"
        with open(self.path("archive", "Packages"), "w", encoding="ascii") as stream:
            stream.write(self.index)

    def command(self, *packages, options=()):
        return [os.path.join(TOOLS, "fetch-deb"), "--arch", "i386", "--cache", self.path("cache"), "--sources",
                self.path("sources.list"), "-o", self.path("out"), *options, *packages]

    def fetch(self, *packages, options=()):
        return subprocess.run(self.command(*packages, options=options), capture_output=True, text=True, timeout=60,
                              check=False)

    def read(self, name):
        with open(self.path("out", name), encoding="ascii") as stream:
            return stream.read()


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def test_package_is_unpacked(archive):
    result = archive.fetch("lib")
    assert (result.stderr, result.returncode) == ("", 0)
    assert archive.read("usr/lib/lib.a") == "library"


def test_second_run_needs_neither_network_nor_apt(archive):
    archive.fetch("lib")
    os.rename(archive.path("archive"), archive.path("gone"))
    os.rename(archive.path("cache"), archive.path("cache-gone"))
    result = archive.fetch("lib")
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_metapackage_is_followed(archive):
    result = archive.fetch("linux")
    assert "linux:i386 is a metapackage for linux-9\n" in result.stdout
    assert archive.read("boot/vmlinuz-9") == "kernel"
    assert archive.read(".fetch-deb/linux_i386") == "linux-9_1_i386.deb\n"


def test_libraries_come_along_where_asked_for(archive):
    archive.add("libb", files={"usr/lib/b": "b"}, depends="lib (= 1), libloop, common")
    archive.add("libloop", files={"usr/lib/loop": "loop"}, depends="libb")
    archive.add("tool", files={"bin/tool": "tool"}, depends="libb (>= 1) | other, common")
    result = archive.fetch("tool", options=("--libraries",))
    assert (result.stderr, result.returncode) == ("", 0)
    assert [archive.read(name) for name in ("bin/tool", "usr/lib/b", "usr/lib/loop", "usr/lib/lib.a")] == [
        "tool", "b", "loop", "library"]
    assert sorted(archive.read(".fetch-deb/tool_i386").split()) == [
        "lib_1_i386.deb", "libb_1_i386.deb", "libloop_1_i386.deb", "tool_1_i386.deb"]


def test_suites_replace_those_of_the_release():
    releases = [("http://one", "stable"), ("http://one", "stable-updates"), ("http://two", "stable-security")]
    assert in_suites(releases, ()) == releases
    assert in_suites(releases, ("sid", "next-backports")) == [("http://one", "next-backports"), ("http://one", "sid")]


def test_unknown_package(archive):
    result = archive.fetch("lib", "nothing-of-this-name")
    assert result.stderr == ("fetch-deb: no package nothing-of-this-name:i386 in the Debian sources; check its name "
                             "with: apt-cache search nothing-of-this-name\n")
    assert result.returncode == 1
    assert not os.path.exists(archive.path("out/.fetch-deb/nothing-of-this-name_i386"))


def test_package_that_leads_to_no_files(archive):
    for name in ("hollow", "loop"):
        result = archive.fetch(name)
        assert result.stderr.endswith("the package holds no files and leads to none\n")
        assert result.returncode == 1


def test_damaged_package_is_refused(archive):
    with open(archive.path("archive", "lib_1_i386.deb"), "r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"?")
    result = archive.fetch("lib")
    assert result.stderr.startswith("fetch-deb: cannot download lib:i386 1: ")
    assert len(result.stderr.splitlines()) == 1
    assert result.returncode == 1
    assert not os.path.exists(archive.path("out/usr/lib/lib.a"))


def test_no_archive_at_all(archive):
    os.rename(archive.path("archive"), archive.path("gone"))
    result = archive.fetch("lib")
    assert result.stderr.startswith("fetch-deb: cannot update the package lists: ")
    assert len(result.stderr.splitlines()) == 1
    assert result.returncode == 1


def test_update_gets_the_newer_one(archive):
    archive.fetch("lib")
    archive.add("lib", files={"usr/lib/lib.a": "newer library"}, version="2")
    archive.fetch("lib")
    assert archive.read("usr/lib/lib.a") == "library"
    archive.fetch("lib", options=["--update"])
    assert archive.read("usr/lib/lib.a") == "newer library"


def test_new_package_is_found_without_asking_for_an_update(archive):
    archive.fetch("lib")
    archive.add("late", files={"usr/lib/late.a": "late"})
    assert archive.fetch("late").returncode == 0


def test_runs_at_the_same_time(archive):
    """Same cache, same output: each waits for the other, and both are right."""
    runs = [subprocess.Popen(archive.command("lib", "linux"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(3)]
    for run in runs:
        output, errors = run.communicate(timeout=60)
        assert (errors, run.returncode) == (b"", 0), output
    assert archive.read("usr/lib/lib.a") == "library" and archive.read("boot/vmlinuz-9") == "kernel"


def test_missing_sources_file(archive):
    os.unlink(archive.path("sources.list"))
    result = archive.fetch("lib")
    assert result.stderr == f"fetch-deb: {archive.path('sources.list')}: No such file or directory\n"


def test_no_apt(archive):
    os.mkdir(archive.path("bin"))
    command = ["/usr/bin/python3", *archive.command("lib")]
    result = subprocess.run(command, env={"PATH": archive.path("bin")}, capture_output=True, text=True, check=False)
    assert result.stderr == ("fetch-deb: apt-get apt-cache apt-config dpkg-deb not found: this tool needs a "
                             "Debian-like system with apt and dpkg\n")
    assert result.returncode == 1


def test_usage(archive):
    result = archive.fetch()
    assert result.returncode == 2 and "PKG" in result.stderr
