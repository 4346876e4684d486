# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""BIOS calls from either build: every service against what the machine is known to have, many in a row, swings in between."""

import re

import pytest

from harness import linux, linux_report, manifest
from harness.machine import Spec
from harness.shim import BACK, Shim, errors
from test_calls import ARCHS, BOOT_SECONDS, CALL_SECONDS

SECTORS = 40960
SERVICES = ["memory-map", "vbe", "edid", "disks", "smbios", "system", "keyboard", "apm", "time", "bios32", "pnp"]
ROUNDS = 2000
MANY = 100000
# Instructions of the shim's own that a round trip may take.
GOAL = 3000
GREETING = b"Trapeze reads a sector"
# Counting instructions takes the emulator its time, and so does Linux where the host is busy.
SLOW_SECONDS = 150
MACHINES = [("pc", "0xe0"), ("q35", "0xe0")]


def bios_tree():
    calls = {
        "geometry": {"trapeze,vector": 0x13, "trapeze,registers": "ax=0x0800 dx=0x80"},
        "sector": {"trapeze,vector": 0x13, "trapeze,registers": "ax=0x0201 cx=1 dx=0x80", "trapeze,buffer": 512,
                   "trapeze,buffer-at": "es:bx"},
        "last": {"trapeze,vector": 0x13, "trapeze,registers": "ax=0x4200 dx=0x80", "trapeze,buffer-at": "ds:si",
                 "trapeze,data": bytes((16, 0, 1, 0, 0, 0, 0, 0x30)) + (SECTORS - 1).to_bytes(8, "little")},
        "nowhere": {"trapeze,vector": 0x13, "trapeze,registers": "ax=0x0201 cx=1 dx=0x9f"},
        "registers": {"trapeze,vector": 0x12, "trapeze,registers": "eax=0x12345678 ebx=0x11111111 ecx=0x22222222 "
                      "edx=0x33333333 esi=0x44444444 edi=0x55555555 ebp=0x66666666 ds=0x7777 es=0x8888 flags=0x8d4"},
        "rounds": {"trapeze,vector": 0x12, "trapeze,repeat": ROUNDS},
        "many": {"trapeze,vector": 0x12, "trapeze,repeat": MANY},
    }
    configurations = {name: {"trapeze,bios-call": name} for name in [*SERVICES, *calls]}
    configurations["together"] = {"kernel": "callee", "trapeze,preserve-context": True, "trapeze,bios-call": ["system", "registers"],
                                  "trapeze,args": manifest.Wide((0, 0x234))}
    configurations["linux"] = {"kernel": "linux", "ramdisk": "initrd", "trapeze,bootargs": linux.CMDLINE,
                               "trapeze,bios-call": "geometry"}
    images = {"callee": manifest.image("callee", type="standalone"), "linux": manifest.kernel("linux"),
              "initrd": manifest.image("initrd", type="ramdisk")}
    return {**manifest.tree(images, configurations), "bios-calls": calls}


def bios_iso(workshop, arch, with_linux):
    vmlinuz, initrd = linux.KERNELS[{"x86_64": "amd64", "i386": "686-pae"}[arch]].files(workshop)
    more = {"linux": vmlinuz, "initrd": initrd} if with_linux else {}
    return workshop.shim_iso(arch, "menu=plain", {
        "manifest": manifest.compile_tree(bios_tree()), "callee": workshop.built(arch, "payload", "callee.elf"), **more})


def disk(workshop):
    """A disk whose first and last sectors say who they are."""
    def make(path):
        with open(path, "wb") as stream:
            stream.write(GREETING.ljust(510, b"\0") + b"\x55\xaa")
            stream.seek(512 * (SECTORS - 1))
            stream.write(b"the last one".ljust(512, b"."))
    return workshop.once("bios-disk.img", make)


def spec(workshop, arch, machine="pc", with_linux=False, limit=150, **more):
    drive = ["-drive", f"file={disk(workshop)},format=raw,if=none,id=disk,snapshot=on"]
    bus = ["-device", "ide-hd,drive=disk,bus=ide.0" if machine == "q35" else "ide-hd,drive=disk,bus=ide.0,unit=0"]
    return Spec(bios_iso(workshop, arch, with_linux), machine=machine, memory="256M", limit=limit, extra=tuple(drive + bus), **more)


def ask(shim, name, seconds=CALL_SECONDS):
    return "\n".join(shim.command(name, seconds))


def keys(text, start, first=""):
    """key=value of the line that begins so, and goes on with that key."""
    line = re.search(rf"(?m)bios: {re.escape(start)}({first}.*)$", text)
    assert line, text
    return dict(re.findall(r"(\w+)=(\"[^\"]*\"|\S+)", line[1]))


@pytest.mark.parametrize("machine, cd", MACHINES)
@pytest.mark.parametrize("arch", ARCHS)
def test_services(boot, workshop, arch, machine, cd):
    with boot(spec(workshop, arch, machine)) as guest:
        shim = Shim(guest)
        shim.wait_prompt(BOOT_SECONDS)
        answer = {name: ask(shim, name) for name in SERVICES}
        assert not errors("\n".join(answer.values()))
        check_memory(answer["memory-map"])
        assert keys(answer["vbe"], "vbe: ", "version=")["oem"].startswith('"SeaBIOS VBE')
        modes = keys(answer["vbe"], "vbe: ", "modes=")
        assert int(modes["modes"]) > int(modes["with_linear_framebuffer"]) > 20 and modes["current"] == "0x3"
        assert keys(answer["edid"], "edid: RHT")["name"] == '"QEMU Monitor"'
        assert "prefers 1280x800" in answer["edid"]
        drive = keys(answer["disks"], "disks: drive=0x80 ", "edd=")
        assert (int(drive["sectors"]), drive["bytes_per_sector"]) == (SECTORS, "512")
        shape = keys(answer["disks"], "disks: drive=0x80 ", "cylinders=")
        # All cylinders are whole, and the last one is kept for tests.
        cylinder = int(shape["heads"]) * int(shape["sectors"])
        assert int(shape["cylinders"]) == SECTORS // cylinder - 1
        assert keys(answer["disks"], f"disks: drive={cd} ", "edd=")["bytes_per_sector"] == "2048"
        assert 'vendor="SeaBIOS"' in answer["smbios"] and 'maker="QEMU"' in answer["smbios"]
        assert keys(answer["system"], "system: ", "serial=")["serial_port"] == "0x3f8"
        assert "keyboard: flags=0x00" in answer["keyboard"]
        assert "apm: version=1.2" in answer["apm"]
        assert re.search(r"time: 20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d ", answer["time"])
        assert answer["bios32"].count("vendor=0x8086 directly=0x8086") == 2
        assert "pnp: version=1.0" in answer["pnp"]


def check_memory(text):
    """The BIOS's map is GRUB's, and holds what QEMU has less what the BIOS keeps for itself."""
    assert "the boot loader's is the same" in text
    usable = sum(int(end, 16) - int(start, 16)
                 for start, end in re.findall(r"memory-map: (0x[0-9a-f]+)\.\.(0x[0-9a-f]+) usable", text))
    assert 0 <= (256 << 20) - usable < 1 << 20
    assert "below_640_kib=639" in text


@pytest.mark.parametrize("arch", ARCHS)
def test_calls_of_the_manifests_own(boot, workshop, arch):
    with boot(spec(workshop, arch)) as guest:
        shim = Shim(guest)
        shim.wait_prompt(BOOT_SECONDS)
        back = keys(ask(shim, "registers"), "registers: out ")
        assert int(back.pop("ax"), 16) == 0x12340000 | 639
        assert {name: int(value, 16) for name, value in back.items()} == {
            "bx": 0x11111111, "cx": 0x22222222, "dx": 0x33333333, "si": 0x44444444, "di": 0x55555555, "bp": 0x66666666,
            "ds": 0x7777, "es": 0x8888, "flags": 0xad6}
        sector = ask(shim, "sector")
        assert f"buffer 0000: {GREETING[:16].hex(' ')}" in sector and "buffer 01f0:" in sector
        assert not errors(ask(shim, "last"))
        refused = ask(shim, "nowhere")
        assert errors(refused) == ['bios: nowhere: int 0x13 failed ah=0x01 "invalid function or parameter"']
        assert "bios: nowhere: not all calls succeeded, back in the menu" in refused


@pytest.mark.parametrize("arch", ARCHS)
def test_swings_and_linux_in_between(boot, workshop, arch):
    with boot(spec(workshop, arch, with_linux=True, limit=2 * SLOW_SECONDS)) as guest:
        shim = Shim(guest)
        shim.wait_prompt(BOOT_SECONDS)
        for _ in range(3):
            text = ask(shim, "together")
            assert "registers: out ax=0x1234027f" in text and "returned result=0x1234" in text and not errors(text)
            assert "memory, vectors and processor as before" in ask(shim, "rounds", 60)
        shim.start("linux")
        guest.expect_line(linux_report.END, SLOW_SECONDS)


@pytest.mark.parametrize("arch", ARCHS)
def test_cost(boot, workshop, arch):
    """A hundred thousand calls change nothing, and the way there and back is short: a cycle is an instruction here."""
    with boot(spec(workshop, arch, icount=0, limit=2 * SLOW_SECONDS)) as guest:
        shim = Shim(guest)
        shim.wait_prompt(SLOW_SECONDS)
        text = ask(shim, "many", SLOW_SECONDS)
        assert "memory, vectors and processor as before" in text and not errors(text)
        cost = keys(text, "many: ", "rounds=")
        assert int(cost["there"]) + int(cost["back"]) < GOAL


@pytest.mark.parametrize("arch", ARCHS)
def test_uefi_has_none(boot, workshop, arch):
    with boot(spec(workshop, arch, "q35", firmware="uefi", limit=90)) as guest:
        shim = Shim(guest)
        shim.wait_prompt(60)
        answer = shim.command("memory-map")
        assert errors("\n".join(answer)) == ["bios: buffer of bytes 0x1000: there is no BIOS: the firmware is UEFI, without a BIOS "
                                             "beside it: its interrupt vectors are not set up"]
        assert "bios: memory-map: not all calls succeeded, back in the menu" in "\n".join(answer)
        text = "\n".join(shim.command("together", CALL_SECONDS))
        assert "returned result=0x1234" in text and BACK not in text
