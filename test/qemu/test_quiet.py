# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""At the moment of entry the machine's devices are as the table in docs/quiet.md has them: seen from outside, for each protocol."""

import re

import pytest

from harness import manifest, spin
from harness.devices import AHCI, BRIDGE, DISPLAY, EHCI, SYSTEM, XHCI, Monitor, look
from harness.machine import Spec
from harness.shim import Shim, errors, log_lines

ARCHS = ("x86_64", "i386")
LIMIT = 240
NETWORK = 0x10
DEVICES = ("-device", f"e1000,addr={NETWORK:#x}", "-device", "qemu-xhci,id=xhci", "-device", "usb-ehci,id=ehci",
           "-device", "usb-kbd,bus=xhci.0")
# All that can be switched on: every line of the 8259s, two pins of the I/O APIC, the local APIC's timer and priority, the HPET, the
# network card's bus mastering.
NOISE = ("outb 0x21 0", "outb 0xa1 0",
         "map 0xfec00000 0x1000", "mw.l 0xfec00000 0x14", "mw.l 0xfec00010 0xa0", "mw.l 0xfec00000 0x26", "mw.l 0xfec00010 0xa0a1",
         "map 0xfee00000 0x1000", "mw.l 0xfee00320 0x200e0", "mw.l 0xfee00380 0xffffffff", "mw.l 0xfee00080 0x20",
         "mw.l 0xfee00350 0x10000", "mw.l 0xfee00370 0xfe",
         "map 0xfed00000 0x1000", "mw.l 0xfed00100 0xc", "mw.l 0xfed00120 0x4", "mw.l 0xfed00010 0x3",
         f"outl 0xcf8 {0x80000004 | NETWORK << 11:#x}", "outl 0xcfc 0x7")


def flat(mode, **properties):
    return manifest.image("flat16" if mode == "real" else "flat", type="standalone", os="flat",
                          load=spin.REAL_LOAD if mode == "real" else spin.LOAD,
                          **({} if mode == "real" else {"entry": spin.LOAD}), **properties)


FILES = {"linux": spin.bzimage(), "elf32": spin.elf(False), "elf64": spin.elf(True), "pvh": spin.pvh(), "flat": spin.SPIN,
         "flat16": spin.SPIN16, "multiboot1": spin.multiboot1(), "multiboot2": spin.multiboot2(), "sector": spin.boot_sector()}
IMAGES = {**{name: manifest.image(name) for name in FILES if not name.startswith("flat")}, "linux": manifest.kernel("linux"),
          "flat": flat("long"), "flat16": flat("real")}
# Entry: its image and mode (None: the loader's), and whether a BIOS keeps its world.
ENTRIES = {"linux-long": ("linux", "long", False), "linux-protected": ("linux", "protected", False),
           "linux-real": ("linux", "real", True), "pvh": ("pvh", None, False), "elf32": ("elf32", None, False),
           "elf64": ("elf64", None, False), "flat-long": ("flat", "long", False), "flat-protected": ("flat", "protected", False),
           "flat-real": ("flat16", "real", True), "multiboot1": ("multiboot1", None, True),
           "multiboot2": ("multiboot2", None, True), "sector": ("sector", None, True)}


def configuration(name, wish=None):
    image, mode, _ = ENTRIES[name]
    return {"kernel": image, **({"trapeze,mode": mode} if mode else {}), **({"trapeze,quiet": wish} if wish else {}),
            **({"trapeze,registers": f"cs={spin.REAL_LOAD >> 4:#x} ip=0"} if image == "flat16" else {})}


def iso(workshop, arch, noise=()):
    configurations = {name: configuration(name) for name in ENTRIES}
    configurations["on"], configurations["off"] = configuration("multiboot2", "on"), configuration("linux-protected", "off")
    root = {"trapeze,shell": noise} if noise else {}
    tree = manifest.tree(IMAGES, configurations, **root)
    return workshop.shim_iso(arch, "menu=plain loglevel=debug", {"manifest": manifest.compile_tree(tree), **FILES})


def enter(boot, spec, name):
    """(devices at the prompt, at the entry, what was said of them, QEMU's view of USB and AHCI)."""
    with boot(spec) as machine:
        shim = Shim(machine)
        assert errors(shim.wait_prompt()) == []
        before = look(machine)
        shim.start(name)
        machine.expect(r"enter: [^\n]*\n[^\n]*" + spin.SAID)
        after = look(machine)
        running = controllers_that_run(Monitor(machine), after)
        said = [text for area, level, text in log_lines(machine.transcript()) if area == "quiet"]
    return before, after, said, running


def controllers_that_run(monitor, devices):
    found = []
    for function in devices.functions:
        if function.kind in (XHCI, EHCI):
            base = function.registers(0)
            operation = base + (monitor.word(base)[0] & 0xff)
            command, status = monitor.word(operation, 2)
            if command & 1 or not status & (1 if function.kind == XHCI else 0x1000):
                found.append(function.place)
        elif function.kind == AHCI:
            base = function.registers(5)
            found += [f"{function.place} port {port}" for port in range(6)
                      if monitor.word(base + 0x118 + 0x80 * port)[0] & 0xc011]
    return found


def check_quiet(devices, running):
    for pic, base in zip(devices.pics, ("08", "70")):
        assert (pic["imr"], pic["irr"], pic["isr"], pic["irq_base"]) == ("ff", "00", "00", base)
    assert len(devices.io_apic) == 24
    assert all(" masked " in pin and " 0x0000000000010000 " in pin for pin in devices.io_apic)
    apic = devices.local_apic
    assert "ExtINT" in apic["LVT0"] and "NMI" in apic["LVT1"]
    assert [name for name in apic if name.startswith("LVT") and "masked" not in apic[name]] == ["LVT0", "LVT1"]
    assert "initial_count = 0 current_count = 0" in apic["Timer"]
    assert "APIC enabled" in apic["SPIV"] and "(none)" in apic["ISR"]
    assert apic["APR"].split()[2] == "0x00"  # APR 0x00 TPR 0x00
    # Mode 1: a count that is never started.
    assert devices.pit & 0x0e == 0x02
    assert not devices.hpet[0] & 3 and not any(timer & 4 for timer in devices.hpet[1:])
    assert [function for function in devices.functions
            if function.masters and function.kind >> 16 not in (BRIDGE, DISPLAY, SYSTEM)] == []
    assert running == []


def check_spared(before, after):
    """Bridges and displays as they were."""
    spared = [[function for function in devices.functions if function.kind >> 16 in (BRIDGE, DISPLAY)] for devices in (before, after)]
    assert spared[0] == spared[1] and spared[0]


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("name", ENTRIES)
def test_each_protocol_on_a_bios(boot, workshop, arch, name):
    before, after, said, running = enter(boot, Spec(iso(workshop, arch), extra=DEVICES, smp=2, limit=LIMIT), name)
    if ENTRIES[name][2]:
        assert after.without_time() == before.without_time()
        assert [pic["imr"] for pic in after.pics] != ["ff", "ff"]
        assert said == ["devices stay as the BIOS has them: the image may call it"]
    else:
        check_quiet(after, running)
        check_spared(before, after)
        assert any(re.fullmatch("8259s masked were=0x[0-9a-f]{2},0x[0-9a-f]{2}", text) for text in said)
        assert "the other processors wait to be started processors=2" in said


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in ("linux-real", "sector")])
def test_each_protocol_on_uefi(boot, workshop, arch, name):
    """There is no BIOS's world to keep."""
    spec = Spec(iso(workshop, arch), machine="q35", firmware="uefi", extra=DEVICES, smp=2, limit=LIMIT)
    before, after, said, running = enter(boot, spec, name)
    assert sum(function.masters for function in before.functions) == len(before.functions)
    check_quiet(after, running)
    check_spared(before, after)
    assert any(text.startswith("PCI bus master off devices=") for text in said)
    assert "PCI 00:1f.2 SATA controller: stopped" in said


@pytest.mark.parametrize("arch,machine,firmware", [("x86_64", "q35", "bios"), ("i386", "pc", "bios"), ("x86_64", "pc", "uefi"),
                                                   ("i386", "q35", "uefi")])
def test_all_that_can_be_on(boot, workshop, arch, machine, firmware):
    spec = Spec(iso(workshop, arch, NOISE), machine=machine, firmware=firmware, extra=DEVICES, smp=2, limit=LIMIT)
    before, after, said, running = enter(boot, spec, "flat-protected")
    assert before.pics[0]["imr"] == "00" and before.hpet[0] == 3
    assert len([pin for pin in before.io_apic if " masked " not in pin]) == 2
    check_quiet(after, running)
    check_spared(before, after)
    assert f"PCI 00:{NETWORK:02x}.0 Ethernet controller: bus master off" in said
    assert "HPET stopped at=0xfed00000" in said
    assert "8259s masked were=0x00,0x00" in said
    assert "I/O APIC at=0xfec00000 pins=24 masked=2" in said
    assert any(text.startswith("local APIC in virtual-wire mode changed=") for text in said)


@pytest.mark.parametrize("controller", ("qemu-xhci", "usb-ehci"))
@pytest.mark.parametrize("arch,machine,firmware", [("x86_64", "pc", "bios"), ("i386", "q35", "bios"), ("x86_64", "q35", "uefi")])
def test_booted_from_usb(boot, workshop, arch, machine, firmware, controller):
    """SeaBIOS leaves the controller running; OVMF stops it."""
    medium = iso(workshop, arch)
    extra = ("-device", f"{controller},id=usb", "-drive", f"if=none,id=stick,format=raw,readonly=on,file={medium}",
             "-device", "usb-storage,bus=usb.0,drive=stick,bootindex=0")
    _, after, said, running = enter(boot, Spec("", machine=machine, firmware=firmware, extra=extra, limit=LIMIT), "linux-protected")
    check_quiet(after, running)
    stopped = [text for text in said if text.endswith("USB controller: stopped")]
    assert len(stopped) == (1 if firmware == "bios" else 0)


@pytest.mark.parametrize("arch", ARCHS)
def test_the_manifest_decides(boot, workshop, arch):
    spec = Spec(iso(workshop, arch, NOISE), extra=DEVICES, smp=2, limit=LIMIT)
    before, after, said, _ = enter(boot, spec, "off")
    assert after.without_time() == before.without_time()
    assert said == ["devices stay as they are: trapeze,quiet is off"]
    _, after, _, running = enter(boot, spec, "on")
    check_quiet(after, running)
