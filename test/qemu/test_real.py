# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Images in real mode: called from either build, with registers in and out and the BIOS's world around them, and back."""

import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim, errors
from test_calls import ARCHS, BOOT_SECONDS, CALL_SECONDS, WATCHDOG_MS

# test/payload/real.S
REGISTERS, MEMORY_SIZE, TICKS, HANG, WRECK, E820, HALT, UNKNOWN = range(8)
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
    with boot(Spec(real_iso(workshop, arch), memory="64M", limit=60)) as machine:
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
    with boot(Spec(real_iso(workshop, "x86_64", {name: case[0] for name, case in cases.items()}), memory="64M", limit=60)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for name, (_, complaint) in cases.items():
            assert [line[:len(complaint)] for line in shim.expect_refusal(name)] == [complaint], name
