# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Packed images: what is unpacked is what was packed, by its name and by its first bytes; what is damaged is refused."""

import re
import zlib

import pytest

from harness import linux, linux_report, manifest
from harness.machine import Spec
from harness.packing import COMMANDS, method, pack
from harness.shell import Shell
from harness.shim import Shim, got, log_lines, wanted
from harness.workshop import content_of

ARCHS = ("x86_64", "i386")
BOOT_SECONDS = 60
MODULE = b"".join(b"line %d of a module\n" % number for number in range(20000))


def unpacked(text):
    """[(name, method, bytes before, bytes after)] of the log's lines."""
    lines = [line for area, level, line in log_lines(text) if area == "unpack" and not level]
    found = [re.fullmatch(r"(\S+) (\w+) ok bytes=(\d+) unpacked=(\d+) at=0x[0-9a-f]+ us=\d+", line) for line in lines]
    assert all(found), lines
    return [(match[1], match[2], int(match[3]), int(match[4])) for match in found]


def named(kind):
    """A name for the manifest."""
    return kind.replace(" ", "").replace("-", "")


@pytest.mark.parametrize("arch", ARCHS)
def test_called(boot, workshop, arch):
    """One file packed in every way, and called: by the name of its packing, and known by its first bytes."""
    image = content_of(workshop.built(arch, "payload", "pie.elf"))
    images, configurations = {}, {}
    for kind in COMMANDS:
        for how, properties in (("named", {"compression": method(kind)}), ("known", {})):
            name = f"{named(kind)}-{how}"
            images[name] = manifest.image(named(kind), **properties)
            configurations[name] = {"kernel": name, "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((0, 0x22, 0x33))}
    tree = manifest.tree(images, configurations)
    modules = {named(kind): pack(kind, image) for kind in COMMANDS}
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), **modules})
    with boot(Spec(iso, memory="96M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for kind in COMMANDS:
            for how in ("named", "known"):
                text = "\n".join(shim.command(f"{named(kind)}-{how}", BOOT_SECONDS))
                assert unpacked(text) == [(f"{named(kind)}-{how}", method(kind), len(pack(kind, image)), len(image))]
                assert got(text) == wanted(text)
                assert f'"{named(kind)}-{how}" returned result=0x2a ' in text
        kept = [line for line in shim.command("m") if "unpack" in line]
        assert len(kept) == 1 and kept[0].endswith("staging, unpacked"), "more than the last call's memory was kept"
        # Any command of the shell's ends that.
        Shell(machine).command("cpuid")
        machine.send("exit\r")
        shim.wait_prompt()
        assert not any("unpack" in line for line in shim.command("m")), "memory was not given back"


@pytest.mark.parametrize("arch", ARCHS)
def test_multiboot_kernel_and_modules(boot, workshop, arch):
    """The kernel finds its modules as they were before they were packed; `none` leaves one as it is."""
    kinds = tuple(COMMANDS)
    images = {"kernel": manifest.image("kernel"), "raw": manifest.image(named("gzip"), compression="none")}
    images.update({named(kind): manifest.image(named(kind)) for kind in kinds})
    tree = manifest.tree(images, {"kernel": {"kernel": "kernel", "trapeze,modules": ("raw", *map(named, kinds))}})
    modules = {named(kind): pack(kind, MODULE) for kind in kinds}
    kernel = content_of(workshop.built("i386", "payload", "got-multiboot2.elf"))
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "kernel": pack("xz x86", kernel), **modules})
    with boot(Spec(iso, memory="256M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("kernel")
        machine.expect_line("got: end", BOOT_SECONDS)
        text = machine.transcript()
    assert got(text) == wanted(text)
    assert [entry[0] for entry in unpacked(text)] == ["kernel", *map(named, kinds)]
    sums = [int(line.split("crc32=")[1], 16) for line in got(text) if line.startswith("module: ")]
    assert sums == [zlib.crc32(modules[named("gzip")])] + [zlib.crc32(MODULE)] * len(kinds)


@pytest.mark.parametrize("arch,kernel,how", [("x86_64", "amd64", "zstd"), ("i386", "686-pae", "lz4"), ("x86_64", "686-pae", "gzip"),
                                             ("i386", "amd64", "xz x86")])
def test_linux(boot, workshop, arch, kernel, how):
    """Debian's kernel and initramfs, packed once more, come to user space; a ramdisk is unpacked only where the manifest says so."""
    files = [content_of(path) for path in linux.KERNELS[kernel].files(workshop)]
    packed = [pack(how, data) for data in files]
    tree = manifest.tree({"kernel": manifest.kernel("kernel"), "initrd": manifest.image("initrd", compression=method(how))},
                         {"linux": {"kernel": "kernel", "ramdisk": "initrd", "trapeze,bootargs": linux.CMDLINE}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "kernel": packed[0], "initrd": packed[1]})
    with boot(Spec(iso, memory="512M", limit=240)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("linux")
        machine.expect_line(linux_report.END, 200)
        text = machine.transcript()
    assert [entry[2:] for entry in unpacked(text)] == [(len(after), len(before)) for before, after in zip(files, packed)]
    assert any(re.fullmatch(f"initrd: at=0x[0-9a-f]+ size={len(files[1])}", line) for line in wanted(text))
    assert any(area == "place" and line.startswith("initrd stays=") for area, _, line in log_lines(text))


@pytest.mark.parametrize("arch", ARCHS)
def test_refused(boot, workshop, arch):
    """One line each, and the menu again; what was taken for it is given back."""
    image = content_of(workshop.built(arch, "payload", "pie.elf"))
    bad = {
        "cut": (pack("gzip", image)[:-100], {}, r"cut gzip: says that it has more bytes than so few can hold|cut gzip: ends in the middle"),
        "changed": (pack("zstd", image)[:-1] + b"!", {}, "changed zstd: wrong checksum at="),
        "behind": (pack("xz", image) + b"garbage!", {}, "behind xz: no stream footer at the end"),
        "smaller": (pack("lz4", image), {"trapeze,unpacked-size": len(image) + 1}, "smaller lz4: fewer bytes than trapeze,unpacked-size says"),
        "bomb": (pack("zstd", bytes(200 << 20)), {}, r"bomb zstd: no room for what is in it: there is no memory of \d+ bytes in a piece"),
        "other": (image, {"compression": "xz"}, "other xz: not its magic number"),
        "foreign": (b"BZh91AY&SY" + bytes(100), {}, "foreign: packed as bzip2, which is not supported; known: none, gzip"),
    }
    tree = manifest.tree({name: manifest.image(name, **properties) for name, (_, properties, _) in bad.items()},
                         {name: {"kernel": name} for name in bad})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), **{name: bad[name][0] for name in bad}})
    with boot(Spec(iso, memory="96M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        for name, (_, _, says) in bad.items():
            said = shim.expect_refusal(name)
            assert len(said) == 1 and re.match(f"unpack: (?:{says})", said[0]), said
        assert not any("unpack" in line for line in shim.command("m"))
