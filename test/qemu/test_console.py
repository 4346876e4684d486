# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Consoles elsewhere than at COM1: the menu comes up there, keys work, a fault is explained there, Ctrl-C ends a loop."""

import re
from dataclasses import dataclass

import pexpect
import pytest

from harness import manifest
from harness.machine import Spec
from harness.mmio_uart import MmioUart
from harness.shim import PROMPT, Shim, errors, log_lines
from harness.workshop import GRUB_HEAD
from test_calls import BOOT_SECONDS, CALL_SECONDS, LOOP, PLACES, RETURN, UD2, Case, call, check_report

ARCHS = ("x86_64", "i386")
ODD_PORT = 0x4e8
PCI = ("-device", "pci-serial,chardev=serial0,addr=5")
PCI_TWO = ("-chardev", "null,id=null0", "-device", "pci-serial-2x,chardev1=serial0,chardev2=null0,addr=6")
ISA = ("-device", f"isa-serial,chardev=serial0,iobase={ODD_PORT:#x},irq=5")
CALLS = (Case("return", (RETURN, 0x234), 0x1234), Case("ud2", (UD2,), dump="#UD"), Case("loop", (LOOP,)))


@dataclass(frozen=True)
class Way:
    """A console: how the shim is told, where the UART is, and what the shim calls it."""

    options: str
    name: str
    serial: tuple = ()
    mmio_uart: MmioUart = None
    before: str = ""			# GRUB commands

    def spec(self, iso, **more):
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
}


def console_iso(workshop, arch, width, way):
    payloads = {name: workshop.built(width, "payload", name + ".elf") for name in PLACES[:1]}
    tree = manifest.tree({name: manifest.image(name, type="standalone") for name in payloads},
                         {case.name: case.configuration() for case in CALLS})
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
    with boot(way.spec(console_iso(workshop, arch, arch, way))) as machine:
        check_console(machine, way)


@pytest.mark.parametrize("name", ("pci", "mmio", "mmio32"))
def test_console_under_protected_mode(boot, workshop, name):
    """The x86_64 build's net in its 32-bit world."""
    way = WAYS[name]
    with boot(way.spec(console_iso(workshop, "x86_64", "i386", way))) as machine:
        check_console(machine, way)
