# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A person at an 80x24 VT100: sees the screen, presses keys."""

import contextlib
import re
import time

import pexpect

from harness.screen import Screen

KEYS = {"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
        "escape": "\x1b", "enter": "\r", "backspace": "\x7f", "ctrl-a": "\x01", "ctrl-e": "\x05", "ctrl-k": "\x0b",
        "ctrl-l": "\x0c", "ctrl-u": "\x15"}


class Terminal:
    """Shows what comes from the machine's serial line from now on."""

    def __init__(self, machine):
        self.machine = machine
        self.screen = Screen()
        self.screen.feed(machine.console.buffer)

    def press(self, *keys):
        """Names of KEYS, or text to type."""
        for key in keys:
            self.machine.send(KEYS.get(key, key))

    def look(self, seconds=0.2):
        """Take in what has been sent until the line is quiet for a moment."""
        while self._take_in(seconds):
            pass

    def _take_in(self, seconds):
        """One piece of what has been sent, or False if nothing comes."""
        with contextlib.suppress(pexpect.TIMEOUT, pexpect.EOF):
            self.screen.feed(self.machine.console.read_nonblocking(size=256, timeout=seconds))
            return True
        return False

    def wait(self, pattern, timeout=20):
        """Wait until the pattern is on the screen; return its match."""
        deadline = time.monotonic() + timeout
        while True:
            match = re.search(pattern, self.screen.text(), re.MULTILINE)
            if match:
                return match
            if time.monotonic() > deadline:
                return self.machine.fail(f"{pattern!r} is not on the screen\n{self.screen.text()}")
            self._take_in(0.1)

    def marked(self):
        """The line of the menu that is shown in reverse video."""
        self.look()
        return self.screen.reversed_text()
