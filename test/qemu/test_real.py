# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Images in real mode: called from either build, with registers in and out and the BIOS's world around them, and back."""

import re

import pexpect
import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import PROMPT, Shim
from test_calls import ARCHS, BOOT_SECONDS, CALL_SECONDS, WATCHDOG_MS

# test/payload/real.S
(REGISTERS, MEMORY_SIZE, TICKS, HANG, WRECK, E820, HALT, LOOP, TABLES, CONTROL, FLAGS, MASKS, TIMER, VECTORS, NO_STACK, NOWHERE, INVALID,
 A20_HANG, UNKNOWN) = range(19)
LOAD = 0x10000
TABLE = 0x30000


def real_tree(extra=None):
    def configuration(choice, registers="", **more):
        return {"kernel": "real", "trapeze,preserve-context": True, "trapeze,mode": "real",
                "trapeze,registers": f"ax={choice} {registers}", **more}

    many = "ebx=0x11111111 ecx=0x22222222 edx=0x33333333 esi=0x44444444 edi=0x55555555 ebp=0x66666666 fs=0x7777"
    configurations = {
        "registers": configuration(REGISTERS, many),
        "segments": configuration(REGISTERS, "ds=0x1 ss=0x2000 sp=0x100"),
        "memory": configuration(MEMORY_SIZE),
        "ticks": configuration(TICKS),
        "wreck": configuration(WRECK),
        "e820": configuration(E820, f"es={TABLE >> 4:#x} di=0 ebx=0"),
        "unknown": configuration(UNKNOWN),
        "elf": {"kernel": "callee", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((0, 0x234))},
    }
    images = {"real": manifest.image("real", type="standalone", os="flat", load=LOAD),
              "callee": manifest.image("callee", type="standalone")}
    return manifest.tree(images, configurations | (extra or {}))


def real_iso(workshop, arch, extra=None):
    return workshop.shim_iso(arch, "menu=plain", {
        "manifest": manifest.compile_tree(real_tree(extra)), "real": workshop.built("i386", "payload", "real.bin"),
        "callee": workshop.built(arch, "payload", "callee.elf")})


def call(shim, name):
    """The registers that came back."""
    text = "\n".join(shim.command(name, CALL_SECONDS))
    assert "call: swapped back pages=" in text, text
    registers = re.search(r"call: registers (.*)", text)
    assert registers, text
    return {key: value if key == "flags" else int(value, 16)
            for key, value in re.findall(r"(\w+)=(0x[0-9a-f]+(?: \[[A-Z ]*\])?)", registers[1])}


@pytest.mark.parametrize("arch", ARCHS)
def test_registers_and_the_bios(boot, workshop, arch):
    with boot(Spec(real_iso(workshop, arch), memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for _ in range(2):
            back = call(shim, "registers")
            flags = back.pop("flags")
            assert back == {"ax": 0x12345678, "bx": 0xeeeeeeee, "cx": 0xdddddddd, "dx": 0xcccccccc, "si": 0xbbbbbbbb,
                            "di": 0xaaaaaaaa, "bp": 0x99999999, "ds": LOAD >> 4, "es": 0x7777}
            assert flags.endswith("[CF PF ZF IF]")
        assert call(shim, "segments")["ds"] == 1
        assert 500 < call(shim, "memory")["ax"] <= 640
        assert call(shim, "ticks")["ax"] >= 2
        assert call(shim, "wreck")["ax"] == 0x77
        # After it everything works as before: A20, the 8259's masks, long or protected mode.
        assert call(shim, "ticks")["ax"] >= 2
        assert any("returned result=0x1234" in line for line in shim.command("elf", CALL_SECONDS))
        back = call(shim, "e820")
        assert (back["ax"], back["cx"]) == (0x534d4150, 20) and back["bx"] and "CF" not in back["flags"]
        assert call(shim, "unknown")["ax"] == 0xbad


# xor ax, ax; mov ds, ax; mov eax, [0x40]; retf
READ_VECTOR = b"\x31\xc0\x8e\xd8\x66\xa1\x40\x00\xcb"
# mov eax, [0x40]; ret
READ_VECTOR_32 = b"\xa1\x40\x00\x00\x00\xc3"


@pytest.mark.parametrize("arch", ARCHS)
def test_beside_the_vectors(boot, workshop, arch):
    """What lies in the BIOS's own page, too, finds its vectors there."""
    place = {"type": "standalone", "os": "flat", "load": 0x600}
    call_it = {"trapeze,preserve-context": True}
    tree = manifest.tree(
        {"real": manifest.image("real", **place), "protected": manifest.image("protected", **place, entry=0x600)},
        {"real": {"kernel": "real", "trapeze,mode": "real", "trapeze,registers": "cs=0x60 ip=0", **call_it},
         "protected": {"kernel": "protected", "trapeze,mode": "protected", **call_it}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "real": READ_VECTOR,
                                                 "protected": READ_VECTOR_32})
    with boot(Spec(iso, memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        machine.send("c\rmd.l 0x40 1\rexit\r")
        shown = re.search(r"(?m)^0000000040  ([0-9a-f]{8})", shim.wait_prompt())
        vector = int(shown[1], 16)
        assert vector
        for _ in range(2):
            assert call(shim, "real")["ax"] == vector
            assert any(f"returned result={vector:#x} " in line for line in shim.command("protected", CALL_SECONDS))


# xor ax, ax; mov ds, ax; mov dx, 0x3f8; mov al, '!'; cmp dword [0x40], 0; je .; out dx, al; jmp $
TELL_VECTOR = b"\x31\xc0\x8e\xd8\xba\xf8\x03\xb0!\x66\x83\x3e\x40\x00\x00\x74\xfe\xee\xeb\xfe"
# mov edx, 0x3f8; mov al, '!'; cmp dword [0x40], 0; je .; out dx, al; jmp $
TELL_VECTOR_32 = b"\xba\xf8\x03\x00\x00\xb0!\x83\x3d\x40\x00\x00\x00\x00\x74\xfe\xee\xeb\xfe"


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("mode", ("real", "protected"))
def test_beside_the_vectors_for_good(boot, workshop, arch, mode):
    image = manifest.image("tell", type="standalone", os="flat", load=0x600, **({} if mode == "real" else {"entry": 0x600}))
    words = {"trapeze,registers": "cs=0x60 ip=0"} if mode == "real" else {}
    tree = manifest.tree({"tell": image}, {"tell": {"kernel": "tell", "trapeze,mode": mode, **words}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree),
                                                 "tell": TELL_VECTOR if mode == "real" else TELL_VECTOR_32})
    with boot(Spec(iso, memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("tell")
        machine.expect(r"enter: flat mode=[^\n]*\n[^!]*!")


DONE = 0x78
RETURN = {"tables": TABLES, "control": CONTROL, "flags": FLAGS, "masks": MASKS, "timer": TIMER, "vectors": VECTORS}
HANGING = {"hang": HANG, "halt": HALT, "loop": LOOP, "no-stack": NO_STACK, "nowhere": NOWHERE, "invalid": INVALID, "a20-hang": A20_HANG}
TOLD = 'call: warning: "vectors" changed the BIOS\'s interrupt vectors; they stay changed'


def configuration(name, choice, **more):
    return {"description": name, "kernel": "real", "trapeze,preserve-context": True, "trapeze,mode": "real",
            "trapeze,registers": f"ax={choice}", **more}


def hostile_entries():
    entries = {name: configuration(name, choice) for name, choice in RETURN.items()}
    return entries | {name: configuration(name, choice, **{"trapeze,watchdog": WATCHDOG_MS}) for name, choice in HANGING.items()}


def check_hang(name, text):
    assert f'call: error: "{name}" ended by the watchdog after {WATCHDOG_MS} ms' in text, text
    assert "---- the watchdog's time is over; the image stood here:" in text
    assert re.search(rf'(?m)^---- NMI -+ swing, inside the call of "{name}"', text), text
    assert re.search(r"(?m)^ idt 00000000/03ff|  idt 00000000/03ff", text), text
    assert "call: swapped back pages=" in text


# With 63 MiB the control pages have bit 20 of their addresses set: without A20 they are out of reach.
@pytest.mark.parametrize("memory", ("64M", "63M"))
@pytest.mark.parametrize("arch", ARCHS)
def test_hostile(boot, workshop, arch, memory):
    """Each comes back, and the BIOS's clock goes on after it."""
    with boot(Spec(real_iso(workshop, arch, hostile_entries()), memory=memory)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for name in RETURN:
            text = "\n".join(shim.command(name, CALL_SECONDS))
            assert f'call: "{name}" returned result={DONE:#x} ' in text, text
            assert (TOLD in text) == (name == "vectors"), text
            assert call(shim, "ticks")["ax"] >= 2, name
        for name in HANGING:
            machine.send(name + "\r")
            machine.expect(PROMPT, CALL_SECONDS, trouble=None)
            check_hang(name, machine.before.replace("\r", ""))
            assert call(shim, "ticks")["ax"] >= 2, name
        assert any("returned result=0x1234" in line for line in shim.command("elf", CALL_SECONDS))


@pytest.mark.parametrize("arch", ARCHS)
def test_ctrl_c_three_times(boot, workshop, arch):
    """An image that runs with interrupts on and one with interrupts off, without a time."""
    entries = {"loop": configuration("loop", LOOP), "hang": configuration("hang", HANG)}
    with boot(Spec(real_iso(workshop, arch, entries), memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for name in entries:
            machine.send(name + "\r")
            machine.expect_line("call: flat .* net=takes it back")
            machine.send("\x03\x03x\x03\x03")
            assert machine.console.expect_list([PROMPT, pexpect.TIMEOUT], timeout=0.8) == 1
            machine.send("\x03")
            machine.expect(PROMPT, CALL_SECONDS, trouble=None)
            assert "---- Ctrl-C three times; the image stood here:" in machine.before
            assert f'call: error: "{name}" ended by Ctrl-C' in machine.before
        assert call(shim, "ticks")["ax"] >= 2


@pytest.mark.parametrize("arch", ARCHS)
def test_watchdog_on_uefi(boot, workshop, arch):
    """There is no BIOS whose clock the timer is; Trapeze has started it."""
    with boot(Spec(real_iso(workshop, arch, hostile_entries()), firmware="uefi")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for name in ("hang", "halt"):
            machine.send(name + "\r")
            machine.expect(PROMPT, CALL_SECONDS, trouble=None)
            check_hang(name, machine.before.replace("\r", ""))
        assert any("returned result=0x1234" in line for line in shim.command("elf", CALL_SECONDS))


NO_WATCHDOG = {"the processor has no local APIC": {"cpu": "qemu64,-apic"},
               "firmware's tables name no I/O APIC": {"extra": ("-no-acpi",)}}


@pytest.mark.parametrize("why", NO_WATCHDOG)
def test_without_a_watchdog(boot, workshop, why):
    with boot(Spec(real_iso(workshop, "i386"), memory="64M", **NO_WATCHDOG[why])) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        text = "\n".join(shim.command("ticks", CALL_SECONDS))
        assert f"watchdog: warning: not available in real mode: {why}" in text
        assert 'call: "ticks" returned' in text


def test_refusals(boot, workshop):
    def configuration(registers, kernel="real", mode="real", **more):
        return {"kernel": kernel, "trapeze,preserve-context": True, "trapeze,mode": mode, "trapeze,registers": registers, **more}

    cases = {
        "name": (configuration("zx=1"), 'registers: name: "zx=1" is not understood: REGISTER=NUMBER, as in cs=0x1000'),
        "number": (configuration("ax=1x"), 'registers: number: "ax=1x" is not understood: REGISTER=NUMBER, as in cs=0x1000'),
        "large": (configuration("cs=0x10000"), "registers: large: cs=0x10000, at most 0xffff in real mode"),
        "long": (configuration("r8=1"), "registers: long: r8 cannot be given in real mode"),
        "segment": (configuration("ds=1", mode="protected"), "registers: segment: ds cannot be given in protected mode"),
        "outside": (configuration("cs=0 ip=0x500"), "flat: real: entry 0x500 lies outside 0x10000..0x"),
        "arguments": (configuration("", **{"trapeze,args": manifest.Wide((1,))}),
                      "flat: real: real mode has no arguments: trapeze,registers gives it registers"),
        "elf": (configuration("", kernel="callee"), "elf: callee: trapeze,mode=real: ELF files are entered in long or protected mode"),
        "mode": ({"kernel": "real", "trapeze,preserve-context": True}, "flat: real: a flat binary needs trapeze,mode"),
    }
    with boot(Spec(real_iso(workshop, "x86_64", {name: case[0] for name, case in cases.items()}), memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for name, (_, complaint) in cases.items():
            assert [line[:len(complaint)] for line in shim.expect_refusal(name)] == [complaint], name
