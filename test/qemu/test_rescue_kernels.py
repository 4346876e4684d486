# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Kernels as the rescue image: those of all formats, and a Linux that shows what was left as /proc/vmcore."""

import os
import re
import struct

import pytest

from harness import linux, manifest
from harness.machine import Spec
from harness.rescue import code_bytes, dumped, ready, register
from harness.shim import Shim, got, lines_of, wanted
from harness.workshop import REPOSITORY, run_tool
from test_recorder import flight_ramdisk

MAP = re.compile(r"(?:e820|mmap|memmap): (0x[0-9a-f]+) (0x[0-9a-f]+) (\d+)")
# File, and where it must lie; None: anywhere.
KERNELS = {"got-linux.bin": None, "got-linux-fixed.bin": 0x100000, "got-multiboot1.elf": 0x3000000, "got-multiboot2.elf": 0x3000000,
           "got-pvh.elf": 0x3000000}


def memory_map(transcript):
    return [(int(match[1], 0), int(match[2], 0), int(match[3])) for match in map(MAP.fullmatch, got(transcript)) if match]


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_to_the_rescue(boot, workshop, arch, name):
    """Memory is the window, what it needs below 640 KiB, and its own place; the record is on its command line, and reserved."""
    files = {"rescue": workshop.built("i386", "payload", name), "fault": workshop.built(arch, "payload", "fault.elf")}
    images = {"rescue": manifest.image("rescue"), "fault": manifest.image("fault", type="standalone")}
    configurations = {"fault": {"kernel": "fault", "trapeze,args": manifest.Wide((0,))},
                      "help": {"kernel": "rescue", "trapeze,rescue": True, "trapeze,rescue-memory": 32,
                               "trapeze,bootargs": "${elfcorehdr}"}}
    tree = manifest.compile_tree(manifest.tree(images, configurations))
    with boot(Spec(workshop.shim_iso(arch, "menu=plain", {"manifest": tree, **files}))) as machine:
        shim = Shim(machine)
        match = ready(shim.wait_prompt())
        shim.start("fault")
        machine.expect_line("got: end", trouble=None)
        transcript = machine.transcript()
    start, end, record = int(match[2], 0), int(match[3], 0), int(match[5], 0)
    assert f'cmdline: "elfcorehdr={record:#x}"' in got(transcript)
    usable = [(low, high) for low, high, kind in memory_map(transcript) if kind == 1]
    place = KERNELS[name]
    assert all(high <= 0xa0000 or start <= low < high <= end or low == place for low, high in usable), usable
    assert any(start <= low < high <= end for low, high in usable) and not any(low <= record < high for low, high in usable)
    assert place is None or place in [low for low, _ in usable]


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_the_window_stays_under_a_kernel(boot, workshop, arch):
    """Reserved, when the net stays; the kernel's when that does not."""
    files = {"kernel": workshop.built(arch, "payload", "got-linux.bin"), "rescue": workshop.built(arch, "payload", "rescue.elf")}
    images = {"kernel": manifest.kernel("kernel"), "rescue": manifest.image("rescue", type="standalone")}
    for net in ("on", "off"):
        configurations = {"linux": {"kernel": "kernel", "trapeze,net": net},
                          "help": {"kernel": "rescue", "trapeze,rescue": True, "trapeze,rescue-memory": 4}}
        tree = manifest.compile_tree(manifest.tree(images, configurations))
        with boot(Spec(workshop.shim_iso(arch, "menu=plain", {"manifest": tree, **files})), net) as machine:
            shim = Shim(machine)
            match = ready(shim.wait_prompt())
            shim.start("linux")
            machine.expect_line("got: end")
            transcript = machine.transcript()
        start, end = int(match[2], 0), int(match[3], 0)
        kinds = {kind for low, high, kind in memory_map(transcript) if low < end and start < high}
        assert kinds == ({2} if net == "on" else {1})
        assert got(transcript) == wanted(transcript)


# ---- Linux comes to the rescue

RESCUE_INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
echo "linux: $(/bin/busybox uname -r)"
/bin/busybox grep -E 'System RAM|Reserved|Kernel code' /proc/iomem
# The headers and the notes come first.
/bin/busybox dd if=/proc/vmcore bs=4096 count=2 2>/dev/null | /bin/busybox hexdump -v -e '"vmcore: " 16/1 "%02x" "\\n"'
echo "linux: end"
exec /bin/busybox sh
"""


def rescue_ramdisk(workshop):
    """An init that shows what it was left, and then a shell."""
    def make(path):
        script = path + ".init"
        with open(script, "w", encoding="ascii") as stream:
            stream.write(RESCUE_INIT)
        os.chmod(script, 0o755)
        run_tool(os.path.join(REPOSITORY, "tools/mkinitrd"), f"--file=rescue={script}", "--no-gzip", "-o", path)
    return workshop.once("rescue.cpio", make)


def linux_medium(workshop, arch):
    kernel, initrd = linux.KERNELS["amd64"].files(workshop)
    files = {"fault": workshop.built(arch, "payload", "fault.elf"), "kernel": kernel, "initrd": initrd,
             "more": rescue_ramdisk(workshop)}
    images = {"fault": manifest.image("fault", type="standalone"), "kernel": manifest.kernel("kernel"),
              "initrd": manifest.image("initrd", type="ramdisk"), "more": manifest.image("more", type="ramdisk")}
    configurations = {"fault": {"kernel": "fault", "trapeze,args": manifest.Wide((1,))},
                      "help": {"kernel": "kernel", "ramdisk": ["initrd", "more"], "trapeze,rescue": True,
                               "trapeze,bootargs": "console=ttyS0,115200 quiet rdinit=/rescue ${elfcorehdr}"}}
    tree = manifest.compile_tree(manifest.tree(images, configurations))
    return workshop.shim_iso(arch, "menu=plain", {"manifest": tree, **files})


def test_linux_shows_the_log(boot, workshop):
    """Of a Trapeze that faulted, as pstore: the flight recorder is memory that the rescue image leaves alone."""
    kernel, initrd = linux.KERNELS["amd64"].files(workshop)
    images = {"kernel": manifest.kernel("kernel"), "initrd": manifest.image("initrd", type="ramdisk"),
              "flight": manifest.image("flight", type="ramdisk")}
    tree = manifest.tree(images, {"help": {
        "kernel": "kernel", "ramdisk": ["initrd", "flight"], "trapeze,rescue": True,
        "trapeze,bootargs": "console=ttyS0,115200 quiet rdinit=/flight ${ramoops} ${elfcorehdr}"}})
    files = {"manifest": manifest.compile_tree(tree), "kernel": kernel, "initrd": initrd, "flight": flight_ramdisk(workshop)}
    with boot(Spec(workshop.shim_iso("x86_64", "menu=plain trap=13", files), limit=240)) as machine:
        machine.expect_line("---- entering the rescue image", trouble=None)
        machine.reset_allowed = True
        machine.expect_line("^flight-end", 120, trouble=None)
        lines = lines_of(machine.transcript())
    shown = [line[len("flight: "):] for line in lines if line.startswith("flight: ")]
    assert [line for line in shown if "trap: raising vector 13 on purpose" in line and line in lines]
    assert [line for line in shown if "rescue: help is ready" in line and line in lines]


# Types of the notes that are named "Trapeze" (docs/rescue.md).
NOTE_FAULT, NOTE_TEXT = 0x54525001, 0x54525002


def core_of(lines):
    """Of the start of /proc/vmcore: {(name, type): content} of its notes, [(offset, address, size)] of its memory."""
    core = bytes.fromhex("".join(line[8:] for line in lines if line.startswith("vmcore: ")))
    assert core[:4] == b"\x7fELF"
    count, = struct.unpack_from("<H", core, 56)
    headers = [struct.unpack_from("<IIQQQQQQ", core, 64 + 56 * number) for number in range(count)]
    kind, _, at, _, _, size, _, _ = headers[0]
    assert kind == 4 and all(header[0] == 1 for header in headers[1:])
    notes, end = {}, at + size
    while at < end:
        name, length, number = struct.unpack_from("<III", core, at)
        if not name:
            break
        at += 12
        text = core[at:at + name - 1].decode()
        at += (name + 3) & ~3
        notes[text, number] = core[at:at + length]
        at += (length + 3) & ~3
    return notes, [(header[2], header[4], header[5]) for header in headers[1:]]


def page_at(machine, memory, address):
    """The page of the core file that holds the byte at an address, read by busybox."""
    offset, start, _ = next(part for part in memory if part[1] <= address < part[1] + part[2])
    number = (offset + address - start) // 4096
    machine.send(f"dd if=/proc/vmcore bs=4096 skip={number} count=1 2>/dev/null | hexdump -v -e '\"page: \" 16/1 \"%02x\" \"\\n\"'; "
                 "echo page=$((6*7))\r")
    machine.expect_line("page=42", trouble=None)
    return bytes.fromhex("".join(line[6:] for line in lines_of(machine.transcript()) if line.startswith("page: ")))


@pytest.mark.parametrize("arch,firmware", [("x86_64", "bios"), ("i386", "bios"), ("x86_64", "uefi")])
def test_linux_comes_to_the_rescue(boot, workshop, arch, firmware):
    """Its /proc/vmcore has the registers and the dump of the payload that tripped, and its memory is the window alone."""
    with boot(Spec(linux_medium(workshop, arch), firmware=firmware, limit=300)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(60)
        shim.start("fault")
        machine.expect_line("---- entering the rescue image", trouble=None)
        machine.expect_line("linux: end", 120, trouble=None)
        lines = lines_of(machine.transcript())
        dump = dumped(lines)
        ip = register(dump, ("r" if arch == "x86_64" else "e") + "ip")
        notes, memory = core_of(lines)
        page = page_at(machine, memory, ip)
    assert page[ip % 4096 - 8:ip % 4096 + 12] == code_bytes(dump)
    assert struct.unpack_from("<Q", notes["CORE", 1], 112 + 8 * 16)[0] == ip
    assert notes["Trapeze", NOTE_TEXT].rstrip(b"\0").decode().strip("\n").split("\n") == dump
    assert notes["Trapeze", NOTE_FAULT][104:].rstrip(b"\0") == b"fault"
    match = ready("\n".join(lines))
    window = range(int(match[2], 0), int(match[3], 0))
    ours = [tuple(int(number, 16) for number in line.split(" : ")[0].split("-")) for line in lines if "System RAM" in line]
    assert ours and all(start in window and end in window for start, end in ours if start >= 1 << 20)
