# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Images that are called: whatever they do, the menu is up again, with the right report, and memory and machine are as before."""

import os
import re
from dataclasses import dataclass

import pexpect
import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import PROMPT, Shim, got, lines_of, log_lines, wanted

ARCHS = ("x86_64", "i386")
WIDTHS = (("x86_64", "x86_64"), ("x86_64", "i386"), ("i386", "i386"), ("i386", "x86_64"))
PLACES = ("callee", "callee-over", "callee-low")
BOOT_SECONDS = 30
CALL_SECONDS = 15
WATCHDOG_MS = 300
# enum callee_choice (test/payload/callee.h)
(RETURN, UD2, NOWHERE, LOOP, NO_STACK, GARBAGE, CONTROL, TIMER, HALT, JUMP, VECTOR, FLOAT, BSS, WRITE, ENTRY_STATE, PAT, INTERRUPT,
 AVX, BARE) = range(19)


@dataclass(frozen=True)
class Case:
    """A call, and how it ends: with a result, or with an exception or "watchdog"."""

    name: str
    args: tuple
    result: int = -1
    dump: str = ""
    watchdog: int = 0

    def configuration(self):
        entry = {"description": self.name, "kernel": "callee", "trapeze,preserve-context": True,
                 "trapeze,args": manifest.Wide(self.args)}
        if self.watchdog:
            entry["trapeze,watchdog"] = self.watchdog
        return entry


def cases(width):
    is_long = width == "x86_64"
    count = 100000
    squares = count * (count + 1) * (2 * count + 1) // 6
    sums = count * (count + 1) // 2 if is_long else 0
    return (
        Case("return", (RETURN, 0x234), 0x1234),
        Case("ud2", (UD2,), dump="#UD"),
        Case("nowhere", (NOWHERE,), dump="#PF" if is_long else "#GP"),
        Case("loop", (LOOP,), dump="watchdog", watchdog=WATCHDOG_MS),
        Case("no-stack", (NO_STACK,), dump="#(?:SS|GP)" if is_long else "#UD"),
        Case("garbage", (GARBAGE, 0x42), 0x1042),
        Case("control", (CONTROL, 1), 0x1001),
        Case("timer", (TIMER, 2), 0x1002),
        Case("halt", (HALT,), dump="watchdog", watchdog=WATCHDOG_MS),
        Case("jump", (JUMP,), dump="#PF" if is_long else "#GP"),
        Case("vector-0", (VECTOR, 0), dump="#DE"),
        Case("vector-8", (VECTOR, 8), dump="#DF"),
        Case("vector-13", (VECTOR, 13), dump="#GP"),
        Case("vector-32", (VECTOR, 32), dump="unexpected interrupt 0x20"),
        Case("vector-128", (VECTOR, 128), dump="unexpected interrupt 0x80"),
        Case("vector-255", (VECTOR, 255), dump="unexpected interrupt 0xff"),
        Case("interrupt", (INTERRUPT, 0x41), dump="unexpected interrupt 0x41"),
        Case("float", (FLOAT, count), (squares + sums) & (2**64 - 1 if is_long else 2**32 - 1), watchdog=60000),
        Case("bss", (BSS,), 1),
        Case("state", (ENTRY_STATE, 3), 0x1003),
    )


def call(machine, name, timeout=CALL_SECONDS):
    """Start an entry and wait until the menu is back; everything that was printed meanwhile."""
    machine.send(name + "\r")
    machine.expect(PROMPT, timeout, trouble=None, shown=f"the prompt after {name}")
    return machine.before


def check_report(case, text):
    lines = [f"{area}: {message}" for area, _, message in log_lines(text)]
    assert any(re.fullmatch(r"call: swapped back pages=\d+, state restored, back in the menu", line) for line in lines), text
    if case.result >= 0:
        assert any(line.startswith(f'call: "{case.name}" returned result={case.result:#x} us=') for line in lines), (case.name, text)
        assert "\n----" not in text
        return
    if case.dump == "watchdog":
        assert f'call: "{case.name}" ended by the watchdog after {WATCHDOG_MS} ms' in lines, text
        assert "---- the watchdog's time is over; the image stood here:" in text
        assert "---- NMI " in text
    else:
        assert f'call: "{case.name}" ended by an exception' in lines, (case.name, text)
        assert re.search(rf"(?m)^---- {case.dump} ", text), (case.name, text)
    assert f'inside the call of "{case.name}"' in text


def call_iso(workshop, arch, width, configurations, options="menu=plain", images=None):
    """A medium with all variants of the called payload, and what else there is in `images`: {name: bytes or path}."""
    payloads = {name: workshop.built(width, "payload", name + ".elf") for name in PLACES} | (images or {})
    tree = manifest.tree({name: manifest.image(name, type="standalone") for name in payloads}, configurations)
    return workshop.shim_iso(arch, options, {"manifest": manifest.compile_tree(tree), **payloads})


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_every_case_comes_back(boot, workshop, arch, width):
    iso = call_iso(workshop, arch, width, {case.name: case.configuration() for case in cases(width)})
    with boot(Spec(iso, memory="64M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for case in cases(width):
            check_report(case, call(machine, case.name))
        check_entry_state(width, machine.transcript())


# docs/preserve-context.md, "What the image finds"; PF is left from the payload's own first instructions.
STATE = {"x86_64": {"flags": 0x2, "cr0": 0x80000033, "cr4": 0x20, "efer": 0xd00},
         "i386": {"flags": 0x2, "cr0": 0x33, "cr4": 0, "efer": 0}}
SELECTORS = {"cs": 0x10, "ds": 0x18, "es": 0x18, "fs": 0x18, "gs": 0x18, "ss": 0x18}
ARITHMETIC_FLAGS = 0x8d5


def check_entry_state(width, transcript):
    lines = [line for line in lines_of(transcript) if line.startswith("callee: ")]
    state = {name: int(value, 16) for line in lines for name, value in re.findall(r"(\w+)=(0x[0-9a-f]+)", line)}
    state["flags"] &= ~ARITHMETIC_FLAGS
    assert state == {**STATE[width], **SELECTORS}


# ---- memory and machine, looked at from outside

MEMORY = 64 << 20
PAGE = 4096
# Start and size, around the image that lies far from everything; staging pages are taken above it.
PATTERN = (0x1f00000, 0x400000)
# Whose pages the shim itself writes to: while it waits at its menu, and control pages that it keeps for the next call.
OWN = ("shim", "tables", "heap", "log", "control", "staging")
# Intel 8254 data sheet: read-back command, the status of channel 0; how it is read and its mode.
PIT_COMMAND, PIT_CHANNEL0, PIT_READ_STATUS, PIT_MODE = 0x43, 0x40, 0xe2, 0x3e


def claims(machine):
    """[(start, end, owner)] of what the shim uses, from the `m` screen."""
    text = "\n".join(Shim(machine).command("m"))
    used = text.partition("Used by Trapeze:")[2]
    return [(int(start, 16), int(end, 16), owner) for start, end, owner in
            re.findall(r"(?m)^ *(0x[0-9a-f]+)\.\.(0x[0-9a-f]+) +[\d.]+ \w+ +([^,]+),", used)]


def snapshot(machine, folder, size=MEMORY):
    path = os.path.join(folder, "memory")
    machine.qmp.command("pmemsave", val=0, size=size, filename=path)
    with open(path, "rb") as stream:
        return stream.read()


def different_pages(before, after):
    return [at for at in range(0, MEMORY, PAGE) if before[at:at + PAGE] != after[at:at + PAGE]]


def lies_in(page, ranges, owners):
    return any(start <= page < end and owner in owners for start, end, owner in ranges)


def pages_used(text):
    """Pages outside the image that a call may leave changed: control pages, page list, pages swapped and the stack's, checksums."""
    place = re.search(r"place: moved=(\d+) zeroed=(\d+) .* list=(\d+) ", text)
    control = re.search(r"control pages (0x[0-9a-f]+)\.\.(0x[0-9a-f]+)", text)
    return sum(map(int, place.groups())) + (int(control[2], 16) - int(control[1], 16)) // PAGE + 2


def hmp(machine, command):
    return machine.qmp.command("human-monitor-command", **{"command-line": command})


def processor(machine):
    """State that a call leaves as it was: what the shim itself changes while it waits is left out."""
    fixed = re.findall(r"\b(?:CS|DS|ES|FS|GS|SS|LDT|TR|GDT|IDT) *=[0-9a-f ]+|\b(?:CR0|CR3|CR4|DR7|EFER|FCW|FSW|MXCSR|FPR\d)=[0-9a-f]+",
                       hmp(machine, "info registers"))
    # A null selector has no descriptor: what QEMU shows of one is how the selector came there.
    fixed = [text if not text.startswith("LDT=0000") else "LDT=0000" for text in fixed]
    pics = re.findall(r"pic\d: .*", hmp(machine, "info pic"))
    hmp(machine, f"o /b {PIT_COMMAND:#x} {PIT_READ_STATUS:#x}")
    pit = int(hmp(machine, f"i /b {PIT_CHANNEL0:#x}").split("=")[-1], 16) & PIT_MODE
    # Requests of interrupts that are waiting: time goes on.
    # The last command to the local APIC is nobody's state: writing it again would be another.
    lapic = [line for line in hmp(machine, "info lapic").splitlines() if not line.startswith("ICR")]
    return [*fixed, *(re.sub(r"irr=\w+", "", line) for line in pics), *lapic, f"pit mode {pit:#x}"]


def pattern(size):
    """What CALLEE_WRITE writes."""
    return bytes((i * 7 + (i >> 8) + 1) & 0xff for i in range(size))


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_memory_and_machine_are_as_before(boot, workshop, tmp_path, arch, width):
    """All of memory: only pages that the calls staged in may differ, and none of the images' own. Around the first image, and in the
    pages that it shares, lies a pattern that another image wrote outside its segments: that stays."""
    everywhere = ("return", "ud2", "loop", "garbage", "timer", "float", "bss")
    chosen = {f"{place}-{case.name}": (place, case) for place in PLACES for case in cases(width)
              if place == "callee" or case.name in everywhere}
    entries = {name: {**case.configuration(), "description": name, "kernel": place} for name, (place, case) in chosen.items()}
    entries["fill"] = Case("fill", (WRITE, *PATTERN), PATTERN[1]).configuration() | {"kernel": "callee-over"}
    iso = call_iso(workshop, arch, width, entries)
    with boot(Spec(iso, memory="96M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        call(machine, "fill")
        before, state = snapshot(machine, tmp_path), processor(machine)
        assert before[PATTERN[0]:sum(PATTERN)] == pattern(PATTERN[1])
        text = "".join(call(machine, name) for name in chosen)
        assert len(re.findall("back in the menu", text)) == len(chosen)
        used, after = claims(machine), snapshot(machine, tmp_path)
        changed = [at for at in different_pages(before, after) if not lies_in(at, used, OWN)]
        assert processor(machine) == state
        assert len(changed) <= pages_used(text)
        assert not [hex(at) for at in changed if at < sum(PATTERN)]
        assert not [hex(at) for at in changed if lies_in(at, used, [owner for _, _, owner in used])]


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_avx(boot, workshop, arch, width):
    """What one image enabled and filled, the next does not find; the float loop is right between them."""
    count = 1000
    squares = count * (count + 1) * (2 * count + 1) // 6
    result = squares + (count * (count + 1) // 2 if width == "x86_64" else 0)
    chosen = (Case("avx", (AVX,), 1), Case("float", (FLOAT, count), result))
    iso = call_iso(workshop, arch, width, {case.name: case.configuration() for case in chosen})
    with boot(Spec(iso, memory="64M", cpu="max", limit=40)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for case in chosen * 2:
            check_report(case, call(machine, case.name))


# Under icount a cycle is a nanosecond, however busy the machine that runs QEMU is.
ICOUNT, BARE_NS = 10, 45_000_000


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_a_short_call_is_not_looked_at(boot, workshop, arch, width):
    """For 50 ms no tick reaches an image that has no `trapeze,watchdog`: it may do without an interrupt table that long. (Trapeze's own clock is
    right to 0.4 %.)"""
    result = (BARE_NS + 0x1000) & 0xffffffff
    iso = call_iso(workshop, arch, width, {"bare": Case("bare", (BARE, BARE_NS)).configuration()})
    with boot(Spec(iso, memory="64M", icount=ICOUNT)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for _ in range(5):
            text = call(machine, "bare")
            assert f'call: "bare" returned result={result:#x} us=' in text
            assert int(re.search(r" us=(\d+)", text)[1]) >= 0.99 * BARE_NS / 1000


# ---- the payloads of the demo

@pytest.mark.parametrize("arch,width", WIDTHS)
def test_demo(boot, workshop, arch, width):
    """Hello finds what was announced and returns; the other one trips and is brought back."""
    images = {name: workshop.built(width, "payload", name + ".elf") for name in ("hello", "fault")}
    entries = {"hello": {"kernel": "hello", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((1, 2, 3, 4, 5, 6))},
               "fault": {"kernel": "fault", "trapeze,preserve-context": True, "trapeze,watchdog": 5000},
               "nothing": {"kernel": "fault", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((1,))}}
    iso = call_iso(workshop, arch, width, entries, images=images)
    with boot(Spec(iso, memory="64M", limit=40)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        text = call(machine, "hello")
        assert got(text) == wanted(text)
        assert 'call: "hello" returned result=0x2a us=' in text
        for name, dump in (("fault", "#PF page fault"), ("nothing", "#UD invalid opcode"))[0 if width == "x86_64" else 1:]:
            text = call(machine, name)
            assert f"\n---- {dump} " in text
            assert f'call: error: "{name}" ended by an exception' in text


# ---- what else ends a call

def test_watchdog_is_missed_without_local_apic(boot, workshop):
    chosen = {case.name: case for case in cases("x86_64") if case.dump != "watchdog" and case.name != "interrupt"}
    iso = call_iso(workshop, "x86_64", "x86_64", {name: case.configuration() for name, case in chosen.items()})
    with boot(Spec(iso, memory="64M", cpu="qemu64,-apic")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for case in chosen.values():
            text = call(machine, case.name)
            check_report(case, text)
            assert ("watchdog", "warning", "not available: the processor has no local APIC") in log_lines(text)


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_ctrl_c_three_times_ends_a_loop(boot, workshop, arch, width):
    iso = call_iso(workshop, arch, width, {"loop": Case("loop", (LOOP,)).configuration()})
    with boot(Spec(iso, memory="64M", limit=40)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        machine.send("loop\r")
        machine.expect_line("call: elf .* net=takes it back")
        machine.send("\x03\x03x\x03\x03")
        assert machine.console.expect_list([PROMPT, pexpect.TIMEOUT], timeout=0.5) == 1
        machine.send("\x03")
        machine.expect(PROMPT, CALL_SECONDS, trouble=None)
        assert "---- Ctrl-C three times; the image stood here:" in machine.before
        assert 'call: error: "loop" ended by Ctrl-C' in machine.before


@pytest.mark.parametrize("arch", ARCHS)
def test_on_fault(boot, workshop, arch):
    """A configuration's name, then halt, then, after a new start, reboot."""
    entries = {action: {**Case(action, (UD2,)).configuration(), "trapeze,on-fault": action} for action in ("halt", "reboot")}
    entries["fall"] = {**Case("fall", (UD2,)).configuration(), "trapeze,on-fault": "again"}
    entries["again"] = {**Case("again", (NOWHERE,)).configuration(), "trapeze,on-fault": "safe"}
    entries["safe"] = Case("safe", (RETURN, 7)).configuration()
    iso = call_iso(workshop, arch, arch, entries)
    with boot(Spec(iso, memory="64M", limit=40), "halt") as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        text = call(machine, "fall")
        wanted = ['"fall" ended by an exception', "trapeze,on-fault: again", '"again" ended by an exception', "trapeze,on-fault: safe",
                  '"safe" returned result=0x1007']
        assert re.search(".*".join(map(re.escape, wanted)), text, re.DOTALL), text
        machine.send("halt\r")
        machine.expect_line("call: trapeze,on-fault: halt", CALL_SECONDS, trouble=None)
        assert machine.console.expect_list([PROMPT, pexpect.TIMEOUT], timeout=0.5) == 1
    with boot(Spec(iso, memory="64M", limit=40), "reboot") as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        machine.reset_allowed = True
        machine.send("reboot\r")
        machine.expect_line("call: trapeze,on-fault: reboot", CALL_SECONDS, trouble=None)
        machine.wait_exit(10)
        assert machine.shutdown_reasons() == ["guest-reset"]


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_what_is_changed_outside_is_told(boot, workshop, arch, width):
    """The BIOS's vectors and data, Trapeze's own code, memory types: these are put back."""
    vectors, data = "changed the BIOS's interrupt vectors; they stay changed", "changed the BIOS data area; it stays changed"
    writes = {"vectors": (0x180, vectors), "last-vector": (0x3fc, vectors), "data": (0x4f0, data), "last-data": (0x4fc, data),
              "shim": (0x200000, "wrote over Trapeze's own code: nothing that follows can be trusted, reboot")}
    entries = {name: Case(name, (WRITE, at, 4)).configuration() for name, (at, _) in writes.items()}
    entries |= {"pat": Case("pat", (PAT,)).configuration(), "good": Case("good", (RETURN, 1)).configuration(),
                "behind": Case("behind", (WRITE, 0x500, 4)).configuration()}
    with boot(Spec(call_iso(workshop, arch, width, entries), memory="64M", limit=40)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        assert not re.search("changed|wrote", call(machine, "behind"))
        types = set()
        for _ in range(2):
            text = call(machine, "pat")
            assert 'call: warning: "pat" changed memory types in the PAT; put back' in text
            types |= set(re.findall(r"returned result=(0x[0-9a-f]+)", text))
        assert len(types) == 1
        for name, (_, told) in writes.items():
            assert not re.search("changed|wrote", call(machine, "good"))
            assert f'"{name}" {told}' in call(machine, name)
            # The pattern is the same: the second time nothing changes.
            assert not re.search("changed|wrote", call(machine, name))
