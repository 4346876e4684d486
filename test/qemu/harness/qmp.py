# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The monitor of a running QEMU, over a connected socket (docs/interop/qmp-spec.txt in QEMU's source)."""

import json
import select
import time


class QmpError(Exception):
    """The monitor refused a command, or went away."""


class Qmp:
    """Commands wait for their own answer; events that arrive meanwhile collect in `events`."""

    def __init__(self, sock, timeout=20.0):
        self.sock = sock
        self.timeout = timeout
        self.pending = b""
        self.events = []
        self._receive_until("QMP")
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        message = {"execute": name}
        if arguments:
            message["arguments"] = arguments
        try:
            self.sock.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise QmpError(f"{name}: {error.strerror}") from error
        answer = self._receive_until("return", "error")
        if "error" in answer:
            raise QmpError(f"{name}: {answer['error']['desc']}")
        return answer["return"]

    def drain(self):
        """Take in events that have arrived, without waiting for more."""
        while select.select([self.sock], [], [], 0)[0]:
            if not self._receive_some():
                return

    def _receive_until(self, *keys):
        deadline = time.monotonic() + self.timeout
        while True:
            message = self._next_message()
            if message is not None and any(key in message for key in keys):
                return message
            if message is None:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                    raise QmpError(f"no {' or '.join(keys)} within {self.timeout:.0f} s")
                if not self._receive_bytes():
                    raise QmpError("the monitor's connection was closed")

    def _receive_some(self):
        alive = self._receive_bytes()
        while self._next_message() is not None:
            pass
        return alive

    def _receive_bytes(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            data = b""
        self.pending += data
        return bool(data)

    def _next_message(self):
        """The next whole message, or None; events are put aside and returned too."""
        line, newline, rest = self.pending.partition(b"\n")
        if not newline:
            return None
        self.pending = rest
        message = json.loads(line)
        if "event" in message:
            self.events.append(message)
        return message
