# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Debian's kernels with the test initramfs: booted by GRUB alone, and by GRUB and Trapeze."""

import os
import shutil
from dataclasses import dataclass, replace

from harness import linux_report, manifest
from harness.shim import Shim, net_range
from harness.workshop import digest

# The 32-bit kernels' tests of their own cryptography take as long as the rest of the boot.
CMDLINE = "console=ttyS0,115200 trapeze.test quiet cryptomgr.notests"
BOOT_SECONDS = 120
ENTRY = "linux"


@dataclass(frozen=True)
class Kernel:
    name: str
    path: str
    initrd: str
    bits: int

    def files(self, workshop):
        return workshop.built("payloads", self.path), workshop.built("payloads", self.initrd)


KERNELS = {kernel.name: kernel for kernel in (
    Kernel("amd64", "amd64/vmlinuz", "amd64/initrd.img", 64),
    Kernel("686-pae", "i386/vmlinuz-686-pae", "i386/initrd.img", 32),
    Kernel("686", "i386/vmlinuz-686", "i386/initrd.img", 32),
)}


@dataclass
class Linux:
    """A boot that reached user space: its report, and all that came over the serial line before."""

    report: dict
    transcript: str

    def net(self):
        return net_range(self.transcript)


def direct(workshop, boot, spec, kernel):
    """The report of a kernel booted by GRUB: one boot per run for each kind of machine, whoever needs it first."""
    spec = replace(spec, iso=workshop.direct_iso(*kernel.files(workshop), CMDLINE))

    def make(path):
        with boot(spec, "direct") as machine:
            machine.expect_line(linux_report.END, BOOT_SECONDS)
        shutil.copy(machine.serial_path, path)

    with open(workshop.once(f"direct-{digest(repr(spec))}.log", make), encoding="utf-8", newline="") as stream:
        return linux_report.parse(stream.read())


def manifest_of(workshop, kernel, **configuration):
    """The manifest of one kernel, as source for tools/mkiso."""
    vmlinuz, initrd = kernel.files(workshop)
    return manifest.tree(
        {"kernel": {"type": "kernel", "os": "linux", "trapeze,file": os.path.abspath(vmlinuz)},
         "initrd": {"type": "ramdisk", "trapeze,file": os.path.abspath(initrd)}},
        {ENTRY: {"description": f"Debian {kernel.name}", "kernel": "kernel", "ramdisk": "initrd",
                 "trapeze,bootargs": CMDLINE, **configuration}})


def through_trapeze(workshop, boot, spec, arch, kernel):
    """Boot a kernel through the shim and return what it reports from user space."""
    iso = workshop.mkiso(arch, manifest_of(workshop, kernel), "menu=plain loglevel=debug")
    with boot(replace(spec, iso=iso), "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start(ENTRY)
        machine.expect_line(linux_report.END, BOOT_SECONDS)
        transcript = machine.transcript()
    return Linux(linux_report.parse(transcript), transcript)

