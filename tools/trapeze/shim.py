# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A look at the shim before it goes onto an ISO: would GRUB's multiboot2 command take it?"""

import struct

# ELF specification: e_machine.
MACHINES = {"i386": (3,), "x86_64": (3, 62)}
# Multiboot2 specification, 3.1.1: the header lies in the first 32768 bytes, 8-byte aligned; architecture 0 is i386.
HEADER_WINDOW = 32768
HEADER_MAGIC = 0xE85250D6


def check(path, arch, report):
    try:
        with open(path, "rb") as stream:
            start = stream.read(HEADER_WINDOW)
    except OSError as error:
        report.error_at(path, f"{error.strerror}; build the shim with `make ARCH={arch}`, or name it with --shim")
        return
    if not start.startswith(b"\x7fELF"):
        report.error_at(path, "not an ELF file; name the shim, trapeze.elf, with --shim")
    elif struct.unpack_from("<H", start.ljust(20, b"\0"), 18)[0] not in MACHINES[arch]:
        report.error_at(path, f"built for another processor; build it with `make ARCH={arch}`")
    elif not has_header(start):
        report.error_at(path, "no valid multiboot2 header in its first 32 KiB, GRUB would refuse it; build it again")


def has_header(start):
    for offset in range(0, len(start) - 15, 8):
        magic, arch, length, checksum = struct.unpack_from("<4I", start, offset)
        if magic == HEADER_MAGIC and arch == 0 and (magic + arch + length + checksum) & 0xFFFFFFFF == 0:
            return True
    return False
