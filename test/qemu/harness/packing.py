# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Bytes packed by the programs that people pack kernels with."""

import functools
import subprocess

COMMANDS = {
    "gzip": ("gzip", "-9nc"),
    "gzip -1": ("gzip", "-1c"),
    "xz": ("xz", "-6c"),
    # As Linux packs its own: the filter for x86 code, and the only check that its unpacker knows.
    "xz x86": ("xz", "--check=crc32", "--x86", "--lzma2=dict=32MiB", "-c"),
    "zstd": ("zstd", "-qc"),
    "zstd -22": ("zstd", "-qc", "--ultra", "-22", "--no-content-size"),
    "lz4": ("lz4", "-qc"),
    "lz4 linked": ("lz4", "-qc9", "-BD", "-B4", "--content-size"),
}


@functools.lru_cache
def pack(kind, data):
    """The output of the program; it reads a pipe, so it writes no size in front unless it is told to."""
    return subprocess.run(COMMANDS[kind], input=data, stdout=subprocess.PIPE, check=True).stdout


def method(kind):
    """The manifest's name of it."""
    return kind.split()[0]
