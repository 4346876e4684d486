#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What a call costs, by step: instructions from the menu's choice of the entry to the result.

QEMU executes one instruction at a time and logs where each lies; the symbols of the shim and of its control pages say
what it belongs to. A string instruction counts once for each word, as under -icount. The log goes to the ring alone
(loglevel=err): what the serial line takes is its own matter. Moving the pages is shown apart, and not counted; so is what
prepare moves: the present bytes of a page that the image covers in part, to where the page is exchanged from.
"""

import argparse
import bisect
import collections
import itertools
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../qemu"))

from harness import manifest  # noqa: E402
from harness.machine import Machine, Spec  # noqa: E402
from harness.shim import Shim  # noqa: E402
from harness.workshop import REPOSITORY, Workshop  # noqa: E402

MODES = {"x86_64": "long", "i386": "protected"}
RET = b"\xc3"
LOAD = 0x1000000
GOAL = 20000
PAGE = 4096
LOG_OBJECTS = ("src/log.o", "src/fmt.o", "src/fmt_field.o")
MOVES = {"mover_run", "mover_run_wide", "walk_list", "move", "exchange", "replace", "copy_forward", "compose_present"}
# A step begins where the shim says so to its own exception dump. A call that is kept has two.
STEPS = ("find", "read", "verify", "unpack", "plan", "prepare", "make ready again", "swing and report")
FIRST = tuple(step for step in STEPS if step != "make ready again")
AGAIN = STEPS[-2:]
# The first call of all, the same again, and the first one behind another image's.
ROUNDS = (("empty", "first"), ("empty", "next"), ("symbols", "first"), ("symbols", "next"), ("empty", "after symbols"))
CALLEE_RETURN = (0, 0x234)  # test/payload/callee.h


class Symbols:
    """Names of addresses, out of an ELF file that was linked at `bias` below where it lies."""

    def __init__(self, path, bias=0):
        lines = (line.split() for line in subprocess.check_output(["nm", "-n", path], text=True).splitlines())
        found = [(int(line[0], 16) + bias, line[2].partition(".")[0]) for line in lines if len(line) == 3 and line[1] in "tT"]
        self.starts, self.names = [start for start, _ in found], [name for _, name in found]

    def name(self, address):
        if not self.starts[0] <= address < self.starts[-1] + PAGE:
            return None
        return self.names[bisect.bisect_right(self.starts, address) - 1]


def configurations(arch):
    entry = {"trapeze,preserve-context": True, "trapeze,mode": MODES[arch]}
    return {"empty": {**entry, "kernel": "ret"},
            "symbols": {**entry, "kernel": "callee", "trapeze,args": manifest.Wide(CALLEE_RETURN)}}


def medium(workshop, arch):
    images = {"ret": manifest.image("ret", type="standalone", os="flat", load=LOAD, entry=LOAD),
              "callee": manifest.image("callee", type="standalone")}
    modules = {"manifest": manifest.compile_tree(manifest.tree(images, configurations(arch))), "ret": RET,
               "callee": workshop.built(arch, "payload", "callee.elf")}
    return workshop.shim_iso(arch, "menu=plain loglevel=err", modules)


def traced_call(machine, shim, entry, path):
    """The addresses of all instructions from the key on the prompt to the next prompt."""
    def monitor(command):
        machine.qmp.command("human-monitor-command", **{"command-line": command})
    for command in (f"logfile {path}", "singlestep on", "log exec,nochain"):
        monitor(command)
    shim.command(entry, 120)
    for command in ("log none", "singlestep off"):
        monitor(command)
    with open(path, encoding="ascii", errors="replace") as stream:
        addresses = [int(line.split("/")[1], 16) for line in stream if line.startswith("Trace")]
    os.remove(path)
    return addresses


def control_base(lines):
    return int(re.findall(r"control pages (0x[0-9a-f]+)", "\n".join(lines))[-1], 16)


def count(addresses, shim_names, control_names, log_names):
    """{step: {kind: instructions}} of one call."""
    names = [shim_names.name(address) or control_names.name(address) or "image" for address in addresses]
    # What is told last, whether Trapeze's own code is whole, comes after the result.
    names = names[names.index("boot_run"):names.index("arch_self_changed")]
    begins = [name == "arch_set_step" and before != name for before, name in zip(["boot_run", *names], names)]
    steps = {len(FIRST): FIRST, len(AGAIN): AGAIN}.get(sum(begins) + 1)
    if not steps:
        raise SystemExit("call_bench: the call did not go through all its steps")
    counts = collections.defaultdict(collections.Counter)
    for name, step in zip(names, itertools.accumulate(begins)):
        counts[steps[step]]["text" if name in log_names else "moves" if name in MOVES else "work"] += 1
    return counts


def measure(workshop, arch):
    """{(entry, round): counts} of one build."""
    shim_names = Symbols(workshop.built(arch, "trapeze.debug"))
    log_names = set().union(*(Symbols(workshop.built(arch, name)).names for name in LOG_OBJECTS))
    results = {}
    logs = os.path.join(workshop.work, f"call-{arch}")
    with Machine(Spec(medium(workshop, arch), memory="64M", limit=300), logs) as machine:
        shim = Shim(machine)
        shim.wait_prompt(60)
        for entry, number in ROUNDS:
            addresses = traced_call(machine, shim, entry, os.path.join(logs, "trace"))
            control = Symbols(workshop.built(arch, "control.elf"), control_base(shim.command("l")))
            results[f"{entry}, {number}"] = count(addresses, shim_names, control, log_names)
    return results


def total(counts):
    """Instructions of a call, moving the pages left out."""
    return sum(c["work"] + c["text"] for c in counts.values())


def print_table(arch, results):
    print(f"\n{arch + ', instructions':30}" + "".join(f"{title:>22}" for title in results))
    for step in STEPS:
        print(f"  {step:28}" + "".join(f"{counts[step]['work']:22}" for counts in results.values()))
    for kind, title in (("text", "  lines for the log"), ("moves", "moves (not counted)")):
        print(f"{title:30}" + "".join(f"{sum(c[kind] for c in counts.values()):22}" for counts in results.values()))
    totals = {title: total(counts) for title, counts in results.items()}
    print(f"{'menu to result':30}" + "".join(f"{number:22}" for number in totals.values()))
    for title, number in totals.items():
        if title.startswith("empty"):
            print(f"{title:30}{number:22}  goal: below {GOAL}: {'met' if number < GOAL else 'MISSED'}")


def main():
    parser = argparse.ArgumentParser(prog="call_bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(REPOSITORY, "build"), help="the build folder")
    args = parser.parse_args()
    workshop = Workshop(args.build, os.path.join(args.build, "bench-work"))
    print("A call and the return from it; `empty` is one `ret` in one page, `symbols` an ELF file with a symbol table.")
    for arch in MODES:
        print_table(arch, measure(workshop, arch))


if __name__ == "__main__":
    main()
