# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What Trapeze hands over by kexec handover, and Linux 7.2 finds: docs/handover.md."""

import base64
import hashlib
import os
import re

import libfdt
import pytest

from harness import interop, manifest
from harness.machine import Spec
from harness.shim import Shim, errors, lines_of
from harness.workshop import REPOSITORY, run_tool

SECONDS = 120
REGION, REGION_SIZE = 0x6000000, 0x5000
PATTERN = 0x5a
BLOB = bytes(range(256)) * 20 + b"the end"
WORDS = ("console=ttyS0,115200 panic=-1 kho=on reserve_mem=0x5000:4096:results ${ramoops}")

# What a kernel has got: its own words, the sub-trees as the next kernel sees them, the log, the memory that was to stay.
SHOW = f"""\
mount -t pstore pstore /sys/fs/pstore
in=/sys/kernel/debug/kho/in
for name in $(ls $in/sub_fdts); do
	echo "kho: tree=$name size=$(wc -c <$in/sub_fdts/$name) sha256=$(sha256sum <$in/sub_fdts/$name | cut -c 1-64)"
done
echo "kho: facts=$(base64 $in/sub_fdts/trapeze | tr -d '\\n')"
echo "kho: code=$(grep 'Kernel code' /proc/iomem)"
echo "kho: region=$(dd if=/dev/mem bs=4096 skip={REGION // 4096} count={REGION_SIZE // 4096} 2>/dev/null | sha256sum | cut -c 1-64)"
"""
FLIGHT = "sed 's/^/flight: /' /sys/fs/pstore/console-ramoops-0\necho; echo flight-end\n"
AGAIN = """\
kexec -s -l /second/vmlinuz --initrd=/second/ramdisk --command-line="$(cat /proc/cmdline)"
echo "linux: load status=$?"
kexec -e
"""
END = "echo linux-done; sleep 1; poweroff -f\n"

pytestmark = pytest.mark.interop


def configuration(**more):
    return {"kernel": "kernel", "ramdisk": "initrd", "trapeze,modules": ["notes"], "trapeze,kho": "kho-v4",
            "trapeze,kho-memory": f"results:{REGION_SIZE:#x}@{REGION:#x}", "trapeze,bootargs": WORDS, **more}


def medium(workshop, arch, initrd, configurations, shown=()):
    images = {"kernel": manifest.kernel("kernel"), "initrd": manifest.image("initrd", type="ramdisk"),
              "notes": manifest.image("notes", os="flat", load=0x7000000, **{"hash-1": manifest.hash_node("sha256", BLOB)})}
    fill = f"mw.l -f {REGION:#x} {PATTERN * 0x01010101:#x} {REGION_SIZE // 4}"
    tree = manifest.tree(images, configurations, **{"trapeze,shell": [fill, *shown]})
    modules = {"manifest": manifest.compile_tree(tree), "kernel": interop.kernel(workshop), "initrd": initrd, "notes": BLOB}
    return workshop.shim_iso(arch, "menu=plain loglevel=step", modules)


def value(lines, name):
    found = [line for line in lines if line.startswith(f"kho: {name}=")]
    assert len(found) == 1, found
    return found[0][len(f"kho: {name}="):]


def sub_trees(lines):
    found = [re.fullmatch(r"kho: tree=(\S+) size=(\d+) sha256=(\w+)", line) for line in lines]
    return {match[1]: (int(match[2]), match[3]) for match in found if match}


def check_kernel(lines):
    """What each kernel in the row must have."""
    assert any("KHO: found kexec handover data." in line for line in lines)
    for name in ("trapeze-log", "results"):
        assert any(f"Revived memory reservation '{name}' from KHO" in line for line in lines), name
    assert value(lines, "region") == hashlib.sha256(bytes([PATTERN]) * REGION_SIZE).hexdigest()


def check_kaslr(lines, log):
    """With a handover Linux moves itself into a scratch region, and nowhere else."""
    start, size = (int(number, 16) for number in re.search(r"kho: kho-v4 .* scratch=(0x\w+) size=(0x\w+) ", log).groups())
    code, end = (int(number, 16) for number in re.match(r" *(\w+)-(\w+) : Kernel code", value(lines, "code")).groups())
    assert start <= code < end < start + size


def check_facts(tree, arch, log):
    """Our own sub-tree, by its binding in docs/handover.md."""
    fdt = libfdt.FdtRo(tree)
    root = 0
    assert fdt.getprop(root, "compatible").as_str() == "trapeze-boot-v1"
    assert fdt.getprop(root, "build").as_str() == arch
    assert fdt.getprop(root, "manifest").as_str() == "test"
    assert fdt.getprop(root, "configuration").as_str() == "linux"
    assert fdt.getprop(root, "bootargs").as_str().startswith("console=ttyS0,115200 panic=-1 kho=on ")
    moved = [float(match[1]) for match in re.finditer(r"(?m)^\[ *(\d+\.\d+)\] (?:verify|place): ", log)]
    assert min(moved) <= fdt.getprop(root, "time-us").as_uint64() / 1e6 <= max(moved)
    roles = {}
    for number, name in enumerate(("kernel", "initrd", "notes")):
        node = fdt.path_offset(f"/images/image-{number}")
        roles[fdt.getprop(node, "role").as_str()] = fdt.getprop(node, "image").as_str()
        assert fdt.getprop(node, "image").as_str() == name
    assert roles == {"kernel": "kernel", "ramdisk": "initrd", "blob": "notes"}
    node = fdt.path_offset("/images/image-2")
    assert fdt.getprop(node, "size").as_uint64() == len(BLOB)
    assert bytes(fdt.getprop(fdt.subnode_offset(node, "hash-1"), "value")) == hashlib.sha256(BLOB).digest()


def check_shell(session_path):
    """What the shell's `kho` says beforehand is what tools/kho reads."""
    lines = [" ".join(line.split()) for line in run_tool(os.path.join(REPOSITORY, "tools/kho"), session_path).splitlines()]
    found = {name: re.fullmatch(rf"{name} (0x\w+) (\d+) bytes", line) for line in lines[1:5]
             for name in ("memblock", "kexec-metadata", "trapeze", "notes") if line.startswith(name)}
    assert re.fullmatch(r"kho-v4, index at 0x\w+", lines[0]) and len(found) == 4 and all(found.values()), lines
    assert int(found["notes"][2]) == len(BLOB)
    assert f"results {REGION:#x}..{REGION + REGION_SIZE:#x} {REGION_SIZE} bytes" in lines
    assert any(re.fullmatch(r"trapeze-log 0x\w+01000\.\.0x\w+ 131072 bytes", line) for line in lines)
    assert 'configuration = "linux"' in lines
    assert f"{REGION:#x}..{REGION + REGION_SIZE:#x} {REGION_SIZE} bytes" in lines[lines.index("preserved:"):]


def check_first(before, lines, arch, log):
    """What the kernel that Trapeze starts finds, to the byte."""
    check_kernel(lines)
    check_kaslr(lines, before)
    assert any("KHO: exec from: Trapeze-" in line and "(count 1)" in line for line in lines)
    trees = sub_trees(lines)
    assert set(trees) == {"memblock", "kexec-metadata", "trapeze", "notes"}
    assert trees["notes"] == (len(BLOB), hashlib.sha256(BLOB).hexdigest())
    facts = base64.b64decode(value(lines, "facts"))
    assert trees["trapeze"][1] == hashlib.sha256(facts).hexdigest()
    check_facts(facts, arch, log)
    shown = [line[len("flight: "):] for line in lines if line.startswith("flight: ")]
    logged = [line for line in lines_of(before) if re.match(r"\[ *\d+\.\d{6}\] \w[\w-]*: ", line)]
    ours = logged[:[number for number, line in enumerate(logged) if "] enter: " in line][0] + 1]
    assert len(ours) > 20
    assert [line for line in shown if line in ours] == sorted(set(ours), key=ours.index)


NUMA = tuple(word for node in (0, 1) for word in (
    "-object", f"memory-backend-ram,id=m{node},size=512M", "-numa", f"node,nodeid={node},cpus={node},memdev=m{node}"))
MACHINES = {
    "bios-64": ("x86_64", {}, {}),
    "bios-32": ("i386", {}, {}),
    "uefi-64": ("x86_64", {"firmware": "uefi"}, {}),
    "uefi-32": ("i386", {"firmware": "uefi"}, {}),
    "protected": ("x86_64", {}, {"trapeze,mode": "protected"}),
    "large": ("x86_64", {"memory": "6G"}, {}),
    "numa": ("x86_64", {"smp": 2, "extra": NUMA}, {}),
}


@pytest.mark.parametrize("name", MACHINES)
def test_linux_takes_it_and_hands_it_on(boot, workshop, name):
    """KASLR is on. The second kernel comes by Linux's own kexec, and has the memory still."""
    arch, machine, words = MACHINES[name]
    second = interop.initrd(workshop, SHOW + END)
    initrd = interop.initrd(workshop, SHOW + FLIGHT + AGAIN, {"second/vmlinuz": interop.kernel(workshop), "second/ramdisk": second})
    iso = medium(workshop, arch, initrd, {"linux": configuration(**words)}, ["kho linux"])
    with boot(Spec(iso, **{"memory": "1G", "limit": 600, **machine})) as guest:
        shim = Shim(guest)
        log = shim.wait_prompt(SECONDS)
        assert errors(log) == []
        check_shell(guest.serial_path)
        shim.start("linux")
        guest.expect_line("^flight-end", SECONDS)
        before = guest.transcript()
        guest.expect_line("^linux-done", SECONDS)
        after = guest.transcript()[len(before):]
    check_first(before, lines_of(before), arch, before)
    check_kernel(lines_of(after))
    assert "load status=0" in after
    assert "(count 2)" in after


REFUSED = {
    "old": ({"trapeze,kho": "kho-v1"}, 'kho: old: trapeze,kho="kho-v1" is not known; known: kho-v4'),
    "twice": ({"trapeze,modules": ["notes", "notes"]}, 'kho: twice: the blob "notes" is there twice'),
    "real": ({"trapeze,mode": "real"}, "kho: kernel: trapeze,kho: only 64-bit kernels take a kexec handover, and not by their "
             "16-bit entry (protocol=2.15 "),
    "bios": ({"trapeze,kho-memory": "bios:4K@0xfffff000"},
             'kho: bios: trapeze,kho-memory "bios" start=0xfffff000 size=0x1000 meets what is no memory'),
    "odd": ({"trapeze,kho-scratch": manifest.Wide((0x8000000, 0x4001000))},
            "kho: odd: trapeze,kho-scratch: start=0x8000000 size=0x4001000, wanted multiples of 0x400000"),
    "little": ({"trapeze,kho-scratch": manifest.Wide((0x8000000, 0x80000000))},
               "place: handover scratch at 0x8000000..0x88000000: 0x3ffe0000 is not usable memory"),
    "back": ({"trapeze,preserve-context": True}, "boot: back: not for a kernel that comes back: trapeze,kho"),
    "called": ({"kernel": "notes"}, "boot: called: trapeze,kho: the flat image takes no"),
}


def test_what_cannot_be_handed_over_is_refused(boot, workshop):
    """Each in one line, in the menu. (At an AHCI controller SeaBIOS has a page more for itself.)"""
    entries = {name: configuration(**words) for name, (words, _) in REFUSED.items()}
    iso = medium(workshop, "x86_64", interop.initrd(workshop, END), entries)
    with boot(Spec(iso, memory="1G", ahci=False)) as guest:
        shim = Shim(guest)
        shim.wait_prompt(SECONDS)
        said = {name: shim.expect_refusal(name) for name in REFUSED}
    wrong = {name: lines for name, lines in said.items() if len(lines) != 1 or not lines[0].startswith(REFUSED[name][1])}
    assert not wrong
