# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Boot sectors: from files, disks, partitions and the boot catalog of a CD; ours, and GRUB's own."""

import os
import re
import struct

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim, errors, got, log_lines, wanted
from harness.workshop import content_of, run_tool

ARCHS = ("x86_64", "i386")
BOOT_SECONDS = 150
LIMIT = 400
SECTOR = 512
PARTITION_AT, LOGICAL_AT = 2048, 6144
CHECK = re.compile(r"check: cr0=(0x[0-9a-f]+) cr4=(0x[0-9a-f]+) memory=(0x[0-9a-f]+) disk=(0x[0-9a-f]+) ticks=(0x[0-9a-f]+) done")


def mbr_entry(kind, start, sectors, active=0):
    return struct.pack("<B3sB3sII", active, b"\1\2\3", kind, b"\xfe\xff\xff", start, sectors)


def disk_image(workshop):
    """A disk whose first partition and logical partition begin with the same boot sector."""
    sector = content_of(workshop.built("i386", "payload", "bootsector.bin"))
    extended = bytearray(SECTOR)
    extended[0x1be:0x1ce] = mbr_entry(0x83, 64, 64)
    extended[510:] = b"\x55\xaa"
    data = bytearray(8 << 20)
    data[:SECTOR] = sector[:0x1be] + mbr_entry(0x0c, PARTITION_AT, 1024, 0x80) + mbr_entry(0x05, LOGICAL_AT, 1024) + bytes(32) + b"\x55\xaa"
    data[PARTITION_AT * SECTOR:PARTITION_AT * SECTOR + SECTOR] = sector
    data[LOGICAL_AT * SECTOR:LOGICAL_AT * SECTOR + SECTOR] = bytes(extended)
    at = (LOGICAL_AT + 64) * SECTOR
    data[at:at + SECTOR] = sector
    # The MBR itself is never entered: its code ends where the table begins.
    return workshop.once("bootsector-disk.img", lambda path: write(path, bytes(data)))


def write(path, data):
    with open(path, "wb") as stream:
        stream.write(data)


def disk(path):
    return ("-drive", f"file={path},format=raw,if=ide,index=0,readonly=off,snapshot=on")


CONFIGURATIONS = {
    "file": ({"trapeze,path": "sector", "os": "bootsector"}, {}),
    "probed": ({"trapeze,path": "sector"}, {"trapeze,drive": 0x80, "trapeze,registers": "si=0x1234 ebx=0x12345678 es=0xf000"}),
    "image": ({"trapeze,path": "eltorito", "os": "eltorito"}, {}),
    "segment": ({"trapeze,path": "eltorito", "os": "eltorito", "load": 0x20000, "trapeze,sectors": 1}, {}),
    "partition": ({"trapeze,disk": "hd0,1", "os": "bootsector"}, {}),
    "logical": ({"trapeze,disk": "hd0,5", "os": "bootsector"}, {}),
}


def iso(workshop, arch):
    images = {f"{name}-i": image for name, (image, _) in CONFIGURATIONS.items()}
    tree = manifest.tree(images, {name: {"kernel": f"{name}-i", **more} for name, (_, more) in CONFIGURATIONS.items()})
    return workshop.shim_iso(arch, "menu=plain", {
        "manifest": manifest.compile_tree(tree), "sector": workshop.built("i386", "payload", "bootsector.bin"),
        "eltorito": content_of(workshop.built("i386", "payload", "eltorito.bin")).ljust(3000, b"\0")})


# What is special about each: the entry's record has these words.
SAYS = {
    "file": ("cs=0x0 ip=0x7c00 ss=0x0", "dx=0xe0 "),
    "probed": ("cs=0x0 ip=0x7c00 ", "bx=0x12345678 ", "dx=0x80 si=0x1234 ", "es=0xf000 "),
    "image": ("cs=0x7c0 ip=0x0 ", "dx=0xe0 "),
    "segment": ("cs=0x2000 ip=0x0 ", "dx=0xe0 "),
    "partition": ("cs=0x0 ip=0x7c00 ", "dx=0x80 si=0x61be ", "partition: 80 01 02 03 0c fe ff ff 00 08 00 00 00 04 00 00"),
    "logical": ("dx=0x80 si=0x61be ", "partition: 80 00 00 00 00 00 00 00 40 18 00 00 40 00 00 00"),
}
MATRIX = [("x86_64", name) for name in CONFIGURATIONS] + [("i386", name) for name in ("file", "image", "partition")]


@pytest.mark.parametrize("arch,name", MATRIX, ids=map("-".join, MATRIX))
def test_what_a_boot_sector_finds(boot, workshop, arch, name):
    """Registers as planned, real mode as after a reset, and a BIOS whose clock ticks."""
    with boot(Spec(iso(workshop, arch), memory="64M", limit=LIMIT, extra=disk(disk_image(workshop)))) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start(name)
        check = machine.expect(CHECK, BOOT_SECONDS)
        text = machine.transcript()
    # si != 0 has the sector print 16 bytes from there, whatever they are.
    received = [line for line in got(text) if name != "probed" or not line.startswith("partition")]
    assert received == wanted(text)
    for words in SAYS[name]:
        assert any(words in line for line in received), (words, received)
    cr0, cr4, memory, extensions, ticks = (int(word, 16) for word in check.groups())
    assert cr0 == 0x10 and cr4 == 0
    assert 500 < memory <= 640 and extensions == 0xaa55 and ticks >= 2
    assert not errors(text)


def grub_disk(workshop):
    """GRUB as it is on a disk: boot.img, and core.img behind it, whose script says where it is."""
    def make(path):
        folder = os.path.dirname(path)
        script, core = os.path.join(folder, "bootsector.cfg"), os.path.join(folder, "bootsector-core.img")
        write(script, b"serial --port=0x3f8 --speed=115200\nterminal_output serial\necho GRUB speaks, $root\nlsmmap\n"
                      b"echo GRUB is done\n")
        run_tool("grub-mkimage", "-O", "i386-pc", "-p", "(hd0)/boot/grub", "-c", script, "-o", core, "serial", "terminal", "echo",
                 "lsmmap", "biosdisk")
        write(path, (content_of("/usr/lib/grub/i386-pc/boot.img") + content_of(core)).ljust(2 << 20, b"\0"))

    return workshop.once("grub-disk.img", make)


def grub_says(machine):
    machine.expect(r"GRUB speaks, hd0", BOOT_SECONDS)
    machine.expect(r"GRUB is done", BOOT_SECONDS)
    text = machine.transcript()
    return text[text.rindex("GRUB speaks"):text.rindex("GRUB is done")]


GRUB = [("x86_64", "file"), ("i386", "disk")]


@pytest.mark.parametrize("arch,source", GRUB, ids=map("-".join, GRUB))
def test_grub_starts_from_its_boot_sector(boot, workshop, arch, source):
    """It reads the rest of itself by the BIOS, and sees what it sees when the BIOS starts it."""
    path = grub_disk(workshop)
    image = {"file": {"trapeze,path": "mbr", "os": "bootsector"}, "disk": {"trapeze,disk": "hd0", "os": "bootsector"}}[source]
    tree = manifest.tree({"grub": image}, {"grub": {"kernel": "grub", "trapeze,drive": 0x80}})
    medium = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "mbr": content_of(path)[:SECTOR]})
    with boot(Spec(medium, limit=LIMIT, extra=disk(path)), "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("grub")
        ours = grub_says(machine)
    with boot(Spec("", limit=LIMIT, extra=(*disk(path), "-boot", "order=c")), "direct") as machine:
        direct = grub_says(machine)
    assert ours == direct


def test_boot_catalog_of_the_cd(boot, workshop):
    """The medium starts itself once more: its El Torito image is GRUB, which loads Trapeze again."""
    tree = manifest.tree({"cd": {"trapeze,disk": "boot", "os": "eltorito"}}, {"cd": {"kernel": "cd"}})
    medium = workshop.shim_iso("x86_64", "menu=plain", {"manifest": manifest.compile_tree(tree)})
    with boot(Spec(medium, limit=LIMIT)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("cd")
        shim.wait_prompt(BOOT_SECONDS)
        text = machine.transcript()
    assert len([line for area, _, line in log_lines(text) if area == "start" and line.startswith("Trapeze ")]) == 2
    assert re.search(r"bootsector: cd: read from cd 0xe0 partition=0 bytes=\d+", text)


REFUSALS = {
    "unsigned": ({"trapeze,path": "zeros", "os": "bootsector"}, {}, "bootsector: unsigned-i: no 0xaa55 at 510"),
    "short": ({"trapeze,path": "short", "os": "bootsector"}, {}, "bootsector: short-i: bytes=300, but 512 are to be loaded"),
    "place": ({"trapeze,path": "zeros", "os": "eltorito", "load": 0x9ff00}, {}, "bootsector: place-i: load=0x9ff00 bytes=1024: wanted"),
    "mode": ({"trapeze,path": "sector", "os": "bootsector"}, {"trapeze,mode": "long"}, "bootsector: mode-i: trapeze,mode=long: boot "),
    "called": ({"trapeze,path": "sector", "os": "bootsector"}, {"trapeze,preserve-context": True},
               "boot: called: trapeze,preserve-context: a bootsector image cannot be called"),
    "drive": ({"trapeze,disk": "hd7", "os": "bootsector"}, {}, "bootsector: drive-i: drive 0x87: the BIOS has no such drive"),
    "partition": ({"trapeze,disk": "hd0,3", "os": "bootsector"}, {}, "bootsector: partition-i: disk 0x80 has no partition 3 partitions=2"),
    "no-cd": ({"trapeze,disk": "hd0", "os": "eltorito"}, {}, "bootsector: no-cd-i: disk 0x80: not a CD, bytes of a sector: 0x200"),
}


def test_refusals(boot, workshop):
    images = {f"{name}-i": image for name, (image, _, _) in REFUSALS.items()}
    tree = manifest.tree(images, {name: {"kernel": f"{name}-i", **more} for name, (_, more, _) in REFUSALS.items()})
    medium = workshop.shim_iso("i386", "menu=plain", {
        "manifest": manifest.compile_tree(tree), "sector": workshop.built("i386", "payload", "bootsector.bin"),
        "zeros": bytes(1024), "short": bytes(300)})
    with boot(Spec(medium, memory="64M", limit=LIMIT, extra=disk(disk_image(workshop)))) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for name, (_, _, complaint) in REFUSALS.items():
            said = shim.expect_refusal(name)
            assert [line[:len(complaint)] for line in said] == [complaint], (name, said)


def test_no_bios_no_boot_sector(boot, workshop):
    with boot(Spec(iso(workshop, "x86_64"), firmware="uefi", limit=LIMIT)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert shim.expect_refusal("file") == ["bootsector: file-i: needs a BIOS: the firmware is UEFI, without a BIOS beside it: "
                                               "its interrupt vectors are not set up"]
        assert shim.expect_refusal("partition") == [
            "bootsector: partition-i: disks are read by the BIOS: the firmware is UEFI, without a BIOS beside it: its interrupt "
            "vectors are not set up"]
