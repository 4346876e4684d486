# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Calls by the hundred and thousand, of images far up in memory and under UEFI, and with NMIs at any moment."""

import re

import pexpect
import pytest

from harness import broken, linux, linux_report, manifest
from harness.machine import Spec
from harness.shim import PROMPT, Shim
from test_calls import (ARCHS, BOOT_SECONDS, CALL_SECONDS, LOOP, OWN, UD2, WIDTHS, Case, call, call_iso, cases,
                        check_entry_state, check_report, claims, different_pages, lies_in, pages_used, processor,
                        snapshot)

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
