# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The rescue image: prepared ahead, entered at a fault, and told what happened."""

import os
import re
import struct

import pytest

from harness import linux, manifest
from harness.machine import Spec
from harness.shim import PROMPT, Shim, errors, got, lines_of, log_lines, wanted
from harness.workshop import REPOSITORY, run_tool
from test_recorder import flight_ramdisk

BOOTS = [("x86_64", "bios"), ("i386", "bios"), ("x86_64", "uefi")]
SHELL = re.compile(r"(?m)^shell> ")
RETURNED = {"trapeze,preserve-context": True}
READY = re.compile(r"(\S+) is ready \S+ memory=(0x[0-9a-f]+)\.\.(0x[0-9a-f]+) bytes=(\d+) record=(0x[0-9a-f]+)")
# The registers of the record's first note, as the dump of a width calls them.
INSIDE = 5                      # enum control_step, CONTROL_ENTERING
NAMES = ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp")


def medium(workshop, arch, rescue, others=None, options="", width=None, **files):
    """rescue.elf as the rescue image (properties: `rescue`), fault.elf as what trips."""
    elf = {name: workshop.built(width or arch, "payload", f"{name}.elf") for name in ("rescue", "fault")}
    images = {name: manifest.image(name, type="standalone") for name in elf}
    configurations = {"fault": {"kernel": "fault", "trapeze,args": manifest.Wide((1,)), **(others or {})},
                      "help": {"kernel": "rescue", "trapeze,rescue": True, "trapeze,rescue-memory": 4, **rescue}}
    tree = manifest.compile_tree(manifest.tree(images, configurations))
    return workshop.shim_iso(arch, f"menu=plain {options}", {"manifest": tree, **elf, **files})


def shell(machine, *commands):
    """Type commands into the shell, from the menu."""
    machine.send("c\r")
    for command in commands:
        machine.expect(SHELL, shown="the shell's prompt")
        machine.send(command + "\r")


def fields(lines, start):
    """The numbers of the line that begins so."""
    line, = [line for line in lines if line.startswith(start)]
    return {name: int(value, 0) for name, value in re.findall(r"(\w+)=(0x[0-9a-f]+|\d+)", line)}


def dumped(lines):
    """The dump on the serial line, up to its trace."""
    first = next(number for number, line in enumerate(lines) if re.match(r"---- (#|NMI)", line))
    last = next(number for number, line in enumerate(lines) if number > first and line.startswith(" trace "))
    return lines[first:last + 1]


def register(dump, name):
    value, = re.findall(rf"\b{name} ([0-9a-f]+)", "\n".join(dump))
    return int(value, 16)


def code_bytes(dump):
    shown, = [line[len(" code"):] for line in dump if line.startswith(" code")]
    return bytes.fromhex(shown.replace("<", "").replace(">", ""))


def check_record(lines, vector, where):
    """What the rescue image was told is what the dump says, word for word."""
    dump = dumped(lines)
    assert [line[8:] for line in lines if line.startswith("rescue| ") and line != "rescue| "] == dump
    status, fault = fields(lines, "rescue: signal="), fields(lines, "rescue: version=")
    letter = "r" if fault["width"] == 64 else "e"
    assert fault["vector"] == vector and fault["where"] == where and fault["version"] == 1
    assert {name: status[name] for name in NAMES} == {name: register(dump, letter + name) for name in NAMES}
    assert status["ip"] == register(dump, letter + "ip") and status["cs"] == register(dump, "cs")
    assert [fault[name] for name in ("cr0", "cr2", "cr3", "cr4", "efer")] == [
        register(dump, name) for name in ("cr0", "cr2", "cr3", "cr4", "efer")]
    code, = [line.split()[2:] for line in lines if line.startswith("rescue: code")]
    assert bytes.fromhex("".join(code)) == code_bytes(dump)


def ready(transcript):
    text, = [text for area, _, text in log_lines(transcript) if area == "rescue" and " is ready " in text]
    return READY.fullmatch(text)


def check_ready(lines):
    match = ready("\n".join(lines))
    start, end, record = int(match[2], 0), int(match[3], 0), int(match[5], 0)
    assert end - start == int(match[4]) == 4 << 20 and start <= record < end
    head = fields(lines, f"rescue: {'long' if any('rescue: long' in line for line in lines) else 'protected'} ")
    assert head["record"] == record and head["type"] == 4 and head["machine"] == 62


@pytest.mark.parametrize("arch,firmware", BOOTS)
@pytest.mark.parametrize("how", ("booted", "called"))
def test_a_fault_of_the_shim(boot, workshop, arch, firmware, how):
    rescue = {"trapeze,args": manifest.Wide((0x1234,)), **(RETURNED if how == "called" else {})}
    with boot(Spec(medium(workshop, arch, rescue, options="trap=6"), firmware=firmware)) as machine:
        machine.expect_line("---- entering the rescue image", trouble=None)
        machine.expect_line("rescue: end", trouble=None)
        if how == "called":
            machine.expect_line("---- the rescue image is back", trouble=None)
            machine.expect_line("---- stopped; r reboots", trouble=None)
        lines = lines_of(machine.transcript())
        check_ready(lines)
        check_record(lines, 6, 0)
        assert fields(lines, f"rescue: {'long' if arch == 'x86_64' else 'protected'} ")["second"] == 0x1234


WIDTHS = [("x86_64", "x86_64", "bios"), ("x86_64", "i386", "bios"), ("i386", "i386", "bios"), ("i386", "x86_64", "bios"),
          ("x86_64", "x86_64", "uefi")]


@pytest.mark.parametrize("arch,width,firmware", WIDTHS)
def test_a_fault_of_a_kernel(boot, workshop, arch, width, firmware):
    """The net under an image that was entered for good gives over to the rescue image, in both widths of both."""
    with boot(Spec(medium(workshop, arch, {}, width=width), firmware=firmware)) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        shim.start("fault")
        machine.expect_line("---- entering the rescue image", trouble=None)
        machine.expect_line("rescue: end", trouble=None)
        lines = lines_of(machine.transcript())
        check_ready(lines)
        check_record(lines, 6, 1)
        assert 'title="fault"' in "\n".join(lines) and fields(lines, "rescue: version=")["step"] == INSIDE


# In the middle of 512 MiB, and the text a page above.
RECORDER, TEXT = 0x10000000, 0x1000


@pytest.mark.parametrize("arch,where", [("x86_64", "menu"), ("i386", "menu"), ("x86_64", "shell")])
def test_the_recorder_moves(boot, workshop, arch, where):
    """Its command line says where the log is when it is entered, not where it was at the start."""
    files = {"kernel": workshop.built("i386", "payload", "got-multiboot2.elf"), "fault": workshop.built(arch, "payload", "fault.elf"),
             "over": bytes(16)}
    images = {name: manifest.image(name) for name in files}
    images["over"] |= {"os": "flat", "load": RECORDER, "entry": RECORDER}
    tree = manifest.tree(images, {
        "help": {"kernel": "kernel", "trapeze,rescue": True, "trapeze,rescue-memory": 8, "trapeze,bootargs": "${ramoops}"},
        "over": {"kernel": "over", "trapeze,mode": "protected", "trapeze,recorder": "ramoops"},
        "fault": {"kernel": "fault", "trapeze,args": manifest.Wide((1,))}})
    with boot(Spec(workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), **files}))) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        prompt, command = PROMPT, ""
        if where == "shell":
            prompt, command = SHELL, "boot "
            machine.send("c\r")
            machine.expect(SHELL)
        machine.send(f"{command}over\r")
        machine.expect(prompt)
        told, = errors(machine.before)
        moved = re.fullmatch(rf"recorder: over: the flight recorder lay at {RECORDER + TEXT:#x}, .* it lies at (0x[0-9a-f]+) now: "
                             "start the entry again", told)[1]
        assert (" rescue: help is ready " in machine.before) == (where == "menu")
        machine.send(f"{command}fault\r")
        machine.expect_line("---- entering the rescue image", trouble=None)
        machine.expect_line("got: end", trouble=None)
        assert any(line.startswith(f'cmdline: "ramoops.mem_address={moved} ') for line in got(machine.transcript()))


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_trapeze_on_fault(boot, workshop, arch):
    """A call that is ended, and the rescue image called for it, as often as one likes."""
    others = {**RETURNED, "trapeze,on-fault": "help"}
    with boot(Spec(medium(workshop, arch, RETURNED, others))) as machine:
        shim = Shim(machine)
        lines = lines_of(shim.wait_prompt())
        for _ in range(2):
            shim.start("fault")
            machine.expect(PROMPT, trouble=None)
            answer = lines_of(machine.before)
            assert "rescue: end" in answer and [text for _, _, text in log_lines("\n".join(answer)) if "returned result=0x6 " in text]
            assert not any(line.startswith("---- entering") for line in answer)
            status = fields(answer, "rescue: signal=")
            dump = dumped(answer)
            assert [status[name] for name in NAMES] == [register(dump, ("r" if arch == "x86_64" else "e") + name) for name in NAMES]
            assert [line[8:] for line in answer if line.startswith("rescue| ") and line != "rescue| "] == dump
            assert fields(answer, "rescue: version=")["step"] == INSIDE
            # It is ready again, where it was.
            assert ready("\n".join(answer)).groups() == ready("\n".join(lines)).groups()


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_trapeze_on_fault_for_good(boot, workshop, arch):
    with boot(Spec(medium(workshop, arch, {}, {**RETURNED, "trapeze,on-fault": "help"}))) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        shim.start("fault")
        machine.expect_line("rescue: end", trouble=None)
        assert fields(lines_of(machine.transcript()), "rescue: version=")["where"] == 1


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
@pytest.mark.parametrize("how", ("booted", "called"))
@pytest.mark.parametrize("first", ("shim", "kernel"))
def test_a_fault_in_the_rescue_image_is_the_end(boot, workshop, arch, how, first):
    rescue = {"kernel": "fault", "trapeze,args": manifest.Wide((1,)), **(RETURNED if how == "called" else {})}
    options = "trap=13" if first == "shim" else ""
    with boot(Spec(medium(workshop, arch, rescue, options=options))) as machine:
        shim = Shim(machine)
        if first == "kernel":
            shim.wait_prompt()
            shim.start("fault")
        machine.expect_line("---- entering the rescue image", trouble=None)
        shim.expect_dump()
        if how == "called":
            machine.expect_line("---- the rescue image is back", trouble=None)
        machine.expect_line("---- stopped; r reboots", trouble=None)
        assert machine.transcript().count("---- entering the rescue image") == 1


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
@pytest.mark.parametrize("vector", (2, 8, 14))
def test_other_faults_of_the_shim(boot, workshop, arch, vector):
    """On stacks and in tasks of their own; after an NMI the shim goes on."""
    with boot(Spec(medium(workshop, arch, {}, options=f"trap={vector}"))) as machine:
        if vector == 2:
            machine.expect_line("---- going on", trouble=None)
            Shim(machine).wait_prompt()
            assert "entering the rescue image" not in machine.transcript()
            return
        machine.expect_line("rescue: end", trouble=None)
        check_record(lines_of(machine.transcript()), vector, 0)


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_a_damaged_heap_is_no_hindrance(boot, workshop, arch):
    """All of the shim's heap is overwritten, which the next free() trips over."""
    with boot(Spec(medium(workshop, arch, {}))) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        heaps = [tuple(int(number, 0) for number in re.search(r"(0x[0-9a-f]+)\.\.(0x[0-9a-f]+) ", line).groups())
                 for line in shim.command("m") if line.endswith("heap, heap")]
        # The first one is in the shim's own data.
        symbols = run_tool("nm", "-S", workshop.built(arch, "trapeze.debug"))
        start, size = (int(number, 16) for number in re.search(r"(?m)^(\S+) (\S+) b first_heap$", symbols).groups())
        shell(machine, *(f"mw.l -f {first:#x} 0xfffffff1 {(last - first) // 4}" for first, last in (*heaps, (start, start + size))))
        machine.expect_line("---- entering the rescue image", trouble=None)
        machine.expect_line("rescue: end", trouble=None)
        assert fields(lines_of(machine.transcript()), "rescue: version=")["where"] == 0


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
@pytest.mark.parametrize("place", (0x2000, 0x10000, 0x20000))
def test_a_damaged_window_is_not_entered(boot, workshop, arch, place):
    """One byte is enough, in whatever part of it; `place` counts down from the record."""
    with boot(Spec(medium(workshop, arch, {}))) as machine:
        shim = Shim(machine)
        record = int(ready(shim.wait_prompt())[5], 0)
        shell(machine, f"md {record - place:#x} 1", f"mw -f {record - place:#x} 0x5a", "boot fault 1")
        machine.expect_line("---- the rescue image is damaged", trouble=None)
        machine.expect_line("---- stopped; r reboots", trouble=None)


def test_an_image_that_meets_the_window_is_refused(boot, workshop):
    load = 0x1fc00000
    images = {"rescue": manifest.image("rescue", type="standalone"),
              "flat": manifest.image("flat", type="standalone", os="flat", load=load, entry=load)}
    configurations = {"flat": {"kernel": "flat", "trapeze,mode": "protected"},
                      "help": {"kernel": "rescue", "trapeze,rescue": True, "trapeze,rescue-memory": 4}}
    files = {"manifest": manifest.compile_tree(manifest.tree(images, configurations)), "flat": b"\xf4" * 16,
             "rescue": workshop.built("x86_64", "payload", "rescue.elf")}
    with boot(Spec(workshop.shim_iso("x86_64", "menu=plain", files))) as machine:
        shim = Shim(machine)
        match = ready(shim.wait_prompt())
        assert int(match[2], 0) <= load < int(match[3], 0)
        assert shim.expect_refusal("flat") == [
            f"place: flat at {load:#x}..{load + 16:#x} overlaps rescue image at {match[2]}..{match[3]}, which must stay"]


REFUSED = [
    ({"kernel": "damaged"}, "verify: damaged sha256 mismatch"),
    ({"trapeze,rescue-memory": 3000}, "rescue: help: no 3000 MiB of free memory in a piece between 0x1000000 and 0x100000000"),
    ({"trapeze,mode": "real"}, "rescue: help: trapeze,mode=real: after a fault nobody vouches for the BIOS"),
    ({"trapeze,bios-call": "memory-map"}, "rescue: help: trapeze,bios-call: after a fault nobody vouches for the BIOS"),
    ({"trapeze,kho": "kho-v4"}, "rescue: help: trapeze,kho: a rescue image is handed the fault record alone"),
    ({"trapeze,args": manifest.Wide(range(6))}, "rescue: help: trapeze,args: one argument less"),
]


@pytest.mark.parametrize("change,complaint", REFUSED)
def test_refused_in_words(boot, workshop, change, complaint):
    """And the menu is there all the same, and everything in it boots."""
    elf = {name: workshop.built("x86_64", "payload", f"{name}.elf") for name in ("rescue", "fault")}
    wrong = {"hash-1": {"algo": "sha256", "value": bytes(32)}}
    images = {**{name: manifest.image(name, type="standalone") for name in elf},
              "damaged": {**manifest.image("rescue", type="standalone"), **wrong}}
    configurations = {"fault": {"kernel": "fault", "trapeze,args": manifest.Wide((1,))},
                      "help": {"kernel": "rescue", "trapeze,rescue": True, "trapeze,rescue-memory": 4, **change}}
    tree = manifest.compile_tree(manifest.tree(images, configurations))
    with boot(Spec(workshop.shim_iso("x86_64", "menu=plain", {"manifest": tree, **elf}), memory="256M")) as machine:
        shim = Shim(machine)
        text = shim.wait_prompt()
        assert [line for line in errors(text) if line.startswith(complaint)], text
        assert ("rescue", "warning", "help is not ready: there is no rescue image") in log_lines(text)
        shim.start("fault")
        machine.expect_line("---- stopped; r reboots", trouble=None)
        assert "entering the rescue image" not in machine.transcript()


# ---- kernels of all formats

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


@pytest.mark.parametrize("arch,firmware", BOOTS)
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
