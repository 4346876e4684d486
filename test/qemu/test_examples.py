# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""examples/README.md, word for word: what a user types makes an ISO, and its images do what they are said to do."""

import os
import re
import shutil
import zlib

import pytest

from harness.machine import Spec
from harness.terminal import Terminal
from harness.workshop import REPOSITORY, run_tool

EXAMPLES = os.path.join(REPOSITORY, "examples")
BOOT_SECONDS = 40
RTC = ("-rtc", "base=2024-02-29T12:34:00")


def first_commands():
    """The first block of commands of the README."""
    with open(os.path.join(EXAMPLES, "README.md"), encoding="utf-8") as stream:
        block = re.search(r"(?m)(?:^    .*\n)+", stream.read())[0]
    return [line.strip() for line in block.splitlines()]


def make_iso(workshop, arch):
    """Run the commands as they stand, with a home folder of their own; for the other shim mkiso has to be told."""
    commands = first_commands()
    assert [command.split()[0] for command in commands] == ["cp", "make", "tools/mkiso"]
    workshop.shim(arch)
    home = os.path.join(workshop.work, f"examples-{arch}")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    for command in commands:
        if arch == "i386":
            command = command.replace("tools/mkiso", f"tools/mkiso --arch i386 --shim {workshop.shim(arch)}")
        # Not with the options of the make that runs the tests.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        run_tool("sh", "-ec", command, cwd=REPOSITORY, env={**environment, "HOME": home})
    return os.path.join(home, "my-images", "my-images.iso")


def call(machine, key, *lines):
    """Start an entry: the lines come in this order, then the way back."""
    machine.send(key)
    for line in lines:
        machine.expect_line(line, 20)
    machine.expect_line("state restored, back in the menu", 20)


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_readme(boot, workshop, arch):
    with boot(Spec(make_iso(workshop, arch), memory="256M", extra=RTC)) as machine:
        machine.expect(r"\[ +\d+\.\d{6}\] \w+: ", BOOT_SECONDS)
        terminal = Terminal(machine)
        terminal.wait(r"\? help")
        text = terminal.screen.text()
        assert 'Manifest "Called images", 3 entries, a hash for every image' in text
        for _ in range(2):
            call(machine, "1", r"^bios: conventional memory 639 KiB, hours since midnight 12\r*$",
                 "returned result=0x27f ")
            call(machine, "2", r"^clock: 2024-02-29 12:3[45]:\d\d\r*$", "returned result=0x7e8 ")
            crc = zlib.crc32(b"06/23/99")
            call(machine, "3", rf"^crc: 0x{crc:08x}\r*$", rf"returned result=0x{crc:x} ")


def test_examples_stand_alone():
    """Copied elsewhere they refer to nothing of the tree but what the README tells."""
    for folder, _, names in os.walk(EXAMPLES):
        for name in names:
            if name.endswith(".md"):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as stream:
                text = stream.read()
            assert "SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause" in text.split("\n")[0], name
            assert ".." not in re.sub(r"/\*.*?\*/", "", text, flags=re.S), name
