# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""How fast Trapeze reads a file from its boot medium, against GRUB: the same file of the same ISO, in the same run.

GRUB loads the file as a module, with an echo before and after it; then Trapeze reads it by its path, which is the path of
no module, and has a line for it. Both times are the host's. What else the host does disturbs them, some seconds apart, by more than
what is to be seen; so the ratio is that of the processor time that QEMU took. Medians of some runs.
"""

import argparse
import os
import random
import re
import statistics
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../qemu"))

from harness import manifest  # noqa: E402
from harness.machine import Machine, Spec  # noqa: E402
from harness.shim import Shim  # noqa: E402
from harness.workshop import GRUB_HEAD, REPOSITORY, Workshop  # noqa: E402

SIZE = 80 << 20
GOAL = 1.0
FILE = "boot/large.img"
READ_LINE = re.compile(rf"media: [^\r\n]*\"/{FILE}\" read bytes=(\d+) us=\d+ calls=(\d+) sectors=(\d+) [^\r\n]*\r*\n")
# How the ISO is attached.
DEVICES = {
    "IDE CD": {"machine": "pc"},
    "AHCI CD": {"machine": "q35"},
    "USB stick": {"machine": "pc", "extra": (
        "-device", "qemu-xhci", "-drive", "if=none,id=stick,format=raw,readonly=on,file={iso}",
        "-device", "usb-storage,drive=stick,bootindex=0")},
    "virtio disk": {"machine": "pc", "extra": ("-drive", "if=virtio,format=raw,readonly=on,file={iso}", "-boot", "order=c")},
}


def make_iso(workshop, arch):
    """The file is loaded by GRUB, too, under another name, and never booted: what is read counts."""
    images = {"large": manifest.image("/" + FILE, type="kernel", os="linux")}
    tree = manifest.tree(images, {"read": {"kernel": "large"}})
    config = GRUB_HEAD + "terminal_output serial\nmultiboot2 /boot/trapeze.elf menu=plain\n"
    config += "module2 --nounzip /boot/tree manifest\n"
    config += f"echo 'GRUB begins'\nmodule2 --nounzip /{FILE} other\necho 'GRUB ends'\nboot\n"
    noise = random.Random(1).randbytes(1 << 20)
    return workshop.grub_iso(config, {"boot/trapeze.elf": workshop.shim(arch), "boot/tree": manifest.compile_tree(tree),
                                      FILE: noise * (SIZE >> 20)})


def clocks(machine):
    """(seconds of the host's clock, seconds of processor time that QEMU has had); the process is its timeout(1)."""
    pid = machine.process.pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as stream:
        child, = stream.read().split()
    with open(f"/proc/{child}/stat", encoding="ascii") as stream:
        ticks = stream.read().rpartition(")")[2].split()[11:13]
    return time.monotonic(), sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def since(machine, start):
    return tuple(end - begin for begin, end in zip(start, clocks(machine)))


def run(iso, device, log_dir):
    """(GRUB's times by the two clocks, Trapeze's, its calls, its sectors)."""
    extra = tuple(word.format(iso=iso) for word in device.get("extra", ()))
    spec = Spec("" if extra else iso, machine=device["machine"], extra=extra, limit=240, ahci=False)
    with Machine(spec, log_dir) as machine:
        machine.expect(re.compile("GRUB begins"))
        start = clocks(machine)
        machine.expect(re.compile("GRUB ends"))
        grub = since(machine, start)
        shim = Shim(machine)
        shim.wait_prompt()
        start = clocks(machine)
        machine.send("read\r")
        match = machine.expect(READ_LINE)
        trapeze = since(machine, start)
        shim.wait_prompt()
    size, calls, sectors = map(int, match.groups())
    if size != SIZE:
        raise SystemExit(f"media_bench: {log_dir}: {size} bytes were read, not {SIZE}")
    return grub, trapeze, calls, sectors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(REPOSITORY, "build"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--arch", action="append", choices=("x86_64", "i386"))
    parser.add_argument("--device", action="append", choices=DEVICES)
    args = parser.parse_args()
    workshop = Workshop(args.build, os.path.join(args.build, "bench-work"))
    print(f"Reading {SIZE >> 20} MiB from the medium: MB/s, and the ratio by processor time; medians of {args.runs}\n")
    print("ISO as        build    GRUB  Trapeze  ratio   calls  sectors a call  bytes a sector")
    for name in args.device or DEVICES:
        for arch in args.arch or ("x86_64", "i386"):
            iso = make_iso(workshop, arch)
            logs = os.path.join(args.build, "bench-logs", f"media-{name.replace(' ', '-')}-{arch}")
            runs = [run(iso, DEVICES[name], os.path.join(logs, str(number))) for number in range(args.runs)]
            report(name, arch, runs)
    return 0


def report(name, arch, runs):
    grub, shim = (statistics.median(SIZE / 1e6 / times[number][0] for times in runs) for number in (0, 1))
    ratio = statistics.median(times[0][1] / times[1][1] for times in runs)
    _, _, calls, sectors = runs[0]
    verdict = "met" if ratio >= GOAL else "MISSED"
    print(f"{name:13} {arch:7} {grub:5.1f}  {shim:7.1f}  {ratio:5.2f}  {calls:6}  {sectors / calls:14.1f}  {SIZE // sectors:14}"
          f"   {verdict}")


if __name__ == "__main__":
    sys.exit(main())
