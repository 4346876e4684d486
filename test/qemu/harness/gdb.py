# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A machine held at an instruction, and its memory written to: QEMU's gdb stub (GDB manual, appendix "Remote Protocol")."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile


class GdbError(Exception):
    """The stub refused a packet, or went away."""


@contextlib.contextmanager
def gdb_socket():
    """(QEMU's arguments, the path to connect to)"""
    folder = tempfile.mkdtemp(prefix="trapeze-gdb-")
    path = os.path.join(folder, "gdb")
    try:
        yield ("-gdb", f"unix:{path},server=on,wait=off"), path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def address_of(program, symbol):
    """A symbol's address in an ELF file."""
    for line in subprocess.check_output(["nm", program], text=True).splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == symbol:
            return int(words[0], 16)
    raise GdbError(f"{program} has no {symbol}")


class Gdb:
    """The machine stands still from here on, until go_to or the end of the `with`."""

    def __init__(self, path, timeout=60.0):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(timeout)
        self.sock.connect(path)
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        with contextlib.suppress(OSError, GdbError):
            self._ask("D")
        self.sock.close()

    def go_to(self, address, meanwhile=None):
        """Let the machine run up to the instruction there; `meanwhile` is called once it runs."""
        self._order(f"Z1,{address:x},1")
        self._send("c")
        if meanwhile:
            meanwhile()
        stopped = self._receive()
        while stopped.startswith("T02"):
            stopped = self._receive()
        if not stopped.startswith("T05"):
            raise GdbError(f"stopped by {stopped!r}")
        self._order(f"z1,{address:x},1")

    def flip(self, address, mask):
        """Change bits of the byte there."""
        byte = int(self._ask(f"m{address:x},1"), 16)
        self._order(f"M{address:x},1:{byte ^ mask:02x}")

    def _order(self, text):
        answer = self._ask(text)
        if answer != "OK":
            raise GdbError(f"{text}: {answer!r}")

    def _ask(self, text):
        """The answer; that the machine was stopped by connecting (T02) may come at any time before."""
        self._send(text)
        answer = self._receive()
        while answer.startswith("T"):
            answer = self._receive()
        return answer

    def _send(self, text):
        self.sock.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 0xff))

    def _receive(self):
        """The next packet's contents; acknowledgements are passed over, and given."""
        while b"#" not in self.pending[:-2]:
            received = self.sock.recv(4096)
            if not received:
                raise GdbError("the connection was closed")
            self.pending += received
        packet, _, rest = self.pending.partition(b"#")
        self.pending = rest[2:]
        self.sock.sendall(b"+")
        return packet.lstrip(b"+$").decode()
