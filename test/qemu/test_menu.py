# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The menu as a person at a VT100 has it, and as a script has it."""

import re

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim, got, wanted
from harness.terminal import Terminal

BOOT_SECONDS = 40
ARCHS = ("x86_64", "i386")


def bench(workshop, arch, options, timeout=-1):
    """Three entries: a kernel that prints what it got, an image of ours, and one whose bytes are missing."""
    tree = manifest.tree(
        {"got": manifest.kernel("got"), "hello": manifest.image("hello", type="standalone"),
         "missing": manifest.kernel("missing")},
        {"got": {"description": "Prints what it got", "kernel": "got", "trapeze,bootargs": "first second"},
         "hello": {"description": "Says hello", "kernel": "hello"},
         "missing": {"description": "Is not there", "kernel": "missing"}},
        default="hello", timeout=timeout, description="Test bench")
    return workshop.shim_iso(arch, options, {"manifest": manifest.compile_tree(tree),
                                             "got": workshop.built(arch, "payload", "got-linux.bin"),
                                             "hello": workshop.built(arch, "payload", "hello.elf")})


@pytest.fixture
def terminal_of(boot, workshop):
    """A terminal in front of the menu."""
    def start(machine):
        machine.expect(r"\[ +\d+\.\d{6}\] \w+: ", BOOT_SECONDS)
        terminal = Terminal(machine)
        terminal.wait(r"\? help")
        return terminal
    return start


@pytest.mark.parametrize("arch", ARCHS)
def test_vt100_menu(boot, workshop, terminal_of, arch):
    with boot(Spec(bench(workshop, arch, "loglevel=warn"), memory="128M")) as machine:
        terminal = terminal_of(machine)
        check_first_screen(terminal)
        check_moving(terminal)
        check_screens(terminal)
        check_failing_entry(terminal)
        check_editing(terminal, machine)


def check_first_screen(terminal):
    text = terminal.screen.text()
    for piece in ("Trapeze", "Test bench", "1  Prints what it got", "2  Says hello", "3  Is not there", "linux", "elf",
                  "missing"):
        assert piece in text, f"{piece!r} is not on the screen\n{text}"
    assert len(terminal.marked()) == 1 and "Says hello" in terminal.marked()[0]


def check_moving(terminal):
    first, second, third = "Prints what it got", "Says hello", "Is not there"
    for key, title in (("up", first), ("up", first), ("end", third), ("k", second), ("j", third), ("home", first)):
        terminal.press(key)
        assert title in terminal.marked()[0]


def check_screens(terminal):
    for key, pattern in (("i", r"Format +Linux .*2\.15"), ("m", r"0x0000100000\.\."), ("l", r"-- Log --"),
                         ("?", r"Ctrl-L")):
        terminal.press(key)
        terminal.wait(pattern)
        terminal.press("q")
        terminal.wait(r"r reboot  \? help\s*\Z")


def check_failing_entry(terminal):
    terminal.press("end", "enter")
    terminal.wait(r'"missing" not found')
    terminal.wait(r"Nothing was changed")
    terminal.wait(r"r reboot  \? help\s*\Z")


def check_editing(terminal, machine):
    terminal.press("home", "e")
    terminal.wait("Command line of 1")
    terminal.press("ctrl-e", " third", "ctrl-a", "zeroth ", "enter")
    terminal.wait(r"1\* Prints")
    terminal.press("enter")
    machine.expect_line("got: end", 20)
    assert 'cmdline: "zeroth first second third"' in got(machine.transcript())


@pytest.mark.parametrize("arch", ARCHS)
def test_countdown_takes_the_default(boot, workshop, terminal_of, arch):
    with boot(Spec(bench(workshop, arch, "", timeout=3), memory="128M")) as machine:
        terminal_of(machine).wait(r"2 starts in \d s, any key stops")
        machine.expect_line("Hello from", 10)


def test_key_stops_the_countdown(boot, workshop, terminal_of):
    with boot(Spec(bench(workshop, "x86_64", "", timeout=3), memory="128M")) as machine:
        terminal = terminal_of(machine)
        terminal.wait(r"starts in \d s")
        terminal.press("down")
        terminal.look(4)
        assert "starts in" not in terminal.screen.text() and "Is not there" in terminal.marked()[0]


@pytest.mark.parametrize("arch", ARCHS)
def test_reboot_key(boot, workshop, terminal_of, arch):
    with boot(Spec(bench(workshop, arch, ""), memory="128M")) as machine:
        terminal = terminal_of(machine)
        machine.reset_allowed = True
        terminal.press("r")
        machine.wait_exit(10)
        assert machine.shutdown_reasons() == ["guest-reset"]


@pytest.mark.parametrize("arch", ARCHS)
def test_plain_menu(boot, workshop, arch):
    with boot(Spec(bench(workshop, arch, "menu=plain loglevel=warn"), memory="128M")) as machine:
        shim = Shim(machine)
        menu = shim.wait_prompt(BOOT_SECONDS)
        assert "\x1b" not in menu[menu.rindex("Trapeze"):], "no cursor tricks in plain mode"
        assert re.search(r"> 2  Says hello +elf", menu) and re.search(r"3  Is not there +(kernel )?missing", menu)
        assert any("no entry" in line for line in shim.command("nonsense"))
        assert any(line.startswith("Format") for line in shim.command("i got"))
        assert any("Trapeze" in line for line in shim.command("l"))
        assert any("0x0000100000.." in line for line in shim.command("m"))
        assert shim.command("e got one two three")[-1].endswith("command line: one two three")
        shim.start("got")
        machine.expect_line("got: end", 20)
        assert 'cmdline: "one two three"' in got(machine.transcript())


def test_plain_countdown(boot, workshop):
    with boot(Spec(bench(workshop, "x86_64", "menu=plain timeout=1"), memory="128M")) as machine:
        machine.expect_line("booting 2 in 1 s", BOOT_SECONDS)
        machine.expect_line("Hello from", 10)
        machine.expect_line("got: end", 10)
        assert got(machine.transcript()) == wanted(machine.transcript())


@pytest.mark.parametrize("options,shown", [("loglevel=debug", 1), ("loglevel=info", 0)])
def test_log_of_before_the_options(boot, workshop, options, shown):
    """What was logged before the level was known is on the console, once."""
    with boot(Spec(workshop.shim_iso("x86_64", "menu=plain " + options, {}), memory="128M")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        text = machine.transcript()
    assert text.count("multiboot2: loader name ") == shown
    assert text.count("multiboot2: information block ") == shown
    assert text.count("time: TSC calibrated ") == 1
    assert text.count("console: ttyS0") == 1


@pytest.mark.parametrize("machine,cpus,said", [("pc", 3, "| 1 of 3 CPUs |"), ("q35", 1, "| 1 of 1 CPU |"),
                                               ("pc,acpi=off", 2, "BIOS | 127")])
def test_head_names_the_processors(boot, workshop, machine, cpus, said):
    spec = Spec(bench(workshop, "i386", "menu=plain"), machine=machine, memory="128M", smp=cpus)
    with boot(spec) as running:
        Shim(running).wait_prompt(BOOT_SECONDS)
        text = running.transcript()
    assert said in text and "3 entries, no hashes" in text
