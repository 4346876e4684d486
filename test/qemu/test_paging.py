# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Images in protected mode that switch paging on: the watchdog's ticks leave them alone, and their faults are caught."""

import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim
from test_calls import ARCHS, BOOT_SECONDS, WATCHDOG_MS, Case, call, call_iso, check_report

# enum pager_choice (test/payload/i386/pager.h)
UD2, READ, NO_STACK, LOOP, WAIT, INT3 = range(6)
HOLE = 0xd0000000
# Long enough for some of the watchdog's ticks, which come a hundred times a second where there is a limit.
CYCLES, LIMIT_MS = 500_000_000, 60000
CR0_PG, CR4 = 0x80000000, {"plain": 0x10, "pae": 0x20}


def cases(kind):
    pae = int(kind == "pae")
    return (Case("ud2", (pae, UD2), dump="#UD"), Case("read", (pae, READ), dump="#PF"),
            Case("no-stack", (pae, NO_STACK), dump="#PF|#DF"), Case("loop", (pae, LOOP), dump="watchdog", watchdog=WATCHDOG_MS),
            Case("wait", (pae, WAIT, CYCLES), 1, watchdog=LIMIT_MS))


def check_registers(case, kind, text):
    registers = {name: int(value, 16) for name, value in re.findall(r"\b(cr[0-4]) ([0-9a-f]{8})\b", text)}
    assert registers["cr0"] & CR0_PG and registers["cr4"] == CR4[kind] and registers["cr3"], text
    if case.name == "read":
        assert registers["cr2"] == HOLE and f"read of {HOLE:#x}, not present" in text


@pytest.mark.parametrize("kind", CR4)
@pytest.mark.parametrize("arch", ARCHS)
def test_paging(boot, workshop, arch, kind):
    entries = {case.name: case.configuration() | {"kernel": "pager"} for case in cases(kind)}
    entries["int3"] = Case("int3", (int(kind == "pae"), INT3, CYCLES), watchdog=LIMIT_MS).configuration() | {"kernel": "pager"}
    entries["after"] = {"kernel": "callee", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((0, 0x234))}
    iso = call_iso(workshop, arch, "i386", entries, images={"pager": workshop.built("i386", "payload", "pager.elf")})
    with boot(Spec(iso, memory="64M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        for case in cases(kind):
            text = call(machine, case.name)
            check_report(case, text)
            if case.dump:
                check_registers(case, kind, text)
        text = call(machine, "int3")
        assert "---- #BP breakpoint " in text and "---- breakpoint; going on" in text
        assert 'call: "int3" returned result=0x1 us=' in text
        assert 'call: "after" returned result=0x1234 us=' in call(machine, "after")
