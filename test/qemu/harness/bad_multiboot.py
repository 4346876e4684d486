# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Multiboot kernels with one thing wrong each: {name: (what the one line says, the kernel, further properties)}."""

import struct

from harness.broken import FILE_SIZE, LOAD, SEGMENT, elf

BASE = SEGMENT[2]
AT = 0x200
MAGIC_1, MAGIC_2 = 0x1badb002, 0xe85250d6
NO_ROOM = r"(place|plan): .*(not usable memory|does not fit|no room|overlaps)"


def words(*numbers):
    return struct.pack(f"<{len(numbers)}I", *(number & 0xffffffff for number in numbers))


def put(image, at, data):
    return image[:at] + data + image[at + len(data):]


# ---- format 1

def header_1(flags=3, *further, checksum=0):
    return words(MAGIC_1, flags, -(MAGIC_1 + flags) + checksum, *further)


def elf_1(flags=3, bits=32, at=AT, **arguments):
    return put(elf(bits, **arguments), at, header_1(flags))


def flat_1(header=BASE + AT, load=BASE, load_end=BASE + 0x1000, bss_end=BASE + 0x2000, entry=BASE + 0x300, at=AT):
    return put(bytes(FILE_SIZE), at, header_1(0x10000, header, load, load_end, bss_end, entry))


def format_1():
    cases = {f"flag-{bit}": (rf"flags=0x{1 << bit:08x}: requirement {bit} is not known", elf_1(1 << bit))
             for bit in (3, 4, 9, 15)}
    cases.update({
        "video-mode": ("mode_type=7 is neither", put(elf_1(4), AT + 32, words(7))),
        "header-cut": ("address fields end at 0x220: limit=0x210", flat_1()[:AT + 16]),
        "header-beyond-8k": ("address fields end at 0x200c: limit=0x2000", flat_1(at=0x1fec) + bytes(0x1000)),
        "load-above-header": ("load_addr=0x2000201 is not possible with header_addr", flat_1(load=BASE + AT + 1)),
        "load-before-file": ("header_addr - load_addr=0x201 is not possible", flat_1(load=BASE - 1)),
        "load-end-below": ("load_end_addr=0x1000 is not possible with load_addr", flat_1(load_end=0x1000)),
        "load-end-equal": ("load_end_addr=0x2000000 is not possible", flat_1(load_end=BASE)),
        "load-end-beyond-file": (r"load_end_addr=0x2002001 asks for 8193 bytes", flat_1(load_end=BASE + FILE_SIZE + 1)),
        "bss-below-load": ("bss_end_addr=0x2000800 is not possible", flat_1(bss_end=BASE + 0x800)),
        "bss-one": ("bss_end_addr=0x1 is not possible", flat_1(bss_end=1)),
        "entry-in-bss": ("entry=0x2001000 lies in none of the bytes", flat_1(entry=BASE + 0x1000)),
        "entry-zero": ("entry=0x0 lies in none of the bytes", flat_1(entry=0)),
        "beyond-4-gib": ("load_addr=0xfffffe00 is not possible with bytes to load",
                         flat_1(header=0xfffffffc, load=0xfffffe00, load_end=0, bss_end=0, at=0x1fc) + bytes(0x1000)),
        "bss-beyond-memory": (NO_ROOM, flat_1(bss_end=0xfffff000)),
        "in-rom": (NO_ROOM, flat_1(header=0xf0000 + AT, load=0xf0000, load_end=0, bss_end=0, entry=0xf0300)),
        "in-video-memory": (NO_ROOM, flat_1(header=0xa0000 + AT, load=0xa0000, load_end=0, bss_end=0, entry=0xa0300)),
    })
    return cases


def format_1_elf():
    return {
        "no-elf": (r"elf: .*e_ident=0x0: no 0x7f", put(bytes(FILE_SIZE), AT, header_1())),
        "elf-class": (r"EI_CLASS=0x3: neither", elf_1(ei_class=3)),
        "elf-big-endian": (r"EI_DATA=0x2: not little-endian", elf_1(ei_data=2)),
        "elf-object": (r"e_type=0x1: no executable", elf_1(e_type=1)),
        "elf-position-independent": (r"e_type=0x3: position-independent", elf_1(e_type=3)),
        "elf-for-arm": (r"e_machine=0x28", elf_1(e_machine=40)),
        "elf-entry-outside": (r"e_entry=0x1000: lies in no segment", elf_1(e_entry=0x1000)),
        "elf-file-above-memory": (r"p_filesz=0x200 is above p_memsz=0x100",
                                  elf_1(segments=((LOAD, 0x1000, BASE, 0x200, 0x100),))),
        "elf-beyond-file": (r"segment 0 ends beyond the file", elf_1(segments=((LOAD, 0x1f00, BASE, 0x200, 0x200),))),
        "elf-table-beyond-file": (r"program headers end beyond the file", elf_1(e_phoff=FILE_SIZE - 8)),
        "elf-nothing-to-load": (r"no loadable segment among 1 program headers", elf_1(segments=((4, *SEGMENT[1:]),))),
        "elf-above-4-gib": (r"p_paddr=0x100000000 \+ p_memsz=0x200 is beyond 0x100000000", elf_1(
            bits=64, segments=((LOAD, 0x1000, 1 << 32, 0x100, 0x200),), e_entry=1 << 32)),
        "elf-wraps": (r"p_paddr=0xffffff00 \+ p_memsz=0x200 is beyond",
                      elf_1(segments=((LOAD, 0x1000, 0xffffff00, 0x100, 0x200),), e_entry=0xffffff00)),
        "elf-segments-overlap": (NO_ROOM, elf_1(segments=(SEGMENT, (LOAD, 0x1000, BASE + 0x100, 0x100, 0x200)))),
        "elf-beyond-memory": (NO_ROOM, elf_1(e_entry=0xc0000000, segments=((LOAD, 0x1000, 0xc0000000, 0x100, 0x200),))),
        "long-mode": (r"trapeze,mode=long: multiboot kernels are entered in protected mode", elf_1(),
                      {"trapeze,mode": "long"}),
        "called": (r"a multiboot image cannot be called", elf_1(), {"trapeze,preserve-context": True}),
    }


# ---- format 2

END = words(0, 8)


def tag(number, *numbers, optional=False, size=None):
    length = 8 + 4 * len(numbers)
    data = words(number | (1 << 16 if optional else 0), length if size is None else size, *numbers)
    return data + bytes(-len(data) % 8)


def header_2(tags, architecture=0, length=None):
    length = 16 + len(tags) if length is None else length
    return words(MAGIC_2, architecture, length, -(MAGIC_2 + architecture + length)) + tags


def elf_2(*tags, end=END, architecture=0, length=None, **arguments):
    return put(elf(32, **arguments), AT, header_2(b"".join(tags) + end, architecture, length))


def flat_2(header=BASE + AT, load=BASE, load_end=BASE + 0x1000, bss_end=BASE + 0x2000, entry=BASE + 0x300):
    return put(bytes(FILE_SIZE), AT, header_2(tag(2, header, load, load_end, bss_end) + tag(3, entry) + END))


def format_2_header():
    return {
        "architecture": ("architecture=4 is not i386", elf_2(architecture=4)),
        "length-short": ("header_length=8 is not within 16", elf_2(length=8)),
        "length-beyond-file": ("header_length=32768 is not within 16", elf_2(length=32768)),
        "length-huge": ("header_length=4294967288 is not within 16", elf_2(length=0xfffffff8)),
        "no-end-tag": ("the header's 24 bytes end without an end tag", elf_2(tag(6), end=b"")),
        "no-tags": ("the header's 16 bytes end without an end tag", elf_2(end=b"")),
        "tag-size-0": ("header tag 6 at 0x210: size=0 is not within 8", elf_2(tag(6, size=0))),
        "tag-size-7": ("header tag 6 at 0x210: size=7 is not within 8", elf_2(tag(6, size=7))),
        "tag-beyond-header": ("size=4096 is not within 8", elf_2(tag(6, size=4096))),
        "tag-size-wraps": ("size=4294967295 is not within 8", elf_2(tag(6, size=0xffffffff))),
        "tag-twice": ("header tag 3 is there twice", elf_2(tag(3, BASE), tag(3, BASE))),
        "tag-unknown": ("header tag 4660 is required and not known", elf_2(tag(0x1234, 1))),
        "request-unknown": ("requested information=0x63: not known", elf_2(tag(1, 4, 99))),
        "boot-services": ("header tag 7: requires EFI boot services, and they have ended", elf_2(tag(7))),
        "address-short": ("header tag 2: size=12 is below 24", elf_2(tag(2, BASE))),
        "entry-short": ("header tag 3: size=8 is below 12", elf_2(tag(3))),
        "relocatable-short": ("header tag 10: size=16 is below 24", elf_2(tag(10, 0, 1))),
        "address-without-entry": ("header tag 2 gives addresses, and no tag 3", elf_2(tag(2, BASE, BASE, 0, 0))),
    }


def format_2_places():
    return {
        "entry-outside": ("entry=0x5 lies in none of the bytes", elf_2(tag(3, 5))),
        "load-above-header": ("load_addr=0x2000201 is not possible", flat_2(load=BASE + AT + 1)),
        "load-before-file": ("header_addr - load_addr=0x201 is not possible", flat_2(load=BASE - 1)),
        "load-end-beyond-file": ("load_end_addr=0x2002001 asks for 8193 bytes", flat_2(load_end=BASE + FILE_SIZE + 1)),
        "bss-below-load": ("bss_end_addr=0x2000fff is not possible", flat_2(bss_end=BASE + 0xfff)),
        "header-below-offset": ("header_addr=0x100 is not possible with the header at", flat_2(header=0x100, load=0xffffffff)),
        "align-3": ("align=0x3: no power of two", elf_2(tag(10, 0, 0xffffffff, 3, 0))),
        "align-0": ("align=0x0: no power of two", elf_2(tag(10, 0, 0xffffffff, 0, 0))),
        "min-above-max": ("min_addr=0x2: above max_addr", elf_2(tag(10, 2, 1, 1, 0))),
        "preference": ("preference=0x9: not known", elf_2(tag(10, 0, 0xffffffff, 1, 9))),
        "range-too-small": (NO_ROOM, elf_2(tag(10, 0x100000, 0x100010, 1, 0))),
        "range-beyond-memory": (NO_ROOM, elf_2(tag(10, 0xf0000000, 0xffffffff, 1, 0))),
        "relocatable-overlap": ("segments overlap: ", elf_2(
            tag(10, 0, 0xffffffff, 1, 0), segments=(SEGMENT, (LOAD, 0x1000, BASE + 0x100, 0x100, 0x200)))),
        "file-above-memory": ("p_filesz=0x200 is above p_memsz=0x100",
                              elf_2(segments=((LOAD, 0x1000, BASE, 0x200, 0x100),))),
        "called": ("a multiboot2 image cannot be called", elf_2(), {"trapeze,preserve-context": True}),
    }


def cases():
    first = {**format_1(), **format_1_elf()}
    second = {**format_2_header(), **format_2_places()}
    named = {
        "multiboot-no-header": (r"not multiboot: no 0x1badb002", elf(32), {}, "multiboot"),
        "multiboot-checksum": (r"not multiboot: .* checksum is wrong", put(elf(32), AT, header_1(checksum=1)), {},
                               "multiboot"),
        "multiboot-odd-place": (r"not multiboot: no 0x1badb002", elf_1(at=AT + 2), {}, "multiboot"),
        "multiboot2-no-header": (r"not multiboot2: no 0xe85250d6", elf(32), {}, "multiboot2"),
        "multiboot2-odd-place": (r"not multiboot2: no 0xe85250d6", put(elf(32), AT + 4, header_2(END)), {}, "multiboot2"),
    }
    found = {f"multiboot-{name}": (case + ({},))[:3] + ("",) for name, case in first.items()}
    found.update({f"multiboot2-{name}": (case + ({},))[:3] + ("",) for name, case in second.items()})
    return {**found, **named}
