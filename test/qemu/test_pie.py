# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Position-independent ELF images: placed in free memory and relocated there, called and booted for good."""

import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import PROMPT, Shim, got, lines_of, log_lines, wanted

WIDTHS = (("x86_64", "x86_64"), ("x86_64", "i386"), ("i386", "i386"))
FILES = ("pie", "pie-packed")
ARGUMENTS = {"fine": (0, 0x22, 0x33), "trips": (1,)}
BOOT_SECONDS = 30


@pytest.fixture
def medium(workshop):
    """Both files, each called and booted for good, each well-behaved and not."""
    def make(arch, width, options="menu=plain"):
        images = {name: workshop.built(width, "payload", name + ".elf") for name in FILES}
        configurations = {f"{name}-{way}-{how}": {"kernel": name, "trapeze,preserve-context": way == "call" or None,
                                                  "trapeze,args": manifest.Wide(arguments)}
                          for name in FILES for way in ("call", "boot") for how, arguments in ARGUMENTS.items()}
        entries = {name: {key: value for key, value in entry.items() if value is not None}
                   for name, entry in configurations.items()}
        tree = manifest.tree({name: manifest.image(name, type="standalone") for name in images}, entries)
        return workshop.shim_iso(arch, options, {"manifest": manifest.compile_tree(tree), **images})
    return make


def place(text):
    """(address, number of relocations), as the log has it."""
    lines = [message for area, _, message in log_lines(text) if area == "elf"]
    match = re.search(r"position-independent at=(0x[0-9a-f]+) linked-at=0x0 bytes=\d+ relocations=(\d+)", "\n".join(lines))
    return int(match[1], 16), int(match[2])


def check_arrival(text):
    address, relocations = place(text)
    assert got(text) == wanted(text)
    assert "pie: pointers are right" in lines_of(text)
    assert f"entry={address + 0x1000:#x}" in got(text)[0]
    assert relocations >= len("pointers are right")


def check_names(text, address):
    assert any(re.fullmatch(r" [re]ip ([0-9a-f]+)  execute_nothing\+0x0  cs .*", line) for line in lines_of(text)), text
    trace = next(line for line in lines_of(text) if line.startswith(" trace "))
    assert re.match(r" trace execute_nothing\+0x0 <- payload_main\+0x[0-9a-f]+ <- _start\+0x[0-9a-f]+", trace)
    pointer = int(re.search(r"(?m)^ [re]ip ([0-9a-f]+)", "\n".join(lines_of(text)))[1], 16)
    assert address <= pointer < address + 0x10000


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_called(boot, medium, arch, width):
    with boot(Spec(medium(arch, width), memory="64M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for name in FILES:
            machine.send(f"{name}-call-fine\r")
            machine.expect(PROMPT, BOOT_SECONDS, trouble=None)
            check_arrival(machine.before)
            assert f'"{name}-call-fine" returned result=0x2a ' in machine.before
            machine.send(f"{name}-call-trips\r")
            machine.expect(PROMPT, BOOT_SECONDS, trouble=None)
            check_names(machine.before, place(machine.before)[0])


@pytest.mark.parametrize("arch,width", WIDTHS)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ARGUMENTS)
def test_booted_for_good(boot, medium, arch, width, name, how):
    with boot(Spec(medium(arch, width))) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        machine.send(f"{name}-boot-{how}\r")
        machine.expect_line("got: end", BOOT_SECONDS, trouble=None)
        if how == "trips":
            machine.expect_line("---- stopped; r reboots", BOOT_SECONDS, trouble=None)
            check_names(machine.transcript(), place(machine.transcript())[0])
        check_arrival(machine.transcript())
