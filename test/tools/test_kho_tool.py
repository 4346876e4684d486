# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""tools/kho on handovers made here by the definition, whole and damaged."""

import os
import struct
import subprocess

import pytest

from conftest import TOOLS
from trapeze import kho, tree

INDEX, ROOT, REGIONS, METADATA, NOTES = 0x10000, 0x2000, 0x3000, 0x4000, 0x5000
SIZE = 0x40000


def node(properties, children=None):
    made = tree.Node("", "/")
    made.properties = dict(properties)
    for name, (inner, _) in (children or {}).items():
        made.add_child(name).properties = dict(inner)
    return made


def u64(number):
    return number.to_bytes(8, "little")


def entry(start, size):
    return {"preserved-data": u64(start), "blob-size": u64(size)}, {}


REGIONS_TREE = tree.write(node({"compatible": b"memblock-v1\0"}, {
    "log": ({"compatible": b"reserve-mem-v1\0", "start": u64(0x100000), "size": u64(0x20000)}, {})}))
METADATA_BLOB = kho.METADATA.pack(1, b"Trapeze-0.1", 1)


def root_tree(compatible=b"kho-v4\0", index=INDEX, **words):
    return tree.write(node({"compatible": compatible, "preserved-memory-map": u64(index), **words}, {
        "memblock": entry(REGIONS, len(REGIONS_TREE)), "kexec-metadata": entry(METADATA, len(METADATA_BLOB)),
        "notes": entry(NOTES, 5)}))


def put_blocks(memory, found):
    """The index of these (address, order), made level by level."""
    pages = [INDEX]
    for address, order in found:
        key = 1 << (52 - order) | address >> (12 + order)
        at = INDEX
        for level in range(5, 0, -1):
            slot = at + 8 * (key >> (15 + 9 * (level - 1)) & 511)
            following, = struct.unpack_from("<Q", memory, slot)
            if not following:
                following = pages[-1] + 0x1000
                pages.append(following)
                struct.pack_into("<Q", memory, slot, following)
            at = following
        bit = key & 32767
        memory[at + bit // 8] |= 1 << bit % 8


def image(found=((0x2000, 0), (0x4000, 1), (0x3000, 0), (1 << 40, 10))):
    memory = bytearray(SIZE)
    for at, data in ((ROOT, root_tree()), (REGIONS, REGIONS_TREE), (METADATA, METADATA_BLOB), (NOTES, b"notes")):
        memory[at:at + len(data)] = data
    put_blocks(memory, found)
    return memory


def run(*words):
    return subprocess.run((os.path.join(TOOLS, "kho"), *map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, text=True)


SHOWN = """\
kho-v4, index at 0x10000
  memblock        0x3000  {regions} bytes
  kexec-metadata  0x4000  73 bytes
  notes           0x5000  5 bytes
""".format(regions=len(REGIONS_TREE))
PARTS = """\
memblock: regions for reserve_mem=
  log             0x100000..0x120000  131072 bytes
kexec-metadata: from Trapeze-0.1, count 1
notes: 5 bytes, 6e 6f 74 65 73
"""


def test_image_of_memory(tmp_path):
    path = tmp_path / "memory.bin"
    path.write_bytes(image())
    result = run("--tree", hex(ROOT), path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == SHOWN + PARTS + ("preserved:\n  0x2000..0x6000  16384 bytes\n"
                                             "  0x10000000000..0x10000400000  4194304 bytes\n")


def test_piece_of_memory(tmp_path):
    path = tmp_path / "memory.bin"
    path.write_bytes(image()[0x1000:])
    assert run("--tree", hex(ROOT), "--base", "0x1000", path).stdout.startswith(SHOWN)
    assert run("--tree", hex(ROOT), "--base", "0x3000", path).stderr == f"kho: {path}: 0x2000 is not in the memory that was given\n"


def test_folder_of_debugfs(tmp_path):
    (tmp_path / "sub_fdts").mkdir()
    (tmp_path / "fdt").write_bytes(root_tree())
    for name, data in (("memblock", REGIONS_TREE), ("kexec-metadata", METADATA_BLOB), ("notes", b"notes")):
        (tmp_path / "sub_fdts" / name).write_bytes(data)
    result = run(tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(SHOWN)
    assert sorted(result.stdout[len(SHOWN):].splitlines()) == sorted(PARTS.splitlines())


def source_of(blob):
    return subprocess.run(("dtc", "-q", "-q", "-I", "dtb", "-O", "dts", "-"), input=blob, stdout=subprocess.PIPE,
                          check=True).stdout.decode().replace("\n\n", "\n")


def test_session(tmp_path):
    """With a terminal's line ends, and other text around."""
    path = tmp_path / "session.log"
    text = f"shell> kho linux\n/* root */\n{source_of(root_tree())}/* memblock */\n{source_of(REGIONS_TREE)}"
    path.write_bytes((text + "/* preserved 0x2000..0x6000 */\nshell> ").replace("\n", "\r\n").encode())
    result = run(path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == SHOWN + PARTS[:PARTS.index("kexec")] + "preserved:\n  0x2000..0x6000  16384 bytes\n"


@pytest.mark.parametrize("data, complaint", [
    (root_tree(b"kho-v1\0"), "this is kho-v1; known: kho-v4"),
    (tree.write(node({})), "this is no handover; known: kho-v4"),
    (tree.write(node({"compatible": b"kho-v4\0"})), "/: no preserved-memory-map of 8 bytes"),
    (tree.write(node({"compatible": b"kho-v4\0", "preserved-memory-map": b"1234"})), "/: no preserved-memory-map of 8 bytes"),
    (root_tree()[:60], f"a tree of {len(root_tree())} bytes by its header, but there are 60"),
    (root_tree().replace(b"preserved-data", b"preserved-dat\xff"), "damaged tree: a name holds the byte 0xff"),
    (root_tree().replace(b"notes", b"not\xffs"), "damaged tree: a name holds the byte 0xff"),
    (b"hello", "no root tree in it")])
def test_refused(tmp_path, data, complaint):
    path = tmp_path / "fdt"
    path.write_bytes(data)
    result = run(path)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", f"kho: {path}: {complaint}\n")


def test_session_that_includes_files(tmp_path):
    """A session comes from another machine: no file of this one becomes part of what is shown."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"my own")
    for line in (f'secret = /incbin/("{secret}");', f'/include/ "{secret}"'):
        path = tmp_path / "session.log"
        path.write_text(source_of(root_tree()).replace("kho-v4\";", f"kho-v4\";\n{line}", 1), encoding="ascii")
        result = run(path)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr == f"kho: {path}: a tree that wants to include a file\n"
    path.write_text(source_of(root_tree(**{"why": b"/include/ in a string\0"})), encoding="ascii")
    assert run(path).returncode == 0


def test_index_that_leads_back(tmp_path):
    memory = image(())
    struct.pack_into("<Q", memory, INDEX, INDEX)
    path = tmp_path / "memory.bin"
    path.write_bytes(memory)
    assert run("--tree", hex(ROOT), path).stderr == f"kho: {path}: the index leads to 0x10000 twice\n"
    struct.pack_into("<Q", memory, INDEX, SIZE)
    path.write_bytes(memory)
    assert run("--tree", hex(ROOT), path).stderr == f"kho: {path}: 0x40000 is not in the memory that was given\n"


def test_no_such_file(tmp_path):
    assert run(tmp_path / "none").stderr == f"kho: {tmp_path / 'none'}: No such file or directory\n"
