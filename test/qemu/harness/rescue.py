# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What the shim says of its rescue image, and the dump that this is told."""

import re

from harness.shim import log_lines

READY = re.compile(r"(\S+) is ready \S+ memory=(0x[0-9a-f]+)\.\.(0x[0-9a-f]+) bytes=(\d+) record=(0x[0-9a-f]+)")


def dumped(lines):
    """The dump on the serial line, up to its trace."""
    first = next(number for number, line in enumerate(lines) if re.match(r"---- (#|NMI)", line))
    last = next(number for number, line in enumerate(lines) if number > first and line.startswith(" trace "))
    return lines[first:last + 1]


def register(dump, name):
    value, = re.findall(rf"\b{name} ([0-9a-f]+)", "\n".join(dump))
    return int(value, 16)


def code_bytes(dump):
    shown, = [line[len(" code"):] for line in dump if line.startswith(" code")]
    return bytes.fromhex(shown.replace("<", "").replace(">", ""))


def ready(transcript):
    text, = [text for area, _, text in log_lines(transcript) if area == "rescue" and " is ready " in text]
    return READY.fullmatch(text)
