# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The bytes of a manifest's images: found, checked against the manifest, staged, and described in the tree."""

import os

from trapeze import hashes, packing
from trapeze.check import is_hash
from trapeze.names import MANIFEST_NAME
from trapeze.report import quoted

FOLDER = "/boot/trapeze/images"


class Content:
    """Bytes from a host file or from the manifest itself."""

    def __init__(self, host_path=None, data=None):
        self.host_path = host_path
        self.data = data
        self.size = os.path.getsize(host_path) if host_path else len(data)

    def chunks(self):
        if self.data is not None:
            yield self.data
            return
        with open(self.host_path, "rb") as stream:
            while chunk := stream.read(hashes.CHUNK_SIZE):
                yield chunk


class Staging:
    """What goes onto the ISO as a module: `files` maps a module's name to its Content, in the order of loading."""

    def __init__(self, manifest, search, report):
        self.manifest = manifest
        self.search = search
        self.report = report
        self.files = {}
        self.contents = {}

    def run(self, modules, add_hashes=True):
        """Find and check every image; `modules` are further (name, host path) pairs that images may refer to."""
        for name, path in modules:
            self.files[name] = Content(host_path=path)
        images = self.manifest.root.child("images")
        for image in images.children.values() if images else ():
            content = self.find(image)
            if content:
                self.contents[image.name] = content
                self.check_size(image, content)
                self.check_packing(image, content)
                self.fill_hashes(image, content, add_hashes)
                self.stage(image, content)
        self.check_overlaps()

    def find(self, image):
        """The image's content, or None after saying why there is none."""
        given = [name for name in ("data", "trapeze,file", "trapeze,disk", "data-offset", "data-position") if name in image.properties]
        if len(given) > 1:
            self.report.error(image.path, given[1], f"the image has {given[0]} as well; keep one of them")
        elif given == ["data"]:
            return self.find_embedded(image)
        elif given == ["trapeze,disk"]:
            return None
        elif given == ["trapeze,file"]:
            return self.find_file(image)
        elif given:
            return self.find_external(image, given[0])
        elif image.string("trapeze,path") is None:
            self.report.error(image.path, None, "no bytes; add trapeze,file = \"PATH\" or data = /incbin/(\"PATH\")")
        else:
            return self.find_module(image)
        return None

    def find_embedded(self, image):
        if "trapeze,path" in image.properties:
            self.report.error(image.path, "trapeze,path", "the image has data as well; keep one of them")
        return Content(data=image.properties["data"])

    def find_file(self, image):
        name = image.string("trapeze,file")
        if not name:
            return None
        tried = [os.path.join(folder, name) for folder in self.search]
        found = next((path for path in tried if os.path.exists(path)), None)
        if not found:
            listed = quoted(os.path.normpath(path) for path in tried)
            self.report.error(image.path, "trapeze,file", f'"{name}" not found; tried {listed}')
        elif not os.path.isfile(found):
            self.report.error(image.path, "trapeze,file", f'"{name}" is not a regular file; name a file')
        elif not os.access(found, os.R_OK):
            self.report.error(image.path, "trapeze,file", f'"{name}" cannot be read; check its permissions')
        elif os.path.getsize(found) == 0:
            self.report.error(image.path, "trapeze,file", f'"{name}" is empty; make it again')
        else:
            return Content(host_path=found)
        return None

    def find_external(self, image, prop):
        """The data that `mkimage -E` put behind the tree."""
        blob, size = self.manifest.external, image.number("data-size")
        offset = image.number(prop)
        if not blob:
            self.report.error(image.path, prop, "external data exists in compiled FITs only; use trapeze,file")
            return None
        if size is None or offset is None:
            self.report.error(image.path, "data-size", f"needed with {prop}; make the FIT again")
            return None
        if prop == "data-offset":
            offset += (int.from_bytes(blob[4:8], "big") + 3) & ~3
        tree_size = int.from_bytes(blob[4:8], "big")
        if offset < tree_size:
            self.report.error(image.path, prop, f"{offset:#x} lies in the tree, which has {tree_size:#x} bytes; make the "
                              "FIT again")
            return None
        if offset > len(blob) or size > len(blob) - offset:
            self.report.error(image.path, prop, f"{size} bytes at {offset:#x} reach beyond the file's {len(blob)} "
                              "bytes; make or copy it again")
            return None
        return Content(data=blob[offset:offset + size])

    def find_module(self, image):
        path = image.string("trapeze,path")
        if path not in self.files:
            self.report.note(image.path, "trapeze,path", f'"{path}" is not on this ISO; it must be on the boot medium, '
                             "or be given with --module or trapeze,file")
        return self.files.get(path)

    def check_size(self, image, content):
        stated = image.number("trapeze,size")
        if stated is not None and stated != content.size:
            self.report.error(image.path, "trapeze,size", f"{stated}, but there are {content.size} bytes; leave the "
                              "size out to have it filled in")

    def check_packing(self, image, content):
        """Does what `compression` says hold? What comes out is counted, so that damage shows before the shim finds it."""
        method = image.string("compression")
        if method not in packing.METHODS:
            return
        known = packing.probe(next(content.chunks(), b""))
        if known != method:
            self.report.error(image.path, "compression", f'"{method}", but the bytes are '
                              f"{f'packed as {known}' if known else 'in no packed format'}; correct it")
            return
        try:
            size = packing.unpacked_size(method, content.chunks())
        except packing.DamagedError as error:
            self.report.error(image.path, "compression", f"{method} cannot unpack the bytes ({error}); pack the file again")
            return
        stated = image.number("trapeze,unpacked-size")
        if size is not None and stated not in (None, size):
            self.report.error(image.path, "trapeze,unpacked-size", f"{stated}, but {size} bytes come out; leave the size out "
                              "to have it filled in")
        elif size is not None:
            image.set_number("trapeze,unpacked-size", size)

    def fill_hashes(self, image, content, add_hashes):
        nodes = [node for node in image.children.values() if is_hash(node)]
        if not nodes and add_hashes:
            nodes = [image.add_child("hash-1")]
            nodes[0].set_string("algo", hashes.DEFAULT)
        nodes = [node for node in nodes if node.string("algo") in hashes.ALGORITHMS]
        digests = hashes.digests(content.chunks(), {node.string("algo") for node in nodes})
        for node in nodes:
            actual = digests[node.string("algo")]
            stated = node.properties.setdefault("value", actual)
            if len(stated) == len(actual) and stated != actual:
                self.report.error(node.path, "value", f"{stated.hex()} is not the {node.string('algo')} of the bytes, "
                                  f"which is {actual.hex()}; the file has changed or is damaged: leave the value out "
                                  "to have it filled in")

    def stage(self, image, content):
        """Images of one file share one module; embedded data stays in the tree."""
        if "data" not in image.properties and content not in self.files.values():
            path = image.string("trapeze,path") or self.shared_path(content) or f"{FOLDER}/{image.name}"
            path, other = self.staged(path)
            if path.lstrip("/") == MANIFEST_NAME:
                self.report.error(image.path, "trapeze,path", f'"{path}" is the manifest\'s own name; choose another')
            elif other and not same_file(other, content):
                self.report.error(image.path, "trapeze,path",
                                  f'"{path}" is the path of other bytes already; choose another')
            self.files.setdefault(path, content)
            image.set_string("trapeze,path", path)
        if "data" not in image.properties:
            image.set_number("trapeze,size", content.size)
        for name in ("trapeze,file", "data-offset", "data-position", "data-size"):
            image.properties.pop(name, None)

    def staged(self, path):
        """(path, Content) under this path, with or without a slash in front; (path, None): nothing."""
        return next(((name, content) for name, content in self.files.items() if name.lstrip("/") == path.lstrip("/")), (path, None))

    def shared_path(self, content):
        return next((path for path, other in self.files.items() if same_file(other, content)), None)

    def check_overlaps(self):
        configurations = self.manifest.root.child("configurations")
        for config in configurations.children.values() if configurations else ():
            names = {name for prop in ("kernel", "ramdisk", "loadables") for name in config.strings(prop)}
            ranges = sorted(filter(None, (self.load_range(name) for name in names)))
            for number, (start, end, name) in enumerate(ranges):
                for other_start, other_end, other in ranges[number + 1:]:
                    if other_start < end:
                        self.report.error(config.path, None, f"images {name} at [{start:#x}, {end:#x}) and {other} at "
                                          f"[{other_start:#x}, {other_end:#x}) overlap; change load of one")

    def load_range(self, name):
        """(start, end, name) of an image with a fixed address and known bytes."""
        image = self.manifest.root.child("images").child(name)
        start = image.number("load") if image else None
        content = self.contents.get(name)
        if start is None or not content:
            return None
        return start, start + (image.number("trapeze,unpacked-size") or content.size), name


def same_file(one, other):
    return bool(one.host_path and other.host_path and os.path.samefile(one.host_path, other.host_path))
