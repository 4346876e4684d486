# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Trapeze on a machine's serial line, with menu=plain: its prompt, its commands, its log and its records."""

import re

from harness.screen import strip_escapes

PROMPT = re.compile(r"(?m)^trapeze> ")
LOG_LINE = re.compile(r"(?m)^\[ *\d+\.\d{6}\] (\w[\w-]*): (?:(error|warning): )?(.*)$")
DUMP_HEAD = re.compile(r"(?m)^---- ((?:#|NMI|coprocessor|vector|unexpected)[^\r\n]*?) -+ ([^\r\n]*?)\r*\n")
BACK = "Nothing was changed. Back to the menu."


def lines_of(transcript):
    return strip_escapes(transcript).replace("\r", "").split("\n")


def log_lines(transcript):
    """[(area, level, text)] of the shim's log; the level is "error", "warning" or empty."""
    return LOG_LINE.findall("\n".join(lines_of(transcript)))


def errors(transcript):
    """What the shim complains of, as "area: text"."""
    return [f"{area}: {text}" for area, level, text in log_lines(transcript) if level == "error"]


def wanted(transcript):
    """What the shim says that it hands over: the lines of its record, the last boot's."""
    return last_record([text for area, _, text in log_lines(transcript) if area == "want"])


def got(transcript):
    """What a test payload says that it received."""
    return last_record([line[5:] for line in lines_of(transcript) if line.startswith("got: ")])


def last_record(lines):
    """The lines of the last record, which ends with `end`."""
    if not lines or lines[-1] != "end":
        raise AssertionError(f"the record is not whole: {lines[-3:]}")
    ends = [number for number, line in enumerate(lines) if line == "end"]
    return lines[ends[-2] + 1 if len(ends) > 1 else 0:-1]


def net_range(transcript):
    """[start, end) of the pages that stay reserved under the next kernel, from the log."""
    for area, _, text in reversed(log_lines(transcript)):
        match = re.match(r"control pages (0x[0-9a-f]+)\.\.(0x[0-9a-f]+)", text)
        if area == "prepare" and match:
            return int(match[1], 16), int(match[2], 16)
    raise AssertionError("the log does not tell where the control pages are")


class Shim:
    def __init__(self, machine):
        self.machine = machine

    def wait_prompt(self, timeout=None):
        """The text that came before the prompt."""
        self.machine.expect(PROMPT, timeout, shown="the prompt")
        return self.machine.before

    def command(self, line, timeout=None):
        """Type a line at the prompt, wait for the next prompt, and return the lines in between."""
        self.machine.send(line + "\r")
        answer = lines_of(self.wait_prompt(timeout))
        return [text for text in answer[1:] if text]

    def start(self, entry):
        """Start an entry that takes the machine over."""
        self.machine.send(entry + "\r")

    def expect_refusal(self, entry):
        """Start an entry that cannot be booted: its complaints, after which the menu is back."""
        answer = self.command(entry)
        if BACK not in answer:
            self.machine.fail(f"{entry} did not lead back to the menu")
        return errors("\n".join(answer))

    def expect_dump(self, timeout=None):
        """(name, place) of the next dump."""
        match = self.machine.expect(DUMP_HEAD, timeout, trouble=None, shown="a dump")
        return match[1], match[2]
