# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Consoles elsewhere than at COM1: the menu comes up there, keys work, a fault is explained there, Ctrl-C ends a loop."""

import re
import time
from dataclasses import dataclass

import pexpect
import pytest

from harness import acpi, manifest
from harness.machine import Spec
from harness.mmio_uart import DEVICE, VENDOR, MmioUart
from harness.shim import PROMPT, Shim, errors, log_lines
from harness.workshop import GRUB_HEAD, digest
from test_calls import BOOT_SECONDS, CALL_SECONDS, LOOP, PLACES, RETURN, UD2, Case, call, check_report

ARCHS = ("x86_64", "i386")
ODD_PORT = 0x4e8
PCI = ("-device", "pci-serial,chardev=serial0,addr=5")
PCI_TWO = ("-chardev", "null,id=null0", "-device", "pci-serial-2x,chardev1=serial0,chardev2=null0,addr=6")
ISA = ("-device", f"isa-serial,chardev=serial0,iobase={ODD_PORT:#x},irq=5")
CALLS = (Case("return", (RETURN, 0x234), 0x1234), Case("ud2", (UD2,), dump="#UD"), Case("loop", (LOOP,)))


def write(path, data):
    with open(path, "wb") as stream:
        stream.write(data)


@dataclass(frozen=True)
class Way:
    """A console: how the shim is told, where the UART is, and what the shim calls it."""

    options: str
    name: str
    serial: tuple = ()
    mmio_uart: MmioUart = None
    before: str = ""			# GRUB commands
    table: bytes = b""			# one more of firmware's

    def spec(self, workshop, iso, **more):
        if self.table:
            path = workshop.once(f"acpi-{digest(self.table)}", lambda path: write(path, self.table))
            more["extra"] = ("-acpitable", f"file={path}")
        place = {"mmio_uart": self.mmio_uart} if self.mmio_uart else {"serial": self.serial}
        return Spec(iso, **{"memory": "64M", "limit": 60, **place, **more})


WAYS = {
    "pci": Way("console=pciserial", r"pciserial,00:05\.0,9600n8 io=0x[0-9a-f]+ fifo=16", PCI),
    "pci-named": Way("console=pciserial,00:05.0,115200n8", r"pciserial,00:05\.0,115200n8 io=0x[0-9a-f]+ fifo=16", PCI),
    "pci-two-ports": Way("console=pciserial", r"pciserial,00:06\.0,9600n8 io=0x[0-9a-f]+ fifo=16", PCI_TWO),
    "mmio32": Way("console=pciserial,00:09.0,57600n8", r"pciserial,00:09\.0,57600n8 mmio32=0x[0-9a-f]+ fifo=16",
                  mmio_uart=MmioUart(4)),
    "mmio": Way("console=pciserial", r"pciserial,00:09\.0,9600n8 mmio=0x[0-9a-f]+ fifo=16", mmio_uart=MmioUart(1)),
    "forced": Way("console=pciserial,force,00:09.0", r"pciserial,force,00:09\.0,9600n8 mmio32=0x[0-9a-f]+ fifo=16",
                  mmio_uart=MmioUart(4, class_code=0x078000)),
    "port": Way(f"console=uart8250,io,{ODD_PORT:#x},115200n8", f"uart8250,io,{ODD_PORT:#x},115200n8 io={ODD_PORT:#x} fifo=16",
                ISA),
    "bda": Way("", f"uart8250,io,{ODD_PORT:#x},9600n8 io={ODD_PORT:#x} fifo=16", ISA, before=f"write_word 0x406 {ODD_PORT:#x}\n"),
    "spcr": Way("console=spcr", f"uart8250,io,{ODD_PORT:#x},57600n8 io={ODD_PORT:#x} fifo=16", ISA,
                table=acpi.spcr(acpi.PORT, ODD_PORT, rate_code=6)),
    # Found without being asked for, where no port answers; the address out of the device's own base.
    "spcr-on-pci": Way("", r"uart8250,mmio32,(0x[0-9a-f]+),115200n8 mmio32=\1 fifo=16", mmio_uart=MmioUart(4),
                       table=acpi.spcr(acpi.MEMORY, 0, acpi.WORDS32, pci=(VENDOR, DEVICE, 0, 9, 0))),
}


def console_iso(workshop, arch, width, way, calls=CALLS, **root):
    payloads = {name: workshop.built(width, "payload", name + ".elf") for name in PLACES[:1]}
    tree = manifest.tree({name: manifest.image(name, type="standalone") for name in payloads},
                         {case.name: case.configuration() for case in calls}, **root)
    modules = {"manifest": manifest.compile_tree(tree), **payloads}
    lines = [f"module2 --nounzip /boot/{number} {name}" for number, name in enumerate(modules)]
    config = GRUB_HEAD + way.before + f"multiboot2 /boot/trapeze.elf menu=plain {way.options}\n" + "\n".join(lines) + "\nboot\n"
    files = {f"boot/{number}": content for number, content in enumerate(modules.values())}
    return workshop.grub_iso(config, {**files, "boot/trapeze.elf": workshop.shim(arch)})


def check_console(machine, way):
    """The console line of the log, everything that a person does there, and no complaint."""
    shim = Shim(machine)
    shim.wait_prompt(BOOT_SECONDS)
    lines = [text for area, _, text in log_lines(machine.transcript()) if area == "console"]
    assert len(lines) == 1 and re.fullmatch(way.name, lines[0]), lines
    assert "Trapeze" in "\n".join(shim.command("m") + shim.command("l"))
    for case in CALLS[:2]:
        check_report(case, call(machine, case.name))
    check_abort(machine)
    check_report(CALLS[0], call(machine, "return"))
    assert errors(machine.transcript()) == ['call: "ud2" ended by an exception', 'call: "loop" ended by Ctrl-C']


def check_abort(machine):
    machine.send("loop\r")
    machine.expect_line("call: elf .* net=takes it back")
    machine.send("\x03\x03x\x03\x03")
    assert machine.console.expect_list([PROMPT, pexpect.TIMEOUT], timeout=0.5) == 1
    machine.send("\x03")
    machine.expect(PROMPT, CALL_SECONDS, trouble=None)
    assert "---- Ctrl-C three times; the image stood here:" in machine.before


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("name", WAYS)
def test_console(boot, workshop, name, arch):
    way = WAYS[name]
    with boot(way.spec(workshop, console_iso(workshop, arch, arch, way))) as machine:
        check_console(machine, way)


@pytest.mark.parametrize("name", ("pci", "mmio", "mmio32"))
def test_console_under_protected_mode(boot, workshop, name):
    """The x86_64 build's net in its 32-bit world."""
    way = WAYS[name]
    with boot(way.spec(workshop, console_iso(workshop, "x86_64", "i386", way))) as machine:
        check_console(machine, way)


@pytest.mark.parametrize("access,stride", (("mmio", 1), ("mmio32", 4)))
def test_console_by_address(boot, workshop, access, stride):
    """Firmware gives the address: it is the same each time."""
    uart = MmioUart(stride)
    way = Way("console=pciserial", "", mmio_uart=uart)
    with boot(way.spec(workshop, console_iso(workshop, "x86_64", "x86_64", way)), "first") as machine:
        address = machine.expect(rf"console: pciserial,\S+ {access}=(0x[0-9a-f]+) fifo=16", BOOT_SECONDS).group(1)
    way = Way(f"console=uart8250,{access},{address},38400", f"uart8250,{access},{address},38400n8 {access}={address} fifo=16",
              mmio_uart=uart)
    with boot(way.spec(workshop, console_iso(workshop, "x86_64", "x86_64", way)), "second") as machine:
        check_console(machine, way)


@pytest.mark.parametrize("name,arch", (("spcr", "x86_64"), ("spcr", "i386"), ("pci-named", "x86_64")))
def test_console_on_uefi(boot, workshop, name, arch):
    """Without being told the table's port is found, too: UEFI has no BIOS data area."""
    way = WAYS[name]
    told = way if name == "pci-named" else Way("", way.name, way.serial, table=way.table)
    with boot(told.spec(workshop, console_iso(workshop, arch, arch, told), firmware="uefi", memory="256M")) as machine:
        check_console(machine, told)


@pytest.mark.parametrize("arch", ARCHS)
def test_console_out_of_the_manifest(boot, workshop, arch):
    """There is none until the manifest names one; then all that was said before is there, too."""
    way = Way("", "", mmio_uart=MmioUart(4))
    iso = console_iso(workshop, arch, arch, way, **{"trapeze,console": "pciserial,00:09.0"})
    with boot(way.spec(workshop, iso)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        lines = log_lines(machine.transcript())
        assert lines[0][0] == "time"
        assert ("console", "warning", "no UART answers at COM1 to COM4, and firmware names no other") in lines
        assert any(area == "start" and text.startswith("Trapeze ") for area, _, text in lines)
        assert any(area == "console" and text.startswith("pciserial,00:09.0,9600n8 mmio32=") for area, _, text in lines)
        for case in CALLS[:2]:
            check_report(case, call(machine, case.name))
        check_abort(machine)


REFUSED = {
    "pciserial": "no PCI device is a serial port (class 0700 with a 16550's interface)",
    "pciserial,00:1f.0": "there is no PCI device 00:1f.0",
    "pciserial,00:00.0": "PCI 00:00.0 id=0x12378086 class=0x060000 is no 16550; pciserial,force,... takes it all the same",
    "pciserial,force,00:00.0": "PCI 00:00.0 id=0x12378086: firmware has assigned none of its base addresses",
    "spcr": 'console=spcr: firmware gives no ACPI table "SPCR"',
    "uart8250,io,0x4e8": "console=uart8250,io,0x4e8: no UART answers at port 0x4e8",
    "uart8250,mmio32,0xfed40000": "console=uart8250,mmio32,0xfed40000: no UART answers at address 0xfed40000",
    "uart8250,mmio,0x200000": "console=uart8250,mmio,0x200000: 0x200000 is memory, no UART's registers",
}


@pytest.mark.parametrize("option", REFUSED)
def test_refused_consoles(boot, workshop, option):
    """One sentence, and the menu is where it would be without the option."""
    way = Way(f"console={option}", "", ("-serial", "chardev:serial0"))
    with boot(way.spec(workshop, console_iso(workshop, "x86_64", "x86_64", way))) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        assert errors(machine.transcript()) == [f"console: {REFUSED[option]}"]
        assert "| ttyS0," in machine.transcript()


# ---- above 4 GiB

FAR_SIZE = 4 << 30
FAR = ("-object", "memory-backend-file,id=far,mem-path={path},size=4G,share=on", "-device", "ivshmem-plain,memdev=far,addr=7")
LSR, LSR_EMPTY = 5, 0x60


def far_address(machine):
    """Where firmware put the large memory of the device in slot 7."""
    devices = machine.qmp.command("query-pci")[0]["devices"]
    return next(region["address"] for device in devices if device["slot"] == 7 for region in device["regions"]
                if region["size"] == FAR_SIZE)


def wait_for(machine, path, text):
    """Until the text stands in the machine's memory: its log."""
    while time.monotonic() < machine.deadline:
        machine.qmp.command("pmemsave", val=0, size=64 << 20, filename=path)
        with open(path, "rb") as stream:
            if text in stream.read():
                return
        time.sleep(0.3)
    machine.fail(f"{text!r} does not appear in memory")


def test_console_above_four_gib(boot, workshop, tmp_path):
    """Memory plays the UART, always ready: what counts is that shim and net reach it, and what was sent last."""
    path = str(tmp_path / "far")
    with open(path, "wb") as stream:
        stream.truncate(FAR_SIZE)
        stream.seek(LSR)
        stream.write(bytes((LSR_EMPTY,)))
    extra = tuple(word.format(path=path) for word in FAR)
    near = Way("", "", ("-serial", "chardev:serial0"))
    with boot(near.spec(workshop, console_iso(workshop, "x86_64", "x86_64", near), extra=extra), "near") as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        address = far_address(machine)
    assert address >= 1 << 32
    far = Way(f"console=uart8250,mmio,{address:#x} timeout=0 menu=plain", "", ("-serial", "chardev:serial0"))
    iso = console_iso(workshop, "x86_64", "x86_64", far, CALLS[1:2])
    with boot(far.spec(workshop, iso, extra=extra), "far") as machine:
        wait_for(machine, str(tmp_path / "memory"), f"console: uart8250,mmio,{address:#x},115200n8 mmio={address:#x}".encode())
        wait_for(machine, str(tmp_path / "memory"), b'call: error: "ud2" ended by an exception')
        wait_for(machine, str(tmp_path / "memory"), b"call: swapped back pages=")
        with open(path, "rb") as stream:
            assert stream.read(1) in (b" ", b"\n")
