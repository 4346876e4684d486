# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Bad input of any kind ends in one clear line and the menu.

What spoils one entry is tried entry after entry in one machine, since each refusal leads back to the menu; what spoils
the manifest as a whole needs a boot each.
"""

import re
from dataclasses import dataclass, field

import pytest

from harness import bad_multiboot, manifest
from harness.broken import FILE_SIZE, LOAD, SEGMENT, bzimage, elf
from harness.machine import Machine, Spec
from harness.manifest import Wide
from harness.shim import Shim, errors

BOOT_SECONDS = 60
GOOD = bzimage()
ZEROS = bytes(len(GOOD))
BIG_ZIMAGE = bzimage(loadflags=0, version=0x202, code32_start=0x1000, syssize=0x800) + bytes(700 << 10)
NO_ROOM = r"plan: linux-[a-z-]+-r: .* does not fit"
WRONG = {"sha256": bytes(32), "sha512": bytes(64), "sha1": bytes(20), "crc32": bytes(4)}


@dataclass(frozen=True)
class Case:
    """One entry that cannot be booted. `says`: regular expressions of the error lines, one each, in order."""

    says: tuple
    kernel: object = GOOD           # bytes; None: no such module
    image: dict = field(default_factory=lambda: {"os": "linux", "type": "kernel"})
    config: dict = field(default_factory=dict)
    ramdisk: object = None          # bytes, or False: named in the manifest and not there
    ramdisk_image: dict = field(default_factory=dict)


def linux(says, config=None, **fields):
    """A kernel with a wrong field."""
    return Case((says,), bzimage(**fields), config=config or {})


def elf_case(bits, says, config=None, **arguments):
    return Case((says,), elf(bits, **arguments), {"type": "standalone"}, config or {})


def hashed(says, *hashes, data=GOOD, **extra):
    nodes = {f"hash-{number}": node for number, node in enumerate(hashes, 1)}
    return Case(says, data, {"os": "linux", "type": "kernel", **nodes, **extra})


def wrong_hash(algo):
    return {"algo": algo, "value": WRONG[algo]}


SOURCE_AND_LINUX = {
    # ---- where the bytes come from, and whether they are the right ones
    "kernel-missing": Case((r'source: "[^"]*kernel-missing\.kernel" not found',), None),
    "ramdisk-missing": Case((r'source: "[^"]*ramdisk-missing\.ramdisk" not found',), ramdisk=False),
    "sha256-wrong": hashed((r"verify: .* sha256 mismatch want=0{8,}",), wrong_hash("sha256")),
    "sha512-wrong": hashed((r"verify: .* sha512 mismatch",), wrong_hash("sha512")),
    "sha1-wrong": hashed((r"verify: .* sha1 mismatch",), wrong_hash("sha1")),
    "crc32-wrong": hashed((r"verify: .* crc32 mismatch want=00000000 got=",), wrong_hash("crc32")),
    "second-hash-wrong": hashed((r"verify: .* crc32 mismatch",), manifest.hash_node("sha256", GOOD),
                                wrong_hash("crc32")),
    "one-bit-flipped": hashed((r"verify: .* sha256 mismatch",), manifest.hash_node("sha256", GOOD),
                              data=GOOD[:-1] + bytes((GOOD[-1] ^ 1,))),
    "ramdisk-hash-wrong": Case((r"verify: .* sha256 mismatch",), ramdisk=b"a ramdisk",
                               ramdisk_image={"hash-1": wrong_hash("sha256")}),
    "size-wrong": hashed((rf"verify: .* has {len(GOOD)} bytes, the manifest says {len(GOOD) + 1}",),
                         **{"trapeze,size": len(GOOD) + 1}),
    # ---- no format that we know
    "no-format": Case(tuple(rf"loader: .*: not {name}: " for name in ("linux", "multiboot2", "multiboot", "pvh", "elf", "bootsector", "eltorito", "flat")),
                      b"neither fish nor fowl\n" * 60, {}),
    "text-as-linux": Case((r"not linux: no 0xaa55 at 0x1fe",), b"neither fish nor fowl\n" * 60),
    "text-as-elf": Case((r"not elf: ",), b"neither fish nor fowl\n" * 60, {"os": "elf"}),
    "zeros-after-failed-unpacking": hashed((r"verify: .* sha256 mismatch", r"verify: .* nothing but zeros"),
                                           manifest.hash_node("sha256", GOOD), data=ZEROS),
    "one-byte": Case((r"too short for a boot sector",), b"x"),
    # ---- Linux kernels
    "linux-no-boot-flag": linux(r"not linux: no 0xaa55", boot_flag=0),
    "linux-no-magic": linux(r'not linux: no "HdrS"', magic=0),
    "linux-protocol-1": linux(r"boot protocol 1\.\d+ is not known", version=0x105),
    "linux-protocol-3": linux(r"boot protocol 3\.\d+ is not known", version=0x300),
    "linux-cut-in-header": Case((r"too short for a setup header",), GOOD[:0x204]),
    "linux-cut-in-setup": Case((r"ends inside its setup code: size=900",), GOOD[:900]),
    "linux-setup-beyond-file": linux(r"ends inside its setup code", setup_sects=255),
    "linux-cut-in-code": Case((r"truncated: syssize promises 4096 bytes .* has 4000",), GOOD[:1024 + 4000]),
    "linux-alignment-odd": linux(r"kernel_alignment=0x123456 is not a power of two", kernel_alignment=0x123456),
    "linux-alignment-zero": linux(r"kernel_alignment=0x0 is not a power of two", kernel_alignment=0),
    "linux-min-alignment": linux(r"min_alignment=30 .* is above kernel_alignment", min_alignment=30),
    "linux-pref-address-low": linux(r"pref_address=0x1000 is below 1 MiB", pref_address=0x1000),
    "linux-pref-address-wraps": linux(r"pref_address=0xfffffffffffff000 .* is beyond", pref_address=0xfffffffffffff000),
    "linux-needs-3-gib": linux(r"place: kernel.* does not fit", init_size=0xc0000000),
    "linux-fixed-beyond-memory": linux(r"(place|linux): .*(not usable|does not fit|not between)", relocatable=0,
                                       pref_address=0xc0000000),
    "linux-entry-outside": linux(r"code32_start=0x4000000 is outside the kernel", code32_start=0x4000000),
    "linux-command-line-too-long": linux(r"the command line has 300 characters, this kernel takes 255",
                                         {"trapeze,bootargs": "x" * 300}),
    "linux-zimage-too-large": Case((r"a zImage must end below",), BIG_ZIMAGE),
    "linux-real-mode-setup": Case((r"setup_sects=64: the 16-bit code has 0x8200 bytes, at most 0x8000",),
                                  bzimage(setup_sects=64) + bytes(64 << 10), config={"trapeze,mode": "real"}),
    "linux-no-64-bit-entry": linux(r"trapeze,mode=long: this kernel has no 64-bit entry", {"trapeze,mode": "long"},
                                   xloadflags=0),
    "linux-initrd-no-room": Case((NO_ROOM,), bzimage(initrd_addr_max=0xfffff), ramdisk=bytes(1 << 20)),
    "linux-mem-too-small": Case((NO_ROOM,), config={"trapeze,bootargs": "mem=2M"}, ramdisk=bytes(2 << 20)),
}


def elf_cases(bits):
    """ELF images of the width that the build enters."""
    top = 1 << bits
    return {
        "elf-cut-in-header": Case((r"elf: .*ends inside its header|not elf: ",), elf(bits)[:40],
                                  {"type": "standalone"}),
        "elf-class": elf_case(bits, r"EI_CLASS=0x3", ei_class=3),
        "elf-big-endian": elf_case(bits, r"EI_DATA=0x2: not little-endian", ei_data=2),
        "elf-relocatable-object": elf_case(bits, r"e_type=0x1: no executable", e_type=1),
        "elf-position-independent-overlap": elf_case(bits, r"p_vaddr=0x2000100 lies before the end of the one before it",
                                                     segments=(SEGMENT, (LOAD, 0x1000, 0x2000100, 0x100, 0x200)), e_type=3),
        "elf-position-independent-too-large": elf_case(bits, r"no room for 0x60000000 bytes below", e_type=3,
                                                       segments=((LOAD, 0x1000, 0x2000000, 0x200, 0x60000000),)),
        "elf-core-dump": elf_case(bits, r"e_type=0x4: no executable", e_type=4),
        "elf-for-arm": elf_case(32, r"e_machine=0x28", e_machine=40),
        "elf-no-segments": elf_case(bits, r"e_phnum=0x0: no program headers", segments=()),
        "elf-nothing-to-load": elf_case(bits, r"e_entry=0x2000000: lies in no segment", segments=((4, *SEGMENT[1:]),)),
        "elf-header-size": elf_case(bits, r"e_phentsize=0x21: must be (56|32)", e_phentsize=33),
        "elf-table-beyond-file": elf_case(bits, r"program headers end beyond the file", e_phoff=FILE_SIZE - 8),
        "elf-table-wraps": elf_case(bits, r"program headers end beyond the file", e_phoff=top - 16),
        "elf-file-above-memory": elf_case(bits, r"p_filesz=0x200 is above p_memsz=0x100",
                                          segments=((LOAD, 0x1000, 0x2000000, 0x200, 0x100),)),
        "elf-segment-beyond-file": elf_case(bits, r"segment 0 ends beyond the file",
                                            segments=((LOAD, 0x1f00, 0x2000000, 0x200, 0x200),)),
        "elf-offset-wraps": elf_case(bits, r"segment 0 ends beyond the file",
                                     segments=((LOAD, top - 0x100, 0x2000000, 0x200, 0x200),)),
        "elf-address-wraps": elf_case(bits, rf"p_paddr={top - 0x100:#x} .* is beyond|(place|plan): .*not (usable|between)",
                                      segments=((LOAD, 0x1000, top - 0x100, 0x100, 0x200),), e_entry=top - 0x100),
        "elf-in-video-memory": elf_case(bits, r"place: .*0x9fc00 is not usable memory", e_entry=0x9f000,
                                        segments=((LOAD, 0x1000, 0x9f000, 0x100, 0x2000),)),
        "elf-in-rom": elf_case(bits, r"place: .* is not usable memory", e_entry=0xf0000,
                               segments=((LOAD, 0x1000, 0xf0000, 0x100, 0x200),)),
        "elf-beyond-memory": elf_case(bits, r"place: .* is not usable memory", e_entry=0xc0000000,
                                      segments=((LOAD, 0x1000, 0xc0000000, 0x100, 0x200),)),
        "elf-segments-overlap": elf_case(bits, r"place: .* overlaps ",
                                         segments=(SEGMENT, (LOAD, 0x1000, 0x2000100, 0x100, 0x200))),
        "elf-larger-than-memory": elf_case(bits, r"place: .*(not usable memory|does not fit)",
                                           segments=((LOAD, 0x1000, 0x2000000, 0x100, 0x40000000),)),
        "elf-real-mode": elf_case(bits, r"trapeze,mode=real: ELF files are entered in long or protected mode",
                                  {"trapeze,mode": "real"}),
        "elf-argument-too-wide": elf_case(32, r"trapeze,args: number 1, 0x100000000, does not fit",
                                          {"trapeze,args": Wide((1 << 32,))}),
    }


MULTIBOOT = {name: Case((says,), kernel, {"os": loader} if loader else {}, config)
             for name, (says, kernel, config, loader) in bad_multiboot.cases().items()}
CASES = {arch: {**SOURCE_AND_LINUX, **elf_cases(bits), **MULTIBOOT} for arch, bits in (("x86_64", 64), ("i386", 32))}


def collect(arch):
    """The manifest and the modules of all cases."""
    images, configurations, modules = {}, {}, {}
    for name, case in CASES[arch].items():
        images[f"{name}-k"] = manifest.image(f"{name}.kernel", **case.image)
        configurations[name] = {"kernel": f"{name}-k", **case.config}
        if case.kernel is not None:
            modules[f"{name}.kernel"] = case.kernel
        if case.ramdisk is not None:
            images[f"{name}-r"] = manifest.image(f"{name}.ramdisk", type="ramdisk", **case.ramdisk_image)
            configurations[name]["ramdisk"] = f"{name}-r"
        if case.ramdisk:
            modules[f"{name}.ramdisk"] = case.ramdisk
    return manifest.tree(images, configurations), modules


@pytest.fixture(scope="module")
def table(request, workshop):
    """The machine with all the entries, at the prompt; a new one after one that did not survive its entry."""
    running = []

    def at_prompt(arch):
        if running and running[0].failed:
            running.pop().close()
        if not running:
            tree, modules = collect(arch)
            modules["manifest"] = manifest.compile_tree(tree)
            iso = workshop.shim_iso(arch, "menu=plain loglevel=err", modules)
            running.append(Machine(Spec(iso, limit=600), f"{workshop.build}/test-logs/test_bad_inputs.{arch}"))
            Shim(running[0]).wait_prompt(BOOT_SECONDS)
        return Shim(running[0])

    yield lambda name: (at_prompt(request.param), CASES[request.param][name])
    for machine in running:
        machine.close()


@pytest.mark.parametrize("name", CASES["x86_64"])
@pytest.mark.parametrize("table", [pytest.param(arch, marks=pytest.mark.xdist_group(f"bad-{arch}")) for arch in CASES],
                         indirect=True)
def test_entry_is_refused(table, name):
    shim, case = table(name)
    said = shim.expect_refusal(name)
    assert len(said) == len(case.says), said
    for pattern, line in zip(case.says, said):
        assert re.search(pattern, line), f"{line!r} does not say {pattern!r}"


# ---- what spoils the manifest as a whole

SMALL_IMAGES = {"kernel": manifest.kernel("kernel")}
SMALL_CONFIGURATIONS = {"linux": {"kernel": "kernel"}}


def small(image=None, config=None, configurations=None, **root):
    images = {"kernel": {**SMALL_IMAGES["kernel"], **(image or {})}}
    tree = manifest.tree(images, {"linux": {"kernel": "kernel", **(config or {})}}, **root)
    tree["configurations"].update(configurations or {})
    return tree


def damaged(offset, value, keep=None):
    data = bytearray(manifest.compile_tree(small()))
    data[offset:offset + len(value)] = value
    return bytes(data[:keep])


# name: (bytes or tree, what the one line says)
MANIFESTS = {
    "missing": (None, r'source: "manifest" not found'),
    "no-tree": (b"this is no device tree, but it is long enough for the header of one",
                r"no device tree: magic 0x74686973"),
    "too-short": (b"\xd0\x0d\xfe\xed" + bytes(16), r"20 bytes, but the header of a tree alone has 40"),
    "cut": (damaged(0, b"", keep=200), r"200 bytes, but the header says \d+"),
    "version-1": (damaged(20, bytes((0, 0, 0, 1)) * 2), r"tree of version 1, wanted"),
    "damaged-structure": (damaged(64, b"\xff" * 8), r"damaged tree: "),
    "no-images": ({"configurations": {"default": "x", "x": {"kernel": "k"}}}, r"/images: no such node"),
    "no-configurations": ({"images": SMALL_IMAGES}, r"/configurations: no such node"),
    "default-names-nothing": (small(configurations={"default": "windows"}),
                              r'/configurations default="windows": no such configuration'),
    "kernel-names-nothing": (small(config={"kernel": "vmlinux"}),
                             r'/configurations/linux kernel="vmlinux": no such image'),
    "unknown-property-of-ours": (small(config={"trapeze,bootarg": "x"}), r'trapeze,bootarg="x": unknown property'),
    "wrong-type": (small(config={"trapeze,bootargs": b"\x01\x02\xff"}), r"trapeze,bootargs.*: not a string"),
    "wrong-mode": (small(config={"trapeze,mode": "virtual"}),
                   r'trapeze,mode="virtual": unknown; known: long, protected, real'),
    "too-many-arguments": (small(config={"trapeze,args": Wide(range(7))}), r"trapeze,args.*: 7 arguments, at most 6"),
    "timeout-out-of-range": (small(configurations={"trapeze,timeout": 100000}), r"trapeze,timeout=.*out of range"),
    "unknown-hash": (small(image={"hash-1": {"algo": "md4", "value": bytes(16)}}),
                     r'algo="md4": not supported; known: crc32, md5, sha1'),
    "hash-of-wrong-size": (small(image={"hash-1": {"algo": "sha256", "value": bytes(31)}}),
                           r"31 bytes, but sha256 has 32"),
    "compressed": (small(image={"compression": "bzip2"}), r'compression="bzip2": not supported; known: none, gzip'),
    "no-bytes": (small(image={"trapeze,path": ""}), r"trapeze,path.*: empty"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifest_is_refused(boot, workshop, name):
    content, says = MANIFESTS[name]
    data = manifest.compile_tree(content) if isinstance(content, dict) else content
    arch = ("x86_64", "i386")[list(MANIFESTS).index(name) % 2]
    modules = {"kernel": GOOD, **({"manifest": data} if data else {})}
    iso = workshop.shim_iso(arch, "menu=plain loglevel=err", modules)
    with boot(Spec(iso, memory="64M", limit=40)) as machine:
        before = Shim(machine).wait_prompt()
        said = errors(before)
        assert len(said) == 1 and re.search(says, said[0]), said
        assert "no entries" in before


def test_initrd_larger_than_memory(boot, workshop):
    """A kernel that takes most of a small machine leaves no room for its ramdisk."""
    tree = manifest.tree({"kernel": manifest.kernel("kernel"), "initrd": manifest.image("initrd", type="ramdisk")},
                         {"linux": {"kernel": "kernel", "ramdisk": "initrd"}})
    modules = {"manifest": manifest.compile_tree(tree), "kernel": bzimage(init_size=28 << 20),
               "initrd": bytes(18 << 20)}
    iso = workshop.shim_iso("x86_64", "menu=plain loglevel=err", modules)
    with boot(Spec(iso, memory="48M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        said = shim.expect_refusal("linux")
        assert len(said) == 1 and re.search(r"initrd.*does not fit", said[0]), said
