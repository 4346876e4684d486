# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A cpio archive in the "newc" form that Linux unpacks as its initramfs; the same entries give the same bytes.

Format: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import gzip
import stat

TRAILER = "TRAILER!!!"


class Archive:
    def __init__(self):
        self.entries = {}

    def add_file(self, name, data, mode=0o644):
        self.add_parents(name)
        self.entries[name] = file_entry(data, mode)

    def add_folder(self, name):
        self.add_parents(name)
        self.entries.setdefault(name, (stat.S_IFDIR | 0o755, b"", (0, 0)))

    def add_link(self, name, target):
        self.add_parents(name)
        self.entries[name] = (stat.S_IFLNK | 0o777, target.encode(), (0, 0))

    def add_character_device(self, name, major, minor):
        self.add_parents(name)
        self.entries[name] = (stat.S_IFCHR | 0o600, b"", (major, minor))

    def add_parents(self, name):
        """Linux makes no folders by itself: they come before what lies in them."""
        parent = name.rpartition("/")[0]
        if parent and parent not in self.entries:
            self.add_folder(parent)

    def to_bytes(self):
        """The archive, padded to a multiple of four bytes so that another can follow it."""
        parts = [entry(number + 1, name, *self.entries[name]) for number, name in enumerate(self.entries)]
        return b"".join(parts) + entry(0, TRAILER, 0, b"", (0, 0))

    def to_gzip(self):
        return gzip.compress(self.to_bytes(), compresslevel=9, mtime=0)


def file_entry(data, mode=0o644):
    return stat.S_IFREG | mode, data, (0, 0)


def entry(inode, name, mode, data, device):
    encoded = name.encode() + b"\0"
    links = 1 if mode else 0
    fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(encoded), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return padded(header + encoded) + padded(data)


def padded(data):
    return data + b"\0" * (-len(data) % 4)
