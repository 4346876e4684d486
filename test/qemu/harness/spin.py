# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The smallest image of each protocol: it says SAID on COM1 and spins, interrupts off, so that the machine can be looked at."""

import struct

LOAD = 0x1000000
REAL_LOAD = 0x10000
SAID = "#"
# mov dx, 0x3f8; mov al, '#'; out dx, al; cli; jmp .
SPIN16 = b"\xba\xf8\x03\xb0#\xee\xfa\xeb\xfe"
SPIN = b"\x66" + SPIN16


def bzimage():
    """Documentation/arch/x86/boot.rst: protocol 2.12, one sector of setup; each entry spins."""
    setup, header_end = bytearray(0x400), 0x268
    setup[0x1f1] = 1
    struct.pack_into("<H", setup, 0x1fe, 0xaa55)
    struct.pack_into("<BB4sH", setup, 0x200, 0xeb, header_end - 0x202, b"HdrS", 0x20c)
    setup[0x211] = 1
    struct.pack_into("<I", setup, 0x214, 0x100000)
    struct.pack_into("<I", setup, 0x22c, 0x37ffffff)
    struct.pack_into("<IBBHI", setup, 0x230, 0x200000, 1, 21, 1, 1023)
    struct.pack_into("<QI", setup, 0x258, LOAD, 0x100000)
    setup[header_end:header_end + len(SPIN16)] = SPIN16
    kernel = SPIN.ljust(0x200, b"\0") + SPIN.ljust(0x200, b"\0")
    struct.pack_into("<I", setup, 0x1f4, len(kernel) // 16)
    return bytes(setup) + kernel


def elf(wide, note=b""):
    """One segment of code, and a segment of notes where there are some."""
    header, entry = (64, 56) if wide else (52, 32)
    count = 2 if note else 1
    at = header + count * entry

    def segment(kind, offset, address, size):
        if wide:
            return struct.pack("<IIQQQQQQ", kind, 5, offset, address, address, size, size, 4)
        return struct.pack("<IIIIIIII", kind, offset, address, address, size, size, 5, 4)

    ident = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
    fields = (2, 62 if wide else 3, 1, LOAD, header, 0, 0, header, entry, count, 0, 0, 0)
    result = ident + struct.pack("<HHIQQQIHHHHHH" if wide else "<HHIIIIIHHHHHH", *fields)
    result += segment(1, at, LOAD, len(SPIN))
    if note:
        result += segment(4, at + 16, LOAD + 16, len(note))
    return result + SPIN.ljust(16, b"\0") + note


def pvh():
    """Xen's note 18 names the entry."""
    return elf(False, struct.pack("<III4sI", 4, 4, 18, b"Xen\0", LOAD))


def multiboot1():
    flags, entry = 0x10000, LOAD + 32
    magic = 0x1badb002
    return struct.pack("<III5I", magic, flags, -(magic + flags) & 0xffffffff, LOAD, LOAD, 0, 0, entry) + SPIN


def multiboot2():
    tags = struct.pack("<HHIIIII", 2, 0, 24, LOAD, LOAD, 0, 0)
    size = 16 + len(tags) + 16 + 8
    tags += struct.pack("<HHII4x", 3, 0, 12, LOAD + size) + struct.pack("<HHI", 0, 0, 8)
    magic = 0xe85250d6
    return struct.pack("<IIII", magic, 0, size, -(magic + size) & 0xffffffff) + tags + SPIN


def boot_sector():
    return SPIN16.ljust(510, b"\0") + b"\x55\xaa"
