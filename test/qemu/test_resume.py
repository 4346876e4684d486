# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Images that sleep and are resumed: their memory is as they left it, whatever ran in between, and so is the shim's."""

import os
import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim, errors
from test_calls import BOOT_SECONDS, CALL_SECONDS, WIDTHS

# test/payload/sleeper.h
END, FAULT, OWN_STACK = 0x77, 0x88, 1
TURNS = 1000


def sleeper_iso(workshop, arch, width, options="menu=plain"):
    files = {name: workshop.built(width, "payload", name + ".elf") for name in ("sleeper", "sleeper-over", "callee")}
    tree = manifest.tree(
        {name: manifest.image(name, type="standalone") for name in files},
        {"far": {"description": "sleeps far away", "kernel": "sleeper", "trapeze,preserve-context": True},
         "over": {"description": "sleeps where the shim is", "kernel": "sleeper-over", "trapeze,preserve-context": True,
                  "trapeze,args": manifest.Wide((0, OWN_STACK))},
         "same": {"description": "sleeps far away as well", "kernel": "sleeper", "trapeze,preserve-context": True},
         "plain": {"kernel": "callee", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((0, 0x234))}})
    return workshop.shim_iso(arch, options, {"manifest": manifest.compile_tree(tree), **files})


def result_of(answer):
    found = re.findall(r'call: "[^"]*" returned result=(0x[0-9a-f]+) us=', "\n".join(answer))
    assert len(found) == 1, answer
    return int(found[0], 16)


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_rounds(boot, workshop, arch, width):
    with boot(Spec(sleeper_iso(workshop, arch, width), memory="64M")) as machine:
        shim = Shim(machine)
        assert "resume" not in shim.wait_prompt(BOOT_SECONDS)
        for name in ("far", "over"):
            answer = shim.command(name, CALL_SECONDS)
            assert result_of(answer) == 1
            assert re.search(r"call: it sleeps and can be resumed entry=0x[0-9a-f]+", "\n".join(answer))
            for number in range(2, 6):
                assert any(re.search(rf" resume sleeps .* asleep after {number - 1} round", line) for line in answer), answer
                answer = shim.command(f"resume:{name}", CALL_SECONDS)
                assert result_of(answer) == number
        # What is edited is given to it as its arguments.
        shim.command("e resume:far 1 2 0x10000000000000000", CALL_SECONDS)
        assert errors("\n".join(shim.command("resume:far", CALL_SECONDS))) == [
            'call: far: argument 3, "0x10000000000000000", is no integer of 64 bits']
        shim.command(f"e resume:far {END:#x}", CALL_SECONDS)
        answer = shim.command("resume:far", CALL_SECONDS)
        assert result_of(answer) == 6
        assert not any("resume sleeps far" in line for line in answer)
        shim.command(f"e resume:over {FAULT}", CALL_SECONDS)
        machine.send("resume:over\r")
        assert shim.expect_dump(CALL_SECONDS) == ("#UD invalid opcode", 'swing, inside the call of "sleeps where the shim is"')
        answer = shim.wait_prompt(CALL_SECONDS)
        assert "resume:" not in answer and " resume " not in answer
        assert result_of(shim.command("plain", CALL_SECONDS)) == 0x1234


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_started_anew(boot, workshop, arch):
    with boot(Spec(sleeper_iso(workshop, arch, arch), memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert result_of(shim.command("far", CALL_SECONDS)) == 1
        assert result_of(shim.command("resume:far", CALL_SECONDS)) == 2
        answer = shim.command("far", CALL_SECONDS)
        assert result_of(answer) == 1
        assert any(line.endswith('call: "sleeps far away" slept after round=2 and is dropped') for line in answer)
        assert sum("asleep after" in line for line in answer) == 1


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_not_started_anew(boot, workshop, arch):
    """What cannot begin takes nobody's place; what fails later has, and then nobody says that nothing was changed."""
    sleeper = workshop.built(arch, "payload", "sleeper.elf")
    with open(sleeper, "rb") as stream:
        image = manifest.image("sleeper", type="standalone", **{"hash-1": manifest.hash_node("sha256", stream.read())})
    tree = manifest.tree({"sleeper": image}, {"far": {"kernel": "sleeper", "trapeze,preserve-context": True}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "sleeper": sleeper})
    with boot(Spec(iso, memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert result_of(shim.command("far", CALL_SECONDS)) == 1
        shim.command("e far 1 x", CALL_SECONDS)
        assert shim.expect_refusal("far") == ['call: far: argument 2, "x", is no integer of 64 bits']
        assert result_of(shim.command("resume:far", CALL_SECONDS)) == 2
        shim.command("e far 1", CALL_SECONDS)
        module, = [line for line in shim.command("m") if line.endswith("module, sleeper")]
        machine.send("c\r")
        for command in (f"mw {re.search('0x[0-9a-f]+', module)[0]} 0", "boot far", "resume far"):
            machine.expect(r"(?m)^shell> ")
            machine.send(command + "\r")
        machine.expect(r"(?m)^shell> ")
        assert 'resume: no image "far" sleeps, and no other' in machine.before
        text = machine.transcript()
        assert "verify: error: sleeper sha256 mismatch" in text
        assert 'call: "far" slept after round=2 and is dropped' in text
        assert "boot: not started, and what slept is gone" in text and "nothing was changed" not in text


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_two_in_turns(boot, workshop, arch, width):
    """At one address, one after the other, a thousand times each."""
    iso = sleeper_iso(workshop, arch, width, "menu=plain loglevel=warn")
    with boot(Spec(iso, memory="64M", limit=200)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for name in ("far", "same"):
            shim.command(name, CALL_SECONDS)
        for number in range(2, TURNS + 1):
            for name in ("far", "same"):
                shim.command("resume:" + name, CALL_SECONDS)
        shim.command("plain", CALL_SECONDS)
        for name in ("far", "same"):
            shim.command(f"e resume:{name} {END}", CALL_SECONDS)
            shim.command("resume:" + name, CALL_SECONDS)
        results = re.findall(r'call: "([^"]*)" returned result=(0x[0-9a-f]+) ', "\n".join(shim.command("l", CALL_SECONDS)))
        assert ("sleeps far away", hex(TURNS + 1)) in results[-4:]
        assert ("sleeps far away as well", hex(TURNS + 1)) in results[-4:]


# In the middle of 512 MiB.
RECORDER, PAGE = 0x10000000, 0x1000


def page_at(machine, folder, address):
    path = os.path.join(folder, "page")
    machine.qmp.command("pmemsave", val=address, size=PAGE, filename=path)
    with open(path, "rb") as stream:
        return stream.read()


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_the_recorder_has_moved(boot, workshop, tmp_path, arch):
    """What it gave up while an image slept belongs to others: no step of the swing is noted there any more."""
    sleeper = workshop.built(arch, "payload", "sleeper.elf")
    tree = manifest.tree(
        {"sleeper": manifest.image("sleeper", type="standalone"),
         "over": manifest.image("over", type="standalone", os="flat", load=RECORDER, entry=RECORDER)},
        {"far": {"description": "sleeps", "kernel": "sleeper", "trapeze,preserve-context": True},
         "over": {"kernel": "over", "trapeze,mode": "protected", "trapeze,recorder": "ramoops", "trapeze,bootargs": "${ramoops}"}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "sleeper": sleeper, "over": bytes(PAGE)})
    with boot(Spec(iso)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert result_of(shim.command("far", CALL_SECONDS)) == 1
        assert "the flight recorder lay at 0x10001000" in shim.expect_refusal("over")[0]
        before = page_at(machine, tmp_path, RECORDER)
        assert result_of(shim.command("resume:far", CALL_SECONDS)) == 2
        assert page_at(machine, tmp_path, RECORDER) == before
