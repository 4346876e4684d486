# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Calls of every kind in a random order: each ends as it does alone, whatever came before, and at the end nothing is kept."""

import gzip
import random
import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shell import Shell
from harness.shim import BACK, Shim
from test_calls import BOOT_SECONDS, BSS, LOOP, RETURN, UD2, Case, call, claims
from test_resume import END, FAULT, OWN_STACK, RECORDER

ROUNDS = 60
ENDED = "ended by"
CALLS = {"return": ((RETURN, 0x234), "returned result=0x1234 "), "bss": ((BSS,), "returned result=0x1 "), "ud2": ((UD2,), ENDED),
         "loop": ((LOOP,), ENDED)}
PLACES = {"far": "callee", "over": "callee-over", "low": "callee-low", "packed": "packed"}
SLEEPERS = {"sleeps": ("sleeper", ()), "same": ("sleeper", ()), "above": ("sleeper-over", (0, OWN_STACK))}
# Whose number of claims depends on what was called last.
VARIES = ("heap", "control")


def calls():
    """{name: (configuration, how it ends)}"""
    found = {}
    for place, kernel in PLACES.items():
        for name, (args, end) in CALLS.items():
            case = Case(f"{place}-{name}", args, watchdog=50 if name == "loop" else 0)
            found[case.name] = ({**case.configuration(), "kernel": kernel}, end)
    plain, end = found["far-return"]
    found["thrice"] = ({**plain, "trapeze,repeat": 3}, end)
    found["steps"] = ({**plain, "trapeze,single-step": 3}, end)
    found["instead"] = ({**found["far-ud2"][0], "trapeze,on-fault": "far-return"}, end)
    found["junk"] = ({"kernel": "junk", "trapeze,preserve-context": True}, BACK)
    # The first time the recorder moves away, and the command line is wrong.
    found["moves"] = ({"kernel": "moves", "trapeze,mode": "protected", "trapeze,recorder": "ramoops", "trapeze,bootargs": "${ramoops}"}, BACK)
    return found


def medium(workshop, arch, width):
    names = {*PLACES.values(), *(kernel for kernel, _ in SLEEPERS.values())} - {"packed"}
    files = {name: workshop.built(width, "payload", name + ".elf") for name in names}
    with open(files["callee"], "rb") as stream:
        files |= {"packed": gzip.compress(stream.read()), "junk": b"junk" * 100, "moves": bytes(4096)}
    images = {name: manifest.image(name, type="standalone") for name in files}
    images["moves"] |= {"os": "flat", "load": RECORDER, "entry": RECORDER}
    entries = {name: {**entry, "description": name} for name, (entry, _) in calls().items()}
    for name, (kernel, args) in SLEEPERS.items():
        entries[name] = {"description": name, "kernel": kernel, "trapeze,preserve-context": True}
        if args:
            entries[name]["trapeze,args"] = manifest.Wide(args)
    return workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(manifest.tree(images, entries)), **files})


class Session:
    def __init__(self, machine, seed):
        self.machine = machine
        self.shim = Shim(machine)
        self.random = random.Random(seed)
        self.calls = calls()
        self.rounds = {}                        # of those that sleep

    def forget(self):
        """What is kept for the next call goes when anything else is done in the shell."""
        Shell(self.machine).command("rdmsr 0x1b")
        self.shim.command("exit")

    def taken(self):
        self.forget()
        return [claim for claim in claims(self.machine) if claim[2] not in VARIES]

    def start(self, name):
        text = call(self.machine, name)
        if name in SLEEPERS:
            self.rounds[name] = 1
            assert "returned result=0x1 " in text and "it sleeps and can be resumed" in text, text
            return
        assert self.calls[name][1] in text, (name, text)
        if name == "moves":
            del self.calls[name]

    def resume(self, name, value):
        self.shim.command(f"e resume:{name} {value:#x} {OWN_STACK if name == 'above' else 0}")
        text = call(self.machine, "resume:" + name)
        self.rounds[name] += 1
        if value == FAULT:
            assert "---- #UD " in text, (name, text)
        else:
            assert re.findall(r"returned result=(0x[0-9a-f]+) ", text) == [hex(self.rounds[name])], (name, text)
        if value in (END, FAULT):
            del self.rounds[name]

    def act(self):
        choice = self.random.random()
        if choice < 0.1:
            self.forget()
        elif self.rounds and choice < 0.4:
            self.resume(self.random.choice(list(self.rounds)), self.random.choice((0, 0, 0, END, FAULT)))
        else:
            self.start(self.random.choice([*self.calls, *SLEEPERS]))


@pytest.mark.parametrize("arch,width,seed", [("x86_64", "i386", 1), ("i386", "x86_64", 2)])
def test_mix(boot, workshop, arch, width, seed):
    with boot(Spec(medium(workshop, arch, width))) as machine:
        session = Session(machine, seed)
        session.shim.wait_prompt(BOOT_SECONDS)
        before = session.taken()
        session.start("moves")
        moved = [claim for claim in session.taken() if claim not in before]
        assert len(moved) == 1 and moved[0][2] == "log"
        before = session.taken()
        for _ in range(ROUNDS):
            session.act()
        for name in list(session.rounds):
            session.resume(name, END)
        session.start("far-return")
        assert session.taken() == before
