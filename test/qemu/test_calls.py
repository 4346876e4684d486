# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Images that are called: whatever they do, the menu is up again, with the right report, and memory and machine are as before."""

import os
import re
from dataclasses import dataclass

import pexpect
import pytest

from harness import broken, linux, linux_report, manifest
from harness.gdb import Gdb, address_of, gdb_socket
from harness.machine import Spec
from harness.shell import Shell
from harness.shim import PROMPT, Shim, got, lines_of, log_lines, wanted

ARCHS = ("x86_64", "i386")
WIDTHS = (("x86_64", "x86_64"), ("x86_64", "i386"), ("i386", "i386"), ("i386", "x86_64"))
PLACES = ("callee", "callee-over", "callee-low")
BOOT_SECONDS = 30
CALL_SECONDS = 15
WATCHDOG_MS = 300
# enum callee_choice (test/payload/callee.h)
(RETURN, UD2, NOWHERE, LOOP, NO_STACK, GARBAGE, CONTROL, TIMER, HALT, JUMP, VECTOR, FLOAT, BSS, WRITE, ENTRY_STATE, PAT, INTERRUPT,
 AVX) = range(18)


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


READY_IMAGE = b"\xc3" + bytes(range(256)) * 1024  # a return; more than all control pages take
READY_PLACE = 16 << 20


def ready_iso(workshop, arch, width, place):
    """READY_IMAGE at `place`; its entry cannot be told from one without control pages ready but by where they lie."""
    entry = {"kernel": "over", "trapeze,preserve-context": True, "trapeze,mode": {"x86_64": "long", "i386": "protected"}[width]}
    image = manifest.image("over", type="standalone", os="flat", load=place, entry=place)
    tree = manifest.tree({"over": image}, {"over": entry})
    return workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "over": READY_IMAGE})


def ready_pages(machine):
    """Where control pages lie before any call."""
    return next((start, end) for start, end, owner in claims(machine) if owner == "control")


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_control_pages_are_ready_before_the_first_call(boot, workshop, tmp_path, arch, width):
    """The first call uses them. One of an image that is linked right over them gets others, and leaves theirs as they were."""
    with boot(Spec(ready_iso(workshop, arch, width, READY_PLACE), memory="64M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        start, end = ready_pages(machine)
        text = call(machine, "over")
        assert "back in the menu" in text
        assert re.search(rf"prepare: control pages {start:#x}\.\.{end:#x} .* kept\r*\n", text)
    place = start - PAGE
    assert place + len(READY_IMAGE) > end
    with boot(Spec(ready_iso(workshop, arch, width, place), memory="64M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        assert ready_pages(machine) == (start, end)
        before = snapshot(machine, tmp_path)
        text = call(machine, "over")
        used, after = claims(machine), snapshot(machine, tmp_path)
        assert "back in the menu" in text and f"place: over dest={place:#x} " in text
        other = re.search(r"prepare: control pages (0x[0-9a-f]+)\.\.(0x[0-9a-f]+) .*tables=\d+\r*\n", text)
        assert int(other[2], 16) <= place
        assert before[place:end] == after[place:end]
        changed = [at for at in different_pages(before, after) if not lies_in(at, used, OWN)]
        assert len(changed) <= pages_used(text)


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
    writes = {"vectors": (0x180, "changed the BIOS's interrupt vectors; they stay changed"),
              "data": (0x4f0, "changed the BIOS data area; it stays changed"),
              "shim": (0x200000, "wrote over Trapeze's own code: nothing that follows can be trusted, reboot")}
    entries = {name: Case(name, (WRITE, at, 4)).configuration() for name, (at, _) in writes.items()}
    entries |= {"pat": Case("pat", (PAT,)).configuration(), "good": Case("good", (RETURN, 1)).configuration()}
    with boot(Spec(call_iso(workshop, arch, width, entries), memory="64M", limit=40)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
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


# ---- called again

# mov byte ptr [the first argument], 0x5a; mov $0x12345678, %eax; ret
WRITER = {"x86_64": bytes.fromhex("c6075ab878563412c3"), "i386": bytes.fromhex("8b442404c6005ab878563412c3")}
WRITER_PLACE = 0x2000000
MODES = {"x86_64": "long", "i386": "protected"}


@pytest.mark.parametrize("spare", (0x1800, 0x2800), ids=("whole page", "edge"))
@pytest.mark.parametrize("arch", ARCHS)
def test_a_call_is_kept_for_the_next(boot, workshop, arch, spare):
    """Of the same arguments alone, and while all it is made of is as it was: the image's own bytes, too, which it may overwrite."""
    image = WRITER[arch].ljust(0x2900, b"\xcc")
    tree = manifest.tree({"writer": manifest.image("writer", type="standalone", os="flat", load=WRITER_PLACE)},
                         {"writer": {"kernel": "writer", "trapeze,preserve-context": True, "trapeze,mode": MODES[arch],
                                     "trapeze,args": manifest.Wide((WRITER_PLACE + spare,))}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "writer": image})
    with boot(Spec(iso, memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)

        def ask(prompt, command):
            """(it was called again, it was prepared)"""
            text = "\n".join(prompt.command(command, CALL_SECONDS))
            assert f'"writer" returned result={CODE_RESULT:#x} ' in text
            assert "call: swapped back pages=3, state restored" in text
            return " net=takes it back again" in text, "place: writer dest=" in text

        first = "\n".join(shim.command("writer", CALL_SECONDS))
        source = int(re.search(r"place: writer dest=\S+ source=(0x[0-9a-f]+) ", first)[1], 16) + spare
        assert [ask(shim, "writer") for _ in range(3)] == [(True, False)] * 3
        shell = Shell(machine)
        assert [ask(shell, f"call writer {source:#x}") for _ in range(3)] == [(False, True), (True, True), (True, False)]
        shell.command(f"mw.b {source:#x} 0x5b")
        assert [ask(shell, f"call writer {source:#x}") for _ in range(3)] == [(False, True), (True, True), (True, False)]
        machine.send("exit\r")
        shim.wait_prompt(CALL_SECONDS)
        assert [ask(shim, "writer") for _ in range(2)] == [(False, True), (True, False)]
        assert "checksum mismatch" not in machine.transcript()


DAMAGED_SIZE = 0x2900


def damage(workshop, machine, arch, path, entry, offset):
    """Start the entry, and change a byte of its image when all pages have moved and none has been checked."""
    with Gdb(path) as gdb:
        gdb.go_to(address_of(workshop.built(arch, "trapeze.debug"), "arch_swing_execute"), lambda: machine.send(entry + "\r"))
        machine.expect_line(f"(?:call|enter): flat .*entry={WRITER_PLACE:#x}", CALL_SECONDS)
        control = int(re.findall(r"control pages (0x[0-9a-f]+)", machine.transcript())[-1], 16)
        gdb.go_to(control + address_of(workshop.built(arch, "control.elf"), "control_report"))
        gdb.flip(WRITER_PLACE + offset, 0x80)


@pytest.mark.parametrize("arch", ARCHS)
def test_no_byte_is_lost_behind_the_mover(boot, workshop, arch):
    """One that changes when its page has moved: the call's pages go back, a jump for good stops; each says which segment."""
    common = {"kernel": "image", "trapeze,mode": MODES[arch], "trapeze,int3": "inside"}
    tree = manifest.tree({"image": manifest.image("image", type="standalone", os="flat", load=WRITER_PLACE)},
                         {"called": {**common, "trapeze,preserve-context": True}, "for-good": common})
    files = {"manifest": manifest.compile_tree(tree), "image": b"\xc3".ljust(DAMAGED_SIZE, b"\x5a")}
    told = f"---- checksum mismatch at the final place: image at {WRITER_PLACE:#x} bytes {DAMAGED_SIZE:#x}"
    with gdb_socket() as (arguments, path), \
            boot(Spec(workshop.shim_iso(arch, "menu=plain", files), memory="64M", extra=arguments)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for offset in (0, 63, 64, 0x7ff, 0xfff, 0x1040, 0x1fff, 0x2000, DAMAGED_SIZE - 1):
            damage(workshop, machine, arch, path, "called", offset)
            machine.expect(PROMPT, CALL_SECONDS, trouble=None)
            assert told in machine.before
            assert 'call: error: "called" was not entered: its pages did not arrive as prepared' in machine.before
        machine.send("called\r")
        machine.expect(PROMPT, CALL_SECONDS, trouble=None)
        assert 'call: "called" returned ' in machine.before and "mismatch" not in machine.before
        damage(workshop, machine, arch, path, "for-good", 0x1fc0)
        machine.expect(re.escape(told), CALL_SECONDS, trouble=None)
        machine.expect("---- stopped", CALL_SECONDS, trouble=None)


# ---- many, large, far

FAULTS = 100


@pytest.mark.parametrize("arch,width,kernel", [("x86_64", "x86_64", "amd64"), ("x86_64", "i386", "amd64"), ("i386", "i386", "686-pae")])
def test_linux_boots_after_a_hundred_faults(boot, workshop, arch, width, kernel):
    chosen = {case.name: case for case in cases(width) if case.dump and case.dump != "watchdog"}
    vmlinuz, initrd = linux.KERNELS[kernel].files(workshop)
    entries = {name: case.configuration() for name, case in chosen.items()}
    entries["linux"] = {"kernel": "kernel", "ramdisk": "initrd", "trapeze,bootargs": linux.CMDLINE}
    iso = call_iso(workshop, arch, width, entries, images={"kernel": vmlinuz, "initrd": initrd})
    with boot(Spec(iso)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for number in range(FAULTS):
            case = list(chosen.values())[number * 5 % len(chosen)]
            check_report(case, call(machine, case.name))
        shim.start("linux")
        machine.expect_line(linux_report.END, linux.BOOT_SECONDS)


CALLS = 10000


@pytest.mark.parametrize("arch", ARCHS)
def test_ten_thousand_calls(boot, workshop, tmp_path, arch):
    """Of a flat image of one page; memory but for the shim's own, and the processor, are as they were."""
    mode = "long" if arch == "x86_64" else "protected"
    once = {"kernel": "empty", "trapeze,preserve-context": True, "trapeze,mode": mode}
    tree = manifest.tree({"empty": manifest.image("empty", type="standalone", os="flat", load=LARGE_PLACE)},
                         {"once": once, "many": once | {"trapeze,repeat": CALLS}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "empty": CODE})
    with boot(Spec(iso, memory="64M", limit=200)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        call(machine, "once")
        before, state = snapshot(machine, tmp_path), processor(machine)
        text = call(machine, "many", 180)
        assert re.search(rf"call: rounds={CALLS} of {CALLS}\r", text)
        assert text.count(f"returned result={CODE_RESULT:#x} ") == 1
        used, after = claims(machine), snapshot(machine, tmp_path)
        assert processor(machine) == state
        changed = [at for at in different_pages(before, after) if not lies_in(at, used, OWN)]
        assert len(changed) <= pages_used(text)
        check_report(Case("once", (), CODE_RESULT), call(machine, "once"))


def test_above_four_gib(boot, workshop):
    names = ("return", "ud2", "loop", "bss", "garbage", "float")
    chosen = [case for case in cases("x86_64") if case.name in names]
    iso = call_iso(workshop, "x86_64", "x86_64", {case.name: case.configuration() | {"kernel": "high"} for case in chosen},
                   images={"high": workshop.built("x86_64", "payload", "callee-high.elf")})
    with boot(Spec(iso, memory="6G")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for case in chosen:
            text = call(machine, case.name)
            check_report(case, text)
            assert "entry=0x140000040" in text


@pytest.mark.parametrize("arch", ARCHS)
def test_on_uefi(boot, workshop, arch):
    names = ("return", "ud2", "nowhere", "loop", "garbage", "control", "bss", "state")
    chosen = [case for case in cases(arch) if case.name in names]
    iso = call_iso(workshop, arch, arch, {case.name: case.configuration() for case in chosen})
    with boot(Spec(iso, firmware="uefi")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for case in chosen:
            check_report(case, call(machine, case.name))
        check_entry_state(arch, machine.transcript())


# The same instruction in both widths: mov $0x12345678, %eax; ret
CODE, CODE_RESULT = bytes.fromhex("b878563412c3"), 0x12345678
LARGE_BYTES, LARGE_ZEROS, LARGE_PLACE = 20 << 20, 8 << 20, 0x2000000
NMI_COUNT, NMI_PAUSE = 1000, 0.002


def hail(machine, count):
    """NMIs until the call is over, `count` at most; returns how many. Reads meanwhile: a full line loses text."""
    for number in range(count):
        machine.inject_nmi()
        if machine.console.expect_list([re.compile(PROMPT), pexpect.TIMEOUT], timeout=NMI_PAUSE) == 0:
            return number
    machine.expect(PROMPT, CALL_SECONDS, trouble=None)
    return count


@pytest.mark.parametrize("arch", ARCHS)
def test_nmis_while_pages_are_swapped(boot, workshop, tmp_path, arch):
    """Whenever an NMI comes, nothing is lost: the control pages ignore it, the shim explains it and goes on."""
    segment = (broken.LOAD, 0x1000, LARGE_PLACE, LARGE_BYTES, LARGE_BYTES + LARGE_ZEROS)
    image = bytearray(broken.elf(64 if arch == "x86_64" else 32, [segment], size=0x1000 + LARGE_BYTES))
    image[0x1000:] = (CODE + bytes(range(250))) * (LARGE_BYTES // 256)
    iso = call_iso(workshop, arch, arch, {"large": {"kernel": "large", "trapeze,preserve-context": True}}, images={"large": bytes(image)})
    with boot(Spec(iso, memory="128M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        call(machine, "large")
        before = snapshot(machine, tmp_path, 128 << 20)
        sent = rounds = 0
        while sent < NMI_COUNT:
            machine.send("large\r")
            machine.expect_line("call: elf .* net=takes it back", trouble=None)
            sent += hail(machine, NMI_COUNT - sent)
            rounds += 1
        # A dump may stand in the middle of a line.
        told = re.sub(r"(?s)\r*\n---- NMI -.*?---- going on\r*\n", "", machine.transcript())
        assert told.count(f"returned result={CODE_RESULT:#x} ") == 1 + rounds
        after = snapshot(machine, tmp_path, 128 << 20)
        place = slice(LARGE_PLACE, LARGE_PLACE + LARGE_BYTES + LARGE_ZEROS)
        assert before[place] == after[place]
        dumps = re.findall(r"(?m)^---- (.*?) -+ (.*?)\r*$", machine.transcript())
        assert all(name == "NMI" and where.startswith("in Trapeze") for name, where in dumps)
        assert len(dumps) < NMI_COUNT


LOOP_ROUNDS = 20


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_nmis_while_an_image_is_ended(boot, workshop, arch, width):
    """A loop and an exception are taken back while NMIs come: from the image's world into the net's, and on into the shim's."""
    ends = {"loop": Case("loop", (LOOP,)), "ud2": Case("ud2", (UD2,))}
    iso = call_iso(workshop, arch, width, {name: case.configuration() for name, case in ends.items()})
    with boot(Spec(iso, memory="64M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for _ in range(LOOP_ROUNDS):
            for name in ends:
                machine.send(name + "\r")
                machine.expect_line("call: elf .* net=takes it back", trouble=None)
                machine.send("\x03\x03\x03" if name == "loop" else "")
                hail(machine, NMI_COUNT)
        told = re.sub(r"(?s)\r*\n---- NMI -[^\n]* in Trapeze.*?---- going on\r*\n", "", machine.transcript())
        assert told.count('"loop" ended by Ctrl-C') == LOOP_ROUNDS
        assert told.count('"ud2" ended by an exception') == LOOP_ROUNDS
