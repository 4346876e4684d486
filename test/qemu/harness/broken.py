# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Small kernels and ELF files, right in every field but those that a test changes."""

import struct

SETUP_SIZE = 1024
CODE_SIZE = 4096
# Offset and width of the setup header's fields (Linux, Documentation/arch/x86/boot.rst).
HEADER = {"setup_sects": (0x1f1, 1), "syssize": (0x1f4, 4), "boot_flag": (0x1fe, 2), "jump": (0x200, 2),
          "magic": (0x202, 4), "version": (0x206, 2), "loadflags": (0x211, 1), "code32_start": (0x214, 4),
          "initrd_addr_max": (0x22c, 4), "kernel_alignment": (0x230, 4), "relocatable": (0x234, 1),
          "min_alignment": (0x235, 1), "xloadflags": (0x236, 2), "cmdline_size": (0x238, 4), "pref_address": (0x258, 8),
          "init_size": (0x260, 4)}
SOUND = {"setup_sects": 1, "syssize": CODE_SIZE // 16, "boot_flag": 0xaa55, "jump": 0x66eb, "magic": 0x53726448,
         "version": 0x20f, "loadflags": 1, "code32_start": 0x100000, "initrd_addr_max": 0x7fffffff,
         "kernel_alignment": 0x200000, "relocatable": 1, "min_alignment": 21, "xloadflags": 1, "cmdline_size": 255,
         "pref_address": 0x1000000, "init_size": 0x100000}


def bzimage(**fields):
    """A kernel of protocol 2.15, relocatable, with a 64-bit entry; its code is all zero."""
    image = bytearray(SETUP_SIZE + CODE_SIZE)
    for name, value in {**SOUND, **fields}.items():
        offset, width = HEADER[name]
        image[offset:offset + width] = value.to_bytes(width, "little")
    return bytes(image)


# Segment of an ELF file: (p_type, p_offset, p_paddr, p_filesz, p_memsz).
LOAD = 1
SEGMENT = (LOAD, 0x1000, 0x2000000, 0x100, 0x200)
FILE_SIZE = 0x2000


def elf(bits=64, segments=(SEGMENT,), size=FILE_SIZE, **fields):
    """An executable for x86 with these segments; fields of the header by their names."""
    wide = bits == 64
    values = {"ei_class": 2 if wide else 1, "ei_data": 1, "ei_version": 1, "e_type": 2, "e_machine": 62 if wide else 3,
              "e_version": 1, "e_entry": 0x2000000, "e_phoff": 64 if wide else 52, "e_phentsize": 56 if wide else 32,
              "e_phnum": len(segments), **fields}
    ident = b"\x7fELF" + bytes((values["ei_class"], values["ei_data"], values["ei_version"])) + bytes(9)
    form = "<HHIQQQIHHHHHH" if wide else "<HHIIIIIHHHHHH"
    numbers = (values["e_type"], values["e_machine"], values["e_version"], values["e_entry"], values["e_phoff"], 0, 0,
               64 if wide else 52, values["e_phentsize"], values["e_phnum"], 0, 0, 0)
    header = ident + struct.pack(form, *numbers)
    table = b"".join(segment_header(wide, *segment) for segment in segments)
    return (header + table).ljust(size, b"\0")[:size]


def segment_header(wide, kind, offset, paddr, file_size, mem_size):
    if wide:
        return struct.pack("<IIQQQQQQ", kind, 7, offset, paddr, paddr, file_size, mem_size, 0x1000)
    return struct.pack("<IIIIIIII", kind, offset, paddr, paddr, file_size, mem_size, 7, 0x1000)
