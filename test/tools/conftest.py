# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Fixtures of the host-tool tests: a folder with a small manifest and its files, and the tools to run on it."""

import os
import struct
import subprocess
import sys

import pytest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
TOOLS = os.path.join(ROOT, "tools")
sys.path.insert(0, TOOLS)

MANIFEST = """\
/dts-v1/;
/ {
	description = "Lab";
	images {
		kernel {
			trapeze,file = "kernel.bin";
			load = <0x100000>;
		};
		initrd {
			trapeze,file = "initrd.bin";
		};
	};
	configurations {
		default = "linux";
		linux {
			description = "Linux";
			kernel = "kernel";
			ramdisk = "initrd";
		};
	};
};
"""
KERNEL = bytes(range(256)) * 32
INITRD = b"initrd" * 1000


def shim_image(machine=3):
    """An ELF header and a valid multiboot2 header; enough for mkiso, and nothing that runs."""
    magic, length = 0xE85250D6, 24
    header = struct.pack("<4I", magic, 0, length, -(magic + length) & 0xFFFFFFFF) + struct.pack("<HHI", 0, 0, 8)
    return b"\x7fELF\x01\x01\x01".ljust(16, b"\0") + struct.pack("<HH", 2, machine) + bytes(44) + header


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.write("kernel.bin", KERNEL)
        self.write("initrd.bin", INITRD)
        self.write("shim.elf", shim_image())
        self.write("lab.its", MANIFEST)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as stream:
            stream.write(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        with open(self.path(name), "rb") as stream:
            return stream.read()

    def edit(self, old, new):
        assert MANIFEST.count(old) == 1, f"{old!r} must be in the manifest once"
        self.write("lab.its", MANIFEST.replace(old, new))

    def run(self, tool, *arguments, environment=None):
        return subprocess.run([os.path.join(TOOLS, tool), *arguments], cwd=self.folder, text=True, check=False,
                              env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)

    def mkiso(self, *arguments, manifest="lab.its", **keywords):
        return self.run("mkiso", "--shim", "shim.elf", *arguments, manifest, **keywords)

    def check(self):
        return self.mkiso("--check")


@pytest.fixture
def lab(tmp_path):
    return Lab(str(tmp_path))
