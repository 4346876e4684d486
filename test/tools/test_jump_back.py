# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""jump-back, which runs in a Linux that Trapeze started: what it gives to kexec, and what it says elsewhere."""

import os
import re
import struct

import pytest

CMDLINE = "kexec_jump_back_entry=0xfedc9031 no5lvl console=ttyS0\n"
IOMEM = """\
00000000-00000fff : Reserved
00001000-0009fbff : System RAM
000f0000-000fffff : Reserved
  000f0000-000fffff : System ROM
00100000-1ec43fff : System RAM
  01000000-018fffff : Kernel code
1ec44000-1fc28fff : Reserved
1fc29000-1fc47fff : ACPI Non-volatile Storage
1fc48000-1fffffff : System RAM
"""
# The last word is the file, which is gone afterwards.
KEXEC = """\
#!/bin/sh
echo "$*" >>calls
for word; do :; done
[ "$word" = -x ] && exit 255
cp "$word" elf
exit ${LOAD_STATUS:-0}
"""


@pytest.fixture
def jump_back(lab):
    lab.write("kexec", KEXEC)
    os.chmod(lab.path("kexec"), 0o755)

    def run(cmdline=CMDLINE, iomem=IOMEM, **environment):
        lab.write("cmdline", cmdline)
        lab.write("iomem", iomem)
        words = {"KEXEC": "./kexec", "CMDLINE": "cmdline", "IOMEM": "iomem", "TMPDIR": str(lab.folder), **environment}
        return lab.run("jump-back", environment=words)

    return run


def test_executable(lab, jump_back):
    result = jump_back()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    load, start = lab.read("calls").decode().splitlines()
    assert load.startswith("--load-preserve-context --mem-min=1048576 --mem-max=1052671 --args-none ") and start == "-e -x"
    assert not os.path.exists(load.split()[-1])
    elf = lab.read("elf")
    assert elf[:16] == b"\x7fELF\x02\x01\x01".ljust(16, b"\0") and len(elf) == 120
    assert struct.unpack_from("<HHIQQQIHHHHHH", elf, 16) == (2, 62, 1, 0xFEDC9031, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    assert struct.unpack_from("<IIQQQQQQ", elf, 64) == (1, 7, 0, 0x100000, 0x100000, 120, 4096, 4096)


@pytest.mark.parametrize("more", ("kexec_jump_back_entry=0x1000", "-- kexec_jump_back_entry=0x1000", "old_kexec_jump_back_entry=0x1000"))
def test_trapeze_comes_first(lab, jump_back, more):
    """An entry of the manifest's may have a command line that was copied from a Linux of another start."""
    assert jump_back(cmdline=f"{CMDLINE.strip()} {more}\n").returncode == 0
    assert struct.unpack_from("<Q", lab.read("elf"), 24) == (0xFEDC9031,)


def test_memory_in_the_middle_of_a_page(lab, jump_back):
    assert jump_back(iomem="00100010-1fffffff : System RAM\n").returncode == 0
    assert "--mem-min=1052672 --mem-max=1056767 " in lab.read("calls").decode()


@pytest.mark.parametrize("words,complaint", (
    ({"cmdline": "console=ttyS0\n"}, "no kexec_jump_back_entry= on the kernel's command line: Trapeze did not start it with "
                                     "trapeze,preserve-context"),
    ({"iomem": re.sub("[0-9a-f]{8}-[0-9a-f]{8}", "00000000-00000000", IOMEM)}, "iomem names no System RAM above 1 MiB: not root?"),
    ({"LOAD_STATUS": "1"}, "kexec did not load it")))
def test_refusals(lab, jump_back, words, complaint):
    result = jump_back(**words)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", f"jump-back: {complaint}\n")
    assert not os.path.exists(lab.path("calls")) or "-e -x" not in lab.read("calls").decode()
