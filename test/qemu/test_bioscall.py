# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""tools/bioscall in a running Linux: the BIOS's answers against what the machine has, and Linux as it was before."""

import dataclasses
import os
import re
import shutil
import struct
import subprocess

import pytest

from harness import interop
from harness.shim import lines_of
from harness.workshop import REPOSITORY, digest

pytestmark = pytest.mark.interop

ARCHS = ("x86_64", "i386")
MEMORY_MIB = 256
SECONDS = 300
E820_CALLS = 9
WAIT_US = 100000
LIMIT_MS = 1500
SETUP = """\
export PYTHONPYCACHEPREFIX=/tmp/python
bioscall() {
	echo "bioscall: begin $*"
	/usr/bin/python3 /tools/bioscall "$@" 2>&1
	echo "bioscall: end status=$? file=$(md5sum /tmp/file | cut -c 1-16) up=$(cut -d ' ' -f 1 /proc/uptime)"
}
dd if=/dev/urandom of=/tmp/file bs=1M count=4 2>/dev/null
echo "linux: file=$(md5sum /tmp/file | cut -c 1-16)"
"""
E820 = "0x15 eax=0xe820 edx=0x534d4150 ecx=20"
MAP = " then ".join(f"{E820} {'ebx=last ' if n else ''}es:di=map+{20 * n}" for n in range(E820_CALLS))
LOADED = "kexec -l --args-none /tools/trapeze-bioscall.elf\nbioscall 0x12\nkexec -u\n"
CALLS = {
    "map": f"--buffer map={20 * E820_CALLS} --save map=/tmp/map {MAP}",
    "mode": "0x10 ah=0x0f",
    "vbe": "--buffer info=512 --bytes far='@info+2 5a' 0x10 ax=0x4f00 es:di=info",
    "no-drive": "0x13 ah=8 dl=0x85",
    "wait": f"0x15 ah=0x86 cx={WAIT_US >> 16} dx={WAIT_US & 0xffff} then 0x1a ah=0 then 0x12",
    "key": f"--limit {LIMIT_MS} 0x12 then 0x16 ah=0 then 0x12",
    "broken": "--image /tools/broken.elf 0x12",
    "quiet": "--console none 0x12",
    "bad": "0x12 ax=70000",
}


def job():
    calls = "".join(f"bioscall {words}\n" for words in CALLS.values())
    return SETUP + calls + LOADED + 'bioscall 0x12\necho "linux: saved=$(xxd -p /tmp/map | tr -d \'\\n\')"\necho "linux: done"\nsleep 60\n'


class Said:
    """What one run of the tool printed."""

    def __init__(self, command):
        self.command, self.lines, self.status, self.file, self.up = command, [], None, None, None


def runs(transcript):
    found = []
    for line in lines_of(transcript):
        if line.startswith("bioscall: begin "):
            found.append(Said(line[16:]))
            continue
        end = re.fullmatch(r"bioscall: end status=(\d+) file=(\w+) up=([\d.]+)", line)
        if end and found:
            found[-1].status, found[-1].file, found[-1].up = int(end[1]), end[2], float(end[3])
        elif found and found[-1].status is None:
            found[-1].lines.append(line)
    return found


def broken_image(path):
    """(the image with an invalid instruction where the calls are made, that instruction's address)."""
    symbols = subprocess.run(["nm", path.replace(".elf", ".debug")], check=True, stdout=subprocess.PIPE, text=True).stdout
    address = int(re.search(r"(?m)^(\w+) T bioscall_make$", symbols)[1], 16)
    with open(path, "rb") as stream:
        data = bytearray(stream.read())
    # The code is the first segment, at a page of the file's.
    place = address - 0x10000 + 0x1000
    data[place:place + 2] = b"\x0f\x0b"
    return bytes(data), address


def initrd_of(workshop, script, arch="x86_64"):
    files = {f"tools/trapeze/{name}": os.path.join(REPOSITORY, "tools/trapeze", name)
             for name in ("__init__.py", "biospage.py", "pinned.py")}
    files["tools/bioscall"] = os.path.join(REPOSITORY, "tools/bioscall")
    image = workshop.built(arch, "trapeze-bioscall.elf")
    files.update({"tools/trapeze-bioscall.elf": image, "tools/broken.elf": broken_image(image)[0]})
    return interop.initrd(workshop, script, files, has_python=True, arch=arch)


def spec_of(kernel, initrd, **words):
    spec = interop.linux_spec(kernel, initrd, memory=f"{MEMORY_MIB}M", smp=2, **words)
    return dataclasses.replace(spec, limit=SECONDS)


def transcript_of(workshop, boot, arch):
    """All calls in one boot, one of each width per run of the suite."""
    kernel, initrd = interop.kernel(workshop, arch), initrd_of(workshop, job(), arch)

    def make(path):
        with boot(spec_of(kernel, initrd)) as machine:
            machine.expect_line("^linux: done", SECONDS)
        shutil.copy(machine.serial_path, path)

    stamp = [f"{path} {os.stat(path).st_mtime_ns}" for path in (kernel, initrd)]
    with open(workshop.once(f"bioscall-{digest(*stamp)}.log", make), encoding="utf-8", newline="") as stream:
        return stream.read()


@pytest.fixture(params=ARCHS)
def arch(request):
    return request.param


@pytest.fixture
def said(boot, workshop, arch):
    """What the tool printed, by the names of CALLS; two more by what they are about."""
    return dict(zip([*CALLS, "loaded", "unloaded"], runs(transcript_of(workshop, boot, arch)), strict=True))


def answers(run):
    """(title, registers that changed, flags, error) of each call."""
    found = []
    for number, line in enumerate(run.lines):
        if line.startswith("changed "):
            changed = {name: int(value, 16) for name, value in re.findall(r"(\w+)=(0x\w+)", line)}
            error = next(iter(run.lines[number + 2:]), "")
            found.append((run.lines[number - 1], changed, run.lines[number + 1], error.startswith("error ") and error[6:]))
    return found


def dumped(run, name):
    """The bytes of a buffer."""
    start = next(number for number, line in enumerate(run.lines) if line.startswith(name + "  at "))
    words = run.lines[start].split()
    address, size = int(words[2].rstrip(","), 16), int(words[-2])
    content = b""
    for line in run.lines[start + 1:]:
        match = re.match(r"(\w{10})  ((?:[0-9a-f]{2} )+)", line)
        if not match and line != "*":
            break
        # A star stands for lines like the one above it.
        while match and len(content) < int(match[1], 16) - address:
            content += content[-16:]
        content += bytes.fromhex(match[2]) if match else b""
    assert len(content) == size
    return content


def test_linux_goes_on(said, boot, workshop, arch):
    """Every file byte, and time, which never runs backwards; each time the answer is there at once."""
    text = "\n".join(lines_of(transcript_of(workshop, boot, arch)))
    kept = re.search(r"^linux: file=(\w{16})$", text, re.MULTILINE)[1]
    assert [run.file for run in said.values()] == [kept] * len(said)
    times = [run.up for run in said.values()]
    assert times == sorted(times) and times[0] > 0


def test_memory_map(said, boot, workshop, arch):
    run = said["map"]
    assert run.status == 0
    entries = [struct.unpack_from("<QQI", dumped(run, "map"), 20 * number) for number in range(E820_CALLS)]
    found = answers(run)
    assert len(found) == E820_CALLS and {title for title, _, _, _ in found} == {"int 0x15"}
    last = next(number for number, answer in enumerate(found) if answer[1].get("ebx") == 0)
    ram = [(start, size) for start, size, kind in entries[:last + 1] if kind == 1]
    assert ram[0] == (0, 0x9FC00) and ram[1][0] == 0x100000
    # SeaBIOS keeps the last 128 KiB for itself.
    assert ram[1][1] == (MEMORY_MIB << 20) - 0x100000 - 0x20000
    # A call with ebx=0 begins again.
    assert entries[last + 1] == entries[0]
    saved = re.search(r"^linux: saved=(\w+)$", "\n".join(lines_of(transcript_of(workshop, boot, arch))), re.MULTILINE)[1]
    assert bytes.fromhex(saved) == dumped(run, "map")


def test_video(said):
    (title, changed, flags, error), = answers(said["mode"])
    # 80 columns, mode 3, as QEMU's firmware left it.
    assert (title, changed["eax"] & 0xFF7F, error) == ("int 0x10", 0x5003, False) and flags == "flags 0x202 [IF]"
    info = dumped(said["vbe"], "info")
    assert answers(said["vbe"])[0][1]["eax"] == 0x4F and info[:4] == b"VESA"
    place = re.search(r"info  at \S+, in real mode (\w+):(\w+),", "\n".join(said["vbe"].lines))
    assert dumped(said["vbe"], "far") == struct.pack("<HH", int(place[2], 16) + 2, int(place[1], 16)) + b"\x5a"


def test_carry(said):
    assert said["no-drive"].status == 3
    assert answers(said["no-drive"])[0][3] == "ah=0x01: invalid function or parameter"


def test_clock_runs(said):
    """The BIOS waits by interrupts of the clock chip; a call behind it is made as well."""
    run = said["wait"]
    assert run.status == 0 and [title for title, _, _, _ in answers(run)] == ["int 0x15", "int 0x1a", "int 0x12"]
    assert answers(run)[2][1]["eax"] & 0xFFFF == 0x9FC00 >> 10


def test_endless_call(said):
    """One that waits for a key is ended; what came before it has its answer, and what comes behind is not called."""
    run = said["key"]
    assert run.status == 1 and run.lines[-1] == "bioscall: call 2 was ended: did not come back in time"
    assert any(re.search(rf"bios: error: int 0x16 eax=0x0: did not come back, ended ms={LIMIT_MS} at=", line) for line in run.lines)
    assert [title for title, _, _, _ in answers(run)] == ["int 0x12"]


def test_fault_in_image(said, workshop, arch):
    """Told with the place, and Linux goes on."""
    _, address = broken_image(workshop.built(arch, "trapeze-bioscall.elf"))
    run = said["broken"]
    assert (run.status, run.lines[-1]) == (1, f"bioscall: the image ended by exception 6 at {address:#x}")
    assert any(line.endswith(f"bioscall: error: exception 6 at {address:#x}") for line in run.lines)


def test_log(said):
    """On the serial line that is Linux's console; not where it was not wanted."""
    assert any(re.search(r"\] bioscall: int 0x10 eax=0xf00: eax=0x5003 ", line) for line in said["mode"].lines)
    assert said["quiet"].lines == ["int 0x12", "changed eax=0x0000027f", "flags 0x202 [IF]"]


def test_refused(said):
    assert (said["bad"].status, said["bad"].lines) == (1, ["bioscall: ax: 70000 is out of range, at most 0xffff"])
    assert (said["loaded"].status, said["loaded"].lines) == (
        1, ["bioscall: a kernel or an image is loaded already for kexec: kexec -u removes it"])
    assert said["unloaded"].status == 0


def test_uefi(boot, workshop):
    """No BIOS: said twice over, nothing is called, and Linux goes on."""
    script = SETUP + "bioscall 0x12\nbioscall 0x12\necho \"linux: done\"\nsleep 60\n"
    with boot(spec_of(interop.kernel(workshop), initrd_of(workshop, script), firmware="uefi")) as machine:
        machine.expect_line("^linux: done", SECONDS)
        found = runs(machine.transcript())
    assert [run.status for run in found] == [1, 1] and found[0].file == found[1].file
    assert all(run.lines[-1].startswith("bioscall: there is no BIOS: the firmware is UEFI, without a BIOS") for run in found)
