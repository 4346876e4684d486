# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""ELF files with a PVH entry: what the shim says it hands over is what they receive, and Debian's vmlinux boots."""

import os
import re

import pytest

from harness import linux_report, manifest, vmlinux
from harness.linux import BOOT_SECONDS, CMDLINE, ENTRY, KERNELS, direct
from harness.machine import Spec
from harness.shim import Shim, got, net_range, wanted

PAYLOADS = ("got-pvh.elf", "got-pvh-64.elf", "got-pvh-low.elf")
WORDS = "list=a,b;c " + " ".join(f"word{number}" for number in range(20))
RAMDISKS = {"first": b"first ramdisk, of odd size" * 1001, "second": bytes(range(256)) * 64}
MODULES = {"one": (b"first module" * 999, "first string"), "two": (bytes(range(256)) * 33, "")}


def payload_iso(workshop, arch, payload, parts):
    images = {"kernel": manifest.image("kernel")}
    images.update({name: manifest.image(name, type="ramdisk") for name in RAMDISKS})
    for name, (_, text) in MODULES.items():
        images[name] = manifest.image(name, **({"trapeze,bootargs": text} if text else {}))
    configuration = {"kernel": "kernel"}
    if parts:
        configuration.update({"ramdisk": tuple(RAMDISKS), "trapeze,modules": tuple(MODULES), "trapeze,bootargs": WORDS})
    files = {**RAMDISKS, **{name: data for name, (data, _) in MODULES.items()}}
    return workshop.shim_iso(arch, "menu=plain loglevel=debug", {
        "manifest": manifest.compile_tree(manifest.tree(images, {"pvh": configuration})),
        "kernel": workshop.built("i386", "payload", payload), **files})


def fly(boot, spec):
    with boot(spec) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("pvh")
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
    want, have = wanted(transcript), got(transcript)
    assert have == want
    return have, transcript


@pytest.mark.parametrize("firmware", ("bios", "uefi"))
@pytest.mark.parametrize("arch", ("x86_64", "i386"))
@pytest.mark.parametrize("payload", PAYLOADS)
def test_kernel_receives_what_is_planned(boot, workshop, arch, payload, firmware):
    have, transcript = fly(boot, Spec(payload_iso(workshop, arch, payload, True), firmware=firmware))
    assert have[0].startswith("pvh: version=1 ")
    assert sum(line.startswith("module: 0x") for line in have) == 3
    assert have.count('module: "first string"') == 1
    assert "".join(line[10:-1] for line in have if line.startswith("cmdline: ")) == WORDS
    start, end = net_range(transcript)
    assert f"memmap: {start:#x} {end:#x} 2" in have
    # Paging off, all features off; ET cannot be cleared.
    assert re.search(r"(?m)^state: cr0=0x(11|1|31|33) cr4=0x0\r?$", transcript)
    at = int(next(line for line in have if line.startswith("memmap: count=")).split("at=")[1], 16)
    assert at < 0x3000000 if "low" not in payload else at < 0x40000000


def test_kernel_without_anything(boot, workshop):
    have, _ = fly(boot, Spec(payload_iso(workshop, "x86_64", "got-pvh.elf", False), memory="64M"))
    assert "modules: count=0 at=0x0" in have
    assert not any(line.startswith("cmdline") for line in have)


MATRIX = [("x86_64", "bios", "amd64"), ("i386", "bios", "amd64"), ("x86_64", "uefi", "amd64"), ("x86_64", "bios", "686-pae"),
          ("i386", "bios", "686-pae"), ("i386", "uefi", "686-pae")]


def ram(report, net=(0, 0)):
    """The kernel's own memory. What is not differs a little: without Xen it reserves the legacy hole itself (init_pvh_bootparams)."""
    entries = linux_report.retype(linux_report.firmware_map(report), *net, linux_report.RAM, linux_report.RESERVED)
    return [item for item in entries if item.type == linux_report.RAM]


@pytest.mark.parametrize("arch,firmware,kernel", MATRIX, ids=map("-".join, MATRIX))
def test_debian_vmlinux(boot, workshop, arch, firmware, kernel):
    """To user space, with the command line, the ramdisk, the tables and the memory that GRUB's `linux` gives the bzImage."""
    kernel = KERNELS[kernel]
    tree = manifest.tree(
        {"kernel": {"type": "kernel", "os": "linux", "trapeze,file": os.path.abspath(vmlinux.file_of(workshop, kernel))},
         "initrd": {"type": "ramdisk", "trapeze,file": os.path.abspath(kernel.files(workshop)[1])}},
        {ENTRY: {"kernel": "kernel", "ramdisk": "initrd", "trapeze,bootargs": CMDLINE}})
    spec = Spec(workshop.mkiso(arch, tree, "menu=plain"), firmware=firmware)
    with boot(spec, "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start(ENTRY)
        machine.expect_line(linux_report.END, BOOT_SECONDS)
        transcript = machine.transcript()
    assert "enter: pvh mode=protected" in transcript
    ours = linux_report.parse(transcript)
    wanted_report = direct(workshop, boot, Spec("", firmware=firmware), kernel)
    assert ours["cmdline"] == [CMDLINE]
    assert ours["initrd"] == wanted_report["initrd"]
    if firmware == "bios":
        assert ours["acpi_tables"] == wanted_report["acpi_tables"]
        assert ram(ours) == ram(wanted_report, net_range(transcript))
    else:
        assert ours["acpi_tables"]
