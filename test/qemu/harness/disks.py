# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Disk images with partitions, FAT and GRUB, made without mounting anything."""

import os
import struct
import tempfile

from harness.workshop import content_of, run_tool

SECTOR = 512
MIB = 1 << 20
GRUB = "/usr/lib/grub/i386-pc"
CORE_MODULES = "biosdisk part_msdos part_gpt fat multiboot2 normal search search_fs_file serial terminal echo".split()
# Where GRUB's first sector has the place of the next, and that one the list of those behind it (GRUB, boot.S and diskboot.S).
BOOT_NEXT = 0x5c
DISKBOOT_LIST = 0x1f4
DISKBOOT_SEGMENT = 0x820
PARTITION_TABLE = slice(440, 510)
# Scripts for sfdisk: the FAT partition begins at 4 MiB; in front of it a partition that holds nothing to read.
TABLES = {
    "mbr": "label: dos\nstart=4096, size=2048, type=83\nstart=8192, type=c, bootable\n",
    "logical": "label: dos\nstart=6144, type=5\nstart=8192, type=c\n",
    "gpt": "label: gpt\nstart=2048, size=4096, type=21686148-6449-6E6F-744E-656564454649\nstart=8192, type=U\n",
}
FAT_START = 8192 * SECTOR


def make_disk(path, table, fat, label, files, config=None, size=64 * MIB):
    """An image with these files, {name: path or bytes}; with a grub.cfg, `config`, it boots."""
    with open(path, "wb") as stream:
        stream.truncate(size)
    with tempfile.TemporaryDirectory(prefix="trapeze-disk-") as folder:
        script = os.path.join(folder, "script")
        with open(script, "w", encoding="ascii") as stream:
            stream.write(TABLES[table])
        run_tool("sh", "-c", '/usr/sbin/sfdisk -q "$0" < "$1"', path, script)
        end = size - FAT_START - MIB  # what a second GPT needs stays free
        run_tool("/usr/sbin/mkfs.fat", "-F", str(fat), "-s", "1" if fat == 32 else "4", "-n", label, "--offset",
                 str(FAT_START // SECTOR), path, str(end // 1024))
        copy_files(path, files, folder)
        if config is not None:
            install_grub(path, table, config, folder)


def copy_files(path, files, folder):
    target = f"{path}@@{FAT_START}"
    environment = dict(os.environ, MTOOLS_SKIP_CHECK="1")
    folders = {parent for name in files for parent in parents(name)}
    for name in sorted(folders):
        run_tool("mmd", "-i", target, "::" + name, env=environment)
    for name, content in files.items():
        host = os.path.join(folder, "file")
        with open(host, "wb") as stream:
            stream.write(content_of(content))
        run_tool("mcopy", "-o", "-i", target, host, "::" + name, env=environment)


def parents(name):
    """/a and /a/b of /a/b/c."""
    parts = name.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[:count + 1]) for count in range(len(parts))]


def install_grub(path, table, config, folder):
    """What grub-bios-setup does: its first sector around the partition table, the rest in front of the first partition."""
    script, core = os.path.join(folder, "grub.cfg"), os.path.join(folder, "core.img")
    with open(script, "w", encoding="ascii") as stream:
        stream.write(config)
    run_tool("grub-mkimage", "--directory", GRUB, "--format", "i386-pc", "--output", core, "--prefix", "/boot/grub",
             "--config", script, *CORE_MODULES)
    place = 2048 if table == "gpt" else 1
    boot, rest = bytearray(content_of(os.path.join(GRUB, "boot.img"))), bytearray(content_of(core))
    rest += bytes(-len(rest) % SECTOR)
    struct.pack_into("<Q", boot, BOOT_NEXT, place)
    struct.pack_into("<QHH", rest, DISKBOOT_LIST, place + 1, len(rest) // SECTOR - 1, DISKBOOT_SEGMENT)
    with open(path, "r+b") as stream:
        boot[PARTITION_TABLE] = stream.read(SECTOR)[PARTITION_TABLE]
        stream.seek(0)
        stream.write(boot)
        stream.seek(place * SECTOR)
        stream.write(rest)
