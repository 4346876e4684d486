# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Debian's kernels reach user space through Trapeze, and find there what they find when GRUB boots them directly.

The differences that are allowed are harness.compare.ALLOWED, each with its reason, and the pages of the net.

A 32-bit kernel on 64-bit UEFI: GRUB's x86_64-efi `linux` boots it, by its 32-bit entry, with the EFI information of a
64-bit firmware ("EL64"). The kernel then shows the firmware's tables and says "No EFI runtime due to 32/64-bit mismatch
with kernel". The same is asked of Trapeze, so these boots are compared like the others.
"""

import copy

import pytest

from harness import compare, linux_report
from harness.linux import KERNELS, direct, through_trapeze
from harness.machine import Spec
from harness.workshop import content_of

# Kernels per build: each by the entry that the build uses, 64-bit kernels by their 32-bit entry from the i386 build.
BUILDS = {"x86_64": ("amd64", "686-pae"), "i386": ("686-pae", "amd64", "686")}
MATRIX = [(arch, firmware, kernel) for arch in BUILDS for firmware in ("bios", "uefi") for kernel in BUILDS[arch]]


def check(workshop, boot, spec, arch, kernel):
    """Boot both ways; every difference that is not allowed fails."""
    ours = through_trapeze(workshop, boot, spec, arch, KERNELS[kernel])
    wanted = direct(workshop, boot, spec, KERNELS[kernel])
    found = compare.differences(wanted, ours.report, ours.net(), content_of(KERNELS[kernel].files(workshop)[0]))
    assert not found, "\n".join(found)
    return ours


@pytest.mark.parametrize("arch,firmware,kernel", MATRIX, ids=map("-".join, MATRIX))
def test_kernel_gets_what_grub_gives_it(boot, workshop, arch, firmware, kernel):
    ours = check(workshop, boot, Spec("", firmware=firmware), arch, kernel)
    has_efi = "efi" in ours.report
    assert has_efi == (firmware == "uefi")
    if has_efi and KERNELS[kernel].bits == 64:
        assert ours.report["efi_runtime_map"], "EFI run-time services are not in use"


SIZES = [("x86_64", "bios", "686", "pc", "64M"), ("i386", "bios", "686", "pc", "64M"),
         ("x86_64", "bios", "amd64", "q35", "6G"), ("x86_64", "uefi", "amd64", "q35", "6G"),
         ("i386", "bios", "686-pae", "pc", "6G")]


@pytest.mark.parametrize("arch,firmware,kernel,machine,memory", SIZES, ids=map("-".join, SIZES))
def test_sizes_of_memory(boot, workshop, arch, firmware, kernel, machine, memory):
    spec = Spec("", firmware=firmware, machine=machine, memory=memory)
    ours = check(workshop, boot, spec, arch, kernel)
    ram = [item for item in linux_report.firmware_map(ours.report) if item.type == linux_report.RAM]
    assert (max(item.end for item in ram) > 1 << 32) == (memory == "6G")


@pytest.mark.parametrize("firmware,arch,kernel", [("bios", "i386", "686-pae"), ("uefi", "x86_64", "amd64")])
def test_two_processors(boot, workshop, firmware, arch, kernel):
    ours = check(workshop, boot, Spec("", firmware=firmware, machine="q35", smp=2), arch, kernel)
    assert ours.report["processors"] == ["2"]


def test_comparison_finds_what_is_wrong(boot, workshop):
    """Each change to a report that a broken loader could cause is found."""
    report = direct(workshop, boot, Spec(""), KERNELS["amd64"])
    ours = copy.deepcopy(report)
    ours["cmdline"] = [ours["cmdline"][0].removeprefix(compare.GRUB_CMDLINE_PREFIX)]
    ours["boot_params"] = with_byte(ours["boot_params"], 0x210, 0xff)
    kernel = content_of(KERNELS["amd64"].files(workshop)[0])
    assert compare.differences(report, ours, None, kernel) == []

    def broken(**sections):
        return compare.differences(report, {**ours, **sections}, None, kernel)

    assert broken(cmdline=["console=ttyS1"])
    assert broken(initrd=["0" * 64 + "  all"])
    assert broken(acpi_tables=[])
    assert broken(iomem=ours["iomem"][:-1])
    assert broken(memmap=[line.replace("Reserved", "System RAM") for line in ours["memmap"]])
    assert broken(boot_params=with_byte(ours["boot_params"], 0x70, 0x55))
    assert broken(boot_params=with_byte(ours["boot_params"], 0x210, 0x33))
    assert broken(boot_params=with_byte(ours["boot_params"], 0x21c, 0x33))
    assert broken(boot_params=with_byte(ours["boot_params"], 0x2d8, 0x33))
    assert broken(boot_params=with_byte(ours["boot_params"], 0xff0, 0x33))
    assert broken(memory=["MemTotal:  400000 kB"])
    assert compare.differences(report, ours, (0x200000, 0x204000), kernel)


def with_byte(lines, offset, value):
    page = bytearray(bytes.fromhex("".join(lines)))
    page[offset] = value
    return [page.hex()]
