# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A model of a VT100's screen (ECMA-48 control functions), so that tests read the menu as a person sees it."""

import re

ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][0-9A-B]|\x1b[ -/]*[0-Z\\^-~]")
# An escape sequence that has begun and not ended yet.
UNFINISHED = re.compile(r"\x1b(\[[0-?]*[ -/]*|[()]|[ -/]+)?$")


def strip_escapes(text):
    return ESCAPE.sub("", text)


class ScreenError(AssertionError):
    """Something was sent that a VT100 does not know."""


class Screen:
    """`rows` are the visible lines; `reverse` holds the (row, column) of each character shown in reverse video."""

    def __init__(self, height=24, width=80):
        self.height, self.width = height, width
        self.pending = ""
        self.cursor_visible = True
        self.scroll_top, self.scroll_bottom = 0, height - 1
        self.saved = (0, 0)
        self._clear_all()

    def _clear_all(self):
        self.cells = [[" "] * self.width for _ in range(self.height)]
        self.reverse = set()
        self.row = self.column = 0
        self.wrap_next = False
        self.attributes = set()

    @property
    def rows(self):
        return ["".join(row).rstrip() for row in self.cells]

    def text(self):
        return "\n".join(self.rows)

    def reversed_text(self):
        """The characters in reverse video, row by row."""
        return ["".join(self.cells[r][c] for c in range(self.width) if (r, c) in self.reverse).strip()
                for r in sorted({row for row, _ in self.reverse})]

    def feed(self, text):
        text = self.pending + text
        self.pending = ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._character(text[at])
                at += 1
                continue
            match = ESCAPE.match(text, at)
            if not match:
                if not UNFINISHED.match(text, at):
                    raise ScreenError(f"not an escape sequence: {text[at:at + 12]!r}")
                self.pending = text[at:]
                return
            self._escape(match.group(0))
            at = match.end()

    # ---- single characters

    def _character(self, character):
        controls = {"\r": self._return, "\n": self._line_feed, "\b": self._backspace, "\t": self._tab,
                    "\a": lambda: None, "\0": lambda: None}
        if character in controls:
            controls[character]()
        elif character < " " or character == "\x7f":
            raise ScreenError(f"control character {character!r}")
        else:
            self._print(character)

    def _print(self, character):
        if self.wrap_next:
            self._return()
            self._line_feed()
        self.cells[self.row][self.column] = character
        self.reverse.discard((self.row, self.column))
        if 7 in self.attributes:
            self.reverse.add((self.row, self.column))
        self.wrap_next = self.column == self.width - 1
        self.column = min(self.column + 1, self.width - 1)

    def _return(self):
        self.column, self.wrap_next = 0, False

    def _backspace(self):
        self.column, self.wrap_next = max(self.column - 1, 0), False

    def _tab(self):
        self.column = min((self.column // 8 + 1) * 8, self.width - 1)

    def _line_feed(self):
        self.wrap_next = False
        if self.row == self.scroll_bottom:
            self._scroll_up()
        else:
            self.row = min(self.row + 1, self.height - 1)

    def _scroll_up(self):
        top, bottom = self.scroll_top, self.scroll_bottom
        del self.cells[top]
        self.cells.insert(bottom, [" "] * self.width)
        self.reverse = {(r - 1 if top < r <= bottom else r, c) for r, c in self.reverse if r != top}

    # ---- escape sequences

    def _escape(self, sequence):
        if sequence[1] in "()=>":
            return
        if sequence[1] != "[":
            self._short_escape(sequence[1:])
            return
        body, final = sequence[2:-1], sequence[-1]
        if body.startswith("?"):
            self._private_mode(body[1:], final)
            return
        numbers = [int(part) if part else 0 for part in body.split(";")]
        handler = getattr(self, f"_csi_{final}", None) if final.isalpha() else None
        if handler is None:
            raise ScreenError(f"escape sequence {sequence!r}")
        handler(numbers)

    def _short_escape(self, name):
        if name == "7":
            self.saved = (self.row, self.column)
        elif name == "8":
            self._move(*self.saved)
        elif name == "c":
            self.__init__(self.height, self.width)
        else:
            raise ScreenError(f"escape sequence ESC {name!r}")

    def _private_mode(self, body, final):
        if final not in "hl":
            raise ScreenError(f"private mode {body!r}{final}")
        if body == "25":
            self.cursor_visible = final == "h"
        elif body not in ("1", "7"):
            raise ScreenError(f"private mode {body!r}")

    def _move(self, row, column):
        self.row = min(max(row, 0), self.height - 1)
        self.column = min(max(column, 0), self.width - 1)
        self.wrap_next = False

    def _csi_A(self, numbers):
        self._move(self.row - max(numbers[0], 1), self.column)

    def _csi_B(self, numbers):
        self._move(self.row + max(numbers[0], 1), self.column)

    def _csi_C(self, numbers):
        self._move(self.row, self.column + max(numbers[0], 1))

    def _csi_D(self, numbers):
        self._move(self.row, self.column - max(numbers[0], 1))

    def _csi_H(self, numbers):
        row, column = (numbers + [0])[:2]
        self._move(max(row, 1) - 1, max(column, 1) - 1)

    _csi_f = _csi_H

    def _csi_J(self, numbers):
        here, end = self.row * self.width + self.column, self.height * self.width
        first, last = {0: (here, end), 1: (0, here + 1), 2: (0, end)}[numbers[0]]
        self._erase(first, last)

    def _csi_K(self, numbers):
        start = self.row * self.width
        here, end = start + self.column, start + self.width
        first, last = {0: (here, end), 1: (start, here + 1), 2: (start, end)}[numbers[0]]
        self._erase(first, last)

    def _erase(self, first, last):
        for position in range(first, last):
            row, column = divmod(position, self.width)
            self.cells[row][column] = " "
            self.reverse.discard((row, column))

    def _csi_m(self, numbers):
        for number in numbers:
            if number == 0:
                self.attributes.clear()
            elif number in (22, 24, 25, 27):
                self.attributes -= {number - 20, 1 if number == 22 else number - 20}
            else:
                self.attributes.add(number)

    def _csi_r(self, numbers):
        top, bottom = (numbers + [0])[:2]
        self.scroll_top, self.scroll_bottom = max(top, 1) - 1, (bottom or self.height) - 1
        self._move(0, 0)

    def _csi_n(self, numbers):
        """Requests of the cursor's place: nobody answers here, as on a line without a terminal."""

    _csi_h = _csi_l = _csi_n
