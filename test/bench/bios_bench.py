#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What a BIOS call costs (int 12h, which does next to nothing), by part: to the BIOS, in it, and back.

With -icount shift=0 an instruction is one cycle of the time stamp counter, so the shim's own sums count instructions;
without it they are time on this host, whose emulation of a mode switch is much slower than a processor's.
"""

import argparse
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../qemu"))

from harness import manifest  # noqa: E402
from harness.machine import Machine, Spec  # noqa: E402
from harness.shim import Shim  # noqa: E402
from harness.workshop import REPOSITORY, Workshop  # noqa: E402

ARCHS = ("x86_64", "i386")
ROUNDS = 1000
GOAL = 3000
PARTS = {"there": "from the caller to the BIOS", "bios": "in the BIOS", "back": "back to the caller"}


def medium(workshop, arch):
    tree = manifest.tree({"none": manifest.image("none")}, {"int12": {"trapeze,bios-call": "int12"}})
    tree["bios-calls"] = {"int12": {"trapeze,vector": 0x12, "trapeze,repeat": ROUNDS}}
    return workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "none": b"none"})


def measure(workshop, arch, icount):
    """{part: cycles, "us": microseconds} of one round, with the time that QEMU's clock shows."""
    logs = os.path.join(workshop.work, f"bios-{arch}-{icount}")
    with Machine(Spec(medium(workshop, arch), memory="64M", icount=icount, limit=180), logs) as machine:
        shim = Shim(machine)
        shim.wait_prompt(90)
        text = "\n".join(shim.command("int12", 60))
    line = re.search(r"int12: rounds=.*", text)
    if not line or "processor as before" not in text:
        raise SystemExit(f"bios_bench: the calls failed:\n{text}")
    found = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line[0])}
    return {**{part: found[part] for part in PARTS}, "us": found["us"] / found["rounds"]}


def main():
    parser = argparse.ArgumentParser(prog="bios_bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(REPOSITORY, "build"), help="the build folder")
    args = parser.parse_args()
    workshop = Workshop(args.build, os.path.join(args.build, "bench-work"))
    counted = {arch: measure(workshop, arch, 0) for arch in ARCHS}
    timed = {arch: measure(workshop, arch, None) for arch in ARCHS}
    print("A BIOS call (int 12h) and the way back")
    print(f"{'instructions':30}" + "".join(f"{arch:>12}" for arch in ARCHS))
    for part, title in PARTS.items():
        print(f"  {title:28}" + "".join(f"{counted[arch][part]:12}" for arch in ARCHS))
    print(f"{'time under emulation, us':30}" + "".join(f"{timed[arch]['us']:12.1f}" for arch in ARCHS))
    for arch in ARCHS:
        own = counted[arch]["there"] + counted[arch]["back"]
        print(f"{arch + ', instructions of ours':30}{own:12}  goal: below {GOAL}: {'met' if own < GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()
