# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A Linux started by Trapeze that comes back, by kexec-tools' own words for it, and is resumed from the menu."""

import os
import re

import pytest

from harness import interop, linux, manifest
from harness.machine import Spec
from harness.shim import Shim, errors
from harness.workshop import REPOSITORY
from test_calls import BOOT_SECONDS, CALL_SECONDS, LOOP, RETURN, WATCHDOG_MS

# A job adds up a file all the time, whatever comes; the file is too large for one round of it.
JOB = """\
entry=$(sed -n 's/.*kexec_jump_back_entry=\\(0x[0-9a-f]*\\).*/\\1/p' /proc/cmdline)
dd if=/dev/urandom of=/tmp/file bs=1M count=8 2>/dev/null
echo 0 >/tmp/sums
good=$(md5sum </tmp/file)
(
	number=0
	while [ "$(md5sum </tmp/file)" = "$good" ]; do
		number=$((number + 1))
		echo $number >/tmp/sums
	done
	echo "linux: wrong sum number=$number"
) &

echo "linux: release=$(uname -r) entry=$entry cpus=$(nproc)"
round=0
while :; do
	sh /jump-back
	round=$((round + 1))
	before=$(cat /tmp/sums)
	while [ $(cat /tmp/sums) -lt $((before + 2)) ]; do
		sleep 0.1
	done
	echo "linux: back round=$round sums=$(cat /tmp/sums) uptime=$(cut -d ' ' -f 1 /proc/uptime)"
done
"""
CMDLINE = "console=ttyS0,115200 quiet panic=-1"
MACHINES = (("x86_64", "bios"), ("i386", "bios"), ("x86_64", "uefi"))
ROUNDS = 20
BACK = re.compile(r"(?m)^linux: back round=(\d+) sums=(\d+) uptime=([\d.]+)")

pytestmark = pytest.mark.interop


def linux_iso(workshop, arch, cmdline=CMDLINE, more=None):
    """Linux, images that are called meanwhile, and more configurations."""
    files = {"kernel": interop.kernel(workshop),
             "initrd": interop.initrd(workshop, JOB, {"jump-back": os.path.join(REPOSITORY, "tools/jump-back")}),
             "kernel32": linux.KERNELS["686"].files(workshop)[0],
             **{name: workshop.built(arch, "payload", name + ".elf") for name in ("callee", "sleeper")}}
    call = {"kernel": "callee", "trapeze,preserve-context": True}
    comes_back = {"description": "Linux 7.2", "kernel": "kernel", "ramdisk": "initrd", "trapeze,preserve-context": True,
                  "trapeze,bootargs": cmdline}
    tree = manifest.tree(
        {"kernel": manifest.kernel("kernel"), "kernel32": manifest.kernel("kernel32"),
         "initrd": manifest.image("initrd", type="ramdisk"),
         **{name: manifest.image(name, type="standalone") for name in ("callee", "sleeper")}},
        {"linux": comes_back,
         "return": {**call, "trapeze,args": manifest.Wide((RETURN, 0x234))},
         "loop": {**call, "trapeze,args": manifest.Wide((LOOP,)), "trapeze,watchdog": WATCHDOG_MS},
         "sleeper": {"kernel": "sleeper", "trapeze,preserve-context": True},
         **{name: {key: value for key, value in {**comes_back, **words}.items() if value is not None}
            for name, words in (more or {}).items()}})
    return workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), **files})


def start_linux(shim):
    """From the menu into Linux and back; what was said on the way."""
    shim.start("linux")
    return shim.wait_prompt(interop.LINUX_SECONDS)


def resume(shim):
    """(round, sums, uptime) as Linux tells, and back to the menu again."""
    shim.start("resume:linux")
    answer = shim.wait_prompt(interop.LINUX_SECONDS)
    assert errors(answer) == [] and "wrong sum" not in answer
    match = BACK.search(answer)
    return int(match[1]), int(match[2]), float(match[3])


@pytest.mark.parametrize("arch,firmware", MACHINES)
def test_round_trip(boot, workshop, arch, firmware):
    """The menu works in between: images are called, one runs into the watchdog, one sleeps over a round of Linux."""
    with boot(Spec(linux_iso(workshop, arch), firmware=firmware, limit=2 * interop.LINUX_SECONDS)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        text = start_linux(shim)
        entry = re.search(r"linux: release=7\S* entry=(0x[0-9a-f]{8})", text)
        assert entry and f'want: cmdline: "kexec_jump_back_entry={entry[1]} {CMDLINE}"' in text
        assert '"Linux 7.2" came back us=' in text and "it sleeps and can be resumed entry=0x" in text
        assert errors(text) == [] and "warning" not in text
        assert any("returned result=0x1234 " in line for line in shim.command("return", CALL_SECONDS))
        machine.send("loop\r")
        assert shim.expect_dump(CALL_SECONDS)[0].startswith("NMI")
        assert f"ended by the watchdog after {WATCHDOG_MS} ms" in shim.wait_prompt(CALL_SECONDS)
        assert any("returned result=0x1 " in line for line in shim.command("sleeper", CALL_SECONDS))
        assert any(line == "Waiting   in memory of its own" for line in shim.command("i resume:linux", CALL_SECONDS))
        first = resume(shim)
        assert any("returned result=0x2 " in line for line in shim.command("resume:sleeper", CALL_SECONDS))
        second = resume(shim)
        assert (first[0], second[0]) == (1, 2) and first[1] < second[1] and first[2] < second[2]


def test_twenty_rounds(boot, workshop):
    """A file is added up all the time and always comes to the same; time goes on, and never back."""
    with boot(Spec(linux_iso(workshop, "x86_64"), limit=4 * interop.LINUX_SECONDS)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        start_linux(shim)
        rounds = [resume(shim) for _ in range(ROUNDS)]
        assert [number for number, _, _ in rounds] == list(range(1, ROUNDS + 1))
        for before, after in zip(rounds, rounds[1:]):
            assert before[1] + 2 <= after[1] and before[2] < after[2]


@pytest.mark.parametrize("words,level", (({"smp": 2}, ""), ({"cpu": "max"}, "no5lvl ")), ids=("smp", "5-levels"))
def test_processors(boot, workshop, words, level):
    """Two of them, both Linux's; one that has page tables of five levels."""
    with boot(Spec(linux_iso(workshop, "x86_64"), limit=2 * interop.LINUX_SECONDS, **words)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        text = start_linux(shim)
        assert re.search(f'want: cmdline: "kexec_jump_back_entry=0x[0-9a-f]{{8}} {level}{CMDLINE}"', text)
        assert f"cpus={words.get('smp', 1)}" in text
        rounds = [resume(shim) for _ in range(3)]
        assert [number for number, _, _ in rounds] == [1, 2, 3]


@pytest.mark.parametrize("arch,has_all", (("x86_64", True), ("i386", False)))
def test_memory_above_4g(boot, workshop, arch, has_all):
    """Linux's side of the jump lies up there. The i386 build does not reach it and keeps it from Linux."""
    spec = Spec(linux_iso(workshop, arch), machine="q35", memory="6G", limit=2 * interop.LINUX_SECONDS)
    with boot(spec) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        text = start_linux(shim)
        assert (re.search(r"want: e820: 0x100000000 0x[0-9a-f]+ 1\r*$", text, re.MULTILINE) is not None) == has_all
        assert (re.search(r"it sleeps and can be resumed entry=0x[1-9a-f][0-9a-f]{8}\r*$", text, re.MULTILINE) is not None) == has_all
        assert [resume(shim)[0] for _ in range(3)] == [1, 2, 3]


def test_refusals(boot, workshop):
    """Each in words, and the menu again."""
    long_mode = "a kernel comes back from long mode alone, and this one is entered in protected mode"
    watchdog = "watch: not for a kernel that comes back: trapeze,watchdog: the timer is the kernel's"
    more = {"protected": {"trapeze,mode": "protected"}, "old": {"kernel": "kernel32"}, "watch": {"trapeze,watchdog": 1000}}
    with boot(Spec(linux_iso(workshop, "x86_64", more=more))) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert shim.expect_refusal("protected") == [f"linux: kernel: {long_mode}"]
        assert shim.expect_refusal("old") == [f"linux: kernel32: {long_mode}"]
        assert shim.expect_refusal("watch") == [f"boot: {watchdog}"]


def test_one_at_a_time(boot, workshop):
    """A second kernel finds no memory; one that takes the machine for good has it, and needs no way back."""
    more = {"second": {"description": "second"}, "for-good": {"trapeze,preserve-context": None}}
    with boot(Spec(linux_iso(workshop, "x86_64", more=more), limit=2 * interop.LINUX_SECONDS)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        start_linux(shim)
        assert shim.expect_refusal("second") == [
            'boot: second: "Linux 7.2" sleeps and has all memory: resume it, or start it anew']
        assert resume(shim)[0] == 1
        shim.start("for-good")
        machine.expect_line('call: "Linux 7.2" slept after round=2 and is dropped', CALL_SECONDS)
        machine.expect_line("^jump-back: no kexec_jump_back_entry= on the kernel's command line", interop.LINUX_SECONDS)
