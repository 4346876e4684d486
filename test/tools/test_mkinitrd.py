# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Archives of mkinitrd, read back by a reader written from Linux's description of the format."""

import gzip
import os
import stat
import subprocess

import pytest

from conftest import ROOT


def entries(data):
    """{name: (mode, content, (major, minor))} of a newc archive."""
    found, at = {}, 0
    while True:
        assert data[at:at + 6] == b"070701" and at % 4 == 0
        fields = [int(data[at + 6 + 8 * n:at + 14 + 8 * n], 16) for n in range(13)]
        name_end = at + 110 + fields[11]
        name = data[at + 110:name_end - 1].decode()
        start = (name_end + 3) & ~3
        if name == "TRAILER!!!":
            return found
        found[name] = (fields[1], data[start:start + fields[6]], (fields[9], fields[10]))
        at = (start + fields[6] + 3) & ~3


def make(lab, *arguments):
    result = lab.run("mkinitrd", "-o", "out.img", *arguments)
    assert (result.stderr, result.returncode) == ("", 0)
    return lab.read("out.img")


def test_demo_archive(lab):
    lab.write("busybox", "program")
    lab.write("init", "#!/bin/sh\n")
    found = entries(gzip.decompress(make(lab, "--busybox", "busybox", "--init", "init", "--text", "initrd-id=x")))
    assert found["init"] == (stat.S_IFREG | 0o755, b"#!/bin/sh\n", (0, 0))
    assert found["bin/busybox"][:2] == (stat.S_IFREG | 0o755, b"program")
    assert found["bin/sh"][:2] == (stat.S_IFLNK | 0o777, b"busybox")
    assert found["dev/console"] == (stat.S_IFCHR | 0o600, b"", (5, 1))
    assert found["initrd-id"][1] == b"x\n"
    assert stat.S_ISDIR(found["proc"][0])


def test_folders_come_before_what_is_in_them(lab):
    names = list(entries(make(lab, "--no-gzip", "--text", "a/b/c=text", "--text", "a/d=text")))
    assert names == ["a", "a/b", "a/b/c", "a/d"]


def test_files_keep_whether_they_can_be_run(lab):
    lab.write("data", "1")
    lab.write("tool", "2")
    os.chmod(lab.path("tool"), 0o700)
    found = entries(make(lab, "--no-gzip", "--file", "x/data=data", "--file", "/tool=tool"))
    assert found["x/data"][0] == stat.S_IFREG | 0o644
    assert found["tool"][0] == stat.S_IFREG | 0o755


def test_another_archive_can_follow(lab):
    assert len(make(lab, "--no-gzip", "--text", "a=bc")) % 4 == 0


def test_same_inputs_give_the_same_bytes(lab):
    lab.write("data", "1")
    arguments = ("--file", "data=data", "--text", "t=x")
    first = make(lab, *arguments)
    os.utime(lab.path("data"), (1, 1))
    assert make(lab, *arguments) == first


def test_missing_file(lab):
    result = lab.run("mkinitrd", "-o", "out.img", "--init", "none")
    assert (result.stderr, result.returncode) == ("mkinitrd: none: No such file or directory\n", 1)
    assert not os.path.exists(lab.path("out.img"))


@pytest.mark.parametrize("argument", ["data", "=x", "../x=y", "/=x"])
def test_usage(lab, argument):
    assert lab.run("mkinitrd", "-o", "out.img", "--text", argument).returncode == 2


def test_init_is_a_script_that_a_shell_can_read():
    subprocess.run(["sh", "-n", os.path.join(ROOT, "iso/initrd/init")], check=True)
