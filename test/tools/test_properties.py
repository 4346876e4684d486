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


@pytest.mark.parametrize("name, value", LIMITS.items())
def test_same_limits(name, value):
    assert re.search(rf"#define {name} (\d+)", source("manifest_config.c")).group(1) == str(value)
