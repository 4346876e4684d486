# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Multiboot kernels of both formats: what the shim says it hands over is what they receive, and what GRUB hands over.

Differences to GRUB that are expected, and left out of the comparison:
- where the information, the strings and the modules lie, and so every checksum over addresses;
- the loader's name; the pages of the net, which are reserved; the memory sizes, which end at the first such page;
- GRUB counts a map's neighbouring entries of one type apart; both are joined here;
- format 1: GRUB reads the VBE fields from the BIOS, and gives the shim none; it gives the shim an APM table, and these
  kernels none;
- format 2: GRUB has a tag of no sections for a kernel that is no ELF file;
- on UEFI the firmware's own memory shifts with what GRUB has loaded: there the kinds of things received are compared.
"""

import re

import pytest

from harness import manifest
from harness.linux_report import Range, merge
from harness.machine import Spec
from harness.shim import Shim, got, net_range, wanted
from harness.workshop import GRUB_HEAD

BOOT_SECONDS = 60
CMDLINE = "console=com1 list=a,b;c " + " ".join(f"word{number}" for number in range(20))
MODULES = {"one": (b"first module" * 999, "first string"), "two": (bytes(range(256)) * 33, "")}
VARIANTS = ("got-multiboot1.elf", "got-multiboot1-64.elf", "got-multiboot1-flat.bin", "got-multiboot2.elf",
            "got-multiboot2-flat.bin", "got-multiboot2-relocatable.elf")


def through_trapeze(boot, workshop, arch, payload, spec):
    images = {"kernel": manifest.image("kernel")}
    for name, (_, text) in MODULES.items():
        images[name] = manifest.image(name, **({"trapeze,bootargs": text} if text else {}))
    tree = manifest.tree(images, {"kernel": {"kernel": "kernel", "trapeze,modules": tuple(MODULES),
                                             "trapeze,bootargs": CMDLINE}})
    files = {name: data for name, (data, _) in MODULES.items()}
    iso = workshop.shim_iso(arch, "menu=plain loglevel=debug",
                            {"manifest": manifest.compile_tree(tree),
                             "kernel": workshop.built("i386", "payload", payload), **files})
    with boot(spec(iso), "trapeze") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("kernel")
        machine.expect_line("got: end", BOOT_SECONDS)
        return machine.transcript()


def by_grub(boot, workshop, payload, spec):
    """The record of the same kernel booted by GRUB itself."""
    command, module = ("multiboot2", "module2") if "multiboot2" in payload else ("multiboot", "module")
    words = " ".join(f"'{word}'" for word in CMDLINE.split())
    lines = [f"{command} /boot/kernel {words}"]
    lines += [f"{module} --nounzip /boot/{name} {text}" for name, (_, text) in MODULES.items()]
    files = {f"boot/{name}": data for name, (data, _) in MODULES.items()}
    iso = workshop.grub_iso(GRUB_HEAD + "\n".join(lines) + "\nboot\n",
                            {**files, "boot/kernel": workshop.built("i386", "payload", payload)})
    with boot(spec(iso), "direct") as machine:
        machine.expect_line("got: end", BOOT_SECONDS)
        return got(machine.transcript())


def memory_map(record):
    """The map of a record, its neighbours joined."""
    found = (re.fullmatch(r"mmap: (0x[0-9a-f]+) (0x[0-9a-f]+) (\d+)", line) for line in record)
    return merge(Range(int(match[1], 16), int(match[2], 16), match[3]) for match in found if match)


def without_net(ranges, start, end):
    """The map as it was before the net's pages were reserved: they were free."""
    assert any(item.start == start and item.end == end and item.type == "2" for item in ranges), ranges
    return merge(Range(item.start, item.end, "1") if (item.start, item.end) == (start, end) else item for item in ranges)


LEFT_OUT = ("loader", "mmap", "memory", "multiboot", "multiboot2", "regs", "vbe", "apm")


def comparable(record):
    """What a record says beside addresses, the map and the loader's name."""
    lines = []
    for line in record:
        if line.split(":")[0] in LEFT_OUT or re.match(r"tag: [09] |sections: count=0", line):
            continue
        line = re.sub(r" at=0x[0-9a-f]+", "", line)
        if line.startswith("module: 0x"):
            start, end = (int(word, 16) for word in line.split()[1:3])
            line = f"module: {end - start} bytes {line.split()[3]}"
            assert start % 4096 == 0
        if line.startswith("sections: "):
            line = re.sub(r" crc32=\S+", "", line)
        if line.startswith("tag: "):
            number = int(line.split()[1])
            line = f"tag: {number}" if number in (2, 3, 6, 17) else re.sub(r" crc32=\S+", "", line)
        lines.append(line)
    return sorted(lines)


def kinds(record):
    return sorted({re.match(r"tag: \d+|[\w ]+", line)[0] for line in record})


def registers(record):
    return next(line for line in record if line.startswith("regs: "))


def check(boot, workshop, arch, payload, spec):
    transcript = through_trapeze(boot, workshop, arch, payload, spec)
    want, have = wanted(transcript), got(transcript)
    assert have == want
    assert have.count('module: "first string"') == 1 and sum(line.startswith("module: 0x") for line in have) == 2
    assert "".join(line[10:-1] for line in have if line.startswith('cmdline: "')) == CMDLINE
    assert any(line.startswith('loader: "Trapeze ') and "GRUB 2" in line for line in have)
    magic = "0x36d76289" if "multiboot2" in payload else "0x2badb002"
    assert re.fullmatch(rf"regs: ax={magic} bx=0x[1-9a-f][0-9a-f]*000 cx=0x0 dx=0x0 si=0x0 di=0x0 bp=0x0", registers(have))
    return transcript, have


MATRIX = [(arch, firmware, payload) for arch in ("x86_64", "i386") for firmware in ("bios", "uefi")
          for payload in ("got-multiboot1.elf", "got-multiboot2.elf")]


@pytest.mark.parametrize("arch,firmware,payload", MATRIX, ids=map("-".join, MATRIX))
def test_kernel_receives_what_is_planned(boot, workshop, arch, firmware, payload):
    transcript, have = check(boot, workshop, arch, payload, lambda iso: Spec(iso, firmware=firmware))
    assert any((item.start, item.end, item.type) == (*net_range(transcript), "2") for item in memory_map(have))
    if firmware == "uefi" and "multiboot2" in payload:
        assert {"tag: 12", "tag: 17", "tag: 15"} <= set(kinds(have))


@pytest.mark.parametrize("payload", VARIANTS)
def test_forms_are_as_grub_has_them(boot, workshop, payload):
    """On BIOS all that both hand over is equal but for the differences listed above."""
    arch = ("x86_64", "i386")[VARIANTS.index(payload) % 2]
    transcript, have = check(boot, workshop, arch, payload, lambda iso: Spec(iso, memory="192M"))
    direct = by_grub(boot, workshop, payload, lambda iso: Spec(iso, memory="192M"))
    assert comparable(have) == comparable(direct)
    assert without_net(memory_map(have), *net_range(transcript)) == memory_map(direct)
    assert registers(direct).split()[1] == registers(have).split()[1]
    assert "bp=0x0" in registers(direct)


@pytest.mark.parametrize("payload", ("got-multiboot1.elf", "got-multiboot2.elf"))
def test_kinds_on_uefi_are_as_grub_has_them(boot, workshop, payload):
    _, have = check(boot, workshop, "x86_64", payload, lambda iso: Spec(iso, firmware="uefi"))
    direct = by_grub(boot, workshop, payload, lambda iso: Spec(iso, firmware="uefi"))
    assert kinds(have) == kinds(direct)


@pytest.mark.parametrize("arch,payload", [("x86_64", "got-multiboot2.elf"), ("i386", "got-multiboot1.elf")])
def test_modules_that_no_image_names_are_passed_on(boot, workshop, arch, payload):
    """trapeze,pass-modules: behind the manifest's own modules, each with the string that GRUB gave it."""
    tree = manifest.tree({"kernel": manifest.image("kernel"), "one": manifest.image("one")},
                         {"kernel": {"kernel": "kernel", "trapeze,modules": "one", "trapeze,pass-modules": True}})
    extra = {f"extra{number} list=a,b word{number}": bytes([number]) * (5000 * number) for number in (1, 2)}
    iso = workshop.shim_iso(arch, "menu=plain", {**dict([*extra.items()][:1]), "manifest": manifest.compile_tree(tree),
                                                 "kernel": workshop.built("i386", "payload", payload), "one": b"first",
                                                 **dict([*extra.items()][1:])})
    with boot(Spec(iso)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("kernel")
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
    have = got(transcript)
    assert have == wanted(transcript)
    sizes = [int(words[2], 16) - int(words[1], 16)
             for words in map(str.split, have) if words[0] == "module:" and words[1].startswith("0x")]
    assert sizes == [5, *map(len, extra.values())]
    assert [line for line in have if line.startswith('module: "')][-2:] == [f'module: "{name}"' for name in extra]
