# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A 16550 with registers in memory, which QEMU has none of for PCs: a PCI device behind x-pci-proxy-dev.

QEMU asks over a socket for each access to configuration space and base address (QEMU's hw/remote/mpqemu-link.h): a header
of command and size, then what belongs to it; an answer has a header of its own and 8 bytes.
"""

import array
import contextlib
import os
import socket
import struct
import threading
from dataclasses import dataclass

HEADER = struct.Struct("<iiQ")
CONFIG_ACCESS = struct.Struct("<IIi")			# address, value, size
BAR_ACCESS = struct.Struct("<QQI?")			# address, value, size, memory?
CMD_RETURN, CMD_CONFIG_WRITE, CMD_CONFIG_READ, CMD_BAR_WRITE, CMD_BAR_READ = range(1, 6)
CMD_RESET = 7
FDS_MAX = 16

BAR_SIZE = 4096
VENDOR, DEVICE = 0x1b36, 0x7250

RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR = range(8)
LCR_DLAB, MCR_LOOP, LSR_DATA, LSR_EMPTY = 0x80, 0x10, 0x01, 0x60
FIFO_ON, FIFO_WORKS, NO_INTERRUPT = 0x01, 0xc0, 0x01
MODEM_LINES = 0xb0


@dataclass(frozen=True)
class MmioUart:
    """`stride`: bytes from register to register, 1 or 4; the registers answer to accesses of just that width.

    `answers`: whether there is a UART behind the base address at all.
    """

    stride: int
    class_code: int = 0x070002
    address: str = "09.0"
    answers: bool = True


class Registers:
    """The 16550's, as the data sheet (PC16550D) has them, on two ends of a line."""

    def __init__(self, line):
        self.line = line
        self.latch = {RBR: 12, IER: 0}
        self.kept = {IER: 0, LCR: 3, MCR: 0, SCR: 0}
        self.fifo = False
        self.waiting = b""

    def read(self, register):
        if self.kept[LCR] & LCR_DLAB and register in self.latch:
            return self.latch[register]
        if register == RBR:
            first, self.waiting = self.waiting[:1], self.waiting[1:]
            return first[0] if first else 0
        if register == IIR:
            return NO_INTERRUPT | (FIFO_WORKS if self.fifo else 0)
        if register == LSR:
            self.waiting = self.waiting or self.line.receive()
            return LSR_EMPTY | (LSR_DATA if self.waiting else 0)
        if register == MSR:
            return self.modem_status()
        return self.kept[register]

    def modem_status(self):
        lines = self.kept[MCR]
        if not lines & MCR_LOOP:
            return MODEM_LINES
        return (lines & 0xc) << 4 | (lines & 2) << 3 | (lines & 1) << 5

    def write(self, register, value):
        if self.kept[LCR] & LCR_DLAB and register in self.latch:
            self.latch[register] = value
        elif register == RBR:
            self.line.transmit(bytes((value,)))
        elif register == IIR:
            self.fifo = bool(value & FIFO_ON)
        elif register in self.kept:
            self.kept[register] = value


class Line:
    """QEMU's ends of the two pipes that a SerialLine has the others of."""

    def __init__(self, path):
        # To open both directions of a pipe does not wait for somebody at the other end.
        self.out = os.open(path + ".out", os.O_RDWR | os.O_NONBLOCK)
        self.input = os.open(path + ".in", os.O_RDWR | os.O_NONBLOCK)

    def transmit(self, data):
        with contextlib.suppress(BlockingIOError):
            os.write(self.out, data)

    def receive(self):
        try:
            return os.read(self.input, 16)
        except BlockingIOError:
            return b""

    def close(self):
        os.close(self.out)
        os.close(self.input)


class MmioUartDevice:
    """The device while its machine runs: `arguments` and `far_end` are QEMU's, `start` answers until QEMU has ended."""

    def __init__(self, kind, path, memory):
        self.kind = kind
        self.line = Line(path)
        self.registers = Registers(self.line)
        self.near, self.far_end = socket.socketpair()
        self.rest = b""
        self.bar = 0
        self.config = bytearray(256)
        struct.pack_into("<HH", self.config, 0, VENDOR, DEVICE)
        struct.pack_into("<I", self.config, 8, kind.class_code << 8 | 1)
        self.arguments = ["-object", f"memory-backend-memfd,id=ram0,size={memory},share=on", "-machine", "memory-backend=ram0",
                          "-device", f"x-pci-proxy-dev,fd={self.far_end.fileno()},addr={kind.address}"]

    def start(self):
        self.far_end.close()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(EOFError, OSError):
            while True:
                command, _, size = HEADER.unpack(self._receive(HEADER.size))
                self._answer(command, self._receive(size))
        self.near.close()
        self.line.close()

    def _receive(self, size):
        while len(self.rest) < size:
            data, extra, _, _ = self.near.recvmsg(65536, socket.CMSG_SPACE(4 * FDS_MAX))
            for _, _, content in extra:
                for fd in array.array("i", content[:len(content) // 4 * 4]):
                    os.close(fd)
            if not data:
                raise EOFError
            self.rest += data
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def _answer(self, command, data):
        value = 0
        if command in (CMD_CONFIG_WRITE, CMD_CONFIG_READ):
            address, value, size = CONFIG_ACCESS.unpack(data)
            value = self._config_write(address, value, size) if command == CMD_CONFIG_WRITE else \
                int.from_bytes(self.config[address:address + size], "little")
        elif command in (CMD_BAR_WRITE, CMD_BAR_READ):
            address, value, size, _ = BAR_ACCESS.unpack_from(data)
            value = self._access(address - self.bar, size, value if command == CMD_BAR_WRITE else None)
        elif command != CMD_RESET:
            return
        self.near.sendall(HEADER.pack(CMD_RETURN, 0, 8) + struct.pack("<Q", value))

    def _config_write(self, address, value, size):
        for number, byte in enumerate(value.to_bytes(8, "little")[:size], address):
            if number in (4, 5, 0x0c, 0x0d, 0x3c) or 0x10 <= number < 0x14:
                self.config[number] = byte
        self.bar = struct.unpack_from("<I", self.config, 0x10)[0] & ~(BAR_SIZE - 1)
        struct.pack_into("<I", self.config, 0x10, self.bar)
        return 0

    def _access(self, offset, size, value):
        """`value` None: a read. What the UART does not answer to reads as ones."""
        register, between = divmod(offset, self.kind.stride)
        if not self.kind.answers or size != self.kind.stride or between or register > SCR:
            return (1 << 8 * size) - 1
        if value is None:
            return self.registers.read(register)
        self.registers.write(register, value & 0xff)
        return 0
