# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Interrupt controllers, timers and PCI devices of a machine, as QEMU's monitor shows them: nothing of the guest's is asked."""

import re
from dataclasses import dataclass

HPET = 0xfed00000
DISPLAY, BRIDGE, SYSTEM = 0x03, 0x06, 0x08
MASTER = 4
XHCI, EHCI, AHCI = 0x0c0330, 0x0c0320, 0x010601


@dataclass(frozen=True)
class Function:
    place: str
    kind: int
    command: int
    bars: tuple

    @property
    def masters(self):
        return bool(self.command & MASTER)

    def registers(self, bar):
        return (self.bars[bar] & ~15) | (self.bars[bar + 1] << 32 if self.bars[bar] & 6 == 4 else 0)


@dataclass(frozen=True)
class Devices:
    pics: tuple        # {imr, irr, isr, irq_base, ...} of the first and the second
    io_apic: tuple     # lines of its pins
    local_apic: dict   # LVT0, LVT1, LVTT, ...: what follows the name
    pit: int           # the status of channel 0
    hpet: tuple        # configuration, and of each timer
    functions: tuple

    def without_time(self):
        """What does not change by itself."""
        pics = tuple({key: value for key, value in pic.items() if key not in ("irr", "isr", "hprio")} for pic in self.pics)
        return pics, self.io_apic, {name: line for name, line in self.local_apic.items() if name.startswith(("LVT", "SPIV"))}, \
            self.pit & 0x3f, self.hpet, self.functions


class Monitor:
    def __init__(self, machine):
        self.qmp = machine.qmp

    def ask(self, line):
        return self.qmp.command("human-monitor-command", **{"command-line": line})

    def word(self, address, count=1):
        return tuple(int(word, 16) for line in self.ask(f"xp /{count}wx {address:#x}").splitlines()
                     for word in line.split(":")[1].split())

    def port(self, port, width="b"):
        return int(self.ask(f"i /{width} {port:#x}").split("=")[1], 16)

    def config(self, device, function, offset):
        self.ask(f"o /w 0xcf8 {0x80000000 | device << 11 | function << 8 | offset:#x}")
        return self.port(0xcfc, "w")


def functions(monitor):
    """Those of bus 0."""
    for device in range(32):
        for function in range(8):
            if monitor.config(device, function, 0) == 0xffffffff:
                if function:
                    continue
                break
            yield Function(f"{device:02x}.{function}", monitor.config(device, function, 8) >> 8,
                           monitor.config(device, function, 4) & 0xffff,
                           tuple(monitor.config(device, function, 0x10 + 4 * bar) for bar in range(6)))


def look(machine):
    """All of it; the machine stands still meanwhile."""
    monitor = Monitor(machine)
    machine.qmp.command("stop")
    text = monitor.ask("info pic")
    pics = {name: dict(re.findall(r"(\w+)=(\w+)", line)) for name, line in re.findall(r"(?m)^(pic\d): (.*)$", text)}
    local_apic = dict(re.findall(r"(?m)^(\w+)\s+(.*?)\s*$", monitor.ask("info lapic").replace("\r", "")))
    monitor.ask("o /b 0x43 0xe2")
    timers = (monitor.word(HPET)[0] >> 8 & 31) + 1
    result = Devices((pics["pic0"], pics["pic1"]), tuple(re.findall(r"(?m)^ +(pin \d+ +.*?)\s*$", text)), local_apic,
                     monitor.port(0x40), tuple(monitor.word(HPET + 0x10) + tuple(
                         monitor.word(HPET + 0x100 + 0x20 * timer)[0] for timer in range(timers))),
                     tuple(functions(monitor)))
    machine.qmp.command("cont")
    return result
