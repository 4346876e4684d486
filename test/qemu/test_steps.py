# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Watching a swing: breakpoints at each of its steps, the image's own, and its first instructions one by one."""

import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import DUMP_HEAD, Shim
from test_calls import BOOT_SECONDS, BSS, CALL_SECONDS, RETURN, VECTOR, WIDTHS, call_iso

STEPS = 12
PLACES = ("before", "inside", "after", "entry", "return", "back")
WHERE = ("before the move", "pages moved", "about to enter", "inside the call of", "out of the call of", "pages swapped back")


def configuration(*args, **more):
    return {"kernel": "callee", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide(args), **more}


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_a_call_is_watched(boot, workshop, arch, width):
    entries = {"all": configuration(RETURN, 0x234, **{"trapeze,int3": PLACES}),
               "own": configuration(VECTOR, 3),
               "steps": configuration(RETURN, 0x234, **{"trapeze,single-step": STEPS}),
               "both": configuration(RETURN, 0x234, **{"trapeze,single-step": 1, "trapeze,int3": "entry"}),
               "plain": configuration(RETURN, 0x234)}
    with boot(Spec(call_iso(workshop, arch, width, entries), memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        text = call(machine, shim, "all", 0x1234)
        dumps = DUMP_HEAD.findall(text)
        assert [name for name, _ in dumps] == ["#BP breakpoint"] * 3 + ["#DB debug"] + ["#BP breakpoint"] * 2
        assert [where for _, where in dumps] == [f'swing, {where}{" " if where.endswith("of") else ", "}"all"' for where in WHERE]
        entry = int(re.search(r"entry=(0x[0-9a-f]+)", text)[1], 16)
        at_entry = text[text.index("#DB debug"):]
        assert int(re.search(r"[re]ip ([0-9a-f]+)", at_entry)[1], 16) == entry
        assert "_start+0x0" in at_entry and "[TF]" in at_entry
        # The image's own breakpoint in long and protected mode: it goes on behind it.
        text = call(machine, shim, "own", 0x1003)
        assert [name for name, _ in DUMP_HEAD.findall(text)] == ["#BP breakpoint"]
        text = call(machine, shim, "steps", 0x1234)
        steps = re.findall(r"(?m)^---- step 0x([0-9a-f]+) ip ([0-9a-f]+)  (\S+)\r*$", text)
        assert [int(number, 16) for number, _, _ in steps] == list(range(1, STEPS + 1))
        assert int(steps[0][1], 16) == entry and steps[0][2] == "_start+0x0"
        assert len({ip for _, ip, _ in steps}) == STEPS
        assert "---- #" not in text
        text = call(machine, shim, "both", 0x1234)
        assert [name for name, _ in DUMP_HEAD.findall(text)] == ["#DB debug"] and text.count("---- step ") == 1
        assert "----" not in call(machine, shim, "plain", 0x1234)


# A microsecond an instruction: of the watchdog's ticks some come upon the first ones of a step.
ICOUNT, MANY_STEPS = 10, 3000


@pytest.mark.parametrize("arch,width", WIDTHS)
def test_ticks_between_steps(boot, workshop, arch, width):
    """A tick upon the first instructions of the step before does this one no harm."""
    entries = {"steps": configuration(BSS, **{"trapeze,single-step": MANY_STEPS, "trapeze,watchdog": 60000})}
    with boot(Spec(call_iso(workshop, arch, width, entries), memory="64M", icount=ICOUNT)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        text = call(machine, shim, "steps", 1)
        assert len(re.findall(r"(?m)^---- step 0x[0-9a-f]+ ip [0-9a-f]+  \S+\r*$", text)) == MANY_STEPS
        assert "---- #" not in text


def call(machine, shim, name, result):
    machine.send(name + "\r")
    text = shim_prompt(machine)
    assert f'call: "{name}" returned result={result:#x} ' in text, text
    return text


def shim_prompt(machine):
    machine.expect(r"^trapeze> ", CALL_SECONDS, trouble=None)
    return machine.before
