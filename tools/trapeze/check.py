# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Checks on a manifest's tree that need no file but the manifest."""

from difflib import get_close_matches

from trapeze import hashes
from trapeze.properties import BIOS_SERVICES, TABLE, type_complaint
from trapeze.report import quoted

ON_FAULT_ACTIONS = ("menu", "halt", "reboot")
PREFIX = "trapeze,"
HOMES = {"root": "the root", "images": "/images", "configurations": "/configurations", "image": "an image",
         "configuration": "a configuration", "hash": "a hash node", "bios-calls": "/bios-calls",
         "bios-call": "a node of /bios-calls"}


class Checker:
    def __init__(self, manifest, report):
        self.manifest = manifest
        self.report = report
        self.images = manifest.root.child("images")
        self.configurations = manifest.root.child("configurations")
        self.bios_calls = manifest.root.child("bios-calls")

    def run(self):
        root = self.manifest.root
        self.check_properties(root, "root")
        known = (self.images, self.configurations, self.bios_calls)
        self.check_foreign_nodes(child for child in root.children.values() if child not in known)
        self.check_images()
        self.check_bios_calls()
        self.check_configurations()

    def check_images(self):
        if not self.images or not self.images.children:
            self.report.error("/images", None, "no images; name each file to boot in a node of its own below /images")
            return
        self.check_properties(self.images, "images")
        for image in self.images.children.values():
            self.check_properties(image, "image")
            for node in image.children.values():
                self.check_image_child(node)

    def check_image_child(self, node):
        if is_hash(node):
            self.check_properties(node, "hash")
            self.check_hash(node)
        elif is_node_of(node, "cipher"):
            self.report.error(node.path, None, "the image is encrypted; make the FIT without encryption")
        else:
            self.check_foreign_nodes([node])

    def check_bios_calls(self):
        if not self.bios_calls:
            return
        self.check_properties(self.bios_calls, "bios-calls")
        for call in self.bios_calls.children.values():
            self.check_properties(call, "bios-call")
            self.check_foreign_nodes(call.children.values())
            if ("trapeze,vector" in call.properties) == ("trapeze,far" in call.properties):
                self.report.error(call.path, None, "give it one of trapeze,vector and trapeze,far")
            if call.name in BIOS_SERVICES:
                self.report.error(call.path, None, "this is the name of a call that Trapeze knows by itself; rename the node")

    def check_hash(self, node):
        algo = node.string("algo")
        value = node.properties.get("value")
        if "algo" not in node.properties:
            self.report.error(node.path, None, f"no algo; add one of {quoted(hashes.ALGORITHMS)}")
        elif algo in hashes.SIZES and value is not None and len(value) != hashes.SIZES[algo]:
            self.report.error(node.path, "value", f"{len(value)} bytes; a {algo} has {hashes.SIZES[algo]}: correct it, "
                              "or leave the value out to have it filled in")

    def check_configurations(self):
        node = self.configurations
        if not node or not node.children:
            self.report.error("/configurations", None, "no configurations; each menu entry is a node below it")
            return
        self.check_properties(node, "configurations")
        for config in node.children.values():
            self.check_properties(config, "configuration")
            self.check_foreign_nodes(config.children.values())
            if "kernel" not in config.properties and "trapeze,bios-call" not in config.properties:
                self.report.error(config.path, None, 'no kernel; add kernel = "IMAGE"')
            self.check_on_fault(config)
        self.check_rescue()
        self.check_unused_images()

    def check_on_fault(self, config):
        action = config.string("trapeze,on-fault")
        if action is None or action in ON_FAULT_ACTIONS:
            return
        if action not in self.configurations.children:
            self.report.error(config.path, "trapeze,on-fault", f'"{action}" names no configuration; use '
                              f"{quoted(ON_FAULT_ACTIONS)} or one of {quoted(self.configurations.children)}")
        elif self.leads_back(config):
            self.report.error(config.path, "trapeze,on-fault", f'"{action}" leads back to this configuration, which '
                              "would fault for ever; name another")

    def check_rescue(self):
        first, *others = [config for config in self.configurations.children.values()
                          if "trapeze,rescue" in config.properties] or [None]
        for config in others:
            self.report.error(config.path, "trapeze,rescue", f"{first.name} is the rescue image already; there is one")

    def leads_back(self, first):
        """Does the chain of stand-ins that starts at a configuration come to it again?"""
        action, seen = first.string("trapeze,on-fault"), set()
        while action in self.configurations.children and action not in seen:
            seen.add(action)
            action = self.configurations.child(action).string("trapeze,on-fault")
        return first.name in seen

    def check_unused_images(self):
        used = {name for config in self.configurations.children.values()
                for prop, known in TABLE["configuration"].items() if known.names == "image"
                for name in config.strings(prop)}
        for image in self.images.children.values() if self.images else ():
            if image.name not in used:
                self.report.warn(image.path, None, "no configuration uses this image; it is on the ISO all the same")

    def check_foreign_nodes(self, nodes):
        """Nodes that mean nothing here; what is ours must not hide in them."""
        for node in nodes:
            if is_node_of(node, "signature"):
                self.report.note(node.path, None, "signatures are not verified, hashes of images are")
            else:
                self.report.warn(node.path, None, "unknown node; it is ignored")
            self.refuse_ours(node)

    def refuse_ours(self, node):
        for name in node.properties:
            if name.startswith(PREFIX):
                self.report.error(node.path, name, "unknown property here, which the shim refuses; remove it")
        for child in node.children.values():
            self.refuse_ours(child)

    def check_properties(self, node, kind):
        for name, value in node.properties.items():
            known = TABLE[kind].get(name)
            if known:
                self.check_known(node, name, known, value)
            elif name.startswith(PREFIX):
                self.report.error(node.path, name,
                                  f"unknown property, which the shim refuses; {self.suggest(name, kind)}")
            else:
                self.report.warn(node.path, name, "unknown property; it is ignored")

    def check_known(self, node, name, known, value):
        complaint = type_complaint(known, value, self.manifest.syntax.get((node.path, name)))
        if complaint is None and known.check:
            complaint = known.check(value)
        if complaint:
            self.report.error(node.path, name, complaint)
            return
        if known.note:
            self.report.note(node.path, name, known.note)
        if known.names:
            self.check_names(node, name, known.names)

    def check_names(self, node, prop, what):
        group = {"image": self.images, "configuration": self.configurations, "BIOS call": self.bios_calls}[what]
        existing = list(group.children if group else ()) + list(BIOS_SERVICES if what == "BIOS call" else ())
        names = node.strings(prop)
        for name in names:
            if name not in existing:
                self.report.error(node.path, prop, f'"{name}" names no {what}; use one of {quoted(existing)}')
        for name in sorted({name for name in names if names.count(name) > 1 and what == "image"}):
            self.report.warn(node.path, prop, f'"{name}" is given twice; it is handed over twice')

    def suggest(self, name, kind):
        """What an unknown property may have been meant to be."""
        homes = [where for where, known in TABLE.items() if name in known]
        if homes:
            return f"it belongs to {HOMES[homes[0]]}"
        known = [other.removeprefix(PREFIX) for other in TABLE[kind] if other.startswith(PREFIX)]
        close = get_close_matches(name.removeprefix(PREFIX), known, n=1)
        return f"did you mean {PREFIX}{close[0]}?" if close else "remove it"


def is_node_of(node, word):
    return node.name == word or node.name.startswith((word + "-", word + "@"))


def is_hash(node):
    return is_node_of(node, "hash")


def menu_order(root):
    """Names of the configurations in the menu's order, the default marked."""
    node = root.child("configurations")
    chosen = node.string("default") or next(iter(node.children))
    return [f"{name}{' (default)' if name == chosen else ''}" for name in node.children]
