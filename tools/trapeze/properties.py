# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Every property that a manifest may have, where, of what type and in what range.

A new property is one line in TABLE.  docs/manifest.md describes them to the people who write manifests.
"""

import re
from dataclasses import dataclass
from typing import Callable, Optional

from trapeze import hashes, packing, tree
from trapeze.names import MODULE_NAME

STRING, STRINGS, CELL, ADDRESS, ARGS, FLAG, BYTES = "string", "strings", "cell", "address", "args", "flag", "bytes"

# What each type looks like to a person, and how dtc prints it.
WORDING = {
    STRING: 'one string, as in "text"',
    STRINGS: 'one or more strings, as in "one", "two"',
    CELL: "one number, as in <5>",
    ADDRESS: "an address of one or two cells, as in <0x100000> or <0x1 0x80000000>",
    ARGS: "numbers of 64 bits, as in /bits/ 64 <1 2 3>",
    FLAG: "no value: it stands for itself",
    BYTES: "bytes",
}
SYNTAX = {STRING: "a string", STRINGS: "a string", CELL: "cells", ADDRESS: "cells", ARGS: "cells", FLAG: "empty"}

LOG_LEVELS = ("err", "warn", "info", "debug", "step")
MODES = ("long", "protected", "real")
COMPRESSIONS = ("none", *packing.METHODS)
INT3_PLACES = ("before", "inside", "after", "entry", "return", "back")
ADDRESS_MAX = (1 << 52) - 1
TIMEOUT_MAX = 86400
WATCHDOG_MAX = 3600000
ARGS_MAX = 6
SINGLE_STEP_MAX = 1000000
REPEAT_MAX = 1000000
RESCUE_MEMORY_MAX = 3072
SECTORS_MAX = 1280
UNIT = r"0*([0-9]|[1-8]\d|9[0-5])"
DISK = re.compile(rf"(hd{UNIT}|fd0*(\d\d?|1[01]\d|12[0-7])|cd0*(\d|1[0-5])|boot)(,0*(?!0)(\d\d?|1\d\d|2[0-4]\d|25[0-5]))?")
RATE = r"(,\d+([noe][78]?)?)?"
CONSOLE = re.compile(rf"uart(8250)?,(io|mmio|mmio32),(0[xX][0-9a-fA-F]+|\d+){RATE}|ttyS[0-3]{RATE}"
                     rf"|pciserial(,[0-9a-fA-F]{{1,2}}:[01]?[0-9a-fA-F]\.[0-7]{RATE})?|spcr|none")

BIOS_SERVICES = ("memory-map", "vbe", "edid", "disks", "smbios", "system", "keyboard", "apm", "time", "bios32", "pnp")
BIOS_POINTERS = ("es:di", "es:bx", "es:bp", "es:dx", "ds:si", "ds:dx")
BIOS_BUFFER_MAX = 65536
FAR = re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")
VIDEO_MODE = re.compile(r"[1-9]\d{0,4}x[1-9]\d{0,4}(x\d{1,2})?|kernel")
KHO_VERSIONS = ("kho-v4",)
KHO_SCRATCH_ALIGN = 4 << 20
KHO_SCRATCH_MAX = 6
KHO_MEMORY = re.compile(r"[a-zA-Z0-9-]{1,15}:(0[xX][0-9a-fA-F]+|\d+)[kKmMgGtTpPeE]?@(0[xX][0-9a-fA-F]+|\d+)[kKmMgGtTpPeE]?")
REGISTER = r"([er]?(ax|bx|cx|dx|si|di|bp|sp|ip|flags)|[cdefgs]s|r[89])=(0[xX][0-9a-fA-F]+|\d+)"
REGISTERS = re.compile(rf"[ \t]*({REGISTER}[ \t]+)*({REGISTER})?")


@dataclass(frozen=True)
class Property:
    kind: str
    check: Optional[Callable[[bytes], Optional[str]]] = None  # of a value of the right type: a complaint or None
    note: Optional[str] = None                                # what to tell about its being there
    names: Optional[str] = None                               # "image", "configuration" or "BIOS call": the strings name such nodes


def text(value):
    return value[:-1].decode()


def one_of(*allowed):
    listed = ", ".join(f'"{name}"' for name in allowed)

    def check(value):
        wrong = [name for name in text(value).split("\0") if name not in allowed]
        return f'"{wrong[0]}" is not known; use one of {listed}' if wrong else None
    return check


def matching(pattern, wanted):
    def check(value):
        return None if pattern.fullmatch(text(value)) else f'"{text(value)}" is not understood; write {wanted}'
    return check


def within(low, high, unit, signed=False):
    def check(value):
        number = int.from_bytes(value, "big", signed=signed)
        return None if low <= number <= high else f"{number} is out of range; use {low} to {high} {unit}"
    return check


def each_matching(pattern, wanted):
    def check(value):
        wrong = [name for name in text(value).split("\0") if not pattern.fullmatch(name)]
        return f'"{wrong[0]}" is not understood; write {wanted}' if wrong else None
    return check


def kho_scratch(value):
    numbers = [int.from_bytes(value[at:at + 8], "big") for at in range(0, len(value), 8)]
    if len(numbers) % 2 or len(numbers) > KHO_SCRATCH_MAX:
        return f"{len(numbers)} numbers; write pairs of start and size, at most {KHO_SCRATCH_MAX // 2}"
    wrong = [number for number in numbers if number % KHO_SCRATCH_ALIGN]
    return f"{wrong[0]:#x} is no multiple of {KHO_SCRATCH_ALIGN:#x}" if wrong else None


def at_most_args(value):
    count = len(value) // 8
    return f"{count} arguments; an image takes at most {ARGS_MAX}" if count > ARGS_MAX else None


def at_most_buffer(value):
    return f"{len(value)} bytes; a buffer has at most {BIOS_BUFFER_MAX}" if len(value) > BIOS_BUFFER_MAX else None


def not_empty(value):
    return "empty; give it a value or remove it" if value in (b"", b"\0") else None


def address(value):
    number = int.from_bytes(value, "big")
    return f"{number:#x} is above the limit {ADDRESS_MAX:#x} of physical addresses" if number > ADDRESS_MAX else None


ROOT = {
    "description": Property(STRING),
    "timestamp": Property(CELL),
    "#address-cells": Property(CELL),
    "trapeze,console": Property(STRING, matching(CONSOLE, '"ttyS0,115200n8", "uart8250,io|mmio|mmio32,0xADDR[,RATE]", '
                                                          '"pciserial[,BB:DD.F]", "spcr" or "none"')),
    "trapeze,loglevel": Property(STRING, one_of(*LOG_LEVELS)),
    "trapeze,shell": Property(STRINGS),
}
CONFIGURATIONS = {
    "default": Property(STRING, names="configuration"),
    "trapeze,timeout": Property(CELL, within(-1, TIMEOUT_MAX, "seconds (-1: wait for ever)", signed=True)),
}
IMAGES = {}
IMAGE = {
    "description": Property(STRING),
    "type": Property(STRING),
    "arch": Property(STRING),
    "os": Property(STRING),
    "compression": Property(STRING, one_of(*COMPRESSIONS)),
    "load": Property(ADDRESS, address),
    "entry": Property(ADDRESS, address),
    "data": Property(BYTES, not_empty),
    "data-size": Property(CELL),
    "data-position": Property(CELL),
    "data-offset": Property(CELL),
    "compatible": Property(STRINGS, note="not used on this machine"),
    "trapeze,file": Property(STRING, not_empty),
    "trapeze,path": Property(STRING, matching(MODULE_NAME, "a path of letters, digits and . _ + , @ -")),
    "trapeze,size": Property(ADDRESS, address),
    "trapeze,unpacked-size": Property(ADDRESS, address),
    "trapeze,bootargs": Property(STRING),
    "trapeze,disk": Property(STRING, matching(DISK, '"hd0", "fd0", "cd0" or "boot", and "hd0,2" for a partition')),
    "trapeze,sectors": Property(CELL, within(1, SECTORS_MAX, "sectors of 512 bytes")),
    "trapeze,addresses": Property(STRING, one_of("physical", "virtual")),
}
CONFIGURATION = {
    "description": Property(STRING),
    "kernel": Property(STRING, names="image"),
    "ramdisk": Property(STRINGS, names="image"),
    "loadables": Property(STRINGS, names="image"),
    "setup": Property(STRING, names="image"),
    "fdt": Property(STRINGS, names="image", note="a device tree is not handed over on x86; it is not used"),
    "fpga": Property(STRINGS, names="image", note="not used on this machine"),
    "script": Property(STRINGS, names="image", note="not used on this machine"),
    "compatible": Property(STRINGS, note="not used on this machine"),
    "firmware": Property(STRINGS, lambda value: "an image that runs before the kernel is not supported; remove it"),
    "trapeze,bootargs": Property(STRING),
    "trapeze,reuse-bootargs": Property(FLAG),
    "trapeze,pass-modules": Property(FLAG),
    "trapeze,modules": Property(STRINGS, names="image"),
    "trapeze,preserve-context": Property(FLAG),
    "trapeze,mode": Property(STRING, one_of(*MODES)),
    "trapeze,args": Property(ARGS, at_most_args),
    "trapeze,drive": Property(CELL, within(0, 255, "(a BIOS's number of a drive)")),
    "trapeze,registers": Property(STRING, matching(REGISTERS, '"REGISTER=NUMBER ...", as in "cs=0x1000 ip=0x100"')),
    "trapeze,watchdog": Property(CELL, within(1, WATCHDOG_MAX, "milliseconds")),
    "trapeze,on-fault": Property(STRING),
    "trapeze,int3": Property(STRINGS, one_of(*INT3_PLACES)),
    "trapeze,repeat": Property(CELL, within(1, REPEAT_MAX, "calls")),
    "trapeze,single-step": Property(CELL, within(1, SINGLE_STEP_MAX, "instructions")),
    "trapeze,net": Property(STRING, one_of("on", "off")),
    "trapeze,quiet": Property(STRING, one_of("auto", "on", "off")),
    "trapeze,recorder": Property(STRING, one_of("ramoops", "off")),
    "trapeze,rescue": Property(FLAG),
    "trapeze,rescue-memory": Property(CELL, within(1, RESCUE_MEMORY_MAX, "MiB")),
    "trapeze,kho": Property(STRING, one_of(*KHO_VERSIONS, "drop")),
    "trapeze,kho-scratch": Property(ARGS, kho_scratch),
    "trapeze,kho-memory": Property(STRINGS, each_matching(KHO_MEMORY, "NAME:SIZE@START, as in results:64K@0x4000000")),
    "trapeze,video-mode": Property(STRING, matching(VIDEO_MODE, '"WIDTHxHEIGHT", "WIDTHxHEIGHTxDEPTH" or "kernel"')),
    "trapeze,bios-call": Property(STRINGS, names="BIOS call"),
}
BIOS_CALLS = {}
BIOS_CALL = {
    "description": Property(STRING),
    "trapeze,vector": Property(CELL, within(0, 255, "")),
    "trapeze,far": Property(STRING, matching(FAR, '"SEGMENT:OFFSET", four hex digits each')),
    "trapeze,registers": Property(STRING, matching(REGISTERS, '"REGISTER=NUMBER ...", as in "ax=0x0800 dx=0x80"')),
    "trapeze,buffer": Property(CELL, within(1, BIOS_BUFFER_MAX, "bytes")),
    "trapeze,buffer-at": Property(STRING, one_of(*BIOS_POINTERS)),
    "trapeze,data": Property(BYTES, at_most_buffer),
    "trapeze,repeat": Property(CELL, within(1, REPEAT_MAX, "calls")),
    "trapeze,watchdog": Property(CELL, within(1, WATCHDOG_MAX, "milliseconds")),
}
HASH = {
    "algo": Property(STRING, one_of(*hashes.ALGORITHMS)),
    "value": Property(BYTES),
}
TABLE = {"root": ROOT, "images": IMAGES, "configurations": CONFIGURATIONS, "image": IMAGE,
         "configuration": CONFIGURATION, "hash": HASH, "bios-calls": BIOS_CALLS, "bios-call": BIOS_CALL}


def type_complaint(prop, value, syntax):
    """Why the value is not of the property's type, or None; `syntax` is how the source wrote it, None if not known."""
    expected = SYNTAX.get(prop.kind)
    if expected and syntax in SYNTAX.values() and syntax != expected:
        return f"is {'without value' if syntax == 'empty' else syntax}; write {WORDING[prop.kind]}"
    fits = {
        STRING: tree.is_string(value),
        STRINGS: tree.is_string_list(value),
        CELL: len(value) == 4,
        ADDRESS: len(value) in (4, 8),
        ARGS: len(value) % 8 == 0,
        FLAG: len(value) == 0,
        BYTES: True,
    }[prop.kind]
    return None if fits else f"{len(value)} bytes of the wrong form; write {WORDING[prop.kind]}"
