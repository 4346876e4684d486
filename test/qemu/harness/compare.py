# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A kernel booted through Trapeze against the same kernel booted by GRUB: equal, but for what is allowed here by name.

An allowed difference states what both values must be like and why they may differ. A value that differs and is not
listed, or is listed and not like that, is a complaint.
"""

from dataclasses import dataclass, replace
from typing import Callable

from harness import linux_report as report

GRUB_CMDLINE_PREFIX = "BOOT_IMAGE=/boot/kernel "
SETUP_E820_EXT, SETUP_RNG_SEED = 1, 9
MIB = 1 << 20
LOADFLAG_CAN_USE_HEAP = 0x80
SCREEN_TYPE_EFI = 0x70
EFI_BOOT_SERVICES = (3, 4)
# What the kernel keeps for itself depends on where KASLR puts it: some hundred KiB, with GRUB alone as well.
MEMORY_TOLERANCE_KIB = 1024


@dataclass(frozen=True)
class Allowed:
    """A field of boot_params that may differ where check(direct, ours, boot) holds."""

    field: str
    check: Callable
    why: str


@dataclass(frozen=True)
class Boot:
    """What a check may look at besides the two values: all fields of both boots, our memory map, the file's header."""

    direct: dict
    ours: dict
    memory: list
    file: dict


def in_ram(address, size, boot):
    return any(r.type == report.RAM and r.start <= address and address + size <= r.end for r in boot.memory)


def as_in_file(field):
    """The kernel file's own value is left as it is."""
    return lambda direct, ours, boot: ours == boot.file[field]


def is_memory_from_1_mib(direct, ours, boot):
    ram = [item for item in report.e820(boot.direct) if item.type == report.RAM]
    return any(item.start <= MIB and item.end >= MIB + ours * 1024 for item in ram)


def is_framebuffer(boot):
    return boot.ours["orig_video_isVGA"] == boot.direct["orig_video_isVGA"] == SCREEN_TYPE_EFI


def kernel_fits(direct, ours, boot):
    return ours % boot.ours["kernel_alignment"] == 0 and in_ram(ours, boot.ours["init_size"], boot)


ALLOWED = (
    Allowed("type_of_loader", lambda direct, ours, boot: (direct, ours) == (0x72, 0xff),
            "GRUB names itself; 0xff is the number for boot loaders that have none of their own"),
    Allowed("loadflags", lambda direct, ours, boot: direct & ~LOADFLAG_CAN_USE_HEAP == ours & ~LOADFLAG_CAN_USE_HEAP,
            "the heap belongs to the kernel's 16-bit code, which neither loader runs; GRUB sets the flag all the same"),
    Allowed("heap_end_ptr", as_in_file("heap_end_ptr"), "end of that heap; Trapeze leaves the file's value"),
    Allowed("root_dev", as_in_file("root_dev"), "GRUB writes the number of a RAM disk, which kernels of today ignore"),
    Allowed("boot_flag", as_in_file("boot_flag"), "GRUB clears the boot sector's signature, Trapeze copies it"),
    Allowed("code32_start", kernel_fits,
            "where the kernel is loaded: GRUB avoids what firmware holds, as it still runs under it; Trapeze need not"),
    Allowed("kernel_alignment", lambda direct, ours, boot: direct < ours,
            "GRUB lowers it in boot_params when it cannot load the kernel at its preferred address"),
    Allowed("scratch", lambda direct, ours, boot: True, "written by the kernel's own start code"),
    Allowed("ramdisk_image", lambda direct, ours, boot: in_ram(ours, boot.ours["ramdisk_size"], boot),
            "where the initramfs lies; its size and hash are compared"),
    Allowed("cmd_line_ptr", lambda direct, ours, boot: in_ram(ours, 1, boot),
            "where the command line lies; its text is compared"),
    Allowed("cl_magic", lambda direct, ours, boot: (direct, ours) == (0xa33f, 0),
            "the command line of protocols before 2.02"),
    Allowed("cl_offset", lambda direct, ours, boot: ours == 0, "the same"),
    Allowed("setup_data", lambda direct, ours, boot: direct == 0,
            "Trapeze passes a random seed, GRUB does not; compared on its own"),
    Allowed("orig_x", lambda direct, ours, boot: ours < 80, "the cursor: multiboot2 does not tell where GRUB left it"),
    Allowed("orig_y", lambda direct, ours, boot: ours < 25, "the same"),
    Allowed("ext_mem_k", is_memory_from_1_mib, "memory size for kernels that do not know e820; GRUB writes a constant"),
    Allowed("alt_mem_k", is_memory_from_1_mib, "the same"),
    Allowed("orig_video_points", lambda direct, ours, boot: is_framebuffer(boot) and ours == 0,
            "height of a text screen's characters, which GRUB states for a framebuffer as well"),
    Allowed("capabilities", lambda direct, ours, boot: is_framebuffer(boot) and (direct, ours) == (2, 0),
            "says that the upper half of the framebuffer's address counts; GRUB sets it where that half is zero, too"),
    Allowed("secure_boot", lambda direct, ours, boot: (direct, ours) == (2, 0),
            "GRUB asks the firmware and says: off. multiboot2 does not pass that on, so Trapeze says: not known"),
    Allowed("efi_memmap", lambda direct, ours, boot: in_ram(ours, boot.ours["efi_memmap_size"], boot),
            "where the copy of the EFI memory map lies"),
    Allowed("efi_memmap_size", lambda direct, ours, boot: ours > 0 and ours % boot.ours["efi_memdesc_size"] == 0,
            "firmware splits it differently for each loader's allocations; the map it amounts to is compared as e820"),
    Allowed("e820_entries", lambda direct, ours, boot: ours > 0, "entries of a map that is compared as a map"),
    Allowed("e820_table", lambda direct, ours, boot: True, "compared as a map"),
)
RULES = {rule.field: rule for rule in ALLOWED}


def differences(direct, ours, net, kernel):
    """Complaints about a report of ours, compared with GRUB's.

    `net` is the [start, end) that Trapeze keeps for itself, `kernel` the kernel file's bytes.
    """
    return [*compare_lines(direct, ours), *compare_memory(direct, ours, net), *compare_memory_size(direct, ours, net),
            *compare_boot_params(direct, ours, kernel), *compare_setup_data(direct, ours),
            *compare_efi_runtime_map(direct, ours)]


def compare_lines(direct, ours):
    """Sections that must be the same, line by line."""
    for name in ("kernel", "initrd", "acpi_tables", "acpi_hashes", "efi", "efi_systab", "efi_bits", "efi_variables",
                 "boot_params_version", "dmi", "processors", "framebuffer"):
        if direct.get(name) != ours.get(name):
            yield f"{name}: {direct.get(name)} by GRUB, {ours.get(name)} by Trapeze"
    wanted = direct["cmdline"][0].removeprefix(GRUB_CMDLINE_PREFIX)
    if ours["cmdline"] != [wanted]:
        yield f"cmdline: {wanted!r} by GRUB, {ours['cmdline']!r} by Trapeze"


def compare_memory(direct, ours, net):
    """Two differences are right.

    The net's pages: ordinary memory that the next kernel is told to leave alone. And the code of the EFI run-time
    services: GRUB passes its EFI number, 20, which e820 does not know; Trapeze says reserved, as Linux' EFI stub does.
    """
    def expected(ranges):
        ranges = [replace(item, type=report.RESERVED) if item.type == report.UNKNOWN else item for item in ranges]
        return report.retype(ranges, *net, report.RAM, report.RESERVED) if net else report.merge(ranges)

    direct_top, direct_nested = report.iomem(direct)
    ours_top, ours_nested = report.iomem(ours)
    maps = {"memmap": (expected(report.firmware_map(direct)), report.firmware_map(ours)),
            "iomem": (expected(direct_top), ours_top),
            "iomem, nested": (direct_nested, ours_nested),
            "e820": (expected(report.e820(report.boot_params(direct))), report.e820(report.boot_params(ours)))}
    for name, (wanted, got) in maps.items():
        for item in sorted(set(wanted) ^ set(got)):
            yield f"{name}: {'GRUB' if item in wanted else 'Trapeze'} alone has {item}"


def compare_memory_size(direct, ours, net):
    """The kernel must not lose memory beyond the net's."""
    sizes = [int(sections["memory"][0].split()[1]) for sections in (direct, ours)]
    lost, net_size = sizes[0] - sizes[1], (net[1] - net[0]) // 1024 if net else 0
    if abs(lost - net_size) > MEMORY_TOLERANCE_KIB:
        yield f"memory: {sizes[0]} KiB by GRUB, {sizes[1]} KiB by Trapeze, of which the net has {net_size} KiB"


def compare_efi_runtime_map(direct, ours):
    """One difference is right.

    Linux marks a boot services' region as in use at run time when something is reserved in it
    (efi_reserve_boot_services). That memory is free once the services have ended: Trapeze may put there what it hands
    over; GRUB, which still runs under the services, cannot.
    """
    extra = set(ours.get("efi_runtime_map", ())) - set(direct.get("efi_runtime_map", ()))
    missing = set(direct.get("efi_runtime_map", ())) - set(ours.get("efi_runtime_map", ()))
    for line in sorted(missing):
        yield f"efi_runtime_map: GRUB alone has {line}"
    for line in sorted(extra):
        start, pages, kind = (int(word, 16) for word in line.split()[:3])
        holds = [place for place, size in handed_over(ours) if place < start + pages * 4096 and start < place + size]
        if kind not in EFI_BOOT_SERVICES or not holds:
            yield f"efi_runtime_map: Trapeze alone has {line}"


def handed_over(sections):
    """Addresses and sizes of what the boot loader put into memory for the kernel."""
    fields = report.boot_params(sections)
    return [(fields["ramdisk_image"], fields["ramdisk_size"]), (fields["cmd_line_ptr"], len(sections["cmdline"][0]) + 1),
            (fields["efi_memmap"], fields["efi_memmap_size"])]


def compare_boot_params(direct, ours, kernel):
    direct_fields, our_fields = report.boot_params(direct), report.boot_params(ours)
    boot = Boot(direct_fields, our_fields, report.e820(our_fields), report.fields_of(kernel[:4096]))
    for name, value in direct_fields.items():
        rule = RULES.get(name)
        if value != our_fields[name] and not (rule and rule.check(value, our_fields[name], boot)):
            yield f"boot_params: {name} is {show(value)} by GRUB, {show(our_fields[name])} by Trapeze"


def compare_setup_data(direct, ours):
    """GRUB passes none; of ours only a seed of 32 bytes and the overflow of the memory map are expected."""
    if report.setup_data(direct):
        yield f"setup_data: GRUB passes {sorted(report.setup_data(direct))}"
    for kind, nodes in report.setup_data(ours).items():
        if kind != SETUP_RNG_SEED and not (kind == SETUP_E820_EXT and report.boot_params(ours)["e820_entries"] == 128):
            yield f"setup_data: type {kind} by Trapeze"
        elif len(nodes) != 1:
            yield f"setup_data: {len(nodes)} nodes of type {kind}"


def show(value):
    return value.hex() if isinstance(value, bytes) else f"{value:#x}"
