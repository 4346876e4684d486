# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""GRUB's configuration for one ISO."""

import re

COM_PORTS = (0x3F8, 0x2F8, 0x3E8, 0x2E8)
DEFAULT_CONSOLE = "ttyS0,115200n8"
PORT_CONSOLE = re.compile(r"(?:ttyS(?P<unit>[0-3])|uart(?:8250)?,io,(?P<port>0[xX][0-9a-fA-F]+|\d+))"
                          r"(?:,(?P<rate>\d+)\w*)?")


def quote(word):
    """The word as GRUB's script language takes it literally: nothing is special between single quotes but the quote."""
    return "'" + word.replace("'", "'\\''") + "'"


def serial_command(console):
    """GRUB's command for the shim's console, or None where GRUB has no driver for it; 115200 baud unless given."""
    match = PORT_CONSOLE.fullmatch(console)
    if not match:
        return None
    port = int(match["port"], 0) if match["port"] else COM_PORTS[int(match["unit"])]
    return f"serial --port={port:#x} --speed={match['rate'] or 115200}"


def option_console(words):
    """Value of the last console= among the shim's options, or None."""
    values = [word.partition("=")[2] for word in words if word.startswith("console=")]
    return values[-1] if values else None


def module_lines(modules, from_medium):
    """Commands that load the modules; with from_medium only where there is no BIOS by which the shim can read them."""
    lines = [f"\tmodule2 --nounzip {quote(path)} {quote(name)}" for path, name in modules]
    if not from_medium:
        return lines
    return ['\tif [ "$grub_platform" != pc ]; then', *("\t" + line for line in lines), "\tfi"]


def configuration(shim, options, modules, console, from_medium=False):
    """Text of grub.cfg; `modules` are (path on the ISO, module name) pairs, the manifest first."""
    serial = serial_command(console)
    lines = ["# Written by mkiso: loads Trapeze and what its manifest names.",
             "set default=0", "set timeout=0", "set pager=0"]
    if serial:
        lines += [f"if {serial}; then", "\tterminal_input console serial", "\tterminal_output console serial", "fi"]
    # Without a video driver GRUB on UEFI gives no framebuffer tag; on a BIOS the text screen stays as it is.
    lines += ['if [ "$grub_platform" = efi ]; then', "\tinsmod all_video", "fi", "menuentry 'Trapeze' {",
              "\t" + " ".join(["multiboot2", shim, *map(quote, options)])]
    return "\n".join([*lines, *module_lines(modules, from_medium), "}"]) + "\n"
