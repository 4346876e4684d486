# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""decode on logs made up around small programs: functions, source lines, what was moved, and damaged input."""

import re
import subprocess

import pytest

SOURCE = """\
static inline __attribute__((always_inline)) int inner(int *p) { __asm__ volatile("ud2"); return *p; }

__attribute__((noinline)) int a_function_with_quite_a_long_name(int *p)
{
	__asm__ volatile("nop");
	return inner(p) + 1;
}

__attribute__((noinline)) int caller(int *p)
{
	return a_function_with_quite_a_long_name(p) + 2;
}

void _start(void)
{
	caller((int *)8);
}
"""
DUMP = """\
[    1.000000] prepare: control pages 0x3e00000..0x3e1b000 code=16384 data=28672 tables=7
[    1.100000] elf: image: position-independent at=0x3f00000 linked-at=0x0 bytes=4096 relocations=0

---- #PF page fault ---------------------------------- {where}
 read of 0x8, not present, supervisor                        error 0x0000
 rip {ip:016x}  {ip_name}cs 0010  flags 00000046 [PF ZF]
 rax 0000000000000008  rbx 0000000000000000  rcx 0000000000000000
[    1.200000] net: a line of the log between
 code 00 00 <8b> 00
 stack {stack0:016x} 0000000000000000 0000000000000000 ????????
       {stack1:016x} 0000000000000000 0000000000000000 0000000000000000
 trace {trace}
[    1.300000] call: error: "image" ended by an exception
"""
FLAGS = ("-g", "-Os", "-nostdlib", "-ffreestanding", "-fno-asynchronous-unwind-tables", "-Wl,--build-id=none")


class Program:
    def __init__(self, lab, name, *flags):
        lab.write("program.c", SOURCE)
        subprocess.run(["gcc", *FLAGS, *flags, "-o", lab.path(name), "program.c"], cwd=lab.folder, check=True)
        nm = subprocess.run(["nm", lab.path(name)], text=True, check=True, stdout=subprocess.PIPE).stdout
        self.symbols = {line.split()[2]: int(line.split()[0], 16) for line in nm.splitlines() if len(line.split()) == 3}
        text = subprocess.run(["objdump", "-d", lab.path(name)], text=True, check=True, stdout=subprocess.PIPE).stdout
        after = re.findall(r"call .*<(?:a_function|caller)\w*.*\n *([0-9a-f]+):", text)
        self.ip = int(re.search(r"(?m)^ *([0-9a-f]+):.*\bud2", text)[1], 16)
        self.returns = [int(address, 16) for address in after]


@pytest.fixture
def program(lab):
    return Program(lab, "program.elf", "-static", "-no-pie", "-Wl,-Ttext=0x400000")


def dump(program, bias=0, where='swing, entered, "image"', ip_name="", trace=None):
    first = program.returns[0] + bias
    return DUMP.format(where=where, ip=program.ip + bias, ip_name=ip_name, stack0=first, stack1=0x1234,
                       trace=trace or f"{program.ip + bias:x} <- {first:x}")


def decode(lab, log, *arguments):
    lab.write("log", log)
    result = lab.run("decode", *arguments, "log")
    return result.returncode, result.stdout.splitlines(), result.stderr


LONG, OFFSET = "a_function_with_quite_a_long_name", "+0x1"


def check_decoded(lines, name, with_lines=True):
    assert lines[0] == '#PF page fault: swing, entered, "image"'
    assert lines[1] == "  read of 0x8, not present, supervisor, error 0x0000"
    place = lines[2].split(maxsplit=2)
    assert place[0] == "ip" and place[2].startswith(LONG + OFFSET + (" at program.c:" if with_lines else f" ({name})"))
    assert any("inlined: inner at program.c:1" in line for line in lines) == with_lines
    caller = next(line for line in lines if line.startswith("  caller"))
    assert re.search(r"caller\+0x[0-9a-f]+ " + ("at program.c:11 " if with_lines else r"\("), caller)
    stack = lines[lines.index("  on the stack:") + 1:]
    assert len(stack) == 1 and stack[0].startswith("  +0x0 ") and "caller+0x" in stack[0]


def test_lines_of_source(lab, program):
    status, lines, complaint = decode(lab, dump(program), "--elf", "program.elf")
    assert (status, complaint) == (0, "")
    check_decoded(lines, "program.elf")


def test_as_a_terminal_got_it(lab, program):
    """Escape sequences, CR LF, bytes that are no text, and what came before and after."""
    text = "\x1b[2J\x1b[1;1Hmenu\x1b[K\r\n" + dump(program).replace("\n", "\r\n").replace("----", "\x1b[0m----", 1) + "\x1b[m> "
    status, lines, _ = decode(lab, text.encode() + b"\xff\xfe\n", "--elf", "program.elf")
    assert status == 0
    check_decoded(lines, "program.elf")


def test_without_debug_information(lab, program):
    subprocess.run(["strip", "--strip-debug", lab.path("program.elf")], check=True)
    status, lines, _ = decode(lab, dump(program), "--elf", "program.elf")
    assert status == 0
    check_decoded(lines, "program.elf", with_lines=False)


def test_names_of_the_dump_lead_to_lines(lab, program):
    """The trace has names only, one of them cut."""
    offset = program.returns[0] - program.symbols["caller"]
    log = dump(program, ip_name=f"{LONG[:9]}...{OFFSET}  ", trace=f"{LONG[:20]}...{OFFSET} <- caller+{offset:#x}")
    status, lines, _ = decode(lab, log, "--elf", "program.elf")
    assert status == 0
    check_decoded(lines, "program.elf")
    assert f"{program.returns[0]:#x}" in next(line for line in lines if line.startswith("  caller"))


def test_without_the_file(lab, program):
    status, lines, _ = decode(lab, dump(program, ip_name="some_name+0x5  "))
    assert status == 0 and lines[2].split() == ["ip", f"{program.ip:#x}", "some_name+0x5"]


def test_position_independent(lab):
    program = Program(lab, "pie.elf", "-static-pie", "-fpie", "-Wl,--no-dynamic-linker")
    status, lines, _ = decode(lab, dump(program, bias=0x3f00000), "--elf", "pie.elf")
    assert status == 0
    check_decoded(lines, "pie.elf")


def test_own_dumps_and_control_pages(lab, program):
    """In the shim's dump its own file counts and no image's, in others the control pages' by where they were."""
    Program(lab, "trapeze.debug", "-static", "-no-pie", "-Wl,-Ttext=0x400000")
    control = Program(lab, "control.elf", "-static-pie", "-fpie", "-Wl,--no-dynamic-linker")
    own = dump(program, where='in Trapeze, step "verify"')
    status, lines, _ = decode(lab, own, "--build", ".", "--elf", "program.elf")
    assert status == 0 and lines[2].endswith("(trapeze.debug)")
    other = dump(program, trace=f"{program.ip:x} <- {control.returns[0] + 0x3e00000:x}")
    status, lines, _ = decode(lab, other, "--build", ".", "--elf", "program.elf")
    assert status == 0 and lines[2].endswith("(program.elf)")
    assert next(line for line in lines if line.startswith("  caller")).endswith("(control.elf)")


def test_several_dumps(lab, program):
    status, lines, _ = decode(lab, dump(program) + dump(program), "--elf", "program.elf")
    assert status == 0 and sum(line.startswith("#PF") for line in lines) == 2


def test_dump_that_was_cut(lab, program):
    """However much of the log is missing, what is there is shown."""
    whole = dump(program)
    for end in range(whole.index("page fault") + 80, len(whole), 41):
        status, lines, complaint = decode(lab, whole[:end], "--elf", "program.elf")
        assert (status, complaint) == (0, "") and lines[0].startswith("#PF")


@pytest.mark.parametrize("content,complaint", [
    (None, "decode: image.elf: No such file or directory\n"), (b"MZ", "decode: image.elf: "),
    (b"\x7fELF\x02\x01\x01" + bytes(60), None),
    (b"\x7fELF\x02\x01\x01" + b"\xff" * 100, "decode: image.elf: damaged ELF file\n"),
], ids=("missing", "other", "empty", "damaged"))
def test_unusable_elf(lab, program, content, complaint):
    if content is not None:
        lab.write("image.elf", content)
    status, _, said = decode(lab, dump(program), "--elf", "image.elf")
    assert status == (1 if complaint else 0)
    assert said.startswith(complaint or "") and said.count("\n") <= 1


def test_no_dump(lab):
    assert decode(lab, "nothing\n")[0::2] == (1, "decode: log: no dump in it\n")
    result = lab.run("decode", "missing")
    assert (result.returncode, result.stderr) == (1, "decode: missing: No such file or directory\n")


def test_help(lab):
    text = lab.run("decode", "--help").stdout
    assert "exit status: 0 a dump was found" in text and "--elf ELF" in text
    assert lab.run("decode").returncode == 2
