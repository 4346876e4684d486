#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What calling a large image costs: memory for the page list, and how much of the time is the swap of its pages.

QEMU runs with -icount shift=0: an instruction is one nanosecond of virtual time, in which the log's times are, too. The log
goes to the ring alone (loglevel=err). The image is one `ret` and noise; it is called twice: the first call prepares all, with a
checksum over the source, the second is the kept one, and the one that is judged.
From its first line in the log to its result, `swap` is what moving the pages took, both ways, and `check` the checksum over all of them
at their final place. The last image is to lie over a part of its own file, where GRUB has put it: those pages are put together aside
before they are swapped.
"""

import argparse
import os
import random
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../qemu"))

from harness import manifest  # noqa: E402
from harness.machine import Machine, Spec  # noqa: E402
from harness.shim import Shim  # noqa: E402
from harness.workshop import REPOSITORY, Workshop  # noqa: E402

MODES = {"x86_64": "long", "i386": "protected"}
MIB = 1 << 20
PAGE = 4096
# Size in MiB, and where it is to lie: beyond its file, or over it.
CASES = {"1 MiB": (1, 0x10000000), "10 MiB": (10, 0x10000000), "100 MiB": (100, 0x10000000), "over file": (100, 0x2000000)}
JUDGED = "100 MiB"
RET = b"\xc3"
LIST_GOAL, SHARE_GOAL = 0.3, 90


def medium(workshop, arch, size, load):
    entry = {"kernel": "large", "trapeze,preserve-context": True, "trapeze,mode": MODES[arch]}
    tree = manifest.tree({"large": manifest.image("large", type="standalone", os="flat", load=load, entry=load)}, {"large": entry})
    image = RET + random.Random(size).randbytes(size * MIB - 1)
    return workshop.shim_iso(arch, "menu=plain loglevel=err", {"manifest": manifest.compile_tree(tree), "large": image})


def measure(workshop, arch, size, load):
    """(bytes of the page list, and for each call: microseconds of the swap, of the check, of all of it)."""
    spec = Spec(medium(workshop, arch, size, load), memory="512M", icount=0, limit=600)
    with Machine(spec, os.path.join(workshop.work, f"swap-{arch}-{size}-{load:x}")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(300)
        for _ in range(2):
            shim.command("large", 300)
        text = "\n".join(shim.command("l", 60))
    pages = int(re.findall(r"place: moved=.* list=(\d+) ", text)[-1])
    begins = re.findall(r"\[ *([\d.]+)\] (?:verify: large |call: flat .* again)", text)
    ends = re.findall(r'\[ *([\d.]+)\] call: "large" returned .*swap-us=(\d+) check-us=(\d+)', text)
    calls = [(int(swap), int(check), round((float(end) - float(begin)) * 1e6)) for begin, (end, swap, check) in zip(begins, ends)]
    if len(begins) != len(ends) or len(calls) != 2:
        raise SystemExit(f"swap_bench: {arch}: two calls are not in the log:\n{text}")
    return pages * PAGE, calls


def judge(text, met):
    return f"{text}: {'met' if met else 'MISSED'}"


def print_table(arch, results):
    print(f"\n{arch:10}{'page list':>12}{'of image':>10}{'swap, us':>12}{'check, us':>12}{'call, us':>12}{'swap':>8}{'+ check':>9}"
          f"{'first call':>12}{'+ check':>9}")
    for name, (listed, calls) in results.items():
        shares = [100 * part / whole for swap, check, whole in calls for part in (swap, swap + check)]
        swap, check, whole = calls[1]
        print(f"{name:10}{listed:12}{100 * listed / CASES[name][0] / MIB:9.2f}%{swap:12}{check:12}{whole:12}{shares[2]:7.1f}%"
              f"{shares[3]:8.1f}%{shares[0]:11.1f}%{shares[1]:8.1f}%")
    listed, (_, (swap, _, whole)) = results[JUDGED]
    share = 100 * listed / CASES[JUDGED][0] / MIB
    print(f"{JUDGED}: " + judge(f"page list below {LIST_GOAL} %", share < LIST_GOAL) + "; " +
          judge(f"swap above {SHARE_GOAL} %", 100 * swap / whole > SHARE_GOAL))


def main():
    parser = argparse.ArgumentParser(prog="swap_bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(REPOSITORY, "build"), help="the build folder")
    args = parser.parse_args()
    workshop = Workshop(args.build, os.path.join(args.build, "bench-work"))
    for arch in MODES:
        print_table(arch, {name: measure(workshop, arch, *case) for name, case in CASES.items()})


if __name__ == "__main__":
    main()
