# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""FITs made by mkimage, as a user of U-Boot makes them."""

import os
import struct
import subprocess
import tempfile

from harness import manifest
from harness.workshop import content_of, digest, run_tool

SECTOR = 512
SETUP_SECTS, PAYLOAD_OFFSET, PREF_ADDRESS = 0x1f1, 0x248, 0x258
PACKED = {b"\xfd7zXZ\0": ["xz", "-dc"], b"\x02\x21\x4c\x18": ["lz4", "-dc"]}


class Incbin(str):
    """The name of a file whose bytes are the value."""


def source(root):
    """manifest.source, with /incbin/ for the files."""
    def spell(value):
        if isinstance(value, dict):
            nodes_last = sorted(value.items(), key=lambda item: isinstance(item[1], dict))
            return {key: spell(item) for key, item in nodes_last}
        return f"@incbin {value}" if isinstance(value, Incbin) else value

    text = manifest.source(spell(root))
    return text.replace('"@incbin ', '/incbin/("').replace('.bin"', '.bin")')


def image(name, kind, **more):
    """An image as U-Boot's examples have them; its bytes come from NAME.bin."""
    return {"description": name, "data": Incbin(f"{name}.bin"), "type": kind, "arch": "x86_64", "os": "linux",
            "compression": "none", "hash-1": {"algo": "sha256"}, **more}


def tree(images, configurations, default=None):
    return {"description": "made by mkimage", "#address-cells": 1, "images": images,
            "configurations": {"default": default or next(iter(configurations)), **configurations}}


def make(workshop, root, files, options=()):
    """The path of the FIT; `files` are {name: path or bytes} for NAME.bin."""
    text = source(root)
    parts = [part for name in sorted(files) for part in (name, content_of(files[name]))]
    return workshop.once(f"fit-{digest(text, *options, *parts)}.itb", lambda path: run_mkimage(path, text, files, options))


def run_mkimage(path, text, files, options):
    with tempfile.TemporaryDirectory(prefix="trapeze-fit-") as folder:
        for name, content in {"fit.its": text.encode(), **{f"{name}.bin": data for name, data in files.items()}}.items():
            with open(os.path.join(folder, name), "wb") as stream:
                stream.write(content_of(content))
        run_tool("mkimage", *options, "-f", "fit.its", path, cwd=folder)


def split(bzimage):
    """Setup code and self-extracting kernel of a bzImage."""
    size = SECTOR * (1 + (bzimage[SETUP_SECTS] or 4))
    return bzimage[:size], bzimage[size:]


def flat_kernel(workshop, path):
    """What the self-extracting part of a bzImage unpacks, as a flat image: objcopy -O binary vmlinux."""
    def unpack(target):
        code = split(content_of(path))[1]
        offset, size = struct.unpack_from("<II", content_of(path), PAYLOAD_OFFSET)
        packed = code[offset:offset + size]
        command = next(command for magic, command in PACKED.items() if packed.startswith(magic))
        # The build puts the size behind, which is no part of the packed stream: the tools complain, and have unpacked.
        result = subprocess.run(command, input=packed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        with open(target + ".elf", "wb") as stream:
            stream.write(result.stdout)
        run_tool("objcopy", "-O", "binary", target + ".elf", target)
        os.unlink(target + ".elf")

    return workshop.once(f"flat-{digest(content_of(path))}.bin", unpack)


def preferred_address(bzimage):
    return struct.unpack_from("<Q", bzimage, PREF_ADDRESS)[0]
