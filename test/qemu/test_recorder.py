# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The flight recorder: after a silent reset the next start tells where the last flight ended."""

import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim, log_lines

LOAD = 0x1000000
# mov dx, 0x3f8; mov al, '#'; out dx, al; cli; jmp .
HANG = b"\x66\xba\xf8\x03\xb0#\xee\xfa\xeb\xfe"
# Where a triple fault comes from: an empty interrupt table, and an exception. lidt [none]; ud2; none: 6 bytes of zeros.
TRIPLE_FAULT = {"long": b"\x0f\x01\x1d\x02\x00\x00\x00\x0f\x0b" + bytes(10),
                "protected": b"\x0f\x01\x1d" + (LOAD + 9).to_bytes(4, "little") + b"\x0f\x0b" + bytes(6)}


def flat(name, mode, code, **configuration):
    return ({name: manifest.image(name, type="standalone", os="flat", load=LOAD, entry=LOAD)},
            {name: {"description": name, "kernel": name, "trapeze,mode": mode, **configuration}}, {name: code})


def medium(workshop, arch, *parts):
    images, configurations, modules = ({}, {}, {})
    for part in parts:
        for whole, piece in zip((images, configurations, modules), part):
            whole.update(piece)
    tree = manifest.compile_tree(manifest.tree(images, configurations))
    return workshop.shim_iso(arch, "menu=plain", {"manifest": tree, **modules})


def told(transcript):
    """What the recorder says of the last flight."""
    return [text for area, _, text in log_lines(transcript) if area == "recorder"]


@pytest.mark.parametrize("arch,firmware", [("x86_64", "bios"), ("i386", "bios"), ("x86_64", "uefi")])
def test_a_reset_inside_a_call_is_told(boot, workshop, arch, firmware):
    iso = medium(workshop, arch, flat("hang", "protected", HANG, **{"trapeze,preserve-context": True}))
    with boot(Spec(iso, firmware=firmware, reboots=True, limit=400)) as machine:
        shim = Shim(machine)
        assert not told(shim.wait_prompt())
        machine.send("hang\r")
        line = machine.expect_line(r"call: flat mode=protected .* net=takes it back")
        machine.expect("#")
        machine.reset()
        lines = told(shim.wait_prompt())
        assert re.fullmatch(r"flight 1 ended without a word after \d+\.\d{6} s, at this step: swing, inside the call of \"hang\"",
                            lines[0])
        assert lines[-1] == f"| {line}"
        page = shim.command("l")
        assert "Before the last reset (flight 1):" in page and "Since then:" in page
        before = page[page.index("Before the last reset (flight 1):"):page.index("Since then:")]
        assert line in before
        # The next one counts on, and has nothing of the first any more.
        machine.reset()
        lines = told(shim.wait_prompt())
        assert re.match(r"flight 2 ended without a word after .* s, at this step: menu", lines[0])


@pytest.mark.parametrize("arch,mode", [("x86_64", "long"), ("i386", "protected")])
def test_a_triple_fault_is_told(boot, workshop, arch, mode):
    """What no net can catch: the image takes the interrupt table away and faults. Without the recorder: silence."""
    iso = medium(workshop, arch, flat("trips", mode, TRIPLE_FAULT[mode], **{"trapeze,net": "off"}))
    with boot(Spec(iso, reboots=True, limit=240)) as machine:
        machine.resets = machine.triple_faults_allowed = 1
        machine.reset_allowed = True
        shim = Shim(machine)
        shim.wait_prompt()
        machine.send("trips\r")
        lines = told(shim.wait_prompt())
        assert re.fullmatch(r"flight 1 handed over after \d+\.\d{6} s: swing, entered, \"trips\"; l has its log", lines[0])
        assert any(re.search(r"enter: flat mode=", line) for line in shim.command("l"))


def test_a_reboot_from_the_menu_is_no_news(boot, workshop):
    iso = medium(workshop, "x86_64", flat("hang", "protected", HANG))
    with boot(Spec(iso, reboots=True, limit=240)) as machine:
        machine.resets += 1
        machine.reset_allowed = True
        shim = Shim(machine)
        shim.wait_prompt()
        machine.send("r\r")
        assert not told(shim.wait_prompt())
        assert any("flight 1 ended as it was asked to" in line for line in shim.command("l"))


def over(workshop, load):
    """A called image that lies on the recorder when the reset comes."""
    code = HANG.ljust(16, b"\0") + b"\xff" * 4000
    return medium(workshop, "x86_64", (
        {"over": manifest.image("over", type="standalone", os="flat", load=load, entry=load)},
        {"over": {"description": "over", "kernel": "over", "trapeze,mode": "protected", "trapeze,preserve-context": True}},
        {"over": code}))


# In the middle of 512 MiB: the header's page, and the first of the text.
RECORDER = 0x10000000


@pytest.mark.parametrize("load,complaint", [(RECORDER, None), (RECORDER + 0x1000, "the log of flight 1 is damaged and refused")])
def test_a_damaged_record_is_refused(boot, workshop, load, complaint):
    with boot(Spec(over(workshop, load), reboots=True, limit=240)) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        assert any(re.search(rf"{RECORDER:#012x}\.\..*flight recorder", line) for line in shim.command("m"))
        machine.send("over\r")
        machine.expect_line(r"call: flat mode=protected")
        machine.expect("#")
        machine.reset()
        lines = told(shim.wait_prompt())
        assert (complaint in lines) if complaint else not lines
        assert not any(line.startswith("| ") for line in lines)
