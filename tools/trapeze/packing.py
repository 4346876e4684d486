# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The packed formats that the shim knows: their first bytes, and how much is in them."""

import lzma
import shutil
import subprocess
import tempfile
import zlib

MAGICS = {"gzip": b"\x1f\x8b", "xz": b"\xfd7zXZ\0", "zstd": b"\x28\xb5\x2f\xfd", "lz4": b"\x04\x22\x4d\x18"}
METHODS = tuple(MAGICS)
COMMANDS = {"zstd": ("zstd", "-dqc"), "lz4": ("lz4", "-dqc")}
PIECE = 1 << 20


class DamagedError(Exception):
    """The bytes cannot be unpacked."""


def probe(start):
    """The format that begins so, or None."""
    return next((method for method, magic in MAGICS.items() if start.startswith(magic)), None)


def unpacked_size(method, chunks):
    """How many bytes come out, all of them having been unpacked; None where the program for it is not installed."""
    if method == "gzip":
        return count_members(chunks, lambda: zlib.decompressobj(zlib.MAX_WBITS | 16), lambda rest: rest)
    if method == "xz":
        return count_members(chunks, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ), without_padding)
    return count_by_program(COMMANDS[method], chunks)


def without_padding(rest):
    """What follows the zeros, in fours, that may stand behind a stream of xz."""
    stripped = rest.lstrip(b"\0")
    return stripped if (len(rest) - len(stripped)) % 4 == 0 else rest


def count_members(chunks, new_decoder, skip):
    """Members (streams) stand one behind the other; whatever follows the last is damage."""
    data = b"".join(chunks)
    total = 0
    while data:
        decoder = new_decoder()
        try:
            for at in range(0, len(data), PIECE):
                total += len(decoder.decompress(data[at:at + PIECE]))
                if decoder.eof:
                    break
        except (zlib.error, lzma.LZMAError) as error:
            raise DamagedError(error) from error
        if not decoder.eof:
            raise DamagedError("they end in the middle")
        data = skip(decoder.unused_data + data[at + PIECE:])
    return total


def count_by_program(command, chunks):
    if not shutil.which(command[0]):
        return None
    with tempfile.TemporaryFile() as packed, tempfile.TemporaryFile() as said:
        for chunk in chunks:
            packed.write(chunk)
        packed.seek(0)
        with subprocess.Popen(command, stdin=packed, stdout=subprocess.PIPE, stderr=said) as program:
            total = sum(len(piece) for piece in iter(lambda: program.stdout.read(PIECE), b""))
        if program.returncode:
            said.seek(0)
            text = said.read().decode(errors="replace").split("\n")[0].strip()
            raise DamagedError(text or f"{command[0]} ends with status {program.returncode}")
    return total
