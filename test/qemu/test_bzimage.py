# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Trapeze as a bzImage: by GRUB's `linux`, `kexec -l`, `kexec -s`, and BIOS loaders, with its files in the initrd (docs/kexec.md)."""

import gzip
import re

import pytest

from harness import compare, interop, linux, linux_report, manifest
from harness.machine import Spec
from harness.shim import Shim, errors, log_lines
from harness.workshop import GRUB_HEAD, content_of, digest
from test_calls import CALL_SECONDS, RETURN

OPTIONS = "menu=plain loglevel=debug"
SECONDS = linux.BOOT_SECONDS
KERNELS = {"x86_64": "amd64", "i386": "686-pae"}
CALL = {"kernel": "callee", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((RETURN, 0x234))}
JOB = """\
echo; echo "linux: five-level=$(grep -c la57 /proc/cpuinfo)"
kexec {how} /trapeze.bzimage --initrd=/cargo --command-line="menu=plain loglevel=debug"
echo "linux: load status=$?"
kexec -e
"""


def tree():
    return manifest.tree(
        {"callee": manifest.image("callee", type="standalone"), "kernel": manifest.kernel("kernel"),
         "initrd": manifest.image("initrd", type="ramdisk")},
        {"return": CALL, "linux": {"kernel": "kernel", "ramdisk": "initrd", "trapeze,bootargs": linux.CMDLINE}})


def write(path, content):
    with open(path, "wb") as stream:
        stream.write(content)


def tree_of_calls(callee):
    """A manifest of the called image alone."""
    return manifest.tree({"callee": {"type": "standalone", **callee}}, {"return": CALL})


def files_of(workshop, arch):
    """What a cargo holds, by name: the manifest first."""
    vmlinuz, initrd = linux.KERNELS[KERNELS[arch]].files(workshop)
    return {"manifest": manifest.compile_tree(tree()), "callee": workshop.built(arch, "payload", "callee.elf"),
            "kernel": vmlinuz, "initrd": initrd}


def cargo_of(workshop, arch):
    """The same, made by tools/mkiso."""
    vmlinuz, initrd = linux.KERNELS[KERNELS[arch]].files(workshop)
    named = {"kernel": vmlinuz, "initrd": initrd, "callee": workshop.built(arch, "payload", "callee.elf")}
    root = tree()
    for name, path in named.items():
        del root["images"][name]["trapeze,path"]
        root["images"][name]["trapeze,file"] = path
    return workshop.cargo(root)


def grub_iso(workshop, arch, files, initrd, before="", options=OPTIONS, bits=""):
    """GRUB's `linux` and `initrd` with these words; `bits`: "16" for its loader by the 16-bit entry."""
    config = GRUB_HEAD + f"{before}linux{bits} /boot/trapeze.bzimage {options}\ninitrd{bits} {initrd}\nboot\n"
    contents = {f"boot/{name}": content for name, content in files.items()}
    return workshop.grub_iso(config, {**contents, "boot/trapeze.bzimage": workshop.built(arch, "trapeze.bzimage")})


def greeting(machine, loader, arch):
    """The shim at its prompt, and what it said; nothing went wrong on the way."""
    shim = Shim(machine)
    said = shim.wait_prompt(SECONDS)
    assert errors(said) == []
    assert re.search(rf"start: Trapeze \S+ {arch} loader=\"{loader} \(Linux boot protocol\)\"", said)
    assert re.search(r"multiboot2: Linux boot_params=0x\w+ displaced=0x200000\.\.", said)
    return shim, said


def call_and_boot(machine, shim):
    """An image is called and returns; then Linux, whose report is returned."""
    assert any("returned result=0x1234 " in line for line in shim.command("return", CALL_SECONDS))
    shim.start("linux")
    machine.expect_line(linux_report.END, SECONDS)
    return linux_report.parse(machine.transcript())


@pytest.mark.parametrize("arch,firmware", [("x86_64", "bios"), ("i386", "bios"), ("x86_64", "uefi"), ("i386", "uefi")])
def test_grub(boot, workshop, arch, firmware):
    """A kernel then gets all that GRUB gives it directly: memory map, ACPI, screen, EFI."""
    kernel = linux.KERNELS[KERNELS[arch]]
    files = files_of(workshop, arch)
    iso = grub_iso(workshop, arch, files, " ".join(f"newc:{name}:/boot/{name}" for name in files))
    spec = Spec(iso, firmware=firmware)
    with boot(spec) as machine:
        shim, said = greeting(machine, "GRUB", arch)
        assert any(text.startswith("initrd files=4 ") for area, _, text in log_lines(said) if area == "cargo")
        report = call_and_boot(machine, shim)
        net = linux.Linux(report, machine.transcript()).net()
    wanted = linux.direct(workshop, boot, Spec("", firmware=firmware), kernel)
    found = compare.differences(wanted, report, net, content_of(kernel.files(workshop)[0]))
    assert not found, "\n".join(found)


def test_tree_at_an_odd_place(boot, workshop):
    """Behind a name of that length, at the beginning, the tree lies at no multiple of eight."""
    files = {"tree": manifest.compile_tree(tree_of_calls({"trapeze,path": "callee"})), "callee": workshop.built("x86_64", "payload", "callee.elf")}
    iso = grub_iso(workshop, "x86_64", files, "newc:tree:/boot/tree newc:callee:/boot/callee", options=OPTIONS + " manifest=tree")
    with boot(Spec(iso)) as machine:
        shim, said = greeting(machine, "GRUB", "x86_64")
        at = re.search(r'cargo: file "tree" at=(0x\w+) ', said)
        assert int(at[1], 16) % 8 == 4
        assert any("returned result=0x1234 " in line for line in shim.command("return", CALL_SECONDS))


def from_linux(boot, workshop, arch, how, kernel, cargo, words="", **machine):
    """Linux loads and starts it; what that Linux, and then Trapeze, said."""
    initrd = interop.initrd(workshop, JOB.format(how=how), {
        "trapeze.bzimage": workshop.built(arch, "trapeze.bzimage"), "cargo": cargo})
    return boot(interop.linux_spec(kernel, initrd, interop.CMDLINE + words, **machine))


def displaced(said):
    """[start, end) of where the stub saved what lay in the shim's place."""
    match = re.search(r"displaced=(0x\w+)\.\.(0x\w+) copy=(0x\w+) ", said)
    start, end, copy = (int(number, 16) for number in match.groups())
    return copy, copy + end - start


# Build, system call, Linux before, words for it, machine.
KEXEC = {
    "load": ("x86_64", "-l", "debian", "", {"memory": "1G"}),
    "load-i386": ("i386", "-l", "debian", "", {"memory": "1G"}),
    "load-high": ("x86_64", "-l", "debian", "", {"memory": "6G"}),
    "file": ("x86_64", "-s -l", "7.2", "", {"memory": "1G"}),
    "file-high": ("x86_64", "-s -l", "7.2", "", {"memory": "6G"}),
    "file-handover": ("x86_64", "-s -l", "7.2", " kho=on", {"memory": "1G"}),
    "file-uefi": ("x86_64", "-s -l", "7.2", "", {"firmware": "uefi"}),
    "file-five-level": ("x86_64", "-s -l", "7.2", "", {"cpu": "max"}),
}


@pytest.mark.interop
@pytest.mark.parametrize("name", KEXEC)
def test_kexec(boot, workshop, name):
    """High: stub, saved memory and initrd lie above 4 GiB. The Linux behind sees the tables that it sees under GRUB."""
    arch, how, before, words, spec = KEXEC[name]
    kernel = interop.kernel(workshop) if before == "7.2" else linux.KERNELS["amd64"].files(workshop)[0]
    with from_linux(boot, workshop, arch, how, kernel, cargo_of(workshop, arch), words, **spec) as machine:
        machine.expect_line(f"^linux: five-level={int('five' in name)}", SECONDS)
        machine.expect_line("^linux: load status=0", SECONDS)
        shim, said = greeting(machine, "kexec", arch)
        shown = shim.command("m")
        report = call_and_boot(machine, shim)
    copy, copy_end = displaced(said)
    assert (" UEFI |" in said) == ("uefi" in name)
    assert (copy >= 1 << 32) == ("high" in name)
    assert any("what lay in the shim's place" in line for line in shown)
    assert any(re.search(r"\binitrd\b", line) for line in shown)
    # Neither the size of memory nor the processor changes the list of tables.
    wanted = linux.direct(workshop, boot, Spec("", firmware=spec.get("firmware", "bios")), linux.KERNELS[KERNELS[arch]])
    assert report["acpi_tables"] == wanted["acpi_tables"]
    assert copy_end % 4096 == 0


@pytest.mark.interop
def test_kexec_with_a_tree(boot, workshop):
    """The initrd is the manifest itself, with the images in it."""
    root = tree_of_calls({"data": content_of(workshop.built("x86_64", "payload", "callee.elf"))})
    with from_linux(boot, workshop, "x86_64", "-s -l", interop.kernel(workshop), manifest.compile_tree(root)) as machine:
        shim, _ = greeting(machine, "kexec", "x86_64")
        assert any("returned result=0x1234 " in line for line in shim.command("return", CALL_SECONDS))


@pytest.mark.parametrize("firmware,mode", [("bios", "long"), ("bios", "protected"), ("bios", "real"), ("uefi", "long")])
def test_trapeze_starts_trapeze(boot, workshop, firmware, mode):
    """Its own loader of Linux kernels hands over as any other, by each entry; what is EFI's comes through two of them."""
    root = manifest.tree({"shim": {"type": "kernel", "os": "linux", "trapeze,file": workshop.built("x86_64", "trapeze.bzimage")},
                          "cargo": {"type": "ramdisk", "trapeze,file": cargo_of(workshop, "x86_64")}},
                         {"again": {"kernel": "shim", "ramdisk": "cargo", "trapeze,mode": mode, "trapeze,bootargs": OPTIONS}})
    kernel = linux.KERNELS["amd64"]
    with boot(Spec(workshop.mkiso("x86_64", root, OPTIONS), firmware=firmware)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(SECONDS)
        shim.start("again")
        shim, _ = greeting(machine, "loader 0xf", "x86_64")
        report = call_and_boot(machine, shim)
    wanted = linux.direct(workshop, boot, Spec("", firmware=firmware), kernel)
    assert report["acpi_tables"] == wanted["acpi_tables"]
    assert report.get("efi") == wanted.get("efi")


BAD = {
    "packed": (gzip.compress(bytes(1000), mtime=0), "cargo: the initrd is packed with gzip; a bare "
               "cpio archive or device tree is wanted"),
    "strange": (b"no archive" * 100, "cargo: the initrd is neither a cpio archive (070701) nor a device tree: "),
    "cut": (b"070701" + b"0" * 200, "cpio: member at offset 0: name size=0, 1 to "),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_cargo(boot, workshop, name):
    """One line, and the menu, without entries."""
    content, line = BAD[name]
    iso = grub_iso(workshop, "x86_64", {"cargo": content}, "/boot/cargo")
    with boot(Spec(iso)) as machine:
        said = Shim(machine).wait_prompt(SECONDS)
    complaints = errors(said)
    assert complaints[0].startswith(line) and complaints[1].startswith('source: "manifest" not found asked="module')
    assert len(complaints) == 2
    assert "No manifest: the log (l) says why" in said


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_no_place(boot, workshop, arch):
    """A hole in memory where the shim goes: the stub says so, and nothing is written."""
    iso = grub_iso(workshop, arch, {"cargo": b"\0" * 4096}, "/boot/cargo", before="cutmem 0x280000 0x290000\n")
    with boot(Spec(iso)) as machine:
        machine.expect_line(r"^Trapeze: linux: error: Trapeze goes to 0x200000\.\.0x\w+, which is not all usable memory", SECONDS)
        machine.expect_line("^Trapeze: linux: error: stopped; nothing was changed", SECONDS)


def test_no_long_mode(boot, workshop):
    iso = grub_iso(workshop, "x86_64", {"cargo": b"\0" * 4096}, "/boot/cargo")
    with boot(Spec(iso, cpu="qemu32")) as machine:
        machine.expect_line("^Trapeze: linux: error: this is the x86_64 build, and the processor has no long mode", SECONDS)


# ---- by the 16-bit entry


def by_qemu(image, initrd=None, options=OPTIONS, extra=(), **machine):
    """QEMU's own loader: `-kernel`, by the 16-bit entry."""
    with_initrd = ("-initrd", initrd) if initrd else ()
    return Spec("", extra=("-kernel", image, "-append", options, *with_initrd, *extra), **machine)


# QEMU's loader is an option ROM, which the machine that GRUB starts has no use for.
QEMU_ROM = re.compile(r"iomem: Trapeze alone has 0xc\w{4}-0xc\w{4} Adapter ROM")


def by_qemu_and_grub(boot, workshop, arch, **spec):
    """Linux's report started by QEMU and Trapeze, the net that this one left, and the report of the same by GRUB: on the same machine."""
    with boot(by_qemu(workshop.built(arch, "trapeze.bzimage"), cargo_of(workshop, arch), **spec)) as machine:
        shim, said = greeting(machine, "QEMU", arch)
        assert "framebuffer addr=0xb8000 width=80 height=25 " in said
        report = call_and_boot(machine, shim)
        net = linux.Linux(report, machine.transcript()).net()
    return report, net, linux.direct(workshop, boot, Spec("", ahci=False, **spec), linux.KERNELS[KERNELS[arch]])


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_qemu_kernel(boot, workshop, arch):
    """A kernel then finds what GRUB gives it directly: the memory map above all, which the setup code asks the BIOS for."""
    report, net, wanted = by_qemu_and_grub(boot, workshop, arch)
    found = compare.differences(wanted, report, net, content_of(files_of(workshop, arch)["kernel"]))
    assert len(found) == 1 and QEMU_ROM.fullmatch(found[0]), "\n".join(found)


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_much_memory(boot, workshop, arch):
    report, net, wanted = by_qemu_and_grub(boot, workshop, arch, memory="6G")
    found = list(compare.compare_memory(wanted, report, net))
    assert len(found) == 1 and QEMU_ROM.fullmatch(found[0]), "\n".join(found)
    assert report["initrd"] == wanted["initrd"] and report["acpi_tables"] == wanted["acpi_tables"]


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_small_memory(boot, workshop, arch):
    root = tree_of_calls({"data": content_of(workshop.built(arch, "payload", "callee.elf"))})
    cargo = workshop.once(f"tree-{arch}.dtb", lambda path: write(path, manifest.compile_tree(root)))
    with boot(by_qemu(workshop.built(arch, "trapeze.bzimage"), cargo, memory="64M")) as machine:
        shim, _ = greeting(machine, "QEMU", arch)
        assert any("returned result=0x1234 " in line for line in shim.command("return", CALL_SECONDS))


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_long_command_line(boot, workshop, arch):
    """Its last word is read, and there is no initrd for that word to be found in."""
    last = " manifest=wanted"
    options = OPTIONS + " x" * ((2047 - len(OPTIONS) - len(last)) // 2) + last
    with boot(by_qemu(workshop.built(arch, "trapeze.bzimage"), options=options.rjust(2047))) as machine:
        said = Shim(machine).wait_prompt(SECONDS)
    assert errors(said) == ['source: "wanted" not found asked="module, medium"']
    assert "No manifest: the log (l) says why" in said


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_grub_linux16(boot, workshop, arch):
    kernel = linux.KERNELS[KERNELS[arch]]
    files = files_of(workshop, arch)
    iso = grub_iso(workshop, arch, files, " ".join(f"newc:{name}:/boot/{name}" for name in files), bits="16")
    with boot(Spec(iso)) as machine:
        shim, _ = greeting(machine, "GRUB", arch)
        report = call_and_boot(machine, shim)
        net = linux.Linux(report, machine.transcript()).net()
    found = compare.differences(linux.direct(workshop, boot, Spec(""), kernel), report, net, content_of(files["kernel"]))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_ipxe(boot, workshop, tmp_path, arch):
    """From the network card's ROM: a script, the image and its cargo by TFTP."""
    cargo = workshop.cargo(tree_of_calls({"trapeze,file": workshop.built(arch, "payload", "callee.elf")}))
    files = {"boot.ipxe": f"#!ipxe\nkernel image initrd=cargo {OPTIONS}\ninitrd cargo\nboot\n".encode(),
             "image": content_of(workshop.built(arch, "trapeze.bzimage")), "cargo": content_of(cargo)}
    for name, content in files.items():
        write(tmp_path / name, content)
    network = f"user,id=net0,restrict=on,tftp={tmp_path},bootfile=boot.ipxe"
    with boot(Spec("", extra=("-netdev", network, "-device", "virtio-net-pci,netdev=net0", "-boot", "order=n"))) as machine:
        shim, said = greeting(machine, "iPXE", arch)
        assert "unknown word" not in said
        assert any("returned result=0x1234 " in line for line in shim.command("return", CALL_SECONDS))


def of_protocol_2_01(image):
    """What a loader takes for such a kernel: it hands over the command line in the way that 2.02 ended."""
    return image[:0x206] + b"\x01\x02" + image[0x208:]


# What is done to the image, the machine's memory, the sentence; the BIOS says it, here on the serial line.
REFUSED = {
    "protocol": (of_protocol_2_01, "64M", "Trapeze: the loader speaks a boot protocol before 2.02, which is not understood."),
    "no-room": (bytes, "9M", "Trapeze: no room: a free piece of memory at a multiple of 8 MiB is wanted."),
}


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
@pytest.mark.parametrize("name", REFUSED)
def test_setup_refuses(boot, workshop, arch, name):
    change, memory, sentence = REFUSED[name]
    image = change(content_of(workshop.built(arch, "trapeze.bzimage")))
    path = workshop.once(f"bzimage-{digest(image)}", lambda path: write(path, image))
    with boot(by_qemu(path, extra=("-machine", "graphics=off", "-vga", "none"), memory=memory)) as machine:
        machine.expect(re.escape(sentence), SECONDS)


def test_no_screen(boot, workshop):
    """Where there is no VGA none is told of."""
    with boot(by_qemu(workshop.built("x86_64", "trapeze.bzimage"), extra=("-vga", "none"))) as machine:
        said = Shim(machine).wait_prompt(SECONDS)
    assert "start: Trapeze " in said and "framebuffer" not in said
