# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Files read by the shim itself, from every kind of medium that a BIOS knows, and from media that fail."""

import json
import re
import zlib

import pytest

from harness import manifest
from harness.disks import make_disk
from harness.machine import Spec
from harness.shim import Shim, got, log_lines, wanted
from harness.workshop import GRUB_HEAD, content_of, digest

ARCHS = ("x86_64", "i386")
BOOT_SECONDS = 60
RAMDISK = bytes(range(256)) * 8192 + b"odd end"
RAMDISK_IS = f" size={len(RAMDISK)} crc32={zlib.crc32(RAMDISK):#010x}"
OTHER = b"belongs to the other entry" * 1000
FOLDER = "/boot/trapeze/images/"
# name: (drive's name in the shim, machine, QEMU options)
STICK = ("-device", "qemu-xhci", "-drive", "if=none,id=stick,format=raw,readonly=on,file={image}",
         "-device", "usb-storage,drive=stick,bootindex=0")
ATTACHED = {
    "ide-cd": ("cd 0xe0", "pc", ("-cdrom", "{image}")),
    "ahci-cd": ("cd 0xe0", "q35", ("-cdrom", "{image}")),
    "usb-stick": ("disk 0x80", "pc", STICK),
    "ahci-disk": ("disk 0x80", "q35", ("-drive", "if=none,id=disk,format=raw,file={image}", "-snapshot",
                                       "-device", "ide-hd,drive=disk,bootindex=0")),
    "virtio-disk": ("disk 0x80", "pc", ("-drive", "if=none,id=disk,format=raw,file={image}", "-snapshot",
                                        "-device", "virtio-blk-pci,drive=disk,bootindex=0")),
}


def attached(image, how):
    _, machine, options = ATTACHED[how]
    return Spec("", machine=machine, memory="256M", extra=tuple(word.format(image=image) for word in options))


def two_entries(image):
    """One that prints what it got, and one that nobody starts; image(name) makes an image node."""
    images = {name: image(name) for name in ("kernel", "initrd", "other")}
    for name in ("kernel", "other"):
        images[name]["os"] = "linux"
    return manifest.tree(images, {"got": {"kernel": "kernel", "ramdisk": "initrd"}, "whole": {"kernel": "other"}})


def file_iso(workshop, arch, options="menu=plain loglevel=debug"):
    tree = two_entries(lambda name: {"trapeze,file": name})
    return workshop.mkiso(arch, tree, options, more=("--from-medium",),
                          files={"kernel": workshop.built(arch, "payload", "got-linux.bin"), "initrd": RAMDISK, "other": OTHER})


def fly(machine, entry="got"):
    shim = Shim(machine)
    shim.wait_prompt(BOOT_SECONDS)
    shim.start(entry)
    machine.expect_line("got: end", BOOT_SECONDS)
    return machine.transcript()


def read_files(transcript):
    """[(volume, path, bytes)] that the log says were read."""
    lines = [text for area, _, text in log_lines(transcript) if area == "media"]
    found = [re.match(r'([^:]+): "([^"]+)" read bytes=(\d+) ', line) for line in lines]
    return [(match[1], match[2], int(match[3])) for match in found if match]


def check_flight(transcript, volume):
    """Want and got agree, to the checksum of the initramfs; read were the manifest and the entry's files, and no other."""
    assert got(transcript) == wanted(transcript)
    assert any(line.endswith(RAMDISK_IS) for line in got(transcript) if line.startswith("initrd: "))
    assert [(where, path) for where, path, _ in read_files(transcript)] == [
        (volume, "/boot/trapeze/manifest.dtb"), (volume, FOLDER + "kernel"), (volume, FOLDER + "initrd")]


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("how", ATTACHED)
def test_the_same_iso_everywhere(boot, workshop, how, arch):
    with boot(attached(file_iso(workshop, arch), how)) as machine:
        transcript = fly(machine)
    check_flight(transcript, ATTACHED[how][0])


DISK_CONFIG = GRUB_HEAD + """\
search --no-floppy --set=root --file /boot/trapeze/trapeze.elf
multiboot2 /boot/trapeze/trapeze.elf menu=plain loglevel=debug
boot
"""


def fat_files(workshop, arch):
    """What tools/mkiso would put there, the names longer than eight characters."""
    tree = two_entries(lambda name: {"trapeze,path": FOLDER + name})
    return {"/boot/trapeze/trapeze.elf": workshop.shim(arch), "/boot/trapeze/manifest.dtb": manifest.compile_tree(tree),
            FOLDER + "kernel": workshop.built(arch, "payload", "got-linux.bin"), FOLDER + "initrd": RAMDISK,
            FOLDER + "other": OTHER}


@pytest.mark.parametrize("arch, table, fat, number", [
    ("x86_64", "mbr", 32, 2), ("i386", "mbr", 16, 2), ("x86_64", "logical", 16, 5), ("x86_64", "gpt", 16, 2),
    ("i386", "gpt", 32, 2)])
def test_fat_disk(boot, workshop, arch, table, fat, number):
    files = fat_files(workshop, arch)
    name = f"disk-{table}-{fat}-{digest(*(content_of(content) for content in files.values()))}.img"
    image = workshop.once(name, lambda path: make_disk(path, table, fat, "ANYTHING", files, DISK_CONFIG))
    with boot(attached(image, "ahci-disk")) as machine:
        transcript = fly(machine)
    check_flight(transcript, f"disk 0x80,{number}")
    assert f'disk 0x80,{number}: FAT, FAT{fat} label="ANYTHING"' in transcript


@pytest.mark.parametrize("arch", ARCHS)
def test_modules_and_another_disk(boot, workshop, arch):
    """The manifest and the kernel are modules, the initramfs is on a second disk, known by its label."""
    files = {FOLDER + "initrd": RAMDISK}
    wrong = {FOLDER + "initrd": b"wrong"}
    labelled = workshop.once("labelled.img", lambda path: make_disk(path, "gpt", 32, "TRAPEZE", files))
    foreign = workshop.once("foreign.img", lambda path: make_disk(path, "mbr", 16, "FOREIGN", wrong))
    images = {"kernel": manifest.kernel("kernel"), "initrd": manifest.image(FOLDER + "initrd"),
              "gone": manifest.kernel("/not/there")}
    tree = manifest.tree(images, {"got": {"kernel": "kernel", "ramdisk": "initrd"}, "nowhere": {"kernel": "gone"}})
    iso = workshop.shim_iso(arch, "menu=plain loglevel=debug", {
        "manifest": manifest.compile_tree(tree), "kernel": workshop.built(arch, "payload", "got-linux.bin")})
    extra = ("-snapshot",)
    for number, image in enumerate((foreign, labelled)):
        extra += ("-drive", f"if=ide,index={number},media=disk,format=raw,file={image}")
    with boot(Spec(iso, memory="256M", extra=extra)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert shim.expect_refusal("nowhere") == ['source: "/not/there" not found asked="module, medium"']
        shim.start("got")
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
    assert got(transcript) == wanted(transcript)
    assert read_files(transcript) == [("disk 0x81,2", FOLDER + "initrd", len(RAMDISK))]
    assert "not searched: another disk, another label label=\"FOREIGN\"" in transcript


def place_of(image, content):
    """Where a file's bytes lie in an image."""
    at = content_of(image).find(content[:4096])
    assert at > 0
    return at


def failing(image, offset, once):
    """The medium with a place that QEMU refuses to read."""
    rule = {"event": "none", "sector": offset // 512, "errno": 5, "once": once}
    node = {"driver": "blkdebug", "node-name": "medium", "read-only": True, "inject-error": [rule],
            "image": {"driver": "file", "filename": image, "read-only": True}}
    return ("-blockdev", json.dumps(node))


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("how", ("cd", "disk"))
def test_unreadable_sector(boot, workshop, arch, how):
    iso = file_iso(workshop, arch)
    offset = place_of(iso, RAMDISK) + 300 * 2048
    size, device, drive = (2048, "ide-cd", "cd 0xe0") if how == "cd" else (512, "virtio-blk-pci", "disk 0x80")
    extra = failing(iso, offset, False) + ("-device", f"{device},drive=medium,bootindex=0")
    with boot(Spec("", machine="q35", memory="256M", extra=extra)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        complaints = shim.expect_refusal("got")
        assert len(complaints) == 2, complaints
        assert re.fullmatch(rf"disk: {drive}: cannot be read: .* lba={offset // size} status=0x[0-9a-f]+ attempts=3",
                            complaints[0])
        assert complaints[1] == f"media: initrd: not read from {drive}: device does not answer"
        # What else is on the medium can be read.
        assert shim.expect_refusal("whole")[0].startswith("loader: other: not linux: ")


@pytest.mark.parametrize("arch", ARCHS)
def test_sector_that_is_read_at_last(boot, workshop, arch):
    iso = file_iso(workshop, arch)
    extra = failing(iso, place_of(iso, RAMDISK) + 300 * 2048, True)
    extra += ("-device", "virtio-blk-pci,drive=medium,bootindex=0")
    with boot(Spec("", memory="256M", extra=extra)) as machine:
        transcript = fly(machine)
    check_flight(transcript, "disk 0x80")
    warnings = [text for area, level, text in log_lines(transcript) if area == "disk" and level == "warning"]
    assert len(warnings) == 1 and "; now one by one" in warnings[0]


def test_uefi_has_modules(boot, workshop):
    """The same ISO where there is no BIOS: GRUB loads everything."""
    with boot(Spec(file_iso(workshop, "x86_64"), machine="q35", firmware="uefi", limit=240)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(200)
        shim.start("got")
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
    assert got(transcript) == wanted(transcript)
    assert read_files(transcript) == []
