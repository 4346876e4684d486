# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Functions of an ELF file by address and by name, and their source lines by way of addr2line."""

import bisect
import os
import struct
import subprocess

LOAD, SYMTAB, DYNSYM, DYN = 1, 2, 11, 3
FUNC, NOTYPE, LOCAL, IFUNC = 2, 0, 0, 10
EXECUTE = 1
RESERVED = 0xff00


class UnusableFile(Exception):
    """What is wrong with an input, for people."""


class Image:
    """`bias` is added to the file's addresses to get those of the log; it is the reader's to set."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        self.bias = 0
        try:
            with open(path, "rb") as stream:
                self.data = stream.read()
            self.wide = self.data[4] == 2
            if self.data[:4] != b"\x7fELF" or self.data[5] != 1:
                raise UnusableFile(f"{path}: no little-endian ELF file")
            self.read()
        except OSError as error:
            raise UnusableFile(f"{path}: {error.strerror}") from None
        except (struct.error, IndexError, ValueError, OverflowError):
            raise UnusableFile(f"{path}: damaged ELF file") from None

    def read(self):
        kind, = struct.unpack_from("<H", self.data, 16)
        form, at = ("<QQ", 32) if self.wide else ("<II", 28)
        segments, sections = struct.unpack_from(form, self.data, at)
        counts = struct.unpack_from("<HHHH", self.data, 54 if self.wide else 42)
        self.is_dynamic = kind == DYN
        self.spans = [span for span in (self.segment(segments + n * counts[0]) for n in range(counts[1])) if span]
        self.symbols = sorted(set(self.read_symbols(sections, counts[2], counts[3])), key=lambda s: (s[0], s[3], -s[1], s[2]))
        self.starts = [symbol[0] for symbol in self.symbols]

    def segment(self, at):
        """(virtual address, physical, size, is code) of a segment that is loaded."""
        if self.wide:
            kind, flags, _, vaddr, paddr, _, size = struct.unpack_from("<IIQQQQQ", self.data, at)
        else:
            kind, _, vaddr, paddr, _, size, flags = struct.unpack_from("<IIIIIII", self.data, at)
        return (vaddr, paddr, size, bool(flags & EXECUTE)) if kind == LOAD and size else None

    def section(self, at):
        form = "<IIQQQQIIQQ" if self.wide else "<IIIIIIIIII"
        _, kind, _, _, offset, size, link, *_ = struct.unpack_from(form, self.data, at)
        return kind, offset, size, link

    def read_symbols(self, at, size, count):
        """(address, size, name, rank): lower ranks are better names for one address."""
        tables = [self.section(at + n * size) for n in range(count)] if at else []
        chosen = next((t for kind in (SYMTAB, DYNSYM) for t in tables if t[0] == kind and t[2]), None)
        if not chosen:
            return
        names = tables[chosen[3]][1]
        step = 24 if self.wide else 16
        for entry in range(chosen[1], chosen[1] + chosen[2] - step + 1, step):
            if self.wide:
                name, info, _, index, value, length = struct.unpack_from("<IBBHQQ", self.data, entry)
            else:
                name, value, length, info, _, index = struct.unpack_from("<IIIBBH", self.data, entry)
            kind, bind = info & 15, info >> 4
            is_label = kind == NOTYPE and bind != LOCAL
            if index and index < RESERVED and (kind in (FUNC, IFUNC) or is_label):
                end = self.data.index(b"\0", names + name)
                text = self.data[names + name:end].decode("ascii", "replace")
                if text:
                    yield value, length, text, 2 if is_label else int(bind == LOCAL)

    def to_linked(self, address):
        """The address as the file was linked, or None: it is not in there. The log may have it physical or virtual."""
        address -= self.bias
        for column in (0, 1):
            for span in self.spans:
                if 0 <= address - span[column] < span[2]:
                    return address - span[column] + span[0]
        return None

    def is_code(self, linked):
        return any(code and 0 <= linked - vaddr < size for vaddr, _, size, code in self.spans)

    def function(self, linked):
        """(name, offset) or None."""
        at = bisect.bisect_right(self.starts, linked) - 1
        while at > 0 and self.starts[at - 1] == self.starts[at]:
            at -= 1
        if at < 0:
            return None
        start, size, name, _ = self.symbols[at]
        return (name, linked - start) if not size or linked < start + size else None

    def find(self, name, offset):
        """The linked addresses of name+offset; a name that ends in dots was cut."""
        cut = name.endswith("...")
        return [start + offset for start, size, text, _ in self.symbols
                if (text.startswith(name[:-3]) if cut else text == name) and (not size or offset <= size)]

    def lines(self, linked):
        """[(function, "file:line")], the innermost inlined one first; without debug information nothing."""
        try:
            out = subprocess.run(["addr2line", "-f", "-i", "-C", "-e", self.path, hex(linked)], text=True, check=False,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.splitlines()
        except FileNotFoundError:
            return []
        pairs = zip(out[::2], out[1::2])
        return [(name, place.partition(" (")[0]) for name, place in pairs if not place.startswith("??")]
