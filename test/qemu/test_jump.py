# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The same images called by Trapeze and by Linux's kexec jump: both get the machine back, both give the image the same but for
the differences that docs/preserve-context.md lists."""

import os
import re
import shutil

import pytest

from harness import interop, manifest
from harness.machine import Spec
from harness.shim import Shim, lines_of
from harness.workshop import digest
from test_calls import BOOT_SECONDS, CALL_SECONDS

IMAGES = ("jumper", "jumper-sleeps")
ROUNDS = 3
RETURNED = re.compile(r'call: "[^"]*" returned result=(0x[0-9a-f]+) ')
EFER_SCE = 0x1
PAGE = 4096
JUNK = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15")

pytestmark = pytest.mark.interop


def is_any(_):
    return True


# What may differ: name: (check of Trapeze's, check of Linux's). Trapeze's zeros are the arguments that were not given.
DIFFERENCES = {
    **{name: (lambda value: value == 0, is_any) for name in JUNK},
    "cr2": (is_any, is_any),
    "cr3": (lambda value: value and value % PAGE == 0, lambda value: value and value % PAGE == 0),
    "efer": (lambda value: not value & EFER_SCE, lambda value: value & EFER_SCE),
    "rsp": (lambda value: value % PAGE == 0xFE8, lambda value: value % PAGE == 0xFF0),
    "tr": (lambda value: value == 0x38, bool),
    "gdt_limit": (lambda value: value == 0x5F, is_any),
    "idt_limit": (lambda value: value == 0x1FF, is_any),
    "stack_0": (bool, bool),
}


def records(transcript):
    """What the image printed, a dictionary for each time it was entered."""
    found, record = [], {}
    for line in lines_of(transcript):
        match = re.fullmatch(r"jump: (\w+)(?:=(0x[0-9a-f]+))?", line)
        if match and match[1] == "end":
            found.append(record)
            record = {}
        elif match:
            record[match[1]] = int(match[2], 16)
    return found


def jump_iso(workshop):
    files = {name: workshop.built("x86_64", "payload", name + ".elf") for name in IMAGES}
    tree = manifest.tree({name: manifest.image(name, type="standalone") for name in files},
                         {name: {"kernel": name, "trapeze,preserve-context": True} for name in files})
    return workshop.shim_iso("x86_64", "menu=plain", {"manifest": manifest.compile_tree(tree), **files})


def by_trapeze(workshop, boot):
    """Transcripts of the image that returns and of the one that sleeps, called ROUNDS times each."""
    with boot(Spec(jump_iso(workshop), memory="256M"), "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        returns = [line for _ in range(ROUNDS) for line in shim.command("jumper", CALL_SECONDS)]
        sleeps = shim.command("jumper-sleeps", CALL_SECONDS)
        for _ in range(ROUNDS - 1):
            sleeps += shim.command("resume:jumper-sleeps", CALL_SECONDS)
    return "\n".join(returns), "\n".join(sleeps)


def by_linux(workshop, boot):
    """The transcript of Linux, which calls both (test/linux/init); one boot per run of the suite."""
    kernel, initrd = interop.kernel(workshop), interop.built(workshop, "initrd.img")

    def make(path):
        with boot(interop.linux_spec(kernel, initrd), "linux") as machine:
            machine.expect_line("^linux: done", interop.LINUX_SECONDS)
        shutil.copy(machine.serial_path, path)

    stamp = [f"{path} {os.stat(path).st_mtime_ns}" for path in (kernel, initrd)]
    with open(workshop.once(f"jump-{digest(*stamp)}.log", make), encoding="utf-8", newline="") as stream:
        return stream.read()


def test_trapeze_gets_it_back(boot, workshop):
    returns, sleeps = by_trapeze(workshop, boot)
    assert RETURNED.findall(returns) == ["0x1"] * ROUNDS
    assert RETURNED.findall(sleeps) == [hex(number + 1) for number in range(ROUNDS)]
    assert [(r["round"], r["again"]) for r in records(returns)] == [(1, 0)] * ROUNDS
    assert [(r["round"], r["again"]) for r in records(sleeps)] == [(n + 1, int(n > 0)) for n in range(ROUNDS)]


def test_linux_gets_it_back(boot, workshop):
    transcript = by_linux(workshop, boot)
    text = "\n".join(lines_of(transcript))
    kept = re.search(r"^linux: release=7\.2\S* file=([0-9a-f]{16})$", text, re.MULTILINE)
    assert re.findall(r"^linux: load=(\S+) status=(\d+)$", text, re.MULTILINE) == [(name, "0") for name in IMAGES]
    back = re.findall(r"^linux: back=(\S+) round=(\d) file=([0-9a-f]+) processes=\d+$", text, re.MULTILINE)
    assert back == [(name, str(number + 1), kept[1]) for name in IMAGES for number in range(ROUNDS)]
    found = records(transcript)
    # An image that returned is entered at its start again, with its memory as it left it.
    assert [(r["round"], r["again"]) for r in found] == [(n + 1, 0) for n in range(ROUNDS)] + [
        (n + 1, int(n > 0)) for n in range(ROUNDS)]


def differing(one, other):
    """Names whose values differ though they must not, or are not as the table has them."""
    assert one.keys() == other.keys()
    wrong = []
    for name, value in one.items():
        here, there = DIFFERENCES.get(name, (is_any, is_any))
        if not here(value) or not there(other[name]) or (name not in DIFFERENCES and value != other[name]):
            wrong.append((name, hex(value), hex(other[name])))
    return wrong


def test_same_entry_state(boot, workshop):
    linux = records(by_linux(workshop, boot))
    returns, sleeps = map(records, by_trapeze(workshop, boot))
    assert len(linux) == 2 * ROUNDS
    assert differing(returns[0], linux[0]) == []
    for number in range(ROUNDS):
        assert differing(sleeps[number], linux[ROUNDS + number]) == []
        assert sleeps[number]["cr4"] == 0x20 and not sleeps[number]["rflags"] & 0x600


def test_comparison_finds_what_is_wrong(boot, workshop):
    """A control register, a selector, a direction flag, the return address gone: each is seen."""
    right = records(by_trapeze(workshop, boot)[0])[0]
    linux = {**right, "rsp": 0x1FF0, "efer": 0xD01, "tr": 0x40}
    assert differing(right, linux) == []
    for name, value in (("cr4", 0x620), ("ss", 0), ("rflags", 0x402), ("stack_0", 0), ("stack_8", 0)):
        assert [wrong[0] for wrong in differing(right, {**linux, name: value})] == [name]
