# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""memtest86+, which is loaded by the Linux boot protocol and lies at a fixed place, comes up on the serial line as behind GRUB alone."""

import os
import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.screen import strip_escapes
from harness.shim import Shim, net_range, wanted
from harness.workshop import GRUB_HEAD

CMDLINE = "console=ttyS0,115200"
# What it says of itself, of the processor, and of the memory that it was told of.
KEYS = (r"Memtest86\+ v[\d.]+", r"QEMU Virtual CPU version [\d.+]+", r"Memory *: +\d+MB")
RAM, ACPI_RECLAIMABLE = 1, 3
MIB = 1 << 20


def said(machine):
    """Those lines of one boot; the memory as a number, in MiB."""
    for pattern in KEYS:
        machine.expect(pattern, 60)
    machine.expect(r"Pass|Time", 30)
    text = strip_escapes(machine.transcript())
    *lines, memory = (re.findall(pattern, text)[0] for pattern in KEYS)
    return lines, int(re.search(r"\d+", memory)[0])


def told_of(transcript):
    """Bytes of memory in the map that Trapeze hands over, and of that memory's part which the net keeps."""
    entries = [line.split()[1:] for line in wanted(transcript) if line.startswith("e820: ")]
    start, end = net_range(transcript)
    return sum(int(end, 16) - int(start, 16) for start, end, kind in entries if int(kind) in (RAM, ACPI_RECLAIMABLE)), end - start


@pytest.mark.parametrize("firmware", ("bios", "uefi"))
@pytest.mark.parametrize("arch,image", [("x86_64", "memtest86+x64.bin"), ("i386", "memtest86+ia32.bin")])
def test_memtest_comes_up(boot, workshop, arch, image, firmware):
    path = os.path.abspath(workshop.built("payloads", image))
    tree = manifest.tree({"memtest": {"type": "kernel", "os": "linux", "trapeze,file": path}},
                         {"memtest": {"kernel": "memtest", "trapeze,bootargs": CMDLINE}})
    iso = workshop.mkiso(arch, tree, "menu=plain")
    with boot(Spec(iso, firmware=firmware, memory="128M"), "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(40)
        shim.start("memtest")
        lines, memory = said(machine)
        told, net = told_of(machine.transcript())
    assert memory == round(told / MIB)
    direct = workshop.grub_iso(f"{GRUB_HEAD}linux /boot/memtest {CMDLINE}\nboot\n", {"boot/memtest": path})
    with boot(Spec(direct, firmware=firmware, memory="128M"), "direct") as machine:
        assert said(machine) == (lines, round((told + net) / MIB))
