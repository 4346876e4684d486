# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The rescue image: prepared ahead, entered at a fault, and told what happened."""

import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim, errors, lines_of, log_lines

BOOTS = [("x86_64", "bios"), ("i386", "bios"), ("x86_64", "uefi")]
RETURNED = {"trapeze,preserve-context": True}
READY = re.compile(r"(\S+) is ready \S+ memory=(0x[0-9a-f]+)\.\.(0x[0-9a-f]+) bytes=(\d+) record=(0x[0-9a-f]+)")
# The registers of the record's first note, as the dump of a width calls them.
NAMES = ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp")


def medium(workshop, arch, rescue, others=None, options="", width=None, **files):
    """rescue.elf as the rescue image (properties: `rescue`), fault.elf as what trips."""
    elf = {name: workshop.built(width or arch, "payload", f"{name}.elf") for name in ("rescue", "fault")}
    images = {name: manifest.image(name, type="standalone") for name in elf}
    configurations = {"fault": {"kernel": "fault", "trapeze,args": manifest.Wide((1,)), **(others or {})},
                      "help": {"kernel": "rescue", "trapeze,rescue": True, "trapeze,rescue-memory": 4, **rescue}}
    tree = manifest.compile_tree(manifest.tree(images, configurations))
    return workshop.shim_iso(arch, f"menu=plain {options}", {"manifest": tree, **elf, **files})


def fields(lines, start):
    """The numbers of the line that begins so."""
    line, = [line for line in lines if line.startswith(start)]
    return {name: int(value, 0) for name, value in re.findall(r"(\w+)=(0x[0-9a-f]+|\d+)", line)}


def dumped(lines):
    """The dump on the serial line, up to its trace."""
    first = next(number for number, line in enumerate(lines) if re.match(r"---- (#|NMI)", line))
    last = next(number for number, line in enumerate(lines) if number > first and line.startswith(" trace "))
    return lines[first:last + 1]


def register(dump, name):
    value, = re.findall(rf"\b{name} ([0-9a-f]+)", "\n".join(dump))
    return int(value, 16)


def check_record(lines, vector, where):
    """What the rescue image was told is what the dump says, word for word."""
    dump = dumped(lines)
    assert [line[8:] for line in lines if line.startswith("rescue| ") and line != "rescue| "] == dump
    status, fault = fields(lines, "rescue: signal="), fields(lines, "rescue: version=")
    letter = "r" if fault["width"] == 64 else "e"
    assert fault["vector"] == vector and fault["where"] == where and fault["version"] == 1
    assert {name: status[name] for name in NAMES} == {name: register(dump, letter + name) for name in NAMES}
    assert status["ip"] == register(dump, letter + "ip") and status["cs"] == register(dump, "cs")
    assert [fault[name] for name in ("cr0", "cr2", "cr3", "cr4", "efer")] == [
        register(dump, name) for name in ("cr0", "cr2", "cr3", "cr4", "efer")]
    code, = [line.split()[2:] for line in lines if line.startswith("rescue: code")]
    shown, = [line.replace("<", "").replace(">", "").split()[1:] for line in dump if line.startswith(" code")]
    assert code == shown


def ready(transcript):
    text, = [text for area, _, text in log_lines(transcript) if area == "rescue" and " is ready " in text]
    return READY.fullmatch(text)


def check_ready(lines):
    match = ready("\n".join(lines))
    start, end, record = int(match[2], 0), int(match[3], 0), int(match[5], 0)
    assert end - start == int(match[4]) == 4 << 20 and start <= record < end
    head = fields(lines, f"rescue: {'long' if any('rescue: long' in line for line in lines) else 'protected'} ")
    assert head["record"] == record and head["type"] == 4 and head["machine"] == 62


@pytest.mark.parametrize("arch,firmware", BOOTS)
@pytest.mark.parametrize("how", ("booted", "called"))
def test_a_fault_of_the_shim(boot, workshop, arch, firmware, how):
    rescue = {"trapeze,args": manifest.Wide((0x1234,)), **(RETURNED if how == "called" else {})}
    with boot(Spec(medium(workshop, arch, rescue, options="trap=6"), firmware=firmware, limit=120)) as machine:
        machine.expect_line("---- entering the rescue image", trouble=None)
        machine.expect_line("rescue: end", trouble=None)
        if how == "called":
            machine.expect_line("---- the rescue image is back", trouble=None)
            machine.expect_line("---- stopped; r reboots", trouble=None)
        lines = lines_of(machine.transcript())
        check_ready(lines)
        check_record(lines, 6, 0)
        assert fields(lines, f"rescue: {'long' if arch == 'x86_64' else 'protected'} ")["second"] == 0x1234
