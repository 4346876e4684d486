# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The rescue image: prepared ahead, entered at a fault, and told what happened."""

import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.rescue import code_bytes, dumped, ready, register
from harness.shim import PROMPT, Shim, errors, got, lines_of, log_lines
from harness.workshop import run_tool

BOOTS = [("x86_64", "bios"), ("i386", "bios"), ("x86_64", "uefi")]
SHELL = re.compile(r"(?m)^shell> ")
RETURNED = {"trapeze,preserve-context": True}
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
