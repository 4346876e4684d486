# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""One virtual machine: started, driven over its serial line, ended by its own process id, and judged.

A run is judged when it ends: a triple fault, a reset that nobody announced, more processor resets than the firmware
does by itself, or a run that had to be cut off fails the test, with the tail of the serial log.
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import Optional

import pexpect
import pexpect.fdpexpect

from harness.mmio_uart import MmioUart, MmioUartDevice
from harness.qmp import Qmp, QmpError
from harness.screen import strip_escapes

DEBUG_EXIT_PORT = 0xF4
TAIL_LINES = 60
# Code of a BIOS, and of firmware of either kind where the processor begins.
BIOS_CODE = range(0xe0000, 0x100000)
FLASH_CODE = range(0xffc00000, 1 << 32)
# A processor's reset in QEMU's log, with the address where it was.
PROCESSOR_RESET = re.compile(r"(?m)^CPU Reset \(CPU 0\)\n(?:.*\n){2,4}?[ER]IP=([0-9a-f]+)(?:.*\n){1,3}?CS =[0-9a-f]+ ([0-9a-f]+)")
# A warm reset is up to two of the processor, besides those by which firmware begins anew.
RESETS_EACH = 2
PIPE_SIZE = 1 << 20
OVMF = "/usr/share/OVMF"
# firmware: (flash code, template of its variables, further QEMU options)
FLASH = {
    "uefi": (f"{OVMF}/OVMF_CODE_4M.fd", f"{OVMF}/OVMF_VARS_4M.fd", ()),
    "uefi32": (f"{OVMF}/OVMF32_CODE_4M.secboot.fd", f"{OVMF}/OVMF32_VARS_4M.fd",
               ("-global", "driver=cfi.pflash01,property=secure,value=on")),
}
# Firmware reads a CD at the PC's own controller word by word, 0.3 s for a megabyte; at an AHCI controller, which a q35 has anyway,
# in a third of that or less. What has a kernel on it is worth one.
LARGE_DISC = 8 << 20
AHCI_DISC = ("-device", "ahci,id=disc", "-device", "ide-cd,bus=disc.0,drive=disc")
# What ends a wait at once, because nothing good comes after it.
TROUBLE = re.compile(r"(?m)^---- (?:#|NMI|coprocessor|vector|unexpected)[^\r\n]*|Kernel panic - not syncing[^\r\n]*")
NEVER = re.compile(r"(?!)")
# Characters at the end of what has come that each new piece is searched with: no pattern spans more.
SEARCH_WINDOW = 4096


class MachineFailure(AssertionError):
    """The machine did something else than what the test waited for."""


@dataclass(frozen=True)
class Spec:
    """What a machine is made of.

    `reboots`: a reset starts the machine anew instead of ending the run; use Machine.reset.
    `icount`: an instruction takes 1 << icount ns of virtual time; None: the host's time. `limit`: seconds for the run.
    `ahci`: the CD is at an AHCI controller of its own; None: a large one is.
    `serial`: the UART on the character device serial0, in QEMU's words; `mmio_uart`: one of our own in its stead.
    """

    iso: str
    machine: str = "pc"
    firmware: str = "bios"
    cpu: str = ""
    memory: str = "512M"
    smp: int = 1
    icount: Optional[int] = None
    extra: tuple = ()
    reboots: bool = False
    limit: int = 150
    ahci: Optional[bool] = None
    serial: tuple = ("-serial", "chardev:serial0")
    mmio_uart: Optional[MmioUart] = None

    @property
    def emulator(self):
        return "qemu-system-i386" if self.firmware == "uefi32" else "qemu-system-x86_64"

    def disc(self):
        large = self.machine == "pc" and os.path.getsize(self.iso) > LARGE_DISC
        if large if self.ahci is None else self.ahci:
            return ["-drive", f"if=none,id=disc,media=cdrom,readonly=on,file={self.iso}", *AHCI_DISC]
        return ["-cdrom", self.iso]

    def arguments(self, flash_vars):
        machine = self.machine + (",smm=on" if self.firmware == "uefi32" else "")
        arguments = ["-machine", machine, "-accel", "tcg", "-m", self.memory, "-smp", str(self.smp),
                     "-nodefaults", "-display", "none", "-vga", "std", "-boot", "order=d",
                     "-device", f"isa-debug-exit,iobase={DEBUG_EXIT_PORT:#x},iosize=4"]
        arguments += [] if self.reboots else ["-no-reboot"]
        arguments += self.disc() if self.iso else []
        arguments += ["-cpu", self.cpu] if self.cpu else []
        arguments += ["-icount", f"shift={self.icount},sleep=off"] if self.icount is not None else []
        if self.firmware in FLASH:
            code, _, options = FLASH[self.firmware]
            arguments += ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}",
                          "-drive", f"if=pflash,unit=1,format=raw,file={flash_vars}", *options]
        return arguments + list(self.extra)


def reset_places(log, reboots):
    """Where processor 0 was at each reset in QEMU's log.

    Firmware that is started by a warm reset has the machine reset, in more ways than one and until it sees it happen: how often
    depends on how fast QEMU is. So those in its code do not count where `reboots`.
    """
    places = [int(base, 16) + int(offset, 16) for offset, base in PROCESSOR_RESET.findall(log)]
    if len(places) != len(re.findall(r"(?m)^CPU Reset \(CPU 0\)", log)):
        raise MachineFailure(f"resets in QEMU's log that cannot be read:\n{log}")
    return [place for place in places if not (reboots and (place in BIOS_CODE or place in FLASH_CODE))]


class SerialLine(pexpect.fdpexpect.fdspawn):
    """QEMU's end of the line is there already, so an end of file means that QEMU has ended.

    Two pipes: one holds a megabyte where a socket, written to byte by byte, is full after some hundred. The shim does not
    wait for ever for a line that takes nothing, so a full line loses text.
    """

    def __init__(self, path):
        out = os.open(path + ".out", os.O_RDONLY)
        fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        super().__init__(out, encoding="utf-8", codec_errors="replace", maxread=16384)
        self.delaybeforesend = None
        self.input = os.open(path + ".in", os.O_WRONLY)

    def send(self, s):
        self._log(s, "send")
        return os.write(self.input, s.encode())

    def close(self):
        os.close(self.input)
        super().close()


class Machine:
    """A running machine; use it as a context manager. All waiting is bounded by `spec.limit` seconds for the run."""

    def __init__(self, spec, log_dir):
        self.spec = spec
        self.log_dir = str(log_dir)
        self.deadline = time.monotonic() + spec.limit
        self.reset_allowed = False
        self.resets = self.triple_faults_allowed = 0
        self.failed = False
        self.status = None
        self.before = ""
        os.makedirs(self.log_dir, exist_ok=True)
        self.serial_path = os.path.join(self.log_dir, "serial.log")
        self.reset_path = os.path.join(self.log_dir, "cpu_reset.log")
        self.temp_dir = tempfile.mkdtemp(prefix="trapeze-machine-")
        self.process = self.console = self.serial_log = None
        try:
            self._start()
        except BaseException:
            self._end_process()
            raise

    # ---- starting and ending

    def _start(self):
        flash_vars = os.path.join(self.temp_dir, "vars.fd")
        if self.spec.firmware in FLASH:
            shutil.copy(FLASH[self.spec.firmware][1], flash_vars)
        line = os.path.join(self.temp_dir, "line")
        os.mkfifo(line + ".in")
        os.mkfifo(line + ".out")
        device = MmioUartDevice(self.spec.mmio_uart, line, self.spec.memory) if self.spec.mmio_uart else None
        serial = device.arguments if device else ["-chardev", f"pipe,id=serial0,path={line}", *self.spec.serial]
        monitor, monitor_far = socket.socketpair()
        command = ["timeout", "--kill-after=5", str(self.spec.limit + 5), self.spec.emulator,
                   *self.spec.arguments(flash_vars),
                   *serial, "-chardev", f"socket,id=monitor0,fd={monitor_far.fileno()}",
                   "-mon", "chardev=monitor0,mode=control", "-d", "cpu_reset", "-D", self.reset_path]
        far_ends = [monitor_far, device.far_end] if device else [monitor_far]
        with open(os.path.join(self.log_dir, "command"), "w", encoding="utf-8") as stream:
            stream.write(" ".join(command) + "\n")
        with open(os.path.join(self.log_dir, "qemu.log"), "wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            pass_fds=[end.fileno() for end in far_ends], start_new_session=True)
        monitor_far.close()
        if device:
            device.start()
        self.monitor_socket = monitor
        self.qmp = self._connect_monitor()
        self.console = SerialLine(line)
        # Not QEMU's own logfile=: that one can have characters twice.
        self.serial_log = open(self.serial_path, "w", encoding="utf-8", newline="", buffering=1)
        self.console.logfile_read = self.serial_log

    def _connect_monitor(self):
        try:
            return Qmp(self.monitor_socket)
        except QmpError as error:
            self.process.wait(timeout=10)
            said = self._read(os.path.join(self.log_dir, "qemu.log"))
            raise MachineFailure(f"QEMU does not start: {error}\n{said}") from error

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.failed = self.failed or kind is not None
        self.close()

    def close(self):
        """End the machine if it still runs, and judge the run."""
        if self.process is None:
            return
        with contextlib.suppress(QmpError, OSError):
            self.qmp.drain()
            if self.process.poll() is None:
                self.qmp.command("quit")
        self._end_process()
        if not self.failed:
            self._judge()

    def _end_process(self):
        process, self.process = self.process, None
        if process is not None:
            try:
                self.status = process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                self.status = process.wait()
            self.monitor_socket.close()
            for end in (self.console, self.serial_log):
                if end is not None:
                    end.close()
        shutil.rmtree(self.temp_dir, ignore_errors=True)

    # ---- judging

    def _judge(self):
        complaints = []
        resets = self._read(self.reset_path)
        if self.triple_faults(resets) > self.triple_faults_allowed:
            complaints.append("triple fault")
        if self.status == 124 or self.status == -signal.SIGKILL:
            complaints.append(f"still running after {self.spec.limit} s")
        if "guest-reset" in self.shutdown_reasons() and not self.reset_allowed:
            complaints.append("the machine was reset")
        count, limit = len(reset_places(resets, self.spec.reboots)), self.expected_resets()
        if count > limit:
            complaints.append(f"processor 0 was reset {count} times, {limit} are expected")
        if complaints:
            self.fail("; ".join(complaints))

    def triple_faults(self, resets):
        """Those of a machine that reboots which are not its firmware's: after a warm reset SeaBIOS does one, to begin anew."""
        places = re.findall(r"Triple fault\nCPU Reset \(CPU \d+\)\n(?:.*\n){2,4}?[ER]IP=([0-9a-f]+)", resets)
        firmware = sum(int(place, 16) in BIOS_CODE for place in places) if self.spec.reboots else 0
        return resets.count("Triple fault") - firmware

    def expected_resets(self):
        """Resets of processor 0 that every ordinary run has: QEMU's own two at power-on; and those that were announced."""
        return 2 + (1 if self.reset_allowed else 0) + RESETS_EACH * self.resets

    def shutdown_reasons(self):
        return [event["data"]["reason"] for event in self.qmp.events if event["event"] == "SHUTDOWN"]

    def fail(self, why):
        self.failed = True
        tail = "\n".join(strip_escapes(self._read(self.serial_path)).splitlines()[-TAIL_LINES:])
        raise MachineFailure(f"{why}\n---- tail of {self.serial_path}\n{tail}\n----")

    # ---- the serial line

    def transcript(self):
        """All that was read from the serial line so far."""
        return self._read(self.serial_path)

    @staticmethod
    def _read(path):
        try:
            with open(path, encoding="utf-8", errors="replace", newline="") as stream:
                return stream.read()
        except FileNotFoundError:
            return ""

    def send(self, text):
        self.console.send(text)

    def expect(self, pattern, timeout=None, trouble=TROUBLE, shown=None):
        """Wait for a regular expression and return its match; `self.before` is what came before it."""
        left = self.deadline - time.monotonic()
        timeout = left if timeout is None else min(timeout, left)
        wanted = pattern if isinstance(pattern, re.Pattern) else re.compile(pattern, re.MULTILINE)
        which = self.console.expect_list([wanted, trouble or NEVER, pexpect.EOF, pexpect.TIMEOUT], max(timeout, 0),
                                         searchwindowsize=len(self.console.buffer) + SEARCH_WINDOW)
        self.before = self.console.before
        if which == 0:
            return self.console.match
        reasons = {1: "trouble instead of", 2: "the machine ended before", 3: f"{timeout:.0f} s without"}
        if which == 1:
            reasons[1] = f"{self._whole_trouble()} instead of"
        return self.fail(f"{reasons[which]} {(shown or wanted.pattern)!r}")

    def _whole_trouble(self):
        """The first line of the trouble that was met; the rest of it is given time to reach the log."""
        found = self.console.match.group(0) if isinstance(self.console.match, re.Match) else "trouble"
        with contextlib.suppress(pexpect.EOF, pexpect.TIMEOUT):
            self.console.expect_list([NEVER], timeout=2)
        return repr(found)

    def expect_line(self, pattern, timeout=None, trouble=TROUBLE):
        """Wait for a whole line that the pattern is found in, and return it without its end."""
        line = re.compile(rf"(?m)^([^\r\n]*?(?:{pattern})[^\r\n]*)\r*\n")
        return strip_escapes(self.expect(line, timeout, trouble, shown=pattern).group(1))

    def wait_exit(self, timeout=None):
        """Wait for the guest to end QEMU and return the exit status."""
        left = self.deadline - time.monotonic()
        timeout = left if timeout is None else min(timeout, left)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with contextlib.suppress(pexpect.EOF, pexpect.TIMEOUT):
                self.console.read_nonblocking(size=65536, timeout=0.1)
            self.qmp.drain()
            status = self.process.poll()
            if status is not None:
                return status
            time.sleep(0.02)
        return self.fail(f"still running {timeout:.0f} s after it should have ended")

    def reset(self):
        """A warm reset from outside, as by the machine's button: memory keeps what it holds."""
        assert self.spec.reboots
        self.resets += 1
        self.qmp.command("system_reset")

    def inject_nmi(self):
        self.qmp.command("inject-nmi")
