# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Manifests for the shim, right and wrong ones: as source text, compiled by dtc without tools/mkiso's checks."""

import hashlib
import subprocess
import zlib


class Cells(tuple):
    """Numbers written as 32-bit cells."""


class Wide(tuple):
    """Numbers written as 64-bit cells."""


def value_text(value):
    if value is True:
        return ""
    if isinstance(value, bytes):
        return "[" + value.hex() + "]"
    if isinstance(value, Wide):
        return "/bits/ 64 <" + " ".join(f"{number:#x}" for number in value) + ">"
    if isinstance(value, int):
        value = Cells((value,))
    if isinstance(value, Cells):
        return "<" + " ".join(f"{number & 0xffffffff:#x}" for number in value) + ">"
    strings = [value] if isinstance(value, str) else value
    return ", ".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in strings)


def node_text(name, content, depth=0):
    """A node from a dictionary: nested dictionaries are nodes, all else are properties."""
    tabs = "\t" * depth
    lines = [f"{tabs}{name} {{"]
    for key, value in content.items():
        if isinstance(value, dict):
            lines.append(node_text(key, value, depth + 1))
        else:
            text = value_text(value)
            lines.append(f"{tabs}\t{key}{' = ' + text if text else ''};")
    return "\n".join(lines + [f"{tabs}}};"])


def source(root):
    return "/dts-v1/;\n\n" + node_text("/", root) + "\n"


def compile_tree(root):
    """The flattened tree of a dictionary."""
    command = ["dtc", "-q", "-q", "-f", "-I", "dts", "-O", "dtb", "-o", "-", "-"]
    result = subprocess.run(command, input=source(root).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            check=False)
    if result.returncode != 0 or not result.stdout:
        raise AssertionError(f"dtc: {result.stderr.decode()}\n{source(root)}")
    return result.stdout


def digest(algo, data):
    return zlib.crc32(data).to_bytes(4, "big") if algo == "crc32" else hashlib.new(algo, data).digest()


def hash_node(algo, data):
    return {"algo": algo, "value": digest(algo, data)}


def image(path, **properties):
    """An image whose bytes are the module `path`."""
    return {"trapeze,path": path, **properties}


def kernel(path, **properties):
    return image(path, type="kernel", os="linux", **properties)


def tree(images, configurations, default=None, timeout=-1, **root):
    """The usual shape: {name: image}, {name: configuration}."""
    head = {"default": default or next(iter(configurations)), "trapeze,timeout": timeout}
    return {"description": "test", **root, "images": images, "configurations": {**head, **configurations}}
