# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The screen that a kernel gets: set by the BIOS before it starts, and handed over as it is."""

import re
import time

import pytest

from harness import linux, linux_report, manifest
from harness.machine import Spec
from harness.shim import BACK, PROMPT, Shim, errors, got, wanted
from harness.workshop import GRUB_HEAD
from test_calls import ARCHS, CALL_SECONDS

BOOT_SECONDS = 60
ASKS = "got-multiboot2-screen.elf"
DOES_NOT_ASK = "got-multiboot2.elf"
# Linux counts VESA's modes from 0x200 on; 0x115 is 800x600 with 24 bits.
VGA = "vga=0x315"
CASES = {
    "kernel": ({"kernel": "asks", "trapeze,video-mode": "kernel"}, "width=800 height=600 bpp=32 type=1"),
    "chosen": ({"kernel": "plain", "trapeze,video-mode": "1024x768"}, "width=1024 height=768 bpp=32 type=1"),
    "depth": ({"kernel": "asks", "trapeze,video-mode": "640x480x16"}, "width=640 height=480 bpp=16 type=1"),
    "left": ({"kernel": "asks"}, "width=80 height=25 bpp=16 type=2"),
}


def iso(workshop, arch):
    tree = manifest.tree({"asks": manifest.image("asks"), "plain": manifest.image("plain")}, {
        **{name: configuration for name, (configuration, _) in CASES.items()},
        "none": {"kernel": "plain", "trapeze,video-mode": "5x5"}})
    return workshop.shim_iso(arch, "menu=plain", {
        "manifest": manifest.compile_tree(tree), "asks": workshop.built("i386", "payload", ASKS),
        "plain": workshop.built("i386", "payload", DOES_NOT_ASK)})


def screen_size(machine, path):
    """What is on the screen, by the emulator: the head of a PPM file."""
    machine.qmp.command("screendump", filename=str(path))
    with open(path, "rb") as stream:
        return tuple(int(number) for number in stream.read(32).split()[1:3])


def wait_for_screen(machine, path, size):
    """The emulator draws when it has time."""
    end = time.monotonic() + CALL_SECONDS
    while (shown := screen_size(machine, path)) != size and time.monotonic() < end:
        time.sleep(0.1)
    return shown


def screen_of(record):
    return [line for line in record if line.startswith("framebuffer:")]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("arch", ARCHS)
def test_multiboot_kernel(boot, workshop, tmp_path, arch, name):
    with boot(Spec(iso(workshop, arch), memory="128M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start(name)
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
        size = screen_size(machine, tmp_path / "screen.ppm")
    assert screen_of(wanted(transcript)) == screen_of(got(transcript))
    screen = screen_of(got(transcript))[0]
    assert CASES[name][1] in screen
    width, height = map(int, re.search(r"width=(\d+) height=(\d+)", screen).groups())
    assert size == ((width, height) if "type=1" in screen else (720, 400))


def test_the_same_as_by_grub(boot, workshop):
    by_grub = workshop.grub_iso(GRUB_HEAD + "multiboot2 /boot/kernel\nboot\n", {"boot/kernel": workshop.built("i386", "payload", ASKS)})
    screens = []
    for medium, entry in ((by_grub, None), (iso(workshop, "x86_64"), "kernel")):
        with boot(Spec(medium, memory="128M"), entry or "grub") as machine:
            if entry:
                shim = Shim(machine)
                shim.wait_prompt(BOOT_SECONDS)
                shim.start(entry)
            machine.expect_line("got: end", BOOT_SECONDS)
            screens.append(screen_of(got(machine.transcript())))
    assert screens[0] == screens[1] and screens[0]


def test_refused_and_left(boot, workshop):
    with boot(Spec(iso(workshop, "x86_64"), memory="128M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        complaints = shim.expect_refusal("none")
        assert len(complaints) == 1
        assert re.fullmatch(r"video: none: none of the BIOS's \d+ modes is 5x5 depth=0 vbe_mode=0x0", complaints[0])
    with boot(Spec(iso(workshop, "x86_64"), firmware="uefi", machine="q35", memory="256M"), "uefi") as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("chosen")
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
    assert re.search(r"video: warning: chosen: trapeze,video-mode is not set: the firmware is UEFI.*the boot loader's screen stays: "
                     r"graphics \d+x\d+", transcript)
    assert screen_of(wanted(transcript)) == screen_of(got(transcript))


# test/payload/sleeper.h
STAY = 0x99


@pytest.mark.parametrize("arch", ARCHS)
def test_image_that_sleeps(boot, workshop, tmp_path, arch):
    """The menu has its own screen meanwhile, and the image its own again when it is resumed."""
    path = tmp_path / "screen.ppm"
    tree = manifest.tree({"sleeper": manifest.image("sleeper", type="standalone")}, {
        "far": {"kernel": "sleeper", "trapeze,preserve-context": True, "trapeze,video-mode": "800x600"}})
    medium = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree),
                                                    "sleeper": workshop.built(arch, "payload", "sleeper.elf")})
    with boot(Spec(medium, memory="128M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert any("it sleeps and can be resumed" in line for line in shim.command("far", CALL_SECONDS))
        assert screen_size(machine, path) == (720, 400)
        shim.command(f"e resume:far {STAY:#x}")
        machine.send("resume:far\r")
        machine.expect_line('call: resume "far"', CALL_SECONDS)
        shown = wait_for_screen(machine, path, (800, 600))
        machine.send("\x03\x03\x03")
        machine.expect(PROMPT, CALL_SECONDS, trouble=None)
        assert shown == (800, 600)
        assert screen_size(machine, path) == (720, 400)


@pytest.mark.parametrize("arch,kernel", [("x86_64", "amd64"), ("i386", "686-pae")])
def test_linux(boot, workshop, tmp_path, arch, kernel):
    tree = linux.manifest_of(workshop, linux.KERNELS[kernel], **{"trapeze,video-mode": "kernel"})
    tree["configurations"][linux.ENTRY]["trapeze,bootargs"] = f"{linux.CMDLINE} {VGA}"
    with boot(Spec(workshop.mkiso(arch, tree, "menu=plain"), memory="256M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start(linux.ENTRY)
        machine.expect_line(linux_report.END, linux.BOOT_SECONDS)
        transcript = machine.transcript()
        assert screen_size(machine, tmp_path / "screen.ppm") == (800, 600)
    assert not errors(transcript) and BACK not in transcript
    assert re.search(r"video: vga=: mode 0x115 800x600x24 pitch=2400 framebuffer=0xfd000000", transcript)
