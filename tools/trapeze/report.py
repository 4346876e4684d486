# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Complaints about an input, gathered so that one run shows them all."""


class Report:
    """Lines of the form `FILE:LINE: SEVERITY: NODE: PROPERTY: what is wrong; what to do`.

    `positions` maps (node path, property or None) to "FILE:LINE"; a property without a position of its own is reported
    at its node's, a node without one at the file.
    """

    def __init__(self, name):
        self.name = name
        self.positions = {}
        self.lines = []
        self.error_count = 0

    def error(self, node, prop, text):
        self.error_count += 1
        self.add("error", node, prop, text)

    def warn(self, node, prop, text):
        self.add("warning", node, prop, text)

    def note(self, node, prop, text):
        self.add("note", node, prop, text)

    def error_at(self, position, text):
        """An error at a place in a file, before there is a tree."""
        self.error_count += 1
        self.lines.append(f"{position}: error: {text}")

    def warn_at(self, position, text):
        self.lines.append(f"{position}: warning: {text}")

    def add(self, severity, node, prop, text):
        position = self.positions.get((node, prop)) or self.positions.get((node, None)) or self.name
        subject = [part for part in (node, prop) if part]
        self.lines.append(": ".join([position, severity, *subject, text]))


def quoted(names):
    return ", ".join(f'"{name}"' for name in names)
