# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The shell in front of machines that are known: what it shows is what QEMU has, and what is refused is an answer."""

import re
import time

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shell import PROMPT, Shell
from harness.shim import Shim, got
from harness.terminal import Terminal

ARCHS = ("x86_64", "i386")
BOOT_SECONDS = 40
MEMORY_MIB = 128


@pytest.fixture
def shell_of(boot, workshop):
    """shell_of(arch, modules, Spec's arguments...) is a shell and what it runs on, to be used in a with statement."""
    def start(arch, modules=None, **arguments):
        iso = workshop.shim_iso(arch, "menu=plain loglevel=info", modules or {})
        return boot(Spec(iso, **{"memory": f"{MEMORY_MIB}M", "limit": 80, **arguments}))
    return start


def enter(machine):
    Shim(machine).wait_prompt(BOOT_SECONDS)
    return Shell(machine)


@pytest.mark.parametrize("arch", ARCHS)
def test_memory(shell_of, arch):
    with shell_of(arch) as machine:
        shell = enter(machine)
        # The reset vector and the date of SeaBIOS, at the end of the first MiB.
        row = shell.line("md 0xffff0 16")
        assert re.fullmatch(r"00000ffff0  ea 5b e0 00 f0 30 36 2f 32 33 2f 39 39 .*06/23/99.*", row)
        assert shell.line("md.w 0x413 1").split()[1] == "027f", "kilobytes in the BIOS data area, in page 0"
        assert shell.command("mw.l 0x5000000 0x12345678 2") == []
        assert shell.line("md.q 0x5000000 1").split()[1] == "1234567812345678"
        assert shell.command("poke 0x5000001 1 2") == []
        assert shell.line("md.l 0x5000000 2").split()[1:3] == ["12020178", "12345678"]
        # The interrupt vectors, from the very first byte on: all but the last are the BIOS's own.
        vectors = shell.line("md.l 0 4").split()
        assert vectors[0] == "0000000000" and all(word.startswith("f000") or word.startswith("c000") for word in vectors[1:5])
        assert shell.command("poke 0 0x11 0x22") == [] and shell.line("md.w 0 1").split()[:2] == ["0000000000", "2211"]
        assert shell.line("md 0xfee00000") == "md: nothing is mapped at 0xfee00000"
        # The local APIC's version, once it can be reached.
        assert shell.line("map 0xfee00000 4096") == "0xfee00000..0xfee01000 is in reach, uncached"
        assert shell.line("md.l 0xfee00030 1").split()[1] == "00050014"
        assert shell.line("map 0xfee00000 1") == "map: 0xfee00000 is mapped already"


@pytest.mark.parametrize("arch", ARCHS)
def test_faults_are_answers(shell_of, arch):
    with shell_of(arch) as machine:
        shell = enter(machine)
        for _ in range(3):
            assert "Trapeze's own memory (code and data)" in shell.line("mw 0x200000 1")
            assert shell.line("mw -f 0x200000 1") == "mw: the processor refuses to write 0x200000 (a fault, caught)"
            # PKRS takes 32 bits.
            refused = shell.line("wrmsr 0x6e1 0x100000000")
            assert refused == "wrmsr: the processor refuses 0x100000000 for MSR 0x6e1 (#GP, caught)"
            assert shell.line("md.l 0x700000000 1") == "md.l: nothing is mapped at 0x700000000"
        assert shell.line("rdmsr 0x1b") == "msr 0x1b = 0x00000000fee00900"
        assert shell.command("wrmsr 0xc0000102 0x12345") == []
        assert shell.line("rdmsr 0xc0000102") == "msr 0xc0000102 = 0x0000000000012345"


@pytest.mark.parametrize("arch", ARCHS)
def test_processor_and_ports(shell_of, arch):
    with shell_of(arch, cpu="Nehalem") as machine:
        shell = enter(machine)
        answer = shell.command("cpuid")
        assert answer[0] == "vendor    GenuineIntel, family 6 model 26 stepping 3"
        assert answer[1].startswith("brand     Intel Core i7 9xx")
        features = " ".join(line[10:] for line in answer if line.startswith("features")).split()
        assert {"fpu", "pae", "sse4.2", "popcnt", "hypervisor", "lm", "nx"} <= set(features) and "avx" not in features
        assert "ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69" in shell.line("cpuid 0")
        # The real-time clock's status D: the battery is good.
        assert shell.command("outb 0x70 0x0d") == []
        assert shell.line("inb 0x71") == "port 0x71 = 0x80"


@pytest.mark.parametrize("arch,machine_type", [("x86_64", "pc"), ("i386", "q35")])
def test_devices_and_tables(shell_of, arch, machine_type):
    known = {"pc": ["00:00.0 8086:1237", "00:01.1 8086:7010", "00:02.0 1234:1111"],
             "q35": ["00:00.0 8086:29c0", "00:01.0 1234:1111", "00:1f.2 8086:2922"]}
    bridge = ("-device", "pci-bridge,id=b1,chassis_nr=1,addr=0x10", "-device", "e1000,bus=b1,addr=3")
    with shell_of(arch, machine=machine_type, extra=bridge) as machine:
        shell = enter(machine)
        listed = shell.command("lspci")
        assert set(known[machine_type]) <= {line[:17] for line in listed}
        behind = [line for line in shell.command("lspci -v") if line.startswith("01:03.0 8086:100e ")]
        assert len(behind) == 1 and behind[0].endswith(": Ethernet controller"), "a card behind a bridge"
        tables = shell.command("acpi")
        assert {"RSDT", "FACP", "FACS", "DSDT", "APIC", "HPET"} <= {line[:4] for line in tables}
        assert all("sum ok" in line or line.startswith("FACS") for line in tables)
        dump = shell.command("acpi HPET")
        assert dump[1].startswith("0000000000  48 50 45 54 38 00 00 00 ") and len(dump) == 5
        usable = shell.command("e820")
        assert any(line.split() == ["0x00000f0000..0x0000100000", "64", "KiB", "reserved"] for line in usable)
        total = float(re.fullmatch(r"(\S+) MiB usable", usable[-1])[1])
        assert MEMORY_MIB - 2 < total < MEMORY_MIB


@pytest.mark.parametrize("arch", ARCHS)
def test_devices_of_another_host_bridge(shell_of, arch):
    """Bus 128 is in no bridge's range: what is on it can only be found by asking there."""
    far = ("-device", "pxb,id=far,bus_nr=128", "-device", "e1000,bus=far,addr=9")
    with shell_of(arch, machine="pc", extra=far) as machine:
        shell = enter(machine)
        card, = [line for line in shell.command("lspci") if line.endswith(": Ethernet controller") and "8086:100e" in line]
        assert int(card[:2], 16) >= 128


@pytest.mark.parametrize("arch,machine_type,firmware",
                         [("x86_64", "pc", "bios"), ("i386", "q35", "bios"), ("x86_64", "q35", "uefi")])
def test_poweroff(shell_of, arch, machine_type, firmware):
    with shell_of(arch, machine=machine_type, firmware=firmware, memory="256M") as machine:
        enter(machine)
        machine.send("poweroff\r")
        assert machine.wait_exit(10) == 0
        assert machine.shutdown_reasons() == ["guest-shutdown"]


def test_poweroff_without_acpi(shell_of):
    with shell_of("i386", machine="pc,acpi=off") as machine:
        shell = enter(machine)
        assert shell.command("poweroff")[-1] == "poweroff: this machine has no ACPI"
        machine.reset_allowed = True
        machine.send("reboot\r")
        machine.wait_exit(10)
        assert machine.shutdown_reasons() == ["guest-reset"]


def bench(workshop, arch):
    tree = manifest.tree(
        {"callee": manifest.image("callee", type="standalone"), "sleeper": manifest.image("sleeper", type="standalone"),
         "got": manifest.kernel("got")},
        {"adds": {"kernel": "callee", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((0, 0x234))},
         "sleeps": {"kernel": "sleeper", "trapeze,preserve-context": True},
         "got": {"kernel": "got", "trapeze,bootargs": "first"}})
    files = {"got": "got-linux.bin", "callee": "callee.elf", "sleeper": "sleeper.elf"}
    return {"manifest": manifest.compile_tree(tree),
            **{name: workshop.built(arch, "payload", file) for name, file in files.items()}}


@pytest.mark.parametrize("arch", ARCHS)
def test_images(shell_of, workshop, arch):
    with shell_of(arch, bench(workshop, arch)) as machine:
        shell = enter(machine)
        assert [line.split()[0] for line in shell.command("entries")] == ["adds", "sleeps", "got"]
        assert any("returned result=0x1234" in line for line in shell.command("call adds", 30))
        assert any("returned result=0x1007" in line for line in shell.command("call adds 0 7", 30))
        assert shell.command("call adds 1 2 3 4 5 6 7")[-1] == "call: nothing was changed"
        assert shell.line("call got") == 'call: "got" does not come back (no trapeze,preserve-context): boot starts it'
        assert any("it sleeps and can be resumed" in line for line in shell.command("call sleeps", 30))
        assert shell.command("entries")[-1].startswith("resume:sleeps")
        assert any("resume " in line for line in shell.command("resume sleeps", 30))
        assert "call: " in shell.line("log 1")
        # Back to the menu, which knows what happened meanwhile, and in again.
        machine.send("exit\r")
        Shim(machine).wait_prompt(10)
        assert re.search(r"4  resume sleeps +asleep after 2 rounds", machine.before)
        shell = Shell(machine)
        machine.send('boot got second "third  fourth"\r')
        machine.expect_line("got: end", 30)
        assert 'cmdline: "second "third  fourth""' in got(machine.transcript())


@pytest.mark.parametrize("arch", ARCHS)
def test_vt100(boot, workshop, arch):
    """Editing, history, and a full screen that waits."""
    with boot(Spec(workshop.shim_iso(arch, "loglevel=warn", {}), memory="128M")) as machine:
        machine.expect(r"\[ +\d+\.\d{6}\] \w+: ", BOOT_SECONDS)
        terminal = Terminal(machine)
        terminal.wait(r"\? help")
        terminal.press("c")
        terminal.wait(r"shell>\s*\Z")
        terminal.press("d 0xffff0 16", "ctrl-a", "m", "enter")
        terminal.wait(r"^00000ffff0  ea 5b e0 00 f0 .*$\s*shell>\s*\Z")
        terminal.press("up", "backspace", "backspace", "512", "enter")
        terminal.wait(r"space more")
        terminal.press("q")
        terminal.wait(r"shell>\s*\Z")
        terminal.press("help mw", "enter")
        terminal.wait(r"names: mw\.b")
        terminal.press("exit", "enter")
        terminal.wait(r"r reboot  \? help\s*\Z")


@pytest.mark.parametrize("arch", ARCHS)
def test_bios_calls(shell_of, arch):
    disk = ("-blockdev", "driver=null-co,node-name=disk,size=67108864,read-zeroes=on", "-device", "ide-hd,drive=disk")
    with shell_of(arch, extra=disk) as machine:
        shell = enter(machine)
        assert shell.command("bios 0x12")[0] == "changed eax=0x0000027f", "639 KiB"
        for _ in range(2):
            said = shell.line("buf 24")
            buffer = re.fullmatch(r"buf1  at 0x([0-9a-f]+), in real mode ([0-9a-f]{4}):0000, 24 bytes", said)
            assert int(buffer[1], 16) == int(buffer[2], 16) << 4
            changed, flags = shell.command("bios 0x15 eax=0xe820 edx=0x534d4150 ecx=20 es:di=buf1")
            assert changed.startswith("changed eax=0x534d4150 ebx=0x0000000") and "CF" not in flags
            assert shell.line("md.q buf1 2").split()[1:3] == ["0000000000000000", "000000000009fc00"]
            assert shell.command("md.l buf1 5")[1].split()[1] == "00000001", "usable"
            assert shell.command("free buf1") == []
        # 64 MiB: 16 heads of 63 sectors, one disk.
        changed = shell.command("bios 0x13 ah=8 dl=0x80")[0]
        assert re.search(r" ecx=0x0000\w\w[37bf]f edx=0x00000f01", changed)
        refused = shell.command("bios 0x13 ah=8 dl=0x85")
        assert refused[-1] == "bios: error ah=0x01: invalid function or parameter" and "[CF" in refused[1]
        services = shell.command("bios disks")
        assert any(re.search(r"bios: disks: drive=0x80 .*heads=16 sectors=63", line) for line in services)
        # The font of 8x16 lies in the video BIOS.
        changed = shell.command("bios 0x10 ax=0x1130 bh=6")[0]
        assert re.search(r" es=0xc\w\w\w", changed) and re.search(r" ecx=0x00000010", changed)


def test_no_bios(shell_of):
    with shell_of("x86_64", machine="q35", firmware="uefi", memory="256M") as machine:
        shell = enter(machine)
        assert shell.line("bios 0x12").startswith("bios: there is no BIOS: the firmware is UEFI")
        assert "no buffer: the log (log 1) says why" in shell.command("buf 16")[-1]
        assert "there is no BIOS" in shell.line("log 1")


@pytest.mark.parametrize("arch", ARCHS)
def test_script(shell_of, workshop, arch):
    """Lines in the manifest: those before the one that fails, and an image started by the last."""
    def modules(*lines):
        tree = manifest.tree({"got": manifest.kernel("got")}, {"got": {"kernel": "got"}})
        return {**bench(workshop, arch), "manifest": manifest.compile_tree({"trapeze,shell": lines, **tree})}

    with shell_of(arch, modules("md 0xffff5 8", "md", "e820")) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        text = machine.before.replace("\r", "")
        assert "shell> md 0xffff5 8\n00000ffff5  30 36 2f 32 33 2f 39 39 " in text
        assert "shell> md\nmd: usage: " in text and "shell> e820" not in text
        assert 'shell: warning: trapeze,shell ends here, "md" failed' in text
    with shell_of(arch, modules("boot got from script")) as machine:
        machine.expect_line("got: end", BOOT_SECONDS)
        assert 'cmdline: "from script"' in got(machine.transcript())


def ticks(shell):
    """The BIOS's clock."""
    return int(shell.command("bios 0x1a")[0].partition("edx=0x")[2][:8], 16)


HANG = "0xfb 0xeb 0xfe"         # sti; jmp .
NOT_DONE = "bios: not done: the log (log 1) says why"


def ended(shell, line, timeout=20):
    """A call that does not come back by itself: what the log says of it."""
    answer = shell.command(line, timeout)
    assert answer[-1] == NOT_DONE
    return shell.line("log 1").partition("bios: error: ")[2]


@pytest.mark.parametrize("arch", ARCHS)
def test_calls_that_do_not_come_back(shell_of, arch):
    """A handler that loops for ever, a service that waits for a key, one that waits for minutes: all end, and the BIOS goes on."""
    with shell_of(arch) as machine:
        shell = enter(machine)
        at = int(re.search(r"at 0x([0-9a-f]+)", shell.line("buf 16"))[1], 16)
        assert shell.command(f"poke buf1 {HANG}") == []
        assert shell.command(f"mw.l -f 0x180 {at << 12:#x}") == []
        place = f"at={at >> 4:04x}:0001"
        for _ in range(3):
            assert ended(shell, "bios -w 500 0x60 ax=7") == f"int 0x60 eax=0x7: did not come back, ended ms=500 {place}"
        assert re.fullmatch(r"int 0x16 eax=0x0: did not come back, ended ms=1200 at=f000:[0-9a-f]{4}",
                            ended(shell, "bios -w 1200 0x16"))
        assert re.match(r"int 0x15 eax=0x8600: did not come back, ended ms=300 ", ended(shell, "bios -w 300 0x15 ah=0x86 cx=0x1000"))
        # By hand, from the second second on.
        machine.send("bios 0x60\r")
        time.sleep(2)
        machine.send("\x03\x03\x03")
        machine.expect(re.escape(NOT_DONE), 20, shown=NOT_DONE)
        machine.expect(PROMPT, 10, shown="the shell's prompt")
        assert shell.line("log 1").endswith(f"int 0x60 eax=0x0: ended by Ctrl-C {place}")
        # The BIOS and its clock as before, and nothing left in its vectors.
        assert shell.command("bios 0x12")[0] == "changed eax=0x0000027f"
        before = ticks(shell)
        assert "ended ms=700" in ended(shell, "bios -w 700 0x16")
        assert ticks(shell) >= before + 10, "18.2 a second"
        assert shell.line("md.w 0x22 1").split()[1] == "f000"
        assert "CF" not in shell.command("bios 0x13 ah=0x41 bx=0x55aa dx=0xe0")[1], "the CD answers"


STUCK = "0xfa 0xeb 0xfe"        # cli; jmp .
NO_TICK = "did not come back and let no tick through, ended ms=500"
# How the HPET's interrupt gets to the processor; the PCI register, as an address, that opens the BIOS's ROM, and its port.
GUARDED = [("pc", ("-global", "hpet.msi=on"), "from the HPET", 0x80000058, 0xcfd),
           ("q35", (), "from the HPET by the I/O APIC pin=23", 0x80000090, 0xcfc)]
HPET_STATE = ("md.l 0xfed00010 1", *(f"md.l {0xfed00100 + 0x20 * n:#x} 6" for n in range(3)))


def state(shell, has_pin):
    """What guards a call, between calls: the HPET, pin 23 of the I/O APIC, the vectors of NMI and tick."""
    lines = [line for command in HPET_STATE for line in shell.command(command)]
    for register in (0x3e, 0x3f) if has_pin else ():
        assert shell.command(f"mw.l -f 0xfec00000 {register:#x}") == []
        lines.append(shell.line("md.l 0xfec00010 1"))
    return [*lines, shell.line("md.l 0x8 1"), shell.line("md.l 0x20 1")]


def check_rounds(machine, shell):
    """The BIOS's own and the shim's state are the same over calls that come after, and the menu is there."""
    machine.send("exit\r")
    shim = Shim(machine)
    shim.wait_prompt(10)
    assert "memory, vectors and processor as before" in "\n".join(shim.command("rounds", 60))
    shell.command("c")
    assert shell.command("bios 0x12")[0] == "changed eax=0x0000027f"


def rounds(workshop, arch):
    """An entry that makes many calls and compares."""
    tree = manifest.tree({"got": manifest.kernel("got")}, {"rounds": {"trapeze,bios-call": "rounds"}})
    calls = {"rounds": {"trapeze,vector": 0x12, "trapeze,repeat": 500}}
    return {**bench(workshop, arch), "manifest": manifest.compile_tree({**tree, "bios-calls": calls})}


@pytest.mark.parametrize("machine_type, options, way, _, __", GUARDED, ids=["message", "pin"])
@pytest.mark.parametrize("arch", ARCHS)
def test_calls_that_hang_with_interrupts_off(shell_of, workshop, arch, machine_type, options, way, _, __):
    """Neither tick nor key gets through: one NMI ends them, more than once, and leaves nothing behind."""
    with shell_of(arch, rounds(workshop, arch), machine=machine_type, extra=options) as machine:
        shell = enter(machine)
        at = int(re.search(r"at 0x([0-9a-f]+)", shell.line("buf 16"))[1], 16)
        assert shell.command(f"poke buf1 {STUCK}") == []
        assert shell.command(f"mw.l -f 0x180 {at << 12:#x}") == []
        # What it needs is found with the first call.
        shell.command("bios 0x12")
        before = state(shell, "pin" in way)
        for _ in range(2):
            assert ended(shell, "bios -w 500 0x60 ax=7") == f"int 0x60 eax=0x7: {NO_TICK} at={at >> 4:04x}:0001"
            assert state(shell, "pin" in way) == before
        assert any(line.endswith(f"a call that hangs with interrupts off is ended by NMI, {way}") for line in shell.command("log 200"))
        # The tick still ends the others, before that.
        assert shell.command(f"poke buf1 {HANG}") == []
        assert "did not come back, ended ms=500" in ended(shell, "bios -w 500 0x60")
        check_rounds(machine, shell)


@pytest.mark.parametrize("machine_type, options, _, register, port", GUARDED, ids=["message", "pin"])
@pytest.mark.parametrize("arch", ARCHS)
def test_service_that_hangs(shell_of, workshop, arch, machine_type, options, _, register, port):
    """A 32-bit service has interrupts off by itself; the PCI BIOS's entry is made one that hangs, in the BIOS's shadowed ROM."""
    with shell_of(arch, rounds(workshop, arch), machine=machine_type, extra=options) as machine:
        shell = enter(machine)
        entry = int(re.search(r" pci=0x(\w+)", "\n".join(shell.command("bios bios32")))[1], 16)
        code = shell.line(f"md {entry:#x} 3").split()[1:4]
        assert shell.command(f"outl 0xcf8 {register:#x}") == shell.command(f"outb {port:#x} 0x30") == []
        assert shell.command(f"poke -f {entry:#x} {STUCK}") == []
        said = "\n".join(shell.command("bios -w 500 bios32", 20))
        assert f"bios: error: 32-bit call {entry:#x} eax=0xb101: {NO_TICK} at={entry + 1:#x}" in said
        assert shell.command(f"poke -f {entry:#x} " + " ".join(f"0x{byte}" for byte in code)) == []
        assert "\n".join(shell.command("bios bios32")).count("vendor=0x8086 directly=0x8086") == 2
        check_rounds(machine, shell)


def test_nothing_guards_calls(shell_of):
    """The HPET of this machine reaches the timer's own line alone; that of the next one is not there."""
    for options, why in (((), "the HPET's timers reach the old devices' lines alone"), (("-no-hpet",), "there is no HPET")):
        with shell_of("x86_64", extra=options) as machine:
            shell = enter(machine)
            assert shell.command("bios 0x12")[0] == "changed eax=0x0000027f"
            assert any(line.endswith(f"a call that hangs with interrupts off keeps the machine: {why}") for line in shell.command("log 200"))
