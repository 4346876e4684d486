# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What trapeze-bioscall.elf and its caller share (bioscall/page.h): calls and buffers in, registers and buffers out."""

import re
import struct

MAGIC = b"TRZBIOS1"
PAGE = 4096
PAGES, CALLS = 48, 16
BLOCK = 0x10000
LOAD = 1
INT, FAR = 0, 1
NOT_RUN, DONE, NO_BIOS, FAULT, ENDED = range(5)
TOKEN_SIZE = 16

HEAD = struct.Struct("<8s8I2Q16s")
RESULTS = struct.Struct(f"<{PAGES}Q")
REGISTERS = struct.Struct("<7I4HI")
CALL = struct.Struct("<4I40s40s40s64s")
FIRST_CALL = HEAD.size + RESULTS.size
WHY = FIRST_CALL + CALLS * CALL.size
GDTR = WHY + 128
# ELF header and program header of each width: what is read of them.
PROGRAMS = {1: (struct.Struct("<28xI10xHH"), struct.Struct("<8I")), 2: (struct.Struct("<32xQ14xHH"), struct.Struct("<IIQQQQQQ"))}

GENERAL = ("eax", "ebx", "ecx", "edx", "esi", "edi", "ebp")
SEGMENTS = ("ds", "es", "fs", "gs")
WHOLE = (*GENERAL, *SEGMENTS, "eflags")
WIDTHS = {**dict.fromkeys((*GENERAL, "eflags"), 32), **dict.fromkeys(SEGMENTS, 16)}
# name: (register, shift, bits)
PARTS = {**{name: (name, 0, bits) for name, bits in WIDTHS.items()},
         **{name[1:]: (name, 0, 16) for name in (*GENERAL, "eflags")},
         **{letter + half: (f"e{letter}x", shift, 8) for letter in "abcd" for half, shift in (("l", 0), ("h", 8))}}


class BadRequest(Exception):
    """What is wrong with what was asked for, for people."""


def number(text, what, limit):
    try:
        value = int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        raise BadRequest(f"{what}: \"{text}\" is no number (decimal, or hexadecimal behind 0x)") from None
    if not 0 <= value <= limit:
        raise BadRequest(f"{what}: {text} is out of range, at most {limit:#x}")
    return value


def text_of(field):
    return field.partition(b"\0")[0].decode("ascii", "replace")


class Buffer:
    def __init__(self, name, size, address):
        self.name, self.size, self.address = name, size, address
        self.content = bytes(size)

    def far(self, offset=0):
        """(segment, offset) of a byte in it."""
        at = self.address + offset
        return at >> 4, at & 15


class Buffers:
    """Places in the area, behind its first page; none of them crosses a 64 KiB boundary."""

    def __init__(self, area):
        self.area, self.end = area, area + PAGE
        self.named = {}

    def add(self, name, size):
        if not re.fullmatch(r"[A-Za-z_]\w*", name) or name == "last":
            raise BadRequest(f"\"{name}\" is no name for a buffer")
        if name in self.named:
            raise BadRequest(f"buffer {name} is given twice")
        if not 0 < size <= BLOCK:
            raise BadRequest(f"buffer {name}: {size} bytes, between 1 and {BLOCK} are possible")
        start = (self.end + 15) & -16
        if start // BLOCK != (start + size - 1) // BLOCK:
            start = (start + BLOCK - 1) & -BLOCK
        if start + size > self.area + PAGES * PAGE:
            raise BadRequest(f"buffer {name}: no room for {size} bytes, there are {(PAGES - 1) * PAGE} for all")
        self.end = start + size
        self.named[name] = Buffer(name, size, start)
        return self.named[name]

    def find(self, name):
        if name not in self.named:
            raise BadRequest(f"no buffer \"{name}\": --buffer {name}=SIZE makes one")
        return self.named[name]

    def far(self, text):
        """Of "NAME" or "NAME+OFFSET"."""
        name, _, offset = text.partition("+")
        buffer = self.find(name)
        return buffer.far(number(offset, text, buffer.size - 1) if offset else 0)

    def bytes_of(self, text, what):
        """Of "10 00 @NAME": hexadecimal bytes; a far pointer to a buffer."""
        content = b""
        for word in text.replace("@", " @").split():
            if word.startswith("@"):
                segment, offset = self.far(word[1:])
                content += struct.pack("<HH", offset, segment)
                continue
            try:
                content += bytes.fromhex(word)
            except ValueError:
                raise BadRequest(f"{what}: \"{word}\" is neither hexadecimal bytes nor @BUFFER") from None
        return content


class Call:
    """One call as it was written: "0x13 ah=8 dl=0x80" in words."""

    def __init__(self, words, buffers):
        self.registers = dict.fromkeys(WHOLE, 0)
        self.kept = set()
        segment, colon, offset = words[0].partition(":")
        self.kind = FAR if colon else INT
        if colon:
            self.target = number("0x" + segment, words[0], 0xffff) << 16 | number("0x" + offset, words[0], 0xffff)
            self.title = f"far call {segment}:{offset}"
        else:
            self.target = number(words[0], "vector", 0xff)
            self.title = f"int {self.target:#04x}"
        for word in words[1:]:
            self.set(word, buffers)

    def set(self, word, buffers):
        left, equals, value = word.partition("=")
        names = left.split(":")
        if not equals or any(name not in PARTS for name in names) or len(names) > 2:
            raise BadRequest(f"\"{word}\" is not understood: REGISTER=NUMBER, as in ax=0x1130, or es:di=BUFFER")
        if len(names) == 2:
            self.set_pair(word, names, buffers.far(value))
        elif value == "last":
            if left not in GENERAL:
                raise BadRequest(f"\"{word}\": only {' '.join(GENERAL)} can be what the last call left")
            self.kept.add(left)
        else:
            _, _, bits = PARTS[left]
            self.put(left, number(value, left, (1 << bits) - 1))

    def set_pair(self, word, names, place):
        if names[0] not in SEGMENTS or PARTS[names[1]][0] not in GENERAL or PARTS[names[1]][2] < 16:
            raise BadRequest(f"\"{word}\" names no segment and offset, as es:di does")
        for name, value in zip(names, place):
            self.put(name, value)

    def put(self, name, value):
        whole, shift, bits = PARTS[name]
        mask = ((1 << bits) - 1) << shift
        self.registers[whole] = self.registers[whole] & ~mask | value << shift
        self.kept.discard(whole)

    def pack(self):
        kept = sum(1 << number for number, name in enumerate(GENERAL) if name in self.kept)
        registers = REGISTERS.pack(*(self.registers[name] for name in WHOLE))
        return CALL.pack(self.kind, self.target, kept, 0, registers, b"", b"", b"")


class Answer:
    """One call as it came back."""

    def __init__(self, data):
        _, _, _, self.made, before, after, flags, error = CALL.unpack(data)
        self.before = dict(zip(WHOLE, REGISTERS.unpack(before)))
        self.after = dict(zip(WHOLE, REGISTERS.unpack(after)))
        self.flags, self.error = text_of(flags), text_of(error)
        self.carry = bool(self.after["eflags"] & 1)

    def changes(self):
        """The whole registers that are others than before; the flags have a line of their own."""
        changed = [name for name in WHOLE[:-1] if self.before[name] != self.after[name]]
        return " ".join(f"{name}={self.after[name]:#0{WIDTHS[name] // 4 + 2}x}" for name in changed) or "nothing"


class Results:
    """The area as the image left it."""

    def __init__(self, data, count):
        magic, _, _, _, _, self.status, self.entered, self.vector, _, self.place, _, _ = HEAD.unpack_from(data)
        self.present = magic == MAGIC
        self.why = text_of(data[WHY:WHY + 128])
        self.answers = [Answer(data[at:at + CALL.size]) for at in range(FIRST_CALL, FIRST_CALL + count * CALL.size, CALL.size)]


class Image:
    """The ELF file, and where in it the area lies."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path, "rb") as stream:
                self.data = bytearray(stream.read())
        except OSError as error:
            raise BadRequest(f"{path}: {error.strerror}") from None
        try:
            self.read(path)
        except (struct.error, IndexError):
            raise BadRequest(f"{path}: damaged ELF file") from None

    def read(self, path):
        if self.data[:4] != b"\x7fELF" or self.data[4] not in PROGRAMS:
            raise BadRequest(f"{path}: no ELF file")
        self.bits = 32 * self.data[4]
        header, program = PROGRAMS[self.data[4]]
        table, size, count = header.unpack_from(self.data)
        loads = []
        for number in range(count):
            kind, *fields = program.unpack_from(self.data, table + size * number)
            offset, paddr, filesz, memsz = (fields[0], *fields[2:5]) if self.bits == 32 else (fields[1], *fields[3:6])
            if kind == LOAD:
                loads.append((offset, paddr, filesz, memsz))
        areas = [load for load in loads if load[2] == PAGES * PAGE and self.data[load[0]:load[0] + len(MAGIC)] == MAGIC]
        if len(areas) != 1:
            raise BadRequest(f"{path}: not the trapeze-bioscall.elf that belongs to this tool")
        self.offset, self.area = areas[0][:2]
        self.start = min(paddr for _, paddr, _, _ in loads)
        self.end = max(paddr + memsz for _, paddr, _, memsz in loads)

    def fill(self, request, token, results, gdtr=b""):
        """Put calls, buffers, the pages for the results and Linux's descriptor table in."""
        head = HEAD.pack(MAGIC, len(results), len(request.calls), request.port, int(request.is_efi), NOT_RUN, 0, 0, request.limit, 0, request.hpet, token)
        calls = b"".join(call.pack() for call in request.calls)
        page = head + RESULTS.pack(*results, *[0] * (PAGES - len(results))) + calls
        self.data[self.offset:self.offset + len(page)] = page
        self.data[self.offset + GDTR:self.offset + GDTR + len(gdtr)] = gdtr
        for buffer in request.buffers.named.values():
            at = self.offset + buffer.address - self.area
            self.data[at:at + buffer.size] = buffer.content.ljust(buffer.size, b"\0")
