# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Names that go through GRUB's script, the ISO's file system and the shim's command line alike."""

import re

WORD = r"[A-Za-z0-9_+,@-][A-Za-z0-9._+,@-]*"
MODULE_NAME = re.compile(rf"/?({WORD}/)*{WORD}")
# ISO 9660 (ECMA-119), 7.4.1: d-characters, 32 of them.
VOLUME_LABEL = re.compile(r"[A-Z0-9_]{1,32}")
# What passes through GRUB's multiboot2 command unchanged.
SHIM_OPTION = re.compile(r"""[!#-&(-\[\]-~]+""")
# The module, or the file of a cargo, that the shim takes for the manifest.
MANIFEST_NAME = "manifest"
