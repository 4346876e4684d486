# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Kexec handover as Linux 7.2 has it (include/linux/kho/abi/): the root tree, its sub-trees, the tree of what is preserved.

All of it may come from a machine that crashed: whatever does not fit together is a KhoError, in one line.
"""

import re
import struct
import subprocess
from dataclasses import dataclass

from trapeze import tree

PAGE_SHIFT = 12
PAGE = 1 << PAGE_SHIFT
ORDER_0 = 64 - PAGE_SHIFT
BITMAP_BITS = 15
TABLE_BITS = 9
LEVELS = 6
ORDER_MAX = 40
HEADER = 40
VERSIONS = {"kho-v4": ("preserved-memory-map", "preserved-data", "blob-size")}
METADATA = struct.Struct("<I65sI")
SOURCE = re.compile(r"(?m)^(?:/\* ([^\n]*?) \*/\r*\n)?(/dts-v1/;\r*\n.*?^\};)\r*$", re.DOTALL)
PRESERVED = re.compile(r"(?m)^/\* preserved (0x[0-9a-f]+)\.\.(0x[0-9a-f]+) \*/\r*$")


class KhoError(Exception):
    """What is wrong with a handover, in one line for the user."""


@dataclass(frozen=True)
class Entry:
    name: str
    start: int
    size: int


@dataclass(frozen=True)
class Root:
    version: str
    index: int
    entries: tuple


def native(node, name):
    """Linux writes numbers in these trees as its processor has them."""
    value = node.properties.get(name)
    if value is None or len(value) != 8:
        raise KhoError(f"{node.path}: no {name} of 8 bytes")
    return int.from_bytes(value, "little")


def read_tree(blob):
    """libfdt goes by the header's size."""
    size = int.from_bytes(blob[4:8], "big")
    if len(blob) < HEADER or not HEADER <= size <= len(blob):
        raise KhoError(f"a tree of {size} bytes by its header, but there are {len(blob)}")
    return tree.read(blob)


def read_root(blob):
    root = read_tree(blob)
    version = root.string("compatible")
    if version not in VERSIONS:
        raise KhoError(f"this is {version or 'no handover'}; known: {', '.join(VERSIONS)}")
    index, data, size = VERSIONS[version]
    entries = tuple(Entry(node.name, native(node, data), native(node, size)) for node in root.children.values())
    return Root(version, native(root, index), entries)


def read_regions(blob):
    """What reserve_mem= finds again."""
    root = read_tree(blob)
    if root.string("compatible") != "memblock-v1":
        raise KhoError(f"memblock: this is {root.string('compatible')}, not memblock-v1")
    return tuple(Entry(node.name, native(node, "start"), native(node, "size")) for node in root.children.values())


def read_metadata(blob):
    """(the kernel before, how many there were in the row)"""
    if len(blob) < METADATA.size:
        raise KhoError(f"kexec-metadata: {len(blob)} bytes, wanted {METADATA.size}")
    version, release, count = METADATA.unpack_from(blob)
    if version != 1:
        raise KhoError(f"kexec-metadata: version {version} is not known")
    return release.split(b"\0")[0].decode("ascii", "replace"), count


class Memory:
    """A piece of physical memory, as QEMU's pmemsave writes it."""

    def __init__(self, data, base=0):
        self.data = data
        self.base = base

    def read(self, address, size):
        if address < self.base or size > len(self.data) or address - self.base > len(self.data) - size:
            raise KhoError(f"{address:#x} is not in the memory that was given")
        return self.data[address - self.base:address - self.base + size]


def decode_key(key):
    """(address, size) of a block."""
    order = ORDER_0 - (key.bit_length() - 1)
    if not 0 <= order <= ORDER_MAX:
        raise KhoError(f"a key of order {order}: {key:#x}")
    return (key ^ 1 << (ORDER_0 - order)) << (order + PAGE_SHIFT), 1 << (order + PAGE_SHIFT)


def blocks(memory, address, level=LEVELS - 1, path=0, seen=None):
    """(address, size) of every block in the tree of what is preserved."""
    seen = set() if seen is None else seen
    if address in seen:
        raise KhoError(f"the index leads to {address:#x} twice")
    seen.add(address)
    page = memory.read(address, PAGE)
    if not level:
        bits = int.from_bytes(page, "little")
        while bits:
            low = bits & -bits
            yield decode_key(path << BITMAP_BITS | (low.bit_length() - 1))
            bits ^= low
        return
    for number, entry in enumerate(struct.unpack(f"<{PAGE // 8}Q", page)):
        if entry:
            yield from blocks(memory, entry, level - 1, path << TABLE_BITS | number, seen)


def ranges(found):
    """Neighbours joined: [(start, end)], sorted."""
    joined = []
    for start, size in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], start + size))
        else:
            joined.append((start, start + size))
    return joined


def compile_source(text):
    # dtc reads whatever file a source names; strings may say what they like.
    if re.search(r"/(include|incbin)/", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        raise KhoError("a tree that wants to include a file")
    result = subprocess.run(("dtc", "-q", "-q", "-I", "dts", "-O", "dtb", "-o", "-", "-"), input=text.encode(),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if result.returncode:
        raise KhoError(f"dtc does not take it: {result.stderr.decode(errors='replace').strip()}")
    return result.stdout


def from_session(text):
    """({name: blob}, [(start, end)]) of what the shell's kho printed, anywhere in the text of a session."""
    parts = {match[1] or "root": compile_source(match[2].replace("\r", "")) for match in SOURCE.finditer(text)}
    return parts, [(int(start, 16), int(end, 16)) for start, end in PRESERVED.findall(text)]
