# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What each format costs: instructions from the choice in the menu to the entry, and bytes that are moved.

QEMU runs with -icount shift=0: an instruction is one nanosecond of virtual time, which the stamps of the shim's log show to
a microsecond. The images are small test payloads, so this is what the format costs and not its bytes: parsing, planning, the
hand-over data, page list, control pages. The log is on, and writing it is in the count; how many characters that were stands
beside. One boot for each format.
"""

import argparse
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../qemu"))

from harness import fit, manifest  # noqa: E402
from harness.machine import Machine, Spec  # noqa: E402
from harness.shim import Shim  # noqa: E402
from harness.workshop import REPOSITORY, Workshop, content_of  # noqa: E402

ARCHS = ("x86_64", "i386")
PAGE = 4096
ENTRY = "entry"
MODULE = bytes(range(256)) * 64
# name: (payload's folder, "" for the build's own; file; properties of the image; of the configuration)
FORMATS = {
    "linux": ("", "got-linux.bin", {"os": "linux"}, {}),
    "multiboot": ("i386", "got-multiboot1.elf", {"os": "multiboot"}, {"trapeze,modules": "module"}),
    "multiboot, addresses": ("i386", "got-multiboot1-flat.bin", {"os": "multiboot"}, {"trapeze,modules": "module"}),
    "multiboot2": ("i386", "got-multiboot2.elf", {"os": "multiboot2"}, {"trapeze,modules": "module"}),
    "multiboot2, relocatable": ("i386", "got-multiboot2-relocatable.elf", {"os": "multiboot2"}, {"trapeze,modules": "module"}),
    "pvh": ("i386", "got-pvh.elf", {"os": "pvh"}, {"trapeze,modules": "module"}),
    "elf": ("", "hello.elf", {"os": "elf"}, {}),
    "elf, position-independent": ("", "pie.elf", {"os": "elf"}, {}),
    "flat, real mode": ("i386", "bootsector.bin", {"os": "flat", "load": 0x7c00}, {"trapeze,mode": "real"}),
    "bootsector": ("i386", "bootsector.bin", {"os": "bootsector"}, {}),
    "eltorito": ("i386", "eltorito.bin", {"os": "eltorito"}, {}),
}
FITS = {"FIT, data in the tree": (), "FIT, data behind it": ("-E",)}


def shim_iso(workshop, arch, name):
    folder, payload, image, configuration = FORMATS[name]
    tree = manifest.tree({"kernel": manifest.image("kernel", **image), "module": manifest.image("module")},
                         {ENTRY: {"kernel": "kernel", **configuration}})
    return workshop.shim_iso(arch, "menu=plain", {
        "manifest": manifest.compile_tree(tree), "kernel": workshop.built(folder or arch, "payload", payload), "module": MODULE})


def fit_iso(workshop, arch, name):
    image = fit.image("kernel", "kernel", load=0x1000000, entry=0x1000000)
    del image["hash-1"]
    tree = fit.tree({"kernel": image}, {ENTRY: {"description": "Boot", "kernel": "kernel"}})
    path = fit.make(workshop, tree, {"kernel": workshop.built(arch, "payload", "got-linux.bin")}, FITS[name])
    return workshop.shim_iso(arch, "menu=plain", {"manifest": content_of(path)})


def run(iso, log_dir):
    """The log from the choice to the entry."""
    with Machine(Spec(iso, icount=0, limit=300), log_dir) as machine:
        shim = Shim(machine)
        shim.wait_prompt(200)
        before = len(machine.transcript())
        shim.start(ENTRY)
        machine.expect_line(r"\] enter: ", 100)
        return machine.transcript()[before:]


def measure(text):
    """(instructions, characters of log in them, bytes moved, bytes put together beforehand)"""
    lines = re.findall(r"(?m)^\[ *(\d+\.\d+)\] (\w+): ([^\r\n]*)", text)
    moves = re.search(r"place: moved=(\d+) zeroed=(\d+) kept=\d+ staged=(\d+)", text)
    if not lines or not moves or lines[-1][1] != "enter":
        raise SystemExit(f"formats_bench: no lines from the choice to the entry in\n{text}")
    instructions = (float(lines[-1][0]) - float(lines[0][0])) * 1e9
    characters = text.index("] enter: ") - text.index(lines[0][0])
    return instructions, characters, int(moves[1]) * PAGE, int(moves[3]) * PAGE


def main():
    parser = argparse.ArgumentParser(prog="formats_bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(REPOSITORY, "build"), help="the build folder")
    parser.add_argument("archs", nargs="*", metavar="ARCH", help=f"builds, of {', '.join(ARCHS)} (default: all)")
    args = parser.parse_args()
    workshop = Workshop(args.build, os.path.join(args.build, "bench-work"))
    for arch in args.archs or ARCHS:
        print(f"\n{arch + ', from the menu to the entry':40}{'instructions':>14}{'log, chars':>12}{'moved':>10}{'edges':>10}")
        for name in (*FORMATS, *FITS):
            iso = (shim_iso if name in FORMATS else fit_iso)(workshop, arch, name)
            label = re.sub(r"\W+", "-", name)
            instructions, characters, moved, staged = measure(run(iso, f"{args.build}/bench-logs/format-{arch}-{label}"))
            print(f"{name:40}{instructions:14.0f}{characters:12}{moved:10}{staged:10}", flush=True)


if __name__ == "__main__":
    main()
