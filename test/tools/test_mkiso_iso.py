# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What lies on an ISO that mkiso made, and that the same inputs give the same bytes."""

import hashlib
import os
import shutil
import subprocess
import time
import zlib

import pytest

from conftest import INITRD, KERNEL, TOOLS, Lab
from trapeze import tree

FAKE_MKIMAGE = """\
#!/bin/sh
while [ "$1" != --output ]; do shift; done
head -c 4096 /dev/zero > "$2"
"""
INITRD_FILE = 'trapeze,file = "initrd.bin";'
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}


def extract(lab, iso="lab.iso"):
    """Files of the ISO as {path: bytes}."""
    folder = lab.path("extracted")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["xorriso", "-osirrox", "on", "-indev", lab.path(iso), "-extract", "/", folder],
                   check=True, capture_output=True)
    files = {}
    for parent, _, names in os.walk(folder):
        os.chmod(parent, 0o755)
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as stream:
                files["/" + os.path.relpath(path, folder)] = stream.read()
    return files


def make(lab, *arguments, environment=None, **keywords):
    """Files of an ISO with empty GRUB images: those take most of mkiso's time, and one test looks at them."""
    os.makedirs(lab.path("bin"), exist_ok=True)
    lab.write("bin/grub-mkimage", FAKE_MKIMAGE)
    os.chmod(lab.path("bin/grub-mkimage"), 0o755)
    path = f"{lab.path('bin')}:{os.environ['PATH']}"
    return make_whole(lab, *arguments, environment={"PATH": path, **(environment or {})}, **keywords)


def make_whole(lab, *arguments, **keywords):
    result = lab.mkiso("-o", "lab.iso", *arguments, **keywords)
    assert (result.stderr, result.returncode) == ("", 0)
    return extract(lab)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """One lab, its ISO's files and the manifest on it, for tests that only look."""
    lab = Lab(str(tmp_path_factory.mktemp("lab")))
    files = make_whole(lab, "--options", "console=ttyS1,9600n8 a=$(b);c", environment=EPOCH)
    return lab, files, tree.read(files["/boot/trapeze/manifest.dtb"])


def test_files(built):
    lab, files, _ = built
    assert files["/boot/trapeze/images/kernel"] == KERNEL
    assert files["/boot/trapeze/images/initrd"] == INITRD
    assert files["/boot/trapeze/trapeze.elf"] == lab.read("shim.elf")
    assert "/boot/grub/i386-pc/eltorito.img" in files
    assert files["/EFI/BOOT/BOOTX64.EFI"].startswith(b"MZ")


def test_manifest(built):
    image = built[2].child("images").child("kernel")
    assert image.string("trapeze,path") == "/boot/trapeze/images/kernel"
    assert image.number("trapeze,size") == len(KERNEL)
    assert image.number("load") == 0x100000
    assert "trapeze,file" not in image.properties
    assert image.child("hash-1").string("algo") == "sha256"
    assert image.child("hash-1").properties["value"] == hashlib.sha256(KERNEL).digest()
    assert built[2].child("configurations").child("linux").strings("ramdisk") == ["initrd"]


def test_grub_configuration(built):
    text = built[1]["/boot/grub/grub.cfg"].decode()
    assert "\tmultiboot2 /boot/trapeze/trapeze.elf 'console=ttyS1,9600n8' 'a=$(b);c'\n" in text
    modules = [line.split() for line in text.splitlines() if "module2" in line]
    assert modules == [["module2", "--nounzip", f"'{path}'", f"'{name}'"] for path, name in (
        ("/boot/trapeze/manifest.dtb", "manifest"), ("/boot/trapeze/images/kernel", "/boot/trapeze/images/kernel"),
        ("/boot/trapeze/images/initrd", "/boot/trapeze/images/initrd"))]
    assert "if serial --port=0x2f8 --speed=9600; then" in text
    assert "gfx" not in text


def test_boot_records(built):
    report = subprocess.run(["xorriso", "-indev", built[0].path("lab.iso"), "-report_el_torito", "plain",
                             "-report_system_area", "plain"], check=True, capture_output=True, text=True).stdout
    assert "boot img :   1  BIOS" in report
    assert "boot img :   2  UEFI" in report
    assert "grub2-mbr" in report and "GPT" in report


def test_efi_system_partition_holds_the_same_loader(built):
    lab, files, _ = built
    result = subprocess.run(["mtype", "-i", lab.path("extracted/efi.img"), "::/EFI/BOOT/BOOTX64.EFI"], check=True,
                            capture_output=True)
    assert result.stdout == files["/EFI/BOOT/BOOTX64.EFI"]


def test_same_inputs_give_the_same_bytes(built, tmp_path):
    """In another folder, later, with other file times, another umask and another time zone."""
    (tmp_path / "elsewhere").mkdir()
    other = Lab(str(tmp_path / "elsewhere"))
    for name in ("kernel.bin", "initrd.bin", "shim.elf", "lab.its"):
        os.utime(other.path(name), (1, 1))
    while int(time.time()) == int(os.path.getmtime(built[0].path("lab.iso"))):
        time.sleep(0.05)
    umask = os.umask(0o077)
    try:
        make_whole(other, "--options", "console=ttyS1,9600n8 a=$(b);c", environment={**EPOCH, "TZ": "Asia/Tokyo"})
    finally:
        os.umask(umask)
    assert other.read("lab.iso") == built[0].read("lab.iso")


def test_other_content_gives_another_identity(lab):
    first = [name for name in make(lab, environment=EPOCH) if name.startswith("/boot/trapeze/id-")]
    lab.write("initrd.bin", b"other")
    second = [name for name in make(lab, environment=EPOCH) if name.startswith("/boot/trapeze/id-")]
    assert len(first) == len(second) == 1 and first != second


def test_hashes_are_filled_in(lab):
    nodes = "".join(f'hash-{algo} {{ algo = "{algo}"; }};' for algo in ("crc32", "md5", "sha1", "sha256", "sha384", "sha512"))
    lab.edit("load = <0x100000>;", nodes)
    image = tree.read(make(lab)["/boot/trapeze/manifest.dtb"]).child("images").child("kernel")
    values = {name: node.properties["value"] for name, node in image.children.items()}
    assert values == {"hash-crc32": zlib.crc32(KERNEL).to_bytes(4, "big"), "hash-sha1": hashlib.sha1(KERNEL).digest(),
                      "hash-sha256": hashlib.sha256(KERNEL).digest(), "hash-sha512": hashlib.sha512(KERNEL).digest(),
                      "hash-md5": hashlib.md5(KERNEL).digest(), "hash-sha384": hashlib.sha384(KERNEL).digest()}


def test_stated_hash_that_is_right_is_kept(lab):
    lab.edit("load = <0x100000>;", f"hash {{ algo = \"sha1\"; value = [{hashlib.sha1(KERNEL).hexdigest()}]; }};")
    image = tree.read(make(lab)["/boot/trapeze/manifest.dtb"]).child("images").child("kernel")
    assert list(image.children) == ["hash"]


def test_no_hash(lab):
    root = tree.read(make(lab, "--no-hash")["/boot/trapeze/manifest.dtb"])
    assert not root.child("images").child("kernel").children


def test_one_file_for_two_images_is_one_module(lab):
    lab.edit('"initrd.bin"', '"kernel.bin"')
    files = make(lab)
    root = tree.read(files["/boot/trapeze/manifest.dtb"])
    paths = {image.string("trapeze,path") for image in root.child("images").children.values()}
    assert paths == {"/boot/trapeze/images/kernel"}
    assert files["/boot/grub/grub.cfg"].count(b"module2") == 2


def test_path_of_ones_own(lab):
    lab.edit(INITRD_FILE, INITRD_FILE + ' trapeze,path = "data/rd.cpio";')
    files = make(lab)
    assert files["/data/rd.cpio"] == INITRD
    assert b"module2 --nounzip '/data/rd.cpio' 'data/rd.cpio'\n" in files["/boot/grub/grub.cfg"]


def test_paths_that_collide(lab):
    lab.edit(INITRD_FILE, INITRD_FILE + ' trapeze,path = "/boot/trapeze/images/kernel";')
    result = lab.check()
    assert '"/boot/trapeze/images/kernel" is the path of other bytes already; choose another' in result.stderr
    lab.edit(INITRD_FILE, INITRD_FILE + ' trapeze,path = "/boot/trapeze/trapeze.elf";')
    result = lab.mkiso("-o", "lab.iso")
    assert result.stderr == "mkiso: /boot/trapeze/trapeze.elf: on the ISO already; choose another path\n"
    assert result.returncode == 1 and not os.path.exists(lab.path("lab.iso"))
    lab.edit(INITRD_FILE, INITRD_FILE + ' trapeze,path = "/boot/trapeze/trapeze.elf/x";')
    assert "a part of this path is a file on the ISO already" in lab.mkiso("-o", "lab.iso").stderr


def test_further_modules(lab):
    lab.write("extra.bin", b"extra")
    lab.edit('trapeze,file = "initrd.bin";', 'trapeze,path = "more";')
    files = make(lab, "--module", "more=extra.bin")
    assert files["/more"] == b"extra"
    image = tree.read(files["/boot/trapeze/manifest.dtb"]).child("images").child("initrd")
    assert (image.string("trapeze,path"), image.number("trapeze,size")) == ("more", 5)
    assert image.child("hash-1").properties["value"] == hashlib.sha256(b"extra").digest()


def test_embedded_data_stays_in_the_tree(lab):
    lab.edit('trapeze,file = "kernel.bin";', 'data = /incbin/("kernel.bin");')
    files = make(lab)
    image = tree.read(files["/boot/trapeze/manifest.dtb"]).child("images").child("kernel")
    assert image.properties["data"] == KERNEL and image.string("trapeze,path") is None
    assert image.child("hash-1").properties["value"] == hashlib.sha256(KERNEL).digest()
    assert "/boot/trapeze/images/kernel" not in files


FIT = """\
/dts-v1/;
/ {
	description = "made by mkimage";
	#address-cells = <1>;
	images {
		kernel@1 {
			description = "k";
			data = /incbin/("kernel.bin");
			type = "kernel"; arch = "x86_64"; os = "linux"; compression = "none";
			load = <0x100000>; entry = <0x100000>;
			hash-1 { algo = "crc32"; }; hash-2 { algo = "sha1"; }; hash-3 { algo = "sha256"; }; hash-4 { algo = "sha512"; };
		};
	};
	configurations {
		default = "conf-1";
		conf-1 { kernel = "kernel@1"; };
	};
};
"""


@pytest.mark.parametrize("option", [[], ["-E"], ["-E", "-p", "0x2000"]], ids=["embedded", "offset", "position"])
def test_fit_made_by_mkimage(lab, option):
    """Its hashes are right in our eyes, so crc32 has mkimage's byte order."""
    lab.write("fit.its", FIT)
    subprocess.run(["mkimage", *option, "-f", "fit.its", "fit.itb"], cwd=lab.folder, check=True, capture_output=True)
    files = make(lab, manifest="fit.itb")
    image = tree.read(files["/boot/trapeze/manifest.dtb"]).child("images").child("kernel@1")
    bytes_found = files["/boot/trapeze/images/kernel@1"] if option else image.properties["data"]
    assert bytes_found == KERNEL
    assert len(image.children) == 4
    assert not {"data-size", "data-offset", "data-position"} & set(image.properties)


def test_fit_cut_short(lab):
    lab.write("fit.its", FIT)
    subprocess.run(["mkimage", "-E", "-f", "fit.its", "fit.itb"], cwd=lab.folder, check=True, capture_output=True)
    lab.write("fit.itb", lab.read("fit.itb")[:-1])
    result = lab.mkiso("--check", manifest="fit.itb")
    assert "fit.itb: error: /images/kernel@1: data-offset: 8192 bytes at " in result.stderr
    assert result.returncode == 1


def test_grub_configuration_of_ones_own(lab):
    lab.write("my.cfg", "echo mine\n")
    assert make(lab, "--grub-cfg", "my.cfg")["/boot/grub/grub.cfg"] == b"echo mine\n"


def test_modules_on_uefi_alone(lab):
    text = make(lab, "--from-medium")["/boot/grub/grub.cfg"].decode()
    _, _, rest = text.partition("\tmultiboot2 /boot/trapeze/trapeze.elf\n\tif [ \"$grub_platform\" != pc ]; then\n")
    inside, _, after = rest.partition("\tfi\n")
    assert inside.count("\t\tmodule2 --nounzip") == inside.count("\n") == 3
    assert after == "}\n"


def test_console_that_grub_cannot_drive(lab):
    assert b"serial --port" not in make(lab, "--options", "console=pciserial")["/boot/grub/grub.cfg"]


def test_depfile(lab):
    make(lab, "--depfile", "lab.d")
    assert lab.read("lab.d").decode().splitlines()[0] == "lab.iso: lab.its shim.elf kernel.bin initrd.bin"


def test_verbose_says_what_goes_where(lab):
    output = lab.mkiso("-v", "-o", "lab.iso").stdout
    assert f"module /boot/trapeze/images/kernel bytes={len(KERNEL)} from kernel.bin" in output
    assert "entry linux (default)" in output


def test_no_leftovers_after_a_failure(lab):
    os.mkdir(lab.path("bin"))
    lab.write("bin/xorriso", "#!/bin/sh\necho out of paper\nexit 5\n")
    os.chmod(lab.path("bin/xorriso"), 0o755)
    before = sorted(os.listdir(lab.folder))
    result = lab.mkiso("-o", "lab.iso", environment={"PATH": lab.path("bin") + ":" + os.environ["PATH"]})
    assert result.stderr == "mkiso: xorriso failed with status 5: out of paper\n"
    assert result.returncode == 1
    assert sorted(os.listdir(lab.folder)) == before


def test_unwritable_output(lab):
    result = lab.mkiso("-o", "none/lab.iso")
    assert result.returncode == 1
    assert result.stderr.startswith("mkiso: ") and "No such file or directory" in result.stderr


@pytest.mark.parametrize("arguments, complaint", [
    ([], "no output; add -o OUT.iso, or --check"),
    (["--options", 'a="b"', "-o", "x"], "none of"),
    (["--options", "a\x1b", "-o", "x"], "printable ASCII"),
    (["--label", "two words", "-o", "x"], "a label has 1 to 32"),
    (["--module", "a b=lab.its", "-o", "x"], "not of the form NAME=FILE"),
    (["--module", "../a=lab.its", "-o", "x"], "not of the form NAME=FILE"),
    (["--module", "a=none", "-o", "x"], "'none' is no file"),
    (["--arch", "arm", "-o", "x"], "invalid choice: 'arm'"),
])
def test_usage_errors(lab, arguments, complaint):
    result = lab.mkiso(*arguments)
    assert complaint in result.stderr
    assert result.returncode == 2


def test_help_works_from_anywhere():
    command = [os.path.join(TOOLS, "mkiso"), "--help"]
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
    assert "examples:" in result.stdout and "exit status: 0 done, 1 there are complaints, 2 usage." in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def members(data):
    """The regular files of a cpio archive as {name: (offset, bytes)}."""
    files, at = {}, 0
    while True:
        assert data[at:at + 6] == b"070701"
        mode, size, name_size = (int(data[at + 6 + 8 * field:at + 14 + 8 * field], 16) for field in (1, 6, 11))
        name = data[at + 110:at + 109 + name_size].decode()
        start = at + 110 + name_size + (-(110 + name_size) % 4)
        if name == "TRAILER!!!":
            assert not data[start:].strip(b"\0")
            return files
        assert mode == 0o100644
        files[name] = start, data[start:start + size]
        at = start + size + (-size % 4)


def test_cargo(lab):
    """What an ISO would hold, without a shim, and the tree where a tree may lie."""
    os.unlink(lab.path("shim.elf"))
    result = lab.mkiso("--cargo", "-o", "lab.cpio", "--depfile", "lab.d")
    assert (result.stderr, result.returncode) == ("", 0)
    files = members(lab.read("lab.cpio"))
    assert list(files) == ["manifest", "boot/trapeze/images/kernel", "boot/trapeze/images/initrd"]
    assert files["boot/trapeze/images/kernel"][1] == KERNEL
    assert files["boot/trapeze/images/initrd"][1] == INITRD
    assert files["manifest"][0] % 8 == 0
    assert tree.read(files["manifest"][1]).child("images").child("kernel").string("trapeze,path") == "/boot/trapeze/images/kernel"
    assert b"lab.cpio: " in lab.read("lab.d") and b"shim.elf" not in lab.read("lab.d")


@pytest.mark.parametrize("path, complaint", [
    ("/manifest", '"/manifest" is the manifest\'s own name; choose another'), ("manifest", "own name; choose another"),
    ("boot/trapeze/images/kernel", '"/boot/trapeze/images/kernel" is the path of other bytes already; choose another')])
def test_paths_of_others(lab, path, complaint):
    """Names as the shim compares them: a leading slash makes no difference."""
    lab.edit(INITRD_FILE, INITRD_FILE + f' trapeze,path = "{path}";')
    result = lab.mkiso("--cargo", "-o", "lab.cpio")
    assert result.returncode == 1 and complaint in result.stderr
    assert not os.path.exists(lab.path("lab.cpio"))


def test_cargo_module_in_the_way(lab):
    lab.write("other.bin", "other")
    result = lab.mkiso("--cargo", "-o", "lab.cpio", "--module", f"manifest={lab.path('other.bin')}")
    assert (result.stderr, result.returncode) == ("mkiso: manifest: in the archive already; choose another path\n", 1)


def test_one_path_in_two_ways(lab):
    """The same file is there once."""
    lab.edit('"initrd.bin"', '"kernel.bin"; trapeze,path = "boot/trapeze/images/kernel"')
    assert lab.mkiso("--cargo", "-o", "lab.cpio").stderr == ""
    assert list(members(lab.read("lab.cpio"))) == ["manifest", "boot/trapeze/images/kernel"]


def test_cargo_that_cannot_be_written(lab):
    """Nothing stays behind."""
    os.mkdir(lab.path("lab.cpio"))
    before = set(os.listdir(lab.path(".")))
    result = lab.mkiso("--cargo", "-o", "lab.cpio")
    assert result.returncode == 1 and result.stderr.startswith("mkiso: ")
    assert set(os.listdir(lab.path("."))) == before


def test_cargo_of_a_bad_manifest(lab):
    lab.write("lab.its", "/dts-v1/; / { images { }; };")
    result = lab.mkiso("--cargo", "-o", "lab.cpio")
    assert result.returncode == 1 and "no archive made" in result.stderr
    assert not os.path.exists(lab.path("lab.cpio"))
