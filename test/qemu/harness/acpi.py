# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""ACPI tables for QEMU's -acpitable (ACPI 6.4, 5.2.6)."""

import struct

HEADER_SIZE = 36
CHECKSUM = 9
MEMORY, PORT = 0, 1
BYTES, WORDS32 = 1, 3
NO_PCI = (0xffff, 0xffff, 0, 0, 0)


def table(signature, revision, body):
    data = bytearray(struct.pack("<4sIBB6s8sI4sI", signature, HEADER_SIZE + len(body), revision, 0, b"TRPZ  ", b"TEST    ", 1,
                                 b"TRPZ", 1) + body)
    data[CHECKSUM] = -sum(data) & 0xff
    return bytes(data)


def spcr(space, address, access=BYTES, rate_code=7, pci=NO_PCI):
    """Microsoft's serial console table, revision 2. `pci`: vendor, device, bus, device number, function."""
    vendor, device, *place = pci
    width = 32 if access == WORDS32 else 8
    body = struct.pack("<B3xBBBBQ6xBBBBBxHHBBBIB4x", 0, space, width, 0, access, address, rate_code, 0, 1, 0, 3, device, vendor,
                       *place, 0, 0)
    return table(b"SPCR", 2, body)
