# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The report that the test initramfs prints (iso/initrd/init): what a kernel was given, as the kernel shows it."""

import re
import struct
from dataclasses import dataclass

from harness.screen import strip_escapes

BEGIN, END = "<<report", "report>>"
RAM, RESERVED, UNKNOWN = "System RAM", "Reserved", "Unknown E820 type"
# Names of a map of the kernel's own image: where KASLR put it differs from boot to boot.
KERNEL_IMAGE = re.compile(r"Kernel (code|rodata|data|bss)$")
IOMEM_LINE = re.compile(r"( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$")


class ReportError(AssertionError):
    """There is no whole report in the transcript."""


def parse(transcript):
    """{name: [line, ...]} of the first report in a transcript."""
    text = strip_escapes(transcript).replace("\r", "")
    match = re.search(rf"(?ms)^{re.escape(BEGIN)}$(.*?)^{re.escape(END)}$", text)
    if not match:
        raise ReportError("no report, or not a whole one, on the serial line")
    sections = {}
    for line in match.group(1).strip("\n").splitlines():
        name, separator, value = line.partition(": ")
        if not separator:
            name, separator, value = line.partition(":")
        if not separator or not re.fullmatch(r"[\w.]+", name):
            raise ReportError(f"not a line of a report: {line!r}")
        sections.setdefault(name, []).append(value)
    return sections


# ---- maps of memory


@dataclass(frozen=True, order=True)
class Range:
    """[start, end) of one type, as a boot loader's memory map has it."""

    start: int
    end: int
    type: str

    def __str__(self):
        return f"{self.start:#x}-{self.end - 1:#x} {self.type}"


def merge(ranges):
    """Sorted, neighbours of one type joined: two maps that say the same become equal."""
    merged = []
    for item in sorted(ranges):
        if merged and merged[-1].end == item.start and merged[-1].type == item.type:
            merged[-1] = Range(merged[-1].start, item.end, item.type)
        else:
            merged.append(item)
    return merged


def retype(ranges, start, end, old_type, new_type):
    """The map with what is of `old_type` in [start, end) turned into `new_type`."""
    result = []
    for item in ranges:
        low, high = max(item.start, start), min(item.end, end)
        if item.type != old_type or low >= high:
            result.append(item)
            continue
        pieces = ((item.start, low, old_type), (low, high, new_type), (high, item.end, old_type))
        result += [Range(*piece) for piece in pieces if piece[0] < piece[1]]
    return merge(result)


def firmware_map(sections):
    """/sys/firmware/memmap, which is the map that the boot loader handed over, before the kernel changed anything."""
    entries = [re.fullmatch(r"(0x[0-9a-f]+) (0x[0-9a-f]+) (.*)", line) for line in sections["memmap"]]
    return merge(Range(int(e[1], 16), int(e[2], 16) + 1, e[3]) for e in entries)


def iomem(sections):
    """/proc/iomem as (depth, range) pairs without the kernel's own image; equal neighbours at the top are joined.

    SeaBIOS puts a ROM's signature before its own data below 0xf0000 (malloc_prepboot), of a size that ends there; Linux lists that
    as one when its sum happens to be right, once in 256 machines.
    """
    top, nested = [], []
    for line in sections["iomem"]:
        match = IOMEM_LINE.fullmatch(line)
        if not match:
            raise ReportError(f"not a line of /proc/iomem: {line!r}")
        item = Range(int(match[2], 16), int(match[3], 16) + 1, match[4])
        if not KERNEL_IMAGE.match(item.type) and (item.end, item.type) != (0xf0000, "Adapter ROM"):
            (nested if match[1] else top).append(item)
    return merge(top), sorted(nested)


# ---- boot_params

SCREEN_INFO = [(0x00, 1, "orig_x"), (0x01, 1, "orig_y"), (0x02, 2, "ext_mem_k"), (0x04, 2, "orig_video_page"),
               (0x06, 1, "orig_video_mode"), (0x07, 1, "orig_video_cols"), (0x08, 1, "flags"),
               (0x0a, 2, "orig_video_ega_bx"), (0x0e, 1, "orig_video_lines"), (0x0f, 1, "orig_video_isVGA"),
               (0x10, 2, "orig_video_points"), (0x12, 2, "lfb_width"), (0x14, 2, "lfb_height"), (0x16, 2, "lfb_depth"),
               (0x18, 4, "lfb_base"), (0x1c, 4, "lfb_size"), (0x20, 2, "cl_magic"), (0x22, 2, "cl_offset"),
               (0x24, 2, "lfb_linelength"), (0x26, 8, "lfb_colours"), (0x2e, 2, "vesapm_seg"), (0x30, 2, "vesapm_off"),
               (0x32, 2, "pages"), (0x34, 2, "vesa_attributes"), (0x36, 4, "capabilities"), (0x3a, 4, "ext_lfb_base")]
HEADER = [(0x1f1, 1, "setup_sects"), (0x1f2, 2, "root_flags"), (0x1f4, 4, "syssize"), (0x1f8, 2, "ram_size"),
          (0x1fa, 2, "vid_mode"), (0x1fc, 2, "root_dev"), (0x1fe, 2, "boot_flag"), (0x200, 2, "jump"),
          (0x202, 4, "header"), (0x206, 2, "version"), (0x208, 4, "realmode_swtch"), (0x20c, 2, "start_sys_seg"),
          (0x20e, 2, "kernel_version"), (0x210, 1, "type_of_loader"), (0x211, 1, "loadflags"),
          (0x212, 2, "setup_move_size"), (0x214, 4, "code32_start"), (0x218, 4, "ramdisk_image"),
          (0x21c, 4, "ramdisk_size"), (0x220, 4, "bootsect_kludge"), (0x224, 2, "heap_end_ptr"),
          (0x226, 1, "ext_loader_ver"), (0x227, 1, "ext_loader_type"), (0x228, 4, "cmd_line_ptr"),
          (0x22c, 4, "initrd_addr_max"), (0x230, 4, "kernel_alignment"), (0x234, 1, "relocatable_kernel"),
          (0x235, 1, "min_alignment"), (0x236, 2, "xloadflags"), (0x238, 4, "cmdline_size"),
          (0x23c, 4, "hardware_subarch"), (0x240, 8, "hardware_subarch_data"), (0x248, 4, "payload_offset"),
          (0x24c, 4, "payload_length"), (0x250, 8, "setup_data"), (0x258, 8, "pref_address"), (0x260, 4, "init_size"),
          (0x264, 4, "handover_offset"), (0x268, 4, "kernel_info_offset")]
# Linux, Documentation/arch/x86/zero-page.rst: (offset, size, name). What lies between is compared too, by its offset.
FIELDS = SCREEN_INFO + [
    (0x40, 0x14, "apm_bios_info"), (0x58, 8, "tboot_addr"), (0x60, 0x10, "ist_info"), (0x70, 8, "acpi_rsdp_addr"),
    (0x80, 0x10, "hd0_info"), (0x90, 0x10, "hd1_info"), (0xa0, 0x10, "sys_desc_table"), (0xb0, 0x10, "olpc_ofw_header"),
    (0xc0, 4, "ext_ramdisk_image"), (0xc4, 4, "ext_ramdisk_size"), (0xc8, 4, "ext_cmd_line_ptr"),
    (0x13c, 4, "cc_blob_address"), (0x140, 0x80, "edid_info"), (0x1c0, 4, "efi_loader_signature"),
    (0x1c4, 4, "efi_systab"), (0x1c8, 4, "efi_memdesc_size"), (0x1cc, 4, "efi_memdesc_version"),
    (0x1d0, 4, "efi_memmap"), (0x1d4, 4, "efi_memmap_size"), (0x1d8, 4, "efi_systab_hi"), (0x1dc, 4, "efi_memmap_hi"),
    (0x1e0, 4, "alt_mem_k"), (0x1e4, 4, "scratch"), (0x1e8, 1, "e820_entries"), (0x1e9, 1, "eddbuf_entries"),
    (0x1ea, 1, "edd_mbr_sig_buf_entries"), (0x1eb, 1, "kbd_status"), (0x1ec, 1, "secure_boot"),
    (0x1ef, 1, "sentinel")] + HEADER + [
    (0x290, 0x40, "edd_mbr_sig_buffer"), (0x2d0, 0xa00, "e820_table"), (0xd00, 0x1ec, "eddbuf")]
E820_TYPES = {1: RAM, 2: RESERVED, 3: "ACPI Tables", 4: "ACPI Non-volatile Storage", 5: "Unusable memory",
              7: "Persistent Memory"}


def boot_params(sections):
    """The fields of the page that the kernel shows."""
    return fields_of(bytes.fromhex("".join(sections["boot_params"])))


def fields_of(page):
    """{field: number or bytes} over all of a page; every byte is in exactly one field."""
    if len(page) != 4096:
        raise ReportError(f"boot_params has {len(page)} bytes")
    fields, at = {}, 0
    for offset, size, name in sorted(FIELDS) + [(4096, 0, None)]:
        if offset > at:
            fields[f"bytes at {at:#x}"] = page[at:offset]
        if name:
            data = page[offset:offset + size]
            fields[name] = int.from_bytes(data, "little") if size in (1, 2, 4, 8) else data
        at = offset + size
    return fields


def e820(fields):
    """The memory map in boot_params."""
    entries = [struct.unpack_from("<QQI", fields["e820_table"], 20 * n) for n in range(fields["e820_entries"])]
    return merge(Range(start, start + size, E820_TYPES.get(kind, UNKNOWN)) for start, size, kind in entries)


def setup_data(sections):
    """{type: [bytes, ...]} of the setup_data list."""
    found = {}
    for name, lines in sections.items():
        match = re.fullmatch(r"setup_data\.(\d+)\.type", name)
        if match:
            data = bytes.fromhex("".join(sections.get(f"setup_data.{match[1]}.data", [])))
            found.setdefault(int(lines[0], 0), []).append(data)
    return found
