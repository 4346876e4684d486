# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""mkiso and packed images: what the manifest says of them is held against their bytes."""

import gzip
import lzma
import subprocess

import pytest

from test_mkiso_iso import make
from trapeze import packing, tree

PLAIN = b"".join(b"line %d\n" % number for number in range(3000))


def by_program(*command):
    return lambda data: subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


PACK = {"gzip": gzip.compress, "xz": lzma.compress, "zstd": by_program("zstd", "-qc"), "lz4": by_program("lz4", "-qc")}


def chunks(data):
    return [data[at:at + 1000] for at in range(0, len(data), 1000)]


@pytest.mark.parametrize("method", packing.METHODS)
def test_counts_what_comes_out(method):
    packed = PACK[method](PLAIN)
    assert packing.probe(packed) == method
    assert packing.unpacked_size(method, chunks(packed)) == len(PLAIN)
    assert packing.unpacked_size(method, chunks(packed + packed)) == 2 * len(PLAIN)


@pytest.mark.parametrize("method", packing.METHODS)
@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:len(data) // 2], lambda data: data + b"more than that",
                                    lambda data: data[:60] + bytes((data[60] ^ 0xff,)) + data[61:]],
                         ids=["last-byte", "half", "behind", "changed"])
def test_damage_shows(method, damage):
    with pytest.raises(packing.DamagedError):
        packing.unpacked_size(method, chunks(damage(PACK[method](PLAIN))))


def test_padding_of_xz():
    packed = lzma.compress(PLAIN)
    assert packing.unpacked_size("xz", [packed, bytes(8), packed, bytes(4)]) == 2 * len(PLAIN)
    with pytest.raises(packing.DamagedError):
        packing.unpacked_size("xz", [packed, bytes(3)])


def test_without_the_program(monkeypatch):
    monkeypatch.setattr(packing.shutil, "which", lambda name: None)
    assert packing.unpacked_size("lz4", [b"not looked at"]) is None


KERNEL_FILE = 'trapeze,file = "kernel.bin";'


@pytest.mark.parametrize("content, properties, says", [
    (PLAIN, 'compression = "gzip";', 'compression: "gzip", but the bytes are in no packed format; correct it'),
    (PACK["gzip"](PLAIN), 'compression = "xz";', 'compression: "xz", but the bytes are packed as gzip; correct it'),
    (PACK["xz"](PLAIN)[:-4], 'compression = "xz";', "compression: xz cannot unpack the bytes (they end in the middle); pack the"),
    (PACK["zstd"](PLAIN), 'compression = "zstd"; trapeze,unpacked-size = <5>;',
     f"trapeze,unpacked-size: 5, but {len(PLAIN)} bytes come out; leave"),
])
def test_complaints(lab, content, properties, says):
    lab.write("kernel.bin", content)
    lab.edit(KERNEL_FILE, KERNEL_FILE + properties)
    result = lab.check()
    assert result.returncode == 1
    assert f"error: /images/kernel: {says}" in result.stderr


@pytest.mark.parametrize("method", packing.METHODS)
def test_size_is_filled_in(lab, method):
    lab.write("kernel.bin", PACK[method](PLAIN))
    lab.edit(KERNEL_FILE, f'{KERNEL_FILE} compression = "{method}";')
    images = tree.read(make(lab)["/boot/trapeze/manifest.dtb"]).child("images")
    image = images.child("kernel")
    assert image.number("trapeze,unpacked-size") == len(PLAIN)
    assert image.number("trapeze,size") == len(PACK[method](PLAIN))
    assert "trapeze,unpacked-size" not in images.child("initrd").properties
