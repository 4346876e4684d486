# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The ELF file inside a bzImage, by the payload fields of its header (Linux, Documentation/arch/x86/boot.rst)."""

import gzip
import lzma
import struct
import subprocess

from harness.workshop import MediaError, content_of

SECTOR = 512


def unpack_lz4(packed):
    return subprocess.run(["lz4", "-dc"], input=packed, stdout=subprocess.PIPE, check=True, timeout=120).stdout


UNPACKERS = {b"\x1f\x8b": gzip.decompress, b"\xfd7zXZ": lzma.decompress, b"\x02\x21\x4c\x18": unpack_lz4}


def unpack(bzimage):
    setup_sects, = struct.unpack_from("<B", bzimage, 0x1f1)
    offset, length = struct.unpack_from("<II", bzimage, 0x248)
    start = SECTOR * (1 + (setup_sects or 4)) + offset
    # The last four bytes are the size when unpacked.
    packed = bzimage[start:start + length - 4]
    for magic, unpacker in UNPACKERS.items():
        if packed.startswith(magic):
            return unpacker(packed)
    raise MediaError(f"a kernel packed in an unknown way: {packed[:6].hex()}")


def file_of(workshop, kernel):
    """The path of a kernel's vmlinux, made once per run."""
    def make(path):
        with open(path, "wb") as stream:
            stream.write(unpack(content_of(kernel.files(workshop)[0])))

    return workshop.once(f"vmlinux-{kernel.name}", make)
