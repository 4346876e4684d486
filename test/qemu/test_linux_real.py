# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The 16-bit entry of Linux kernels and of what looks like one: the setup code runs and finds the BIOS as it was."""

import os
import re

import pytest

from harness import linux_report, manifest
from harness.linux import BOOT_SECONDS, CMDLINE, ENTRY, KERNELS, direct, manifest_of
from harness.machine import Spec
from harness.shim import Shim, got, log_lines, wanted
from harness.workshop import content_of

ARCHS = ("x86_64", "i386")
# Payload and where its real-mode part must lie; None: wherever there is room.
PAYLOADS = {"got-linux-real": None, "got-linux-real-202": None, "got-linux-real-201": 0x90000,
            "got-linux-real-zimage": 0x90000, "got-linux-real-zimage-200": 0x90000}
WORDS = "vga=0x317 quiet " + " ".join(f"word{number}='a \"b\" $c'" for number in range(11))
RAMDISKS = {"first": b"first ramdisk, of odd size" * 1001, "second": bytes(range(256)) * 64}
FLOPPY_SIZE = 1440 << 10
READ = 6                        # test/qemu/guests/sector.S


def payload_iso(workshop, arch, payload):
    images = {"kernel": manifest.kernel("kernel"),
              **{name: manifest.image(name, type="ramdisk") for name in RAMDISKS}}
    configuration = {"kernel": "kernel", "ramdisk": tuple(RAMDISKS), "trapeze,bootargs": WORDS, "trapeze,mode": "real"}
    return workshop.shim_iso(arch, "menu=plain loglevel=debug",
                             {"manifest": manifest.compile_tree(manifest.tree(images, {"linux": configuration})),
                              "kernel": workshop.built("i386", "payload", payload + ".bin"), **RAMDISKS})


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_setup_code_receives_what_is_planned(boot, workshop, arch, payload):
    with boot(Spec(payload_iso(workshop, arch, payload), memory="128M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("linux")
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
    want, have = wanted(transcript), got(transcript)
    assert have == want
    setup = int(re.search(r" setup=(0x[0-9a-f]+) ", want[0])[1], 16)
    assert setup == (PAYLOADS[payload] or setup) and setup < 0x9a000
    assert f"real: cs={(setup >> 4) + 0x20:#x} ip=0x0 ds={setup >> 4:#x}" in "\n".join(want)
    assert any("vid_mode=0x317" in line for line in want)
    assert ("enter", "", f"linux mode=real entry={setup + 0x200:#x} net=none") in log_lines(transcript)


def test_refused_on_uefi(boot, workshop):
    iso = payload_iso(workshop, "x86_64", "got-linux-real")
    with boot(Spec(iso, firmware="uefi")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert shim.expect_refusal("linux") == [
            "linux: kernel: trapeze,mode=real: the 16-bit entry needs a BIOS, and this machine was started by UEFI"]


@pytest.mark.parametrize("arch,kernel", [("x86_64", "amd64"), ("i386", "686-pae")])
def test_debian(boot, workshop, arch, kernel):
    """To user space; the kernel's own questions to the BIOS give what GRUB's 32-bit entry was told."""
    kernel = KERNELS[kernel]
    iso = workshop.mkiso(arch, manifest_of(workshop, kernel, **{"trapeze,mode": "real"}), "menu=plain")
    with boot(Spec(iso), "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start(ENTRY)
        machine.expect_line(linux_report.END, BOOT_SECONDS)
        transcript = machine.transcript()
    assert "enter: linux mode=real" in transcript
    ours, theirs = linux_report.parse(transcript), direct(workshop, boot, Spec(""), kernel)
    assert ours["cmdline"] == [CMDLINE]
    for section in ("initrd", "acpi_tables"):
        assert ours[section] == theirs[section]
    assert linux_report.firmware_map(ours) == linux_report.firmware_map(theirs)


@pytest.mark.parametrize("arch", ARCHS)
def test_memdisk(boot, workshop, arch):
    """memdisk takes a floppy's image for a ramdisk and boots its first sector, which reads the second through the BIOS."""
    floppy = (content_of(workshop.boot_sector(READ)) + b"second sector\r\n").ljust(FLOPPY_SIZE, b"\0")
    tree = manifest.tree(
        {"memdisk": {"type": "kernel", "os": "linux", "trapeze,file": os.path.abspath(workshop.built("payloads", "memdisk"))},
         "floppy": {"type": "ramdisk", "trapeze,file": "floppy.img"}},
        {"floppy": {"kernel": "memdisk", "ramdisk": "floppy", "trapeze,mode": "real", "trapeze,bootargs": "floppy"}})
    iso = workshop.mkiso(arch, tree, "menu=plain", {"floppy.img": floppy})
    with boot(Spec(iso, memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("floppy")
        machine.expect_line("ready", BOOT_SECONDS)
        machine.expect_line("second sector", BOOT_SECONDS)
