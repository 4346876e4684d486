# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Want and got: the record of what the shim is about to hand over equals what the test payloads say they received."""

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim, got, wanted

KERNELS = ("got-linux", "got-linux-fixed", "got-linux-32", "got-linux-210", "got-linux-206", "got-linux-204",
           "got-linux-202", "got-linux-200", "got-linux-zimage")
BOOT_SECONDS = 60
# Longer than one piece of the record's, with all that a shell would take apart.
CMDLINE = "console=ttyS0,115200 " + " ".join(f"word{number}='a \"b\" $c'" for number in range(12))
RAMDISKS = {"first": b"first ramdisk, of odd size" * 1001, "second": bytes(range(256)) * 64}


def fly(boot, spec, entry):
    """Start an entry whose payload prints a record; return what was wanted, what it got and the whole transcript."""
    with boot(spec) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start(entry)
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
    return wanted(transcript), got(transcript), transcript


def kernel_iso(workshop, arch, payload):
    images = {"kernel": manifest.kernel("kernel")}
    images.update({name: manifest.image(name, type="ramdisk") for name in RAMDISKS})
    configuration = {"kernel": "kernel", "ramdisk": tuple(RAMDISKS), "trapeze,bootargs": CMDLINE}
    return workshop.shim_iso(arch, "menu=plain loglevel=debug",
                             {"manifest": manifest.compile_tree(manifest.tree(images, {"linux": configuration})),
                              "kernel": workshop.built(arch, "payload", payload + ".bin"), **RAMDISKS})


def check_kernel(boot, workshop, spec_of, arch, payload):
    want, have, transcript = fly(boot, spec_of(kernel_iso(workshop, arch, payload)), "linux")
    assert have == want
    assert any(line.startswith("initrd: ") for line in want)
    return want, transcript


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
@pytest.mark.parametrize("payload", KERNELS)
def test_kernel_of_each_protocol(boot, workshop, arch, payload):
    want, _ = check_kernel(boot, workshop, lambda iso: Spec(iso, memory="256M"), arch, payload)
    mode = "long" if arch == "x86_64" and payload in ("got-linux", "got-linux-fixed") else "protected"
    assert f" mode={mode} " in want[0]


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
@pytest.mark.parametrize("machine", ("pc", "q35"))
def test_kernel_on_uefi(boot, workshop, arch, machine):
    want, _ = check_kernel(boot, workshop, lambda iso: Spec(iso, firmware="uefi", machine=machine), arch, "got-linux")
    assert any(line.startswith("efi: signature=EL64") for line in want)


@pytest.mark.parametrize("memory,machine", [("32M", "pc"), ("6G", "pc"), ("6G", "q35")])
@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_sizes_of_memory(boot, workshop, arch, memory, machine):
    check_kernel(boot, workshop, lambda iso: Spec(iso, memory=memory, machine=machine), arch, "got-linux")


@pytest.mark.parametrize("cpu,arch", [("pentium3", "i386"), ("pentium2", "i386"), ("qemu32", "i386"),
                                      ("core2duo", "x86_64"), ("max", "x86_64"), ("max", "i386")])
def test_processors(boot, workshop, cpu, arch):
    want, _ = check_kernel(boot, workshop, lambda iso: Spec(iso, cpu=cpu), arch, "got-linux")
    has_rdrand = cpu == "max"
    assert any(line.startswith("setup_data: ") and " type=9 size=32 " in line for line in want) == has_rdrand


@pytest.mark.parametrize("firmware", ("bios", "uefi"))
@pytest.mark.parametrize("arch,mode", [("x86_64", None), ("x86_64", "protected"), ("i386", None)])
def test_elf_image(boot, workshop, arch, mode, firmware):
    """ELF images of either width from either build; the mode follows the file's class, or trapeze,mode."""
    width = {"protected": "i386", "long": "x86_64", None: arch}[mode]
    tree = manifest.tree({"image": manifest.image("image", type="standalone")},
                         {"hello": {"kernel": "image", "trapeze,args": manifest.Wide((1, 2, 3, 4, 5, 0xffffffff)),
                                    **({"trapeze,mode": mode} if mode else {})}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree),
                                                 "image": workshop.built(width, "payload", "hello.elf")})
    want, have, _ = fly(boot, Spec(iso, firmware=firmware), "hello")
    assert have == want
    assert "args: 0x1 0x2 0x3 0x4 0x5 0xffffffff" in want
