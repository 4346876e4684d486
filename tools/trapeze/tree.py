# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A device tree in memory: read from and written to the flattened form with libfdt."""

import libfdt

MAGIC = b"\xd0\x0d\xfe\xed"
MAX_DEPTH = 16


class TreeError(Exception):
    """The flattened tree cannot be read, in one line for the user."""


class Node:
    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.properties = {}
        self.children = {}

    def child(self, name):
        return self.children.get(name)

    def add_child(self, name):
        node = Node(name, join(self.path, name))
        self.children[name] = node
        return node

    def string(self, name):
        """The value as text, or None where it is absent or no string."""
        value = self.properties.get(name)
        return value[:-1].decode() if value is not None and is_string(value) else None

    def strings(self, name):
        value = self.properties.get(name)
        return value[:-1].decode().split("\0") if value is not None and is_string_list(value) else []

    def number(self, name):
        """The value of one or two cells, or None."""
        value = self.properties.get(name)
        return int.from_bytes(value, "big") if value is not None and len(value) in (4, 8) else None

    def set_string(self, name, text):
        self.properties[name] = text.encode() + b"\0"

    def set_number(self, name, number):
        self.properties[name] = number.to_bytes(4 if number < 1 << 32 else 8, "big")


def join(path, name):
    return f"{path.rstrip('/')}/{name}"


def is_string(value):
    return value.count(b"\0") == 1 and is_string_list(value)


def is_string_list(value):
    """Printable ASCII is all that the shim shows."""
    return value.endswith(b"\0") and all(byte == 0 or 0x20 <= byte < 0x7F for byte in value)


def read(blob):
    """The root node of a flattened tree."""
    try:
        return read_node(libfdt.FdtRo(blob), 0, "", "/", 0)
    except libfdt.FdtException as error:
        raise TreeError(f"damaged tree: {libfdt.strerror(error.err)}") from error
    except (UnicodeDecodeError, SystemError) as error:
        # A property's name that is no UTF-8 comes out of libfdt as the latter.
        cause = error if isinstance(error, UnicodeDecodeError) else error.__cause__
        if not isinstance(cause, UnicodeDecodeError):
            raise
        raise TreeError(f"damaged tree: a name holds the byte {cause.object[cause.start]:#04x}") from error


def shown(name):
    """A name, if it can be shown: a terminal would obey some bytes."""
    for character in name:
        if not " " < character <= "~":
            raise TreeError(f"damaged tree: a name holds the byte {ord(character) & 0xff:#04x}")
    return name


def read_node(fdt, offset, name, path, depth):
    if depth > MAX_DEPTH:
        raise TreeError(f"{path}: nodes are nested more than {MAX_DEPTH} deep")
    node = Node(name, path)
    for prop in offsets(fdt.first_property_offset, fdt.next_property_offset, offset):
        found = fdt.get_property_by_offset(prop)
        shown(found.name)
        if found.name in node.properties:
            raise TreeError(f"{path}: {found.name}: given twice; remove one")
        node.properties[found.name] = bytes(found)
    for child in offsets(fdt.first_subnode, fdt.next_subnode, offset):
        child_name = shown(fdt.get_name(child))
        if child_name in node.children:
            raise TreeError(f"{join(path, child_name)}: two nodes of this name; rename one")
        node.children[child_name] = read_node(fdt, child, child_name, join(path, child_name), depth + 1)
    return node


def offsets(first, following, parent):
    offset = first(parent, quiet=(libfdt.NOTFOUND,))
    while offset >= 0:
        yield offset
        offset = following(offset, quiet=(libfdt.NOTFOUND,))


def write(root):
    """The flattened form; the same tree always gives the same bytes."""
    fdt = libfdt.FdtSw(size_hint=flattened_size(root) + 4096)
    fdt.finish_reservemap()
    write_node(fdt, root)
    result = fdt.as_fdt()
    result.pack()
    return bytes(result.as_bytearray())[:result.totalsize()]


def write_node(fdt, node):
    with fdt.add_node(node.name):
        for name, value in node.properties.items():
            fdt.property(name, value)
        for child in node.children.values():
            write_node(fdt, child)


def flattened_size(node):
    own = 16 + len(node.name) + sum(24 + len(name) + len(value) for name, value in node.properties.items())
    return own + sum(flattened_size(child) for child in node.children.values())
