# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Trapeze's dumps (docs/exceptions.md) in a log as a serial line gives it."""

import re
from dataclasses import dataclass, field

# ECMA-48: control sequences, then other escapes.
ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|\x1b[()][0-9A-B]")
LOG_LINE = re.compile(r"\[ *\d+\.\d{6}\] ([\w-]+): (.*)")
HEAD = re.compile(r"---- ((?:#|NMI|coprocessor|vector|unexpected).*?) -+ (\S.*)")
POINTER = re.compile(r" [re]ip ([0-9a-f]+)  (?:(\S+)\+0x([0-9a-f]+)  )?cs ")
STACK = re.compile(r" (?:stack|     )((?: (?:[0-9a-f]{8}|[0-9a-f]{16}|\?{8}))+)")
TRACE = re.compile(r" (?:trace |      ?<- )(.*)")
PLACE = re.compile(r"(?:(?P<name>\S+)\+0x(?P<offset>[0-9a-f]+)|(?P<address>[0-9a-f]+))$")
CONTROL = re.compile(r"control pages (0x[0-9a-f]+)\.\.")
MOVED = re.compile(r"(\S+): position-independent at=(0x[0-9a-f]+) linked-at=(0x[0-9a-f]+) ")
MAX_LINES = 24


@dataclass
class Place:
    """An address, or a name and an offset, or both."""

    address: int = None
    name: str = None
    offset: int = 0


@dataclass
class Dump:
    title: str
    where: str
    reason: str = ""
    pointer: Place = None
    word: int = 0                   # bytes of a stack word
    stack: list = field(default_factory=list)   # numbers; None where there was no memory
    trace: list = field(default_factory=list)   # Places; the first is the pointer's
    control: int = None             # where the control pages were when it happened
    bias: int = None                # of a position-independent image

    def in_shim(self):
        return self.where.startswith("in Trapeze")


def clean_lines(text):
    """Lines as a terminal shows them, if nothing was painted over."""
    return [line.split("\r")[-1] for line in re.sub(r"\r*\n", "\n", ESCAPE.sub("", text)).split("\n")]


def parse_place(text):
    match = PLACE.match(text.strip())
    if not match:
        return None
    if match["address"]:
        return Place(int(match["address"], 16))
    return Place(name=match["name"], offset=int(match["offset"], 16))


def read_line(dump, line):
    """A line of the dump. False: it was the last one before this."""
    pointer, stack, trace = POINTER.match(line), STACK.fullmatch(line), TRACE.match(line)
    if pointer:
        dump.pointer = Place(int(pointer[1], 16), pointer[2], int(pointer[3] or "0", 16))
    elif stack and not dump.trace:
        words = stack[1].split()
        dump.word = max(dump.word, *(len(word) // 2 for word in words if word[0] != "?"), 0, 0)
        dump.stack += [None if word[0] == "?" else int(word, 16) for word in words]
    elif trace:
        dump.trace += [place for place in map(parse_place, trace[1].split(" <- ")) if place]
    elif not dump.reason and not dump.pointer:
        dump.reason = re.sub(" {2,}", ", ", line.strip())
    return line.startswith(" ") and not (dump.trace and not trace)


def find_dumps(text):
    """Every dump of a log; lines of the log between its lines are passed over."""
    dumps, dump, control, bias, left = [], None, None, None, 0
    for line in clean_lines(text):
        log, head = LOG_LINE.match(line), HEAD.fullmatch(line)
        if log:
            control = int(match[1], 16) if (match := CONTROL.search(log[2])) else control
            bias = int(match[2], 16) - int(match[3], 16) if (match := MOVED.match(log[2])) else bias
        elif head:
            dump, left = Dump(head[1], head[2], control=control, bias=bias), MAX_LINES
            dumps.append(dump)
        elif dump:
            left -= 1
            dump = dump if left > 0 and read_line(dump, line) else None
    return dumps
