# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Real multiboot kernels, through Trapeze and directly by GRUB, with the same key lines on the serial line.

Xen has headers of both formats. Where its own command line would begin if it took ours to start with a file name shows
in the serial port that it then does not find. GRUB's core image has address fields, is no ELF file, and lives on the BIOS: with it, it loads Linux from the CD.
One boot per build goes on into dom0's kernel; the others stop after the memory map.
"""

import os
import re

import pytest

from harness import linux, linux_report, manifest
from harness.machine import Spec
from harness.shim import Shim, lines_of
from harness.workshop import GRUB_HEAD, run_tool

BOOT_SECONDS = 60
XEN_CMDLINE = "console=com1 com1=115200,8n1 dom0_mem=512M no-real-mode edd=off"
DOM0_CMDLINE = "console=hvc0 earlyprintk=xen"
# Debian's Xen shows what it was given; its map is the one that boot loaders hand over.
KEY_LINES = (r"Xen version 4\.17", r"Bootloader: ", r"Command line: ", r"Xen-e820 RAM map:|Multiboot-e820 RAM map:")


def xen_spec(iso):
    return Spec(iso, cpu="qemu64", memory="1G")


def xen_files(workshop):
    return {"xen": workshop.built("payloads", "xen/xen"), "dom0": workshop.built("payloads", "xen/vmlinuz")}


def read_banner(machine):
    for pattern in KEY_LINES:
        machine.expect_line(pattern, BOOT_SECONDS)
    machine.expect_line(r"System RAM: ", 20)
    return lines_of(machine.transcript())


def ram_map(lines):
    """Xen's lines of the map, without the net's pages where the shim ran before."""
    return [line for line in lines if re.search(r"\[[0-9a-f]{8,}, [0-9a-f]{8,}\] ", line)]


def xen_by_trapeze(boot, workshop, arch, os_name):
    tree = manifest.tree({"xen": manifest.image("xen", os=os_name),
                          "dom0": manifest.image("dom0", **{"trapeze,bootargs": DOM0_CMDLINE})},
                         {"xen": {"kernel": "xen", "trapeze,modules": "dom0", "trapeze,bootargs": XEN_CMDLINE}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), **xen_files(workshop)})
    return boot(xen_spec(iso), "trapeze")


def xen_by_grub(boot, workshop, command):
    module = {"multiboot": "module", "multiboot2": "module2"}[command]
    config = (f"{GRUB_HEAD}{command} /boot/xen {XEN_CMDLINE}\n{module} /boot/dom0 {DOM0_CMDLINE}\nboot\n")
    files = {f"boot/{name}": path for name, path in xen_files(workshop).items()}
    return boot(xen_spec(workshop.grub_iso(config, files)), "direct")


XEN = [("x86_64", "multiboot2", True), ("i386", "multiboot", True), ("x86_64", "multiboot", False)]


@pytest.mark.parametrize("arch,os_name,into_dom0", XEN, ids=["-".join(case[:2]) for case in XEN])
def test_xen(boot, workshop, arch, os_name, into_dom0):
    with xen_by_trapeze(boot, workshop, arch, os_name) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("xen")
        ours = read_banner(machine)
        if into_dom0:
            machine.expect_line(r"Linux version 6\.1", BOOT_SECONDS)
            machine.expect_line(rf"Command line: {DOM0_CMDLINE}", 20)
    assert any(f"Command line: {XEN_CMDLINE}" in line for line in ours)
    assert any("Bootloader: Trapeze" in line for line in ours)
    with xen_by_grub(boot, workshop, os_name) as machine:
        direct = read_banner(machine)
    assert any(f"Command line: {XEN_CMDLINE}" in line for line in direct)
    mine, theirs = ram_map(ours), ram_map(direct)
    # One range of memory became three, the one in the middle the net's.
    assert [line for line in theirs if line not in mine][:1] and len(mine) == len(theirs) + 2, (mine, theirs)


def core_image(workshop):
    script = workshop.once("core.cfg", lambda path: write(path, "serial --port=0x3f8 --speed=115200\n"
                           "terminal_output serial\necho core image speaks, $grub_platform\nset\nlsmmap\necho core image is done\n"))
    return workshop.once("core.img", lambda path: run_tool(
        "grub-mkimage", "-O", "i386-pc", "-p", "/boot/grub", "-c", script, "-o", path,
        "serial", "terminal", "echo", "lsmmap", "normal", "biosdisk", "iso9660"))


def write(path, text):
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def said(machine):
    # GRUB ends its lines by \n\r.
    machine.expect(r"core image speaks, pc", BOOT_SECONDS)
    machine.expect(r"core image is done", 20)
    text = "\n".join(lines_of(machine.transcript()))
    return text[text.rindex("core image speaks"):text.rindex("core image is done")]


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_core_image_of_grub(boot, workshop, arch):
    core = core_image(workshop)
    tree = manifest.tree({"core": manifest.image("core")}, {"core": {"kernel": "core"}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "core": os.path.abspath(core)})
    with boot(Spec(iso), "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("core")
        ours = said(machine)
    with boot(Spec(workshop.grub_iso(f"{GRUB_HEAD}multiboot /boot/core\nboot\n", {"boot/core": core})), "direct") as machine:
        direct = said(machine)
    assert ours == direct


def core_image_for_linux(workshop):
    """It finds the kernel where GRUB_HEAD's GRUB has it, by the BIOS, and boots it."""
    script = workshop.once("core-linux.cfg", lambda path: write(path, "serial --port=0x3f8 --speed=115200\n"
                           "terminal_output serial\nsearch.file /boot/kernel root\necho core image boots from ($root)\n"
                           f"linux /boot/kernel {linux.CMDLINE}\ninitrd /boot/initrd\nboot\n"))
    return workshop.once("core-linux.img", lambda path: run_tool(
        "grub-mkimage", "-O", "i386-pc", "-p", "/boot/grub", "-c", script, "-o", path,
        "serial", "terminal", "echo", "normal", "biosdisk", "iso9660", "search_fs_file", "linux"))


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_core_image_boots_linux(boot, workshop, arch):
    """Trapeze, GRUB's core image, Linux: the kernel finds what it finds behind GRUB alone."""
    kernel = linux.KERNELS["amd64"]
    core, (vmlinuz, initrd) = core_image_for_linux(workshop), kernel.files(workshop)
    tree = manifest.tree({"core": manifest.image("core")}, {"core": {"kernel": "core"}})
    config = GRUB_HEAD + "multiboot2 /boot/trapeze.elf menu=plain\nmodule2 --nounzip /boot/manifest manifest\n" \
        "module2 --nounzip /boot/core core\nboot\n"
    iso = workshop.grub_iso(config, {
        "boot/trapeze.elf": workshop.shim(arch), "boot/manifest": manifest.compile_tree(tree), "boot/core": os.path.abspath(core),
        "boot/kernel": vmlinuz, "boot/initrd": initrd})
    spec = Spec(iso, memory="512M", limit=240)
    with boot(spec, "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("core")
        machine.expect(r"core image boots from \(cd0?\)", BOOT_SECONDS)
        machine.expect_line(linux_report.END, linux.BOOT_SECONDS)
        report = linux_report.parse(machine.transcript())
    direct = linux.direct(workshop, boot, spec, kernel)
    for key in ("cmdline", "initrd"):
        assert report[key] == direct[key]
