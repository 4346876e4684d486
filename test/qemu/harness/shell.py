# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The shell behind the menu's `c`, with menu=plain."""

import re

from harness.shim import lines_of

PROMPT = re.compile(r"(?m)^shell> ")


class Shell:
    def __init__(self, machine):
        """The menu's prompt is there."""
        self.machine = machine
        self.command("c")

    def command(self, line, timeout=10):
        """Type a line, wait for the next prompt, and return the lines in between."""
        self.machine.send(line + "\r")
        self.machine.expect(PROMPT, timeout, shown="the shell's prompt")
        return [text for text in lines_of(self.machine.before)[1:] if text]

    def line(self, line, timeout=10):
        """The same of a command that answers with one line."""
        answer = self.command(line, timeout)
        if len(answer) != 1:
            self.machine.fail(f"{line!r} is answered by {len(answer)} lines: {answer}")
        return answer[0]
