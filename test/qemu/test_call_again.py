# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Calls that are kept for the next, control pages that are ready for the first, and what is checked before the image is entered."""

import re

import pytest

from harness import manifest
from harness.gdb import Gdb, address_of, gdb_socket
from harness.machine import Spec
from harness.shell import Shell
from harness.shim import PROMPT, Shim
from test_calls import (ARCHS, BOOT_SECONDS, CALL_SECONDS, OWN, PAGE, WIDTHS, call, claims, different_pages, lies_in,
                        pages_used, snapshot)

# mov byte ptr [the first argument], 0x5a; mov $0x12345678, %eax; ret
WRITER = {"x86_64": bytes.fromhex("c6075ab878563412c3"), "i386": bytes.fromhex("8b442404c6005ab878563412c3")}
WRITER_RESULT = 0x12345678
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
            assert f'"writer" returned result={WRITER_RESULT:#x} ' in text
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


READY_IMAGE = b"\xc3" + bytes(range(256)) * 1024  # a return; more than all control pages take
READY_PLACE = 16 << 20


def ready_iso(workshop, arch, width, place):
    """READY_IMAGE at `place`; its entry cannot be told from one without control pages ready but by where they lie."""
    entry = {"kernel": "over", "trapeze,preserve-context": True, "trapeze,mode": MODES[width]}
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
