# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The flight recorder: after a silent reset the next start tells where the last flight ended."""

import glob
import os
import re

import pytest

from harness import linux, manifest
from harness.machine import Spec
from harness.shim import Shim, lines_of, log_lines
from harness.workshop import REPOSITORY, run_tool

LOAD = 0x1000000
# mov dx, 0x3f8; mov al, '#'; out dx, al; cli; jmp .
HANG = b"\x66\xba\xf8\x03\xb0#\xee\xfa\xeb\xfe"
# Where a triple fault comes from: an empty interrupt table, and an exception. lidt [none]; ud2; none: 6 bytes of zeros.
TRIPLE_FAULT = {"long": b"\x0f\x01\x1d\x02\x00\x00\x00\x0f\x0b" + bytes(10),
                "protected": b"\x0f\x01\x1d" + (LOAD + 9).to_bytes(4, "little") + b"\x0f\x0b" + bytes(6)}


def flat(name, mode, code, **configuration):
    return ({name: manifest.image(name, type="standalone", os="flat", load=LOAD, entry=LOAD)},
            {name: {"description": name, "kernel": name, "trapeze,mode": mode, **configuration}}, {name: code})


def medium(workshop, arch, *parts):
    images, configurations, modules = ({}, {}, {})
    for part in parts:
        for whole, piece in zip((images, configurations, modules), part):
            whole.update(piece)
    tree = manifest.compile_tree(manifest.tree(images, configurations))
    return workshop.shim_iso(arch, "menu=plain", {"manifest": tree, **modules})


def told(transcript):
    """What the recorder says of the last flight."""
    return [text for area, _, text in log_lines(transcript) if area == "recorder"]


@pytest.mark.parametrize("arch,firmware", [("x86_64", "bios"), ("i386", "bios"), ("x86_64", "uefi")])
def test_a_reset_inside_a_call_is_told(boot, workshop, arch, firmware):
    iso = medium(workshop, arch, flat("hang", "protected", HANG, **{"trapeze,preserve-context": True}))
    with boot(Spec(iso, firmware=firmware, reboots=True, limit=400)) as machine:
        shim = Shim(machine)
        assert not told(shim.wait_prompt())
        machine.send("hang\r")
        line = machine.expect_line(r"call: flat mode=protected .* net=takes it back")
        machine.expect("#")
        machine.reset()
        lines = told(shim.wait_prompt())
        assert re.fullmatch(r"flight 1 ended without a word after \d+\.\d{6} s, at this step: swing, inside the call of \"hang\"",
                            lines[0])
        assert lines[-1] == f"| {line}"
        page = shim.command("l")
        assert "Before the last reset (flight 1):" in page and "Since then:" in page
        before = page[page.index("Before the last reset (flight 1):"):page.index("Since then:")]
        assert line in before
        # The next one counts on, and has nothing of the first any more.
        machine.reset()
        lines = told(shim.wait_prompt())
        assert re.match(r"flight 2 ended without a word after .* s, at this step: menu", lines[0])


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_a_reboot_that_was_asked_for(boot, workshop, arch):
    iso = medium(workshop, arch, flat("hang", "protected", HANG))
    with boot(Spec(iso, reboots=True, limit=200)) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        machine.resets += 1
        machine.send("r\r")
        assert told(shim.wait_prompt()) == []
        machine.send("c\r")
        machine.expect(r"(?m)^shell> ")
        machine.resets += 1
        machine.send("reboot\r")
        assert told(shim.wait_prompt()) == []
        machine.reset()
        assert re.match(r"flight 3 ended without a word after .* s, at this step: menu", told(shim.wait_prompt())[0])


@pytest.mark.parametrize("arch,mode", [("x86_64", "long"), ("i386", "protected")])
def test_a_triple_fault_is_told(boot, workshop, arch, mode):
    """What no net can catch: the image takes the interrupt table away and faults. Without the recorder: silence."""
    iso = medium(workshop, arch, flat("trips", mode, TRIPLE_FAULT[mode], **{"trapeze,net": "off"}))
    with boot(Spec(iso, reboots=True, limit=240)) as machine:
        machine.resets = machine.triple_faults_allowed = 1
        machine.reset_allowed = True
        shim = Shim(machine)
        shim.wait_prompt()
        machine.send("trips\r")
        lines = told(shim.wait_prompt())
        assert re.fullmatch(r"flight 1 handed over after \d+\.\d{6} s: swing, entered, \"trips\"; l has its log", lines[0])
        assert any(re.search(r"enter: flat mode=", line) for line in shim.command("l"))


def test_a_reboot_from_the_menu_is_no_news(boot, workshop):
    iso = medium(workshop, "x86_64", flat("hang", "protected", HANG))
    with boot(Spec(iso, reboots=True, limit=240)) as machine:
        machine.resets += 1
        machine.reset_allowed = True
        shim = Shim(machine)
        shim.wait_prompt()
        machine.send("r\r")
        assert not told(shim.wait_prompt())
        assert any("flight 1 ended as it was asked to" in line for line in shim.command("l"))


def over(workshop, load):
    """A called image that lies on the recorder when the reset comes."""
    code = HANG.ljust(16, b"\0") + b"\xff" * 4000
    return medium(workshop, "x86_64", (
        {"over": manifest.image("over", type="standalone", os="flat", load=load, entry=load)},
        {"over": {"description": "over", "kernel": "over", "trapeze,mode": "protected", "trapeze,preserve-context": True}},
        {"over": code}))


# In the middle of 512 MiB: the header's page, and the first of the text.
RECORDER = 0x10000000


@pytest.mark.parametrize("load,complaint", [(RECORDER, None), (RECORDER + 0x1000, "the log of flight 1 is damaged and refused")])
def test_a_damaged_record_is_refused(boot, workshop, load, complaint):
    with boot(Spec(over(workshop, load), reboots=True, limit=240)) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        assert any(re.search(rf"{RECORDER:#012x}\.\..*flight recorder", line) for line in shim.command("m"))
        machine.send("over\r")
        machine.expect_line(r"call: flat mode=protected")
        machine.expect("#")
        machine.reset()
        lines = told(shim.wait_prompt())
        assert (complaint in lines) if complaint else not lines
        assert not any(line.startswith("| ") for line in lines)


# ---- Linux reads it

# As modprobe does: the module's parameters are those on the kernel's command line.
FLIGHT_INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t pstore pstore /sys/fs/pstore
/bin/busybox insmod /reed_solomon.ko
words=$(/bin/busybox tr ' ' '\\n' </proc/cmdline | /bin/busybox sed -n 's/^ramoops\\.//p')
/bin/busybox insmod /ramoops.ko $words
/bin/busybox sed 's/^/flight: /' /sys/fs/pstore/console-ramoops-0
echo
echo "flight-end"
/bin/busybox grep -i reserved /proc/iomem
/bin/busybox reboot -f
"""


def flight_ramdisk(workshop):
    """Debian's own ramoops module, and an init that loads it."""
    modules = workshop.built("payloads", "deb-amd64", "lib", "modules")

    def make(path):
        files = {"reed_solomon.ko": "lib/reed_solomon/reed_solomon.ko", "ramoops.ko": "fs/pstore/ramoops.ko"}
        options = []
        for name, place in files.items():
            found, = glob.glob(os.path.join(modules, "*", "kernel", place))
            options.append(f"--file={name}={found}")
        script = path + ".init"
        with open(script, "w", encoding="ascii") as stream:
            stream.write(FLIGHT_INIT)
        os.chmod(script, 0o755)
        run_tool(os.path.join(REPOSITORY, "tools/mkinitrd"), *options, f"--file=flight={script}", "--no-gzip", "-o", path)
    return workshop.once("flight.cpio", make)


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_debians_kernel_shows_the_log(boot, workshop, arch):
    """Its pages stay, its address is on the command line, and the text is the very lines that were on the serial line."""
    kernel, initrd = linux.KERNELS["amd64"].files(workshop)
    entry = {"kernel": "kernel", "ramdisk": ["initrd", "flight"], "trapeze,recorder": "ramoops",
             "trapeze,bootargs": "console=ttyS0,115200 quiet rdinit=/flight ${ramoops}"}
    tree = manifest.tree({"kernel": manifest.kernel("kernel"), "initrd": manifest.image("initrd", type="ramdisk"),
                          "flight": manifest.image("flight", type="ramdisk")}, {"linux": entry})
    modules = {"manifest": manifest.compile_tree(tree), "kernel": kernel, "initrd": initrd, "flight": flight_ramdisk(workshop)}
    with boot(Spec(workshop.shim_iso(arch, "menu=plain loglevel=step", modules), limit=240, reboots=True)) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        shim.start("linux")
        machine.expect_line("^flight-end")
        machine.resets += 1
        machine.reset_allowed = True
        before = machine.transcript()
        text = shim.wait_prompt()
    shown = [line[len("flight: "):] for line in lines_of(before) if line.startswith("flight: ")]
    logged = [line for line in lines_of(before) if re.match(r"\[ *\d+\.\d{6}\] \w[\w-]*: ", line)]
    ours = logged[:[number for number, line in enumerate(logged) if "] enter: " in line][0] + 1]
    assert len(ours) > 20
    assert [line for line in shown if line in ours] == sorted(set(ours), key=ours.index)
    # It has been read; what Linux did after that is Linux's. The record's head is whole all the same.
    assert re.match(r'flight 1 handed over after .* s: swing, entered, "linux"', told(text)[0])
