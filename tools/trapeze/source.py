# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""From a manifest's source text to a tree, with the position and the syntax of every property."""

import os
import re
import subprocess
import tempfile

from trapeze import tree

# FIT names nodes kernel@1 without `reg`, which is fine here.
DTC = ["dtc", "-q", "-I", "dts", "-Wno-unit_address_vs_reg"]
DUPLICATE = re.compile(r"^(?P<at>.*?:\d+)\.\S+: ERROR \(duplicate_(?P<what>node|property)_names\): (?P<where>\S+): ")
LOCATED = re.compile(r"^(?:(?:FATAL )?E(?:rror|RROR): )?(?P<at>[^:]+:\d+)\.\S+?:? (?:ERROR )?(?P<text>.*)$")
MISSING = re.compile(r'^FATAL ERROR: Couldn\'t open "(?P<file>.*)": (?P<why>.*)$')
NODE_LINE = re.compile(r"^\t*(?:[A-Za-z_]\w*: )*(?P<name>[^\s\"<\[=;]+) \{ /\* (?P<at>.*) \*/$")
PROPERTY_LINE = re.compile(r"^\t*(?:[A-Za-z_]\w*: )*(?P<name>[^\s\"<\[=;]+)(?: = (?P<value>.*))?; /\* (?P<at>.*?) \*/$")
SYNTAX = {'"': "a string", "<": "cells", "/": "cells", "[": "bytes"}


class Manifest:
    """A tree, and for (path, property): `positions` as FILE:LINE, `syntax` as a word of SYNTAX or "empty"."""

    def __init__(self, root, external=b""):
        self.root = root
        self.external = external
        self.positions = {}
        self.syntax = {}


def load(path, search, report):
    """Read source text or a flattened tree; None after complaining to `report`."""
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        report.error_at(path, f"{error.strerror}; check the manifest's name")
        return None
    if content.startswith(tree.MAGIC):
        return load_flattened(path, content, report)
    return load_source(path, search, report)


def load_flattened(path, content, report):
    size = int.from_bytes(content[4:8], "big")
    if size > len(content):
        report.error_at(path, f"the tree says it has {size} bytes, the file has {len(content)}; make or copy it again")
        return None
    root = parse(path, content[:size], report)
    return root and Manifest(root, external=content)


def load_source(path, search, report):
    blob = run_dtc(path, ["-O", "dtb"], search, report)
    root = parse(path, blob, report) if blob is not None else None
    text = run_dtc(path, ["-O", "dts", "-T"], search, report) if root else None
    if text is None:
        return None
    manifest = Manifest(root)
    annotate(manifest, text.decode(errors="replace"), os.path.dirname(path))
    return manifest


def parse(path, blob, report):
    try:
        return tree.read(blob)
    except tree.TreeError as error:
        report.error_at(path, str(error))
        return None


def run_dtc(path, options, search, report):
    """Output of dtc, or None after passing on what it complained about."""
    include = [option for folder in search for option in ("-i", folder)]
    with tempfile.TemporaryFile() as output:
        try:
            result = subprocess.run([*DTC, *include, *options, path], stdout=output, stderr=subprocess.PIPE,
                                    text=True, errors="replace", check=False)
        except FileNotFoundError:
            report.error_at(path, "dtc not found, which compiles manifests; install device-tree-compiler")
            return None
        if result.returncode != 0:
            report_dtc(path, result.stderr, report)
            return None
        output.seek(0)
        return output.read()


def report_dtc(path, text, report):
    before = report.error_count
    for line in text.splitlines():
        if match := DUPLICATE.match(line):
            report_duplicate(match, report)
        elif match := MISSING.match(line):
            report.error_at(path, f"{match['file']}: {match['why']}; named by /incbin/ or /include/ in the source")
        elif match := LOCATED.match(line):
            report.error_at(match["at"], match["text"].strip())
    if report.error_count == before:
        report.error_at(path, "dtc: " + (text.strip().splitlines() or ["no reason given"])[-1])


def report_duplicate(match, report):
    if match["what"] == "node":
        report.error_at(match["at"], f"{match['where']}: two nodes of this name; rename one")
    else:
        node, _, prop = match["where"].rpartition(":")
        report.error_at(match["at"], f"{node}: {prop}: given twice; remove one")


def annotate(manifest, text, folder):
    """Read positions and syntax out of dtc's annotated source, one line a node or property."""
    path = []
    for line in text.splitlines():
        if match := NODE_LINE.match(line):
            path.append(match["name"].strip("/"))
            manifest.positions[(node_path(path), None)] = position(match["at"], folder)
        elif line.lstrip("\t").startswith("};"):
            path.pop()
        elif path and (match := PROPERTY_LINE.match(line)):
            key = (node_path(path), match["name"])
            manifest.positions[key] = position(match["at"], folder)
            manifest.syntax[key] = SYNTAX.get(match["value"][0], "mixed") if match["value"] else "empty"


def node_path(names):
    return "/" + "/".join(names[1:])


def position(text, folder):
    """A node that is given in several places has several positions; the first one tells enough."""
    return os.path.join(folder, text.split(", ")[0])
