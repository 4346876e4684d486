# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A bootable hybrid ISO with GRUB: BIOS from CD (El Torito) and USB stick, 64- and 32-bit UEFI from both.

The layout is grub-mkrescue's. That tool itself writes the time of its run into GRUB's images; here they find their
medium by a file whose name comes from the content, and every date is the given one, so the same files give the same
bytes.
"""

import hashlib
import os
import shutil
import subprocess
import time

GRUB_FOLDER = "/usr/lib/grub"
COMMON_MODULES = """
    all_video boot cat chain configfile cpuid date echo ext2 fat gzio halt help hexdump iso9660 linux ls lsmmap memrw
    minicmd multiboot multiboot2 normal ntfs part_gpt part_msdos probe read reboot regexp search search_fs_file
    search_fs_uuid search_label serial sleep terminal test true udf xzio
""".split()
BIOS = "i386-pc"
# GRUB platform, its boot file on an EFI system partition, the Debian package that has it.
EFI_PLATFORMS = (("x86_64-efi", "BOOTX64.EFI", "grub-efi-amd64-bin"), ("i386-efi", "BOOTIA32.EFI", "grub-efi-ia32-bin"))
BIOS_MODULES = "biosdisk drivemap lspci pxe usbserial_ftdi usbserial_pl2303".split()
NOT_FOR_BIOS = ("all_video",)
EFI_IMAGE = "efi.img"
EFI_IMAGE_SLACK = 64 << 10


class IsoError(Exception):
    """A tool or platform that is needed is missing or failed, in one line for the user."""


class Iso:
    """`folder` is a scratch folder whose subfolder `root` holds the files that go onto the ISO."""

    def __init__(self, folder, label, epoch, say):
        self.folder = folder
        self.root = os.path.join(folder, "root")
        self.label = label
        self.epoch = epoch
        self.say = say
        os.mkdir(self.root)

    def path(self, name):
        """Host path of a file on the ISO, its folder made."""
        path = os.path.join(self.root, name.lstrip("/"))
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise IsoError(f"{name}: a part of this path is a file on the ISO already; choose another path") from error
        if os.path.exists(path):
            raise IsoError(f"{name}: on the ISO already; choose another path")
        return path

    def write(self, output):
        """Make the ISO out of what lies in `root`; returns the platforms that it boots on."""
        platforms = available_platforms()
        if not platforms:
            raise IsoError(f"no GRUB in {GRUB_FOLDER}; install grub-pc-bin and grub-efi-amd64-bin")
        identity = content_identity(self.root, self.label)
        marker = f"/boot/trapeze/id-{identity[:16]}"
        with open(self.path(marker), "w", encoding="ascii") as stream:
            stream.write(identity + "\n")
        options = self.bios_options() if BIOS in platforms else []
        efi = [platform for platform in EFI_PLATFORMS if platform[0] in platforms]
        if efi:
            options += self.efi_options(efi, marker, identity)
        self.run_xorriso(options, identity, output)
        return platforms

    def bios_options(self):
        image = f"boot/grub/{BIOS}/eltorito.img"
        modules = [name for name in COMMON_MODULES if name not in NOT_FOR_BIOS]
        self.grub_image("i386-pc-eltorito", BIOS, self.path(image), modules + BIOS_MODULES, "/boot/grub")
        return ["-b", image, "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "--grub2-boot-info",
                "--grub2-mbr", os.path.join(GRUB_FOLDER, BIOS, "boot_hybrid.img")]

    def efi_options(self, platforms, marker, identity):
        """EFI boot files: on the ISO itself for sticks made by copying, in a FAT image for CDs and raw sticks."""
        config = os.path.join(self.folder, "efi.cfg")
        with open(config, "w", encoding="ascii") as stream:
            stream.write(f"search --no-floppy --set=root --file {marker}\nset prefix=($root)/boot/grub\n")
        for platform, name, _ in platforms:
            self.grub_image(platform, platform, self.path(f"EFI/BOOT/{name}"), COMMON_MODULES, "/boot/grub", config)
        self.fat_image(self.path(EFI_IMAGE), os.path.join(self.root, "EFI"), identity)
        return ["--efi-boot", EFI_IMAGE, "-efi-boot-part", "--efi-boot-image", "--protective-msdos-label"]

    def grub_image(self, image_format, platform, output, modules, prefix, config=None):
        embedded = ["--config", config] if config else []
        self.run(["grub-mkimage", "--directory", os.path.join(GRUB_FOLDER, platform), "--format", image_format,
                  "--output", output, "--prefix", prefix, *embedded, *modules])

    def fat_image(self, image, folder, identity):
        size = sum(os.path.getsize(path) for path in walk(folder)) + EFI_IMAGE_SLACK
        for path in [*walk(folder), *(entry[0] for entry in os.walk(folder))]:
            os.utime(path, (self.epoch, self.epoch))
        # FAT16 needs 4085 clusters: below that mformat writes FAT12, which firmware reads as well.
        self.run(["mformat", "-C", "-i", image, "-T", str((size + 511) // 512), "-h", "16", "-s", "63",
                  "-N", identity[:8], "::"])
        self.run(["mcopy", "-s", "-m", "-i", image, folder, "::/"])

    def run_xorriso(self, options, identity, output):
        stamp = time.strftime("%Y%m%d%H%M%S00", time.gmtime(self.epoch))
        self.run(["xorriso", "-report_about", "WARNING", "-as", "mkisofs", "-volid", self.label, "-r",
                  f"--modification-date={stamp}", "--set_all_file_dates", stamp, "--gpt_disk_guid", identity[:32],
                  *options, "-o", output, self.root])

    def run(self, command):
        """Run a tool in UTC and with the epoch of this ISO; its output is shown only if it fails."""
        self.say(" ".join(command))
        environment = dict(os.environ, LC_ALL="C", TZ="UTC", SOURCE_DATE_EPOCH=str(self.epoch), MTOOLS_SKIP_CHECK="1",
                           MTOOLSRC=os.devnull)
        try:
            result = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        except FileNotFoundError as error:
            raise IsoError(f"{command[0]} not found; `tools/deps --list` names the packages that are needed") from error
        if result.returncode != 0:
            reason = (result.stdout.strip().splitlines() or ["no reason given"])[-1]
            raise IsoError(f"{command[0]} failed with status {result.returncode}: {reason}")


def available_platforms():
    names = (BIOS, *(platform for platform, _, _ in EFI_PLATFORMS))
    return [name for name in names if os.path.exists(os.path.join(GRUB_FOLDER, name, "moddep.lst"))]


def missing_platforms(available):
    """What the ISO does not boot on for want of a package, 32-bit UEFI aside, which few machines have."""
    wanted = ((BIOS, "BIOS machines: install grub-pc-bin"), ("x86_64-efi", "UEFI machines: install grub-efi-amd64-bin"))
    return [text for name, text in wanted if name not in available]


def walk(folder):
    """Paths of all files below the folder, in a fixed order."""
    return sorted(os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names)


def content_identity(root, label):
    """64 hexadecimal digits that stand for the names and bytes of all files, and the label."""
    identity = hashlib.sha256(label.encode())
    for path in walk(root):
        digest = hashlib.sha256()
        with open(path, "rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        identity.update(f"\0{os.path.relpath(path, root)}\0{digest.hexdigest()}".encode())
    return identity.hexdigest()


def copy(source, target):
    shutil.copyfile(source, target)
