# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""mkiso's table of properties and the shim's: a manifest that one accepts must not be news to the other."""

import os
import re

import pytest

from conftest import ROOT
from trapeze import properties

SHIM_TABLES = {"root": "manifest.c:root", "image": "manifest_image.c:image", "hash": "manifest_image.c:hash",
               "configurations": "manifest_config.c:configurations", "configuration": "manifest_config.c:config",
               "bios-call": "manifest_bios.c:bios_call"}
LIMITS = {"TIMEOUT_MAX": properties.TIMEOUT_MAX, "WATCHDOG_MAX": properties.WATCHDOG_MAX,
          "RESCUE_MEMORY_MAX": properties.RESCUE_MEMORY_MAX}


def source(name):
    with open(os.path.join(ROOT, "src", name), encoding="utf-8") as stream:
        return stream.read()


def shim_names(where):
    """Names in `static const struct manifest_property NAME_properties[] = {...}`."""
    file, table = where.split(":")
    body = re.search(rf"manifest_property {table}_properties\[\] = \{{\n(.*?)\n\}};", source(file), re.DOTALL)
    return set(re.findall(r'\{ \.name = "([^"]+)"', body.group(1)))


@pytest.mark.parametrize("kind, where", SHIM_TABLES.items())
def test_same_properties(kind, where):
    assert set(properties.TABLE[kind]) == shim_names(where)


def test_same_bios_services():
    assert re.findall(r'X\("([a-z0-9-]+)", ', source("bios_services.h")) == list(properties.BIOS_SERVICES)


def test_same_packed_formats():
    known = re.search(r'known\[\] = "([^"]+)"', source("unpack.c")).group(1)
    assert known == ", ".join(properties.COMPRESSIONS)


def test_same_handover_versions():
    table = re.search(r"versions\[\] = \{\n(.*?)\n\};", source("kho_version.c"), re.DOTALL).group(1)
    assert re.findall(r'\.name = "([^"]+)"', table) == list(properties.KHO_VERSIONS)


@pytest.mark.parametrize("value, complaint", [
    ((0x400000, 0x6000000), None), ((0x400000,), "1 numbers; write pairs of start and size, at most 3"),
    ((0x400000,) * 8, "8 numbers; write pairs of start and size, at most 3"),
    ((0x400000, 0x1000), "0x1000 is no multiple of 0x400000")])
def test_scratch(value, complaint):
    prop = properties.TABLE["configuration"]["trapeze,kho-scratch"]
    assert prop.check(b"".join(number.to_bytes(8, "big") for number in value)) == complaint


@pytest.mark.parametrize("value, good", [
    ("results:64K@0x4000000", True), ("a:4096@1M", True), ("a:4K", False), ("a b:4K@1M", False), ("a:4K@1Mx", False),
    ("sixteen-letters-:4K@1M", False)])
def test_memory(value, good):
    prop = properties.TABLE["configuration"]["trapeze,kho-memory"]
    assert (prop.check(value.encode() + b"\0") is None) == good


@pytest.mark.parametrize("name, value", LIMITS.items())
def test_same_limits(name, value):
    assert re.search(rf"#define {name} (\d+)", source("manifest_config.c")).group(1) == str(value)
