# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Every complaint of mkiso, with its place and its words."""

import os

import pytest

from conftest import KERNEL

KERNEL_FILE = 'trapeze,file = "kernel.bin";'
INITRD_FILE = 'trapeze,file = "initrd.bin";'
DESCRIPTION = 'description = "Lab";'
CONFIG = 'description = "Linux";'
RAMDISK = 'ramdisk = "initrd";'
LOAD = "load = <0x100000>;"

# (what is replaced, by what, the complaint)
ERRORS = [
    # types
    (LOAD, 'load = "low";',
     "7: error: /images/kernel: load: is a string; write an address of one or two cells, as in <0x100000> or "
     "<0x1 0x80000000>"),
    (LOAD, "load = <1 2 3>;",
     "7: error: /images/kernel: load: 12 bytes of the wrong form; write an address of one or two"),
    (LOAD, "load;", "7: error: /images/kernel: load: is without value; write an address"),
    (CONFIG, "description = <5>;",
     '16: error: /configurations/linux: description: is cells; write one string, as in "text"'),
    (CONFIG, 'description = "a", "b";',
     "16: error: /configurations/linux: description: 4 bytes of the wrong form; write one string"),
    (CONFIG, 'description = "a\\x07b";', "16: error: /configurations/linux: description: 4 bytes of the wrong form"),
    (CONFIG, "trapeze,preserve-context = <1>;",
     "16: error: /configurations/linux: trapeze,preserve-context: is cells; write no value: it stands for itself"),
    (CONFIG, "trapeze,watchdog = <1 2>;",
     "16: error: /configurations/linux: trapeze,watchdog: 8 bytes of the wrong form; write one number"),
    # names
    ('default = "linux";', 'default = "windows";',
     '14: error: /configurations: default: "windows" names no configuration; use one of "linux"'),
    ('kernel = "kernel";', 'kernel = "kernle";',
     '17: error: /configurations/linux: kernel: "kernle" names no image; use one of "kernel", "initrd"'),
    (RAMDISK, 'ramdisk = "initrd", "more";', '18: error: /configurations/linux: ramdisk: "more" names no image'),
    (RAMDISK, 'ramdisk = "initrd"; loadables = "x";',
     '18: error: /configurations/linux: loadables: "x" names no image'),
    (RAMDISK, 'ramdisk = "initrd"; trapeze,modules = "y";',
     '18: error: /configurations/linux: trapeze,modules: "y" names no'),
    ('kernel = "kernel";', "", '15: error: /configurations/linux: no kernel; add kernel = "IMAGE"'),
    (CONFIG, 'trapeze,on-fault = "rescue";',
     '16: error: /configurations/linux: trapeze,on-fault: "rescue" names no configuration; use "menu", "halt", '
     '"reboot" or one of "linux"'),
    (CONFIG, 'trapeze,on-fault = "linux";',
     '16: error: /configurations/linux: trapeze,on-fault: "linux" leads back to this'),
    (RAMDISK, RAMDISK + "trapeze,on-fault = \"b\"; }; b { kernel = \"kernel\"; trapeze,on-fault = \"linux\";",
     '18: error: /configurations/b: trapeze,on-fault: "linux" leads back to this configuration'),
    (RAMDISK, RAMDISK + "trapeze,rescue; }; b { kernel = \"kernel\"; trapeze,rescue;",
     '18: error: /configurations/b: trapeze,rescue: linux is the rescue image already'),
    (LOAD, 'compression = "zip";', '7: error: /images/kernel: compression: "zip" is not known; use one of "none", "gzip", "xz", '
     '"zstd", "lz4"'),
    (LOAD, "load = <0x100000 0>;",
     "7: error: /images/kernel: load: 0x10000000000000 is above the limit 0xfffffffffffff"),
    (KERNEL_FILE, "data;", "6: error: /images/kernel: data: empty"),
    (KERNEL_FILE, "data = [01]; trapeze,path = \"x\";",
     "6: error: /images/kernel: trapeze,path: the image has data as well"),
    (LOAD, "cipher { };", "7: error: /images/kernel/cipher: the image is encrypted"),
    (RAMDISK, RAMDISK + " zoo { ape { trapeze,x; }; };",
     "18: error: /configurations/linux/zoo/ape: trapeze,x: unknown property here"),
    (CONFIG, "description = \"\\xc3\\xa4\";",
     "16: error: /configurations/linux: description: 3 bytes of the wrong form"),
    # values
    (CONFIG, 'trapeze,mode = "unreal";',
     '16: error: /configurations/linux: trapeze,mode: "unreal" is not known; use one of "long", "protected", '
     '"real"'),
    (CONFIG, 'trapeze,quiet = "maybe";',
     '16: error: /configurations/linux: trapeze,quiet: "maybe" is not known; use one of "auto", "on", "off"'),
    (CONFIG, 'trapeze,net = "maybe";',
     '16: error: /configurations/linux: trapeze,net: "maybe" is not known; use one of "on", "off"'),
    (CONFIG, 'trapeze,int3 = "before", "later";',
     '16: error: /configurations/linux: trapeze,int3: "later" is not known; use one of "before", "inside", '
     '"after"'),
    (CONFIG, "trapeze,args = <1 2 3>;",
     "16: error: /configurations/linux: trapeze,args: 12 bytes of the wrong form; write numbers of 64 bits, as "
     "in /bits/ 64 <1 2 3>"),
    (CONFIG, "trapeze,args = /bits/ 64 <1 2 3 4 5 6 7>;",
     "16: error: /configurations/linux: trapeze,args: 7 arguments; an image takes at most 6"),
    (CONFIG, "trapeze,watchdog = <0>;",
     "16: error: /configurations/linux: trapeze,watchdog: 0 is out of range; use 1 to 3600000 milliseconds"),
    ('default = "linux";', "trapeze,timeout = <(-2)>;",
     "14: error: /configurations: trapeze,timeout: -2 is out of range; use -1 to 86400 seconds (-1: wait for "
     "ever)"),
    ('default = "linux";', "trapeze,timeout = <86401>;",
     "14: error: /configurations: trapeze,timeout: 86401 is out of range"),
    (DESCRIPTION, 'trapeze,loglevel = "loud";',
     '3: error: /: trapeze,loglevel: "loud" is not known; use one of "err"'),
    (DESCRIPTION, 'trapeze,console = "ttyS9";',
     '3: error: /: trapeze,console: "ttyS9" is not understood; write "ttyS0,115200n8"'),
    (DESCRIPTION, 'trapeze,console = "uart8250,isa,0x3f8";',
     '3: error: /: trapeze,console: "uart8250,isa,0x3f8" is not'),
    # unknown
    (CONFIG, "trapeze,preserve;",
     "16: error: /configurations/linux: trapeze,preserve: unknown property, which the shim refuses; did you "
     "mean trapeze,preserve-context?"),
    (LOAD, "trapeze,timeout = <5>;",
     "7: error: /images/kernel: trapeze,timeout: unknown property, which the shim refuses; it belongs to "
     "/configurations"),
    (DESCRIPTION, "trapeze,zebra;",
     "3: error: /: trapeze,zebra: unknown property, which the shim refuses; remove it"),
    # hashes
    (LOAD, 'hash-1 { algo = "md4"; };',
     '7: error: /images/kernel/hash-1: algo: "md4" is not known; use one of "crc32", "md5", "sha1", "sha256", "sha384", "sha512"'),
    (LOAD, "hash-1 { };", '7: error: /images/kernel/hash-1: no algo; add one of "crc32"'),
    (LOAD, "hash-1 { algo = <1>; };", "7: error: /images/kernel/hash-1: algo: is cells; write one string"),
    (LOAD, 'hash-1 { algo = "sha1"; value = [01 02]; };',
     "7: error: /images/kernel/hash-1: value: 2 bytes; a sha1 has 20: correct it, or leave the value out to "
     "have it filled in"),
    (LOAD, 'hash-1 { algo = "crc32"; value = <1>; };',
     "7: error: /images/kernel/hash-1: value: 00000001 is not the crc32 of the bytes, which is "),
    # bytes
    (KERNEL_FILE, 'trapeze,file = "none.bin";',
     '6: error: /images/kernel: trapeze,file: "none.bin" not found; tried "none.bin"'),
    (KERNEL_FILE, 'trapeze,file = ".";', '6: error: /images/kernel: trapeze,file: "." is not a regular file'),
    (KERNEL_FILE, 'trapeze,file = "";', "6: error: /images/kernel: trapeze,file: empty; give it a value"),
    (KERNEL_FILE, "", '5: error: /images/kernel: no bytes; add trapeze,file = "PATH" or data = /incbin/("PATH")'),
    (LOAD, 'data = /incbin/("kernel.bin");',
     "6: error: /images/kernel: trapeze,file: the image has data as well; keep one"),
    (KERNEL_FILE, "data-position = <0>; data-size = <4>;",
     "6: error: /images/kernel: data-position: external data exists in compiled FITs only; use trapeze,file"),
    (LOAD, "trapeze,size = <5>;",
     "7: error: /images/kernel: trapeze,size: 5, but there are 8192 bytes; leave the size out"),
    (LOAD, 'trapeze,path = "/boot/../x y";',
     '7: error: /images/kernel: trapeze,path: "/boot/../x y" is not understood; write a path'),
    (INITRD_FILE, INITRD_FILE + " load = <0x101000>;",
     "15: error: /configurations/linux: images kernel at [0x100000, 0x102000) and initrd at [0x101000, "
     "0x102770) overlap; change load of one"),
    # dtc
    (LOAD, "load = <0x100000>", "8: error: syntax error"),
    (LOAD, LOAD + LOAD, "7: error: /images/kernel: load: given twice; remove one"),
    ("initrd {", "kernel {", "9: error: /images/kernel: two nodes of this name; rename one"),
    (LOAD, 'data = /incbin/("none.bin");',
     " error: none.bin: No such file or directory; named by /incbin/ or /include/ in the source"),
]

NOTES = [
    (RAMDISK, 'ramdisk = "initrd", "initrd";',
     '18: warning: /configurations/linux: ramdisk: "initrd" is given twice; it is'),
    (CONFIG, "colour = <7>;", "16: warning: /configurations/linux: colour: unknown property; it is ignored"),
    (RAMDISK, RAMDISK + " zoo { };", "18: warning: /configurations/linux/zoo: unknown node; it is ignored"),
    (DESCRIPTION, "zoo { };", "3: warning: /zoo: unknown node; it is ignored"),
    (LOAD, "zoo { };", "7: warning: /images/kernel/zoo: unknown node; it is ignored"),
    (LOAD, "signature-1 { };",
     "7: note: /images/kernel/signature-1: signatures are not verified, hashes of images are"),
    (RAMDISK, "", "9: warning: /images/initrd: no configuration uses this image"),
    (CONFIG, 'fdt = "initrd";', "16: note: /configurations/linux: fdt: a device tree is not handed over on x86"),
    (INITRD_FILE, 'trapeze,path = "elsewhere";',
     '10: note: /images/initrd: trapeze,path: "elsewhere" is not on this ISO'),
]

GOOD = [
    (DESCRIPTION, 'trapeze,console = "uart8250,mmio32,0xfe034000,115200n8"; timestamp = <1>;'),
    (DESCRIPTION, 'trapeze,console = "spcr"; trapeze,loglevel = "step";'),
    (DESCRIPTION, 'trapeze,console = "pciserial,00:16.3";'),
    (DESCRIPTION, 'trapeze,shell = "lspci -v", "boot linux a b";'),
    (LOAD, "load = <0x1 0x80000000>; entry = /bits/ 64 <0x180000000>;"),
    (LOAD, 'type = "kernel"; arch = "x86_64"; os = "linux"; compression = "none"; trapeze,bootargs = "";'),
    (INITRD_FILE, INITRD_FILE + " load = <0x102000>;"),
    ('default = "linux";', "trapeze,timeout = <(-1)>;"),
    (CONFIG, 'trapeze,mode = "real"; trapeze,args = /bits/ 64 <1 2 3 4 5 6>; trapeze,watchdog = <1000>; '
     'trapeze,on-fault = "halt"; trapeze,int3 = "before", "inside", "after"; trapeze,net = "off";'),
    (CONFIG, 'trapeze,bootargs = "quiet";'),
]


@pytest.mark.parametrize("old, new, complaint", ERRORS, ids=[error[2][:70] for error in ERRORS])
def test_error(lab, old, new, complaint):
    lab.edit(old, new)
    result = lab.check()
    assert f"lab.its:{complaint}" in result.stderr
    assert result.returncode == 1
    assert "no ISO made" in result.stderr


@pytest.mark.parametrize("old, new, complaint", NOTES, ids=[note[2][:70] for note in NOTES])
def test_note(lab, old, new, complaint):
    lab.edit(old, new)
    result = lab.check()
    assert f"lab.its:{complaint}" in result.stderr
    assert result.returncode == 0


@pytest.mark.parametrize("old, new", GOOD)
def test_good(lab, old, new):
    lab.edit(old, new)
    result = lab.check()
    assert (result.stderr, result.returncode) == ("", 0)


def test_all_complaints_of_a_run(lab):
    lab.edit(LOAD, "load = <1 2 3>; trapeze,zebra;")
    lab.write("initrd.bin", b"")
    result = lab.check()
    for text in ("load: 12 bytes", "trapeze,zebra: unknown", '"initrd.bin" is empty; make it again', "3 errors"):
        assert text in result.stderr


@pytest.mark.parametrize("source, complaint", [
    ("/dts-v1/; / { };", "/images: no images"),
    ("/dts-v1/; / { };", "/configurations: no configurations"),
    ("/dts-v1/; / { images { }; configurations { }; };", "/images: no images"),
    ("", "error: syntax error"),
    ("hello", "error: syntax error"),
])
def test_no_manifest_at_all(lab, source, complaint):
    lab.write("lab.its", source)
    result = lab.check()
    assert complaint in result.stderr
    assert result.returncode == 1


def test_missing_manifest(lab):
    result = lab.mkiso("--check", manifest="none.its")
    assert "none.its: error: No such file or directory; check the manifest's name" in result.stderr
    assert result.returncode == 1


def test_truncated_flattened_tree(lab):
    lab.write("lab.its", b"\xd0\x0d\xfe\xed\x00\x00\x10\x00")
    assert "lab.its: error: the tree says it has 4096 bytes, the file has 8" in lab.check().stderr


def test_damaged_flattened_tree(lab):
    lab.write("lab.its", b"\xd0\x0d\xfe\xed\x00\x00\x00\x40" + bytes(0x38))
    result = lab.check()
    assert "lab.its: error: damaged tree: " in result.stderr
    assert result.returncode == 1


def test_position_in_an_included_file(lab):
    os.mkdir(lab.path("parts"))
    lab.write("parts/more.dtsi", "/ {\n\tconfigurations {\n\t\tmore { kernel = \"nought\"; };\n\t};\n};\n")
    lab.write("parts/lab.its", lab.read("lab.its") + b'/include/ "more.dtsi"\n')
    lab.write("parts/kernel.bin", KERNEL)
    result = lab.mkiso("--check", "-I", ".", manifest="parts/lab.its")
    assert "parts/more.dtsi:3: error: /configurations/more: kernel: \"nought\" names no image" in result.stderr


def test_search_folders_come_after_the_manifests_own(lab):
    lab.edit(KERNEL_FILE, 'trapeze,file = "deep/none.bin";')
    result = lab.mkiso("--check", "-I", "one", "-I", "two")
    assert '"deep/none.bin" not found; tried "deep/none.bin", "one/deep/none.bin", "two/deep/none.bin"' in result.stderr


def test_shim_is_looked_at(lab):
    for content, complaint in ((b"", "not an ELF file"), (b"\x7fELF" + bytes(99), "built for another processor"),
                               (b"\x7fELF" + bytes(14) + b"\3" + bytes(99), "no valid multiboot2 header")):
        lab.write("shim.elf", content)
        result = lab.mkiso("-o", "lab.iso")
        assert f"shim.elf: error: {complaint}" in result.stderr
        assert result.returncode == 1
        assert not os.path.exists(lab.path("lab.iso"))


def test_missing_shim(lab):
    result = lab.run("mkiso", "--shim", "none.elf", "--arch", "i386", "-o", "lab.iso", "lab.its")
    assert "none.elf: error: No such file or directory; build the shim with `make ARCH=i386`, or name" in result.stderr
