# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""FITs that mkimage made are manifests as they are: data in the tree and behind it, kernels, ramdisks, loadables, setup."""

import contextlib
import re
import struct

import pytest

from harness import compare, fit, linux_report
from harness.linux import CMDLINE, KERNELS, direct
from harness.machine import Spec
from harness.shim import Shim, errors, got, log_lines, net_range, wanted
from harness.workshop import content_of

BOOT_SECONDS = 150
EMBEDDED, EXTERNAL, ALIGNED, POSITION = (), ("-E",), ("-E", "-B", "0x200"), ("-E", "-p", "0x2000")
LOADABLE = bytes(range(256)) * 20


@contextlib.contextmanager
def started(boot, workshop, arch, itb, args="", **more):
    """A machine on which GRUB gave the FIT as the module `manifest`, its entry started."""
    iso = workshop.shim_iso(arch, "menu=plain loglevel=debug", {"manifest": itb})
    with boot(Spec(iso, limit=400, **more)) as machine:
        shim = Shim(machine)
        before = shim.wait_prompt(BOOT_SECONDS)
        assert not errors(before) and "unknown property" not in before, before
        if args:
            shim.command(f"e conf-1 {args}")
        shim.start("conf-1")
        yield machine


def payload_fit(workshop, arch, options):
    images = {"kernel": fit.image("kernel", "kernel", load=0x1000000, entry=0x1000000,
                                  **{f"hash-{n}": {"algo": algo} for n, algo in enumerate(
                                      ("crc32", "md5", "sha1", "sha256", "sha384", "sha512"), 1)}),
              "ramdisk": fit.image("ramdisk", "ramdisk"),
              "extra": fit.image("extra", "firmware", load=0x5000010)}
    tree = fit.tree(images, {"conf-1": {"description": "Boot", "kernel": "kernel", "ramdisk": "ramdisk", "loadables": "extra",
                                        "compatible": "somebody,board"}})
    return fit.make(workshop, tree, {"kernel": workshop.built(arch, "payload", "got-linux.bin"),
                                     "ramdisk": b"070701" * 1001, "extra": LOADABLE}, options)


PAYLOADS = [("x86_64", "bios", EMBEDDED), ("x86_64", "bios", EXTERNAL), ("i386", "bios", ALIGNED), ("i386", "bios", EMBEDDED),
            ("x86_64", "uefi", POSITION)]


@pytest.mark.parametrize("arch,firmware,options", PAYLOADS, ids=lambda value: "".join(value) or "embedded")
def test_bytes_are_where_mkimage_puts_them(boot, workshop, arch, firmware, options):
    with started(boot, workshop, arch, payload_fit(workshop, arch, options), "one two", firmware=firmware) as machine:
        machine.expect_line("got: end", BOOT_SECONDS)
        text = machine.transcript()
    assert got(text) == wanted(text)
    said = [line for area, _, line in log_lines(text) if area in ("place", "verify")]
    assert sum(f"kernel {algo} ok" in line for line in said for algo in ("crc32", "md5", "sha1", "sha256", "sha384", "sha512")) == 6
    assert any(re.match(rf"extra dest=0x5000010 source=.* file={len(LOADABLE)} ", line) for line in said), said


def test_loadables_are_modules(boot, workshop):
    """Of a multiboot kernel: those that have no place of their own."""
    images = {"kernel": fit.image("kernel", "kernel", os="xen", load=0, entry=0), "one": fit.image("one", "ramdisk"),
              "two": fit.image("two", "firmware", load=0x5000000)}
    tree = fit.tree(images, {"conf-1": {"description": "Boot", "kernel": "kernel", "loadables": ("one", "two")}})
    itb = fit.make(workshop, tree, {"kernel": workshop.built("i386", "payload", "got-multiboot2.elf"), "one": LOADABLE,
                                    "two": b"two" * 99}, EXTERNAL)
    with started(boot, workshop, "x86_64", itb) as machine:
        machine.expect_line("got: end", BOOT_SECONDS)
        text = machine.transcript()
    assert got(text) == wanted(text)
    modules = [line for line in got(text) if line.startswith("module: ")]
    start_at, end = re.match(r"module: (0x[0-9a-f]+) (0x[0-9a-f]+) ", modules[0]).groups()
    assert len(modules) == 1 and int(end, 16) - int(start_at, 16) == len(LOADABLE)


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_setup_and_self_extracting_kernel(boot, workshop, arch):
    setup, code = fit.split(content_of(workshop.built("i386", "payload", "got-linux.bin")))
    images = {"kernel": fit.image("kernel", "kernel", arch="x86", load=0x2000000, entry=0),
              "setup": fit.image("setup", "x86_setup", arch="x86", load=0x90000, entry=0x90000)}
    tree = fit.tree(images, {"conf-1": {"description": "Boot", "kernel": "kernel", "setup": "setup"}})
    with started(boot, workshop, arch, fit.make(workshop, tree, {"kernel": code, "setup": setup}), "hello") as machine:
        machine.expect_line("got: end", BOOT_SECONDS)
        text = machine.transcript()
    assert got(text) == wanted(text)
    assert re.search(r"enter: linux mode=protected entry=0x2000000 ", text)


@pytest.mark.parametrize("arch,kernel", [("x86_64", "amd64"), ("i386", "686-pae")])
def test_setup_and_flat_kernel(boot, workshop, arch, kernel):
    """As U-Boot's documentation has it: vmlinux as a flat binary, and setup.bin. Debian's, to user space."""
    path, initrd = KERNELS[kernel].files(workshop)
    load = fit.preferred_address(content_of(path))
    machine_type = {"amd64": "x86_64", "686-pae": "x86"}[kernel]
    images = {"kernel": fit.image("kernel", "kernel", arch=machine_type, load=load, entry=0),
              "setup": fit.image("setup", "x86_setup", arch=machine_type, load=0x90000, entry=0x90000),
              "ramdisk": fit.image("ramdisk", "ramdisk")}
    tree = fit.tree(images, {"conf-1": {"description": "Boot", "kernel": "kernel", "setup": "setup", "ramdisk": "ramdisk"}})
    itb = fit.make(workshop, tree, {"kernel": fit.flat_kernel(workshop, path), "setup": fit.split(content_of(path))[0],
                                    "ramdisk": initrd}, EXTERNAL)
    with started(boot, workshop, arch, itb, CMDLINE) as machine:
        machine.expect_line(linux_report.END, BOOT_SECONDS)
        text = machine.transcript()
    assert re.search(rf"enter: linux mode={'long' if kernel == 'amd64' else 'protected'} entry={load:#x} ", text)


@pytest.mark.parametrize("arch,kernel,firmware", [("x86_64", "amd64", "bios"), ("i386", "686-pae", "bios"),
                                                  ("x86_64", "amd64", "uefi")])
def test_debian_out_of_a_fit(boot, workshop, arch, kernel, firmware):
    """A bzImage and its initrd behind the tree: the kernel finds what it finds behind GRUB alone."""
    path, initrd = KERNELS[kernel].files(workshop)
    images = {"kernel": fit.image("kernel", "kernel", load=0x1000000, entry=0x1000000), "ramdisk": fit.image("ramdisk", "ramdisk")}
    tree = fit.tree(images, {"conf-1": {"description": "Debian", "kernel": "kernel", "ramdisk": "ramdisk"}})
    itb = fit.make(workshop, tree, {"kernel": path, "ramdisk": initrd}, EXTERNAL)
    with started(boot, workshop, arch, itb, CMDLINE, firmware=firmware) as machine:
        machine.expect_line(linux_report.END, BOOT_SECONDS)
        text = machine.transcript()
    wanted_report = direct(workshop, boot, Spec("", firmware=firmware), KERNELS[kernel])
    found = compare.differences(wanted_report, linux_report.parse(text), net_range(text), content_of(path))
    assert not found, "\n".join(found)


def damage(itb, prop, value):
    """The FIT with another value for the first property of that name that has one cell."""
    data = bytearray(content_of(itb))
    strings = struct.unpack_from(">I", data, 12)[0]
    name = data.index(prop.encode() + b"\0", strings) - strings
    at = data.index(struct.pack(">III", 3, 4, name)) + 12
    data[at:at + 4] = struct.pack(">I", value & 0xffffffff)
    return bytes(data)


DAMAGES = {
    "beyond-the-file": (EXTERNAL, "data-offset", 0x1000000, r"/images/kernel: external data 0x[0-9a-f]+\.\.0x[0-9a-f]+ reaches "
                                                            r"beyond the file's 0x[0-9a-f]+ bytes"),
    "wraps": (EXTERNAL, "data-offset", -4, r"/images/kernel: external data 0x1[0-9a-f]{8}\.\."),
    "size-wraps": (EXTERNAL, "data-size", -1, r"/images/kernel: external data .* reaches beyond"),
    "empty": (EXTERNAL, "data-size", 0, r"/images/kernel: external data of no size"),
    "in-the-tree": (POSITION, "data-position", 0x40, r"/images/kernel: data-position 0x40 lies in the tree, which has 0x"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_places(boot, workshop, name):
    options, prop, value, says = DAMAGES[name]
    data = damage(payload_fit(workshop, "x86_64", options), prop, value)
    arch = ("x86_64", "i386")[list(DAMAGES).index(name) % 2]
    with boot(Spec(workshop.shim_iso(arch, "menu=plain loglevel=err", {"manifest": data}))) as machine:
        said = errors(Shim(machine).wait_prompt(BOOT_SECONDS))
        assert len(said) == 1 and re.search(says, said[0]), said
