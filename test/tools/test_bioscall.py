# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""bioscall without a kernel that can do it: what is put into the image, what is read out of it, and what is refused."""

import importlib.machinery
import importlib.util
import os
import struct
import subprocess

import pytest
from conftest import ROOT, TOOLS

from trapeze import biospage, pinned

AREA, START, HEAD_END = 0x30000, 0x10000, 64 + 2 * 56
EAX, EBX, EDI = (biospage.WHOLE.index(name) for name in ("eax", "ebx", "edi"))
BAD = [
    (["0x12", "ax=70000"], "ax: 70000 is out of range, at most 0xffff"),
    (["0x12", "al=x"], 'al: "x" is no number (decimal, or hexadecimal behind 0x)'),
    (["0x100"], "vector: 0x100 is out of range, at most 0xff"),
    (["0x12", "xx=1"], '"xx=1" is not understood: REGISTER=NUMBER, as in ax=0x1130, or es:di=BUFFER'),
    (["0x12", "ax"], '"ax" is not understood: REGISTER=NUMBER, as in ax=0x1130, or es:di=BUFFER'),
    (["0x13", "es:bx=nobody"], 'no buffer "nobody": --buffer nobody=SIZE makes one'),
    (["--buffer", "b=4", "0x13", "ax:bx=b"], '"ax:bx=b" names no segment and offset, as es:di does'),
    (["--buffer", "b=4", "0x13", "es:bx=b+4"], "b+4: 4 is out of range, at most 0x3"),
    (["--buffer", "b=70000", "0x12"], "buffer b: 70000 is out of range, at most 0x10000"),
    (["--buffer", "b=0", "0x12"], "buffer b: 0 bytes, between 1 and 65536 are possible"),
    (["--buffer", "b=1", "--buffer", "b=1", "0x12"], "buffer b is given twice"),
    (["--buffer", "1=1", "0x12"], '"1" is no name for a buffer'),
    (["--buffer", "b", "0x12"], '"b" is not of the form NAME=VALUE'),
    (["--bytes", "b=4 xx", "0x12"], 'buffer b: "4" is neither hexadecimal bytes nor @BUFFER'),
    (["--save", "b=file", "0x12"], 'no buffer "b": --buffer b=SIZE makes one'),
    (["0x12", "eax=last"], 'the first call has none before it: "last" says nothing'),
    (["0x12", "then", "0x12", "ax=last"], '"ax=last": only eax ebx ecx edx esi edi ebp can be what the last call left'),
    (["0x12", "then"], '"then" stands between two calls'),
    (["0x12"] + ["then", "0x12"] * 16, "17 calls, at most 16 go at once"),
    (["--console", "ttyS9", "0x12"], "--console: ttyS9 is no serial port with an I/O address here"),
    (["--limit", "soon", "0x12"], '--limit: "soon" is no number (decimal, or hexadecimal behind 0x)'),
]


def elf32(size=biospage.PAGES * biospage.PAGE):
    """The same of 32 bits, with the area at the same place."""
    head = b"\x7fELF\x01\x01".ljust(16, b"\0") + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, START, 52, 0, 0, 52, 32, 2, 0, 0, 0)
    text = struct.pack("<8I", biospage.LOAD, 0, START, START, HEAD_END, 0x2000, 5, 4096)
    area = struct.pack("<8I", biospage.LOAD, HEAD_END, AREA, AREA, size, size, 6, 4096)
    return (head + text + area).ljust(HEAD_END, b"\0") + biospage.MAGIC.ljust(biospage.PAGES * biospage.PAGE, b"\0")


def elf(magic=biospage.MAGIC, size=biospage.PAGES * biospage.PAGE):
    """A file with the two segments that the tool looks at."""
    head = b"\x7fELF\x02\x01".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, START, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    text = struct.pack("<IIQQQQQQ", biospage.LOAD, 5, 0, START, START, HEAD_END, 0x2000, 4096)
    area = struct.pack("<IIQQQQQQ", biospage.LOAD, 6, HEAD_END, AREA, AREA, size, size, 4096)
    return head + text + area + magic.ljust(biospage.PAGES * biospage.PAGE, b"\0")


def tool():
    loader = importlib.machinery.SourceFileLoader("bioscall", os.path.join(TOOLS, "bioscall"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bioscall", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def request_of(lab):
    lab.write("image.elf", elf())
    module = tool()
    return lambda *words: module.Request(module.parse_arguments(["--console", "none", *words]), AREA)


def registers(call):
    return biospage.REGISTERS.unpack(biospage.CALL.unpack(call.pack())[4])


@pytest.mark.parametrize("words, complaint", BAD)
def test_bad_request(lab, words, complaint):
    lab.write("image.elf", elf())
    result = lab.run("bioscall", "--image", "image.elf", *words)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", f"bioscall: {complaint}\n")


@pytest.mark.parametrize("content, complaint", [
    (b"", "no ELF file"), (b"\x7fELF\x03\x01".ljust(100, b"\0"), "no ELF file"), (elf()[:100], "damaged ELF file"),
    (elf(b"TRZBIOS0"), "not the trapeze-bioscall.elf that belongs to this tool"),
    (elf(size=4096), "not the trapeze-bioscall.elf that belongs to this tool")],
    ids=("empty", "width", "cut", "other", "small"))
def test_bad_image(lab, content, complaint):
    lab.write("image.elf", content)
    result = lab.run("bioscall", "--image", "image.elf", "0x12")
    assert (result.returncode, result.stderr) == (1, f"bioscall: image.elf: {complaint}\n")


def test_usage(lab):
    assert lab.run("bioscall").returncode == 2
    assert lab.run("bioscall", "--image", "nothing.elf", "0x12").stderr == "bioscall: nothing.elf: No such file or directory\n"


def test_registers(request_of):
    request = request_of("--buffer", "a=5", "--buffer", "b=32", "0x13", "eax=0xaabbccdd", "ah=1", "al=0x22", "cx=0x1234", "es:di=b+3",
                         "flags=0x41", "then", "c000:0003", "ebx=last", "edi=last", "edi=7")
    first, second = request.calls
    values = dict(zip(biospage.WHOLE, registers(first)))
    assert (values["eax"], values["ecx"], values["eflags"]) == (0xAABB0122, 0x1234, 0x41)
    # Behind the page of calls, 16-byte aligned.
    assert (values["es"], values["edi"]) == (0x3101, 3)
    assert biospage.CALL.unpack(second.pack())[:4] == (biospage.FAR, 0xC0000003, 1 << EBX, 0)
    assert registers(second)[EDI] == 7 and first.title == "int 0x13" and second.title == "far call c000:0003"


def test_bytes(request_of):
    request = request_of("--buffer", "sector=512", "--bytes", "packet=1000 0100@sector+16 ff", "0x13")
    assert request.buffers.named["packet"].content == b"\x10\0\1\0" + struct.pack("<HH", 0, 0x3101) + b"\xff"


def test_places():
    """Of buffers of all sizes: in the area, apart, in one block of 64 KiB each."""
    for sizes in ([1, 17, 4096], [65536, 65536], [60000, 60000, 3000], [0xF000, 1, 0x10000]):
        buffers = biospage.Buffers(AREA)
        placed = [buffers.add(f"b{number}", size) for number, size in enumerate(sizes)]
        spans = [(AREA, AREA + biospage.PAGE)] + sorted((b.address, b.address + b.size) for b in placed)
        assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:]))
        assert spans[-1][1] <= AREA + biospage.PAGES * biospage.PAGE
        assert all(start >> 16 == (end - 1) >> 16 and start % 16 == 0 for start, end in spans)
    with pytest.raises(biospage.BadRequest, match="no room for 65536 bytes, there are 192512 for all"):
        buffers.add("more", 65536)


def test_same_layout_as_c(lab):
    """bioscall/page.h and biospage.py say the same."""
    fields = ("page_count", "port", "limit_ms", "place", "hpet", "token", "result", "call", "why", "gdtr")
    prints = "".join(f'printf("%zu ", offsetof(struct bioscall_page, {field}));' for field in fields)
    lab.write("layout.c", f'#include <stddef.h>\n#include <stdio.h>\n#include "page.h"\nint main(void) {{ {prints} return 0; }}\n')
    includes = [f"-I{os.path.join(ROOT, folder)}" for folder in ("bioscall", "src", "arch/x86/include")]
    subprocess.run(["gcc", "-m64", *includes, "-o", lab.path("layout"), lab.path("layout.c")], check=True)
    said = subprocess.run([lab.path("layout")], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert said.split() == [str(at) for at in (8, 16, 36, 40, 48, 56, biospage.HEAD.size, biospage.FIRST_CALL, biospage.WHY,
                                             biospage.GDTR)]


def test_fill(lab, request_of):
    lab.write("image.elf", elf())
    image = biospage.Image(lab.path("image.elf"))
    request = request_of("--bytes", "b=414243", "0x12", "ax=5")
    image.fill(request, b"t" * 16, [0x1000, 0x5000])
    area = image.data[HEAD_END:]
    assert (image.start, image.end, image.area) == (START, AREA + biospage.PAGES * biospage.PAGE, AREA)
    head = biospage.HEAD.unpack_from(area)
    assert head[:3] == (biospage.MAGIC, 2, 1) and head[8] == 5000 and head[-1] == b"t" * 16
    assert biospage.RESULTS.unpack_from(area, biospage.HEAD.size)[:3] == (0x1000, 0x5000, 0)
    assert area[4096:4099] == b"ABC" and len(image.data) == len(elf())


def test_fill_of_32_bits(lab, request_of):
    """Where Linux's descriptor table is comes along."""
    lab.write("image32.elf", elf32())
    image = biospage.Image(lab.path("image32.elf"))
    image.fill(request_of("0x12"), b"t" * 16, [0x1000], b"\xff\0gdt!")
    area = image.data[HEAD_END:]
    assert (image.bits, image.start, image.end, image.area) == (32, START, AREA + biospage.PAGES * biospage.PAGE, AREA)
    assert area[biospage.GDTR:biospage.GDTR + 8] == b"\xff\0gdt!\0\0" and len(image.data) == len(elf32())


@pytest.mark.parametrize("said, complaint", [
    (b"", "does not run as a program of this Linux's"), (bytes(2) + b"\0\0\xfe\xff", "start Linux with clearcpuid=umip")])
def test_no_descriptor_table(lab, said, complaint):
    lab.write("image32.elf", elf32())
    module, image = tool(), biospage.Image(lab.path("image32.elf"))
    image.data = b"#!/bin/sh\nprintf '" + "".join(f"\\{byte:03o}" for byte in said).encode() + b"'\n"
    cpus = os.sched_getaffinity(0)
    with pytest.raises(biospage.BadRequest, match=complaint):
        module.descriptor_table(image)
    os.sched_setaffinity(0, cpus)


def answer(request, status, out=(), flags=b"0x202 [IF]", error=b"", why=b""):
    """The area as an image would leave it: `out` are (register, value) of the first call."""
    area = bytearray(biospage.PAGES * biospage.PAGE)
    biospage.HEAD.pack_into(area, 0, biospage.MAGIC, 1, 1, 0, 0, status, 1, 13, 0, 0x10010, 0, b"")
    before = registers(request.calls[0])
    after = [dict(out).get(number, value) for number, value in enumerate(before)]
    made = int(status == biospage.DONE)
    biospage.CALL.pack_into(area, biospage.FIRST_CALL, 0, 0x12, 0, made, biospage.REGISTERS.pack(*before),
                            biospage.REGISTERS.pack(*after), flags, error)
    area[biospage.WHY:biospage.WHY + len(why)] = why
    for buffer in request.buffers.named.values():
        at = buffer.address - AREA
        area[at:at + buffer.size] = buffer.content
    return bytes(area)


def test_report(request_of, lab, capsys):
    request = request_of("--bytes", "b=" + "00" * 48 + "41", "--save", "b=" + lab.path("saved"), "0x12", "eax=1")
    assert tool().report(request, answer(request, biospage.DONE, [(EAX, 0x27F), (8, 0x9C00)]), AREA) == 0
    assert capsys.readouterr().out == (
        "int 0x12\nchanged eax=0x0000027f es=0x9c00\nflags 0x202 [IF]\n"
        "b  at 0x31000, in real mode 3100:0000, 49 bytes\n"
        f"0000031000  {'00 ' * 16} ................\n*\n0000031030  41{' ' * 47}A\n")
    assert lab.read("saved") == bytes(48) + b"A"


def test_report_of_errors(request_of, capsys):
    request = request_of("0x13")
    carry = [(len(biospage.WHOLE) - 1, 0x203)]
    assert tool().report(request, answer(request, biospage.DONE, carry, b"0x203 [CF IF]", b"ah=0x01: wrong"), AREA) == 3
    assert capsys.readouterr().out == "int 0x13\nchanged nothing\nflags 0x203 [CF IF]\nerror ah=0x01: wrong\n"
    assert tool().report(request, answer(request, biospage.DONE, carry), AREA) == 3
    assert capsys.readouterr().out.endswith("came back with carry set\n")
    for status, why, text in ((biospage.NO_BIOS, b"it is UEFI", "there is no BIOS: it is UEFI"),
                              (biospage.ENDED, b"call 1 was ended", "call 1 was ended"),
                              (biospage.FAULT, b"", "the image ended by exception 13 at 0x10010")):
        with pytest.raises(biospage.BadRequest, match=text):
            tool().report(request, answer(request, status, why=why), AREA)
        assert capsys.readouterr().out == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="physical addresses are told to root alone")
def test_pages_are_held():
    pages = pinned.Pages(20, b"token")
    frames = pages.frames()
    assert len(set(frames)) == 20 and all(frame and frame % 4096 == 0 for frame in frames)
    pages.memory[4096:4100] = b"seen"
    # What the pipe holds are these very pages.
    content = os.read(pages.pipe[0], 20 * 4096)
    assert content[4096:4100] == b"seen" and pages.read() == content and content.count(b"token") == 19
