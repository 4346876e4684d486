# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Pages of memory that stay where they are, with their physical addresses: for somebody outside Linux to write to."""

import fcntl
import mmap
import os
import re
import struct

PRESENT = 1 << 63
FRAME = (1 << 55) - 1


class NotPinned(Exception):
    """Why not, for people."""


class Pages:
    """
    A file in memory. Its pages stand in a pipe besides: whoever would move or reclaim a page sees that it is held by more than
    its mappings, and lets it be.
    """

    NAME = "trapeze-bioscall"

    def __init__(self, count, token):
        self.size = count * mmap.PAGESIZE
        self.file = os.memfd_create(self.NAME)
        os.ftruncate(self.file, self.size)
        self.memory = mmap.mmap(self.file, self.size)
        for at in range(0, self.size, mmap.PAGESIZE):
            self.memory[at:at + len(token)] = token
        self.pipe = os.pipe()
        self.pin()

    def pin(self):
        fcntl.fcntl(self.pipe[1], fcntl.F_SETPIPE_SZ, self.size)
        left, at = self.size, 0
        while left:
            moved = os.splice(self.file, self.pipe[1], left, offset_src=at, flags=os.SPLICE_F_NONBLOCK)
            left, at = left - moved, at + moved

    def address(self):
        """The first page's, in this process."""
        with open("/proc/self/maps", encoding="utf-8") as stream:
            return int(re.search(rf"(?m)^([0-9a-f]+)-.*{self.NAME}", stream.read())[1], 16)

    def frames(self):
        """Physical addresses, page by page."""
        count = self.size // mmap.PAGESIZE
        try:
            with open("/proc/self/pagemap", "rb") as stream:
                stream.seek(self.address() // mmap.PAGESIZE * 8)
                entries = struct.unpack(f"<{count}Q", stream.read(8 * count))
        except FileNotFoundError:
            raise NotPinned("there is no /proc/self/pagemap: the kernel needs CONFIG_PROC_PAGE_MONITOR") from None
        if not all(entry & PRESENT and entry & FRAME for entry in entries):
            raise NotPinned("/proc/self/pagemap does not tell physical addresses: CAP_SYS_ADMIN is missing")
        return [(entry & FRAME) * mmap.PAGESIZE for entry in entries]

    def read(self):
        return self.memory[:]
