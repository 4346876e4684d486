# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Linux hands over to Trapeze by kexec, and Trapeze to Linux: what the first one preserved is there in the last (docs/handover.md)."""

import hashlib
import os
import re

import pytest

from harness import interop, manifest
from harness.shell import Shell
from harness.shim import Shim, errors, lines_of, log_lines
from harness.workshop import REPOSITORY, run_tool
from test_calls import CALL_SECONDS, RETURN

SECONDS = 120
REGION_SIZE = 0x5000
TEXT = b"what was left here is to stay\n"
PATTERN = (TEXT * (REGION_SIZE // len(TEXT) + 1))[:REGION_SIZE]
BLOB = b"a blob of Trapeze's own"
MEMORY, MEMORY_SIZE = 0x30000000, 0x3000
# Linux's own test of the handover preserves so much, in blocks of every size; some of it lies where the shim is linked.
PRESERVED = 64 << 20
WORDS = ("panic=-1 kho=on reserve_mem=0x5000:4096:results reserve_mem=128K:4096:oops ramoops.mem_name=oops "
         "ramoops.console_size=131072 ramoops.record_size=0 ramoops.pmsg_size=0 ramoops.ftrace_size=0 "
         f"test_kho.max_mem={PRESERVED}")
MARK = "first-kernel-was-here"

# The eight bytes before and after these digits, as a number: properties of a tree are a size, the name's offset, and the bytes.
FIND = """\
find() {
	hexdump -v -e '1/1 "%02x"' $1 | sed "s/.*\\(................\\)$2.*/\\1/; s/.*$3\\(................\\).*/\\1/" |
		sed 's/\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\)\\(..\\)/0x\\8\\7\\6\\5\\4\\3\\2\\1/'
}
"""
# The start of the region of that size, which stands before it; the root of the index, behind the root tree's compatible.
REGION = f"0000000300000008........{REGION_SIZE.to_bytes(8, 'little').hex()} none"
INDEX = "none 6b686f2d763400000000000300000008........"
FIRST = FIND + f"""\
region=$(find /sys/kernel/debug/kho/out/sub_fdts/memblock {REGION})
yes '{TEXT.decode().strip()}' | head -c {REGION_SIZE} | dd of=/dev/mem bs=4096 seek=$((region / 4096)) conv=notrunc 2>/dev/null
echo "linux: region=$region"
echo "<1>{MARK}" >/dev/kmsg
kexec -s -l /trapeze.bzimage --initrd=/cargo --command-line="menu=plain loglevel=debug"
echo "linux: load status=$?"
DAMAGE
kexec -e
"""
# The first table of the index leads nowhere.
DAMAGE = f"""\
printf '\\377\\377\\377\\377\\377\\377\\377\\377' |
	dd of=/dev/mem bs=8 seek=$(($(find /sys/kernel/debug/kho/out/fdt {INDEX}) / 8)) conv=notrunc 2>/dev/null
"""
LAST = FIND + f"""\
in=/sys/kernel/debug/kho/in
mount -t pstore pstore /sys/fs/pstore
dmesg | grep -i -e kho -e revived | sed 's/^/dmesg: /'
if [ -e $in/sub_fdts/memblock ]; then
	region=$(find $in/sub_fdts/memblock {REGION})
	echo "linux: region=$region"
	echo "linux: sha256=$(dd if=/dev/mem bs=4096 skip=$((region / 4096)) count={REGION_SIZE // 4096} 2>/dev/null | sha256sum | cut -c 1-64)"
	echo "linux: trees=$(ls $in/sub_fdts | tr '\\n' ' ')"
	echo "linux: blob=$(cat $in/sub_fdts/notes 2>/dev/null)"
fi
echo "linux: mark=$(cat /sys/fs/pstore/console-* 2>/dev/null | grep -c {MARK})"
echo linux-done
sleep 1
poweroff -f
"""
MACHINES = {
    "long": ("pass", {}),
    "protected": ("protected", {}),
    "large": ("pass", {"memory": "6G"}),
    "merged": ("merged", {}),
    "dropped": ("dropped", {}),
    "uefi": ("pass", {"firmware": "uefi"}),
}

pytestmark = pytest.mark.interop


def medium(workshop):
    linux = {"kernel": "kernel", "ramdisk": "initrd", "trapeze,bootargs": f"console=ttyS0,115200 quiet {WORDS}"}
    merged = {**linux, "trapeze,kho": "kho-v4", "trapeze,modules": ["notes"],
              "trapeze,kho-memory": f"ours:{MEMORY_SIZE:#x}@{MEMORY:#x}"}
    merged["trapeze,bootargs"] += f" reserve_mem={MEMORY_SIZE:#x}:4096:ours"
    images = {
        "kernel": {"type": "kernel", "os": "linux", "trapeze,file": interop.kernel(workshop)},
        "initrd": {"type": "ramdisk", "trapeze,file": interop.initrd(workshop, LAST)},
        "callee": {"type": "standalone", "trapeze,file": workshop.built("x86_64", "payload", "callee.elf")},
        "notes": {"os": "flat", "load": 0x7000000, "data": BLOB},
        # All of the memory in which the shim lies.
        "wide": {"os": "flat", "load": 0x200000, "data": bytes(1 << 20)},
    }
    return workshop.cargo(manifest.tree(images, {
        "pass": linux, "protected": {**linux, "trapeze,mode": "protected"}, "merged": merged,
        "dropped": {**linux, "trapeze,kho": "drop"}, "wide": {"kernel": "wide", "trapeze,mode": "protected"},
        "call": {"kernel": "callee", "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((RETURN, 0x234))}}))


def value(lines, name):
    found = [line for line in lines if line.startswith(f"linux: {name}=")]
    assert len(found) == 1, found
    return found[0][len(f"linux: {name}="):]


def check_shown(shim, path, found):
    """What `kho` shows is what tools/kho reads, and as much as the log says."""
    shell = Shell(shim.machine)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write("\n".join(shell.command("kho", SECONDS)) + "\n")
    shim.command("exit")
    lines = [" ".join(line.split()) for line in run_tool(os.path.join(REPOSITORY, "tools/kho"), path).splitlines()]
    assert lines[0].startswith(f"kho-v4, index at {found['index']}")
    assert any(line.startswith("results 0x") and line.endswith(f" {REGION_SIZE} bytes") for line in lines)
    assert len(lines) - lines.index("preserved:") - 1 == int(found["ranges"])


def take_off(machine):
    """From the first Linux to the shim's prompt; what was found there."""
    machine.expect_line("^linux: load status=0", SECONDS)
    shim = Shim(machine)
    said = shim.wait_prompt(SECONDS)
    assert errors(said) == []
    found = [text for area, _, text in log_lines(said) if area == "kho"]
    assert len(found) == 1 and found[0].startswith("found version=kho-v4 ")
    words = dict(word.split("=") for word in found[0].split() if "=" in word)
    assert int(words["pages"]) > PRESERVED >> 12 and int(words["ranges"]) > 1
    assert any(line.startswith("Preserved by the kernel before: ") for line in shim.command("m"))
    return shim, words


def check_last(lines, region, name):
    """Linux's own test, its reserved memory, and the log of the first one."""
    assert any("KHO: found kexec handover data." in line for line in lines)
    assert any("test_kho: KHO restore succeeded" in line for line in lines)
    for what in ("results", "oops") + (("ours",) if name == "merged" else ()):
        assert any(f"Revived memory reservation '{what}' from KHO" in line for line in lines), what
    assert value(lines, "region") == region
    assert value(lines, "sha256") == hashlib.sha256(PATTERN).hexdigest()
    assert value(lines, "mark") == "1"
    trees = set(value(lines, "trees").split())
    assert {"memblock", "kho_test", "kexec-metadata"} <= trees
    assert ("trapeze" in trees, value(lines, "blob")) == ((True, BLOB.decode()) if name == "merged" else (False, ""))
    count = 2 if name == "merged" else 1
    assert any(f"(count {count})" in line for line in lines)


def start(boot, workshop, damage="", **machine):
    """The first Linux."""
    initrd = interop.initrd(workshop, FIRST.replace("DAMAGE\n", damage), {
        "trapeze.bzimage": workshop.built("x86_64", "trapeze.bzimage"), "cargo": medium(workshop)})
    return boot(interop.linux_spec(interop.kernel(workshop), initrd, f"console=ttyS0,115200 quiet {WORDS}",
                                   **{"memory": "1G", "limit": 600, **machine}))


@pytest.mark.parametrize("name", MACHINES)
def test_linux_to_linux(boot, workshop, tmp_path, name):
    entry, machine = MACHINES[name]
    with start(boot, workshop, **machine) as guest:
        shim, found = take_off(guest)
        first = guest.transcript()
        check_shown(shim, os.path.join(tmp_path, "session.log"), found)
        if name != "large":
            refused = shim.expect_refusal("wide")
            assert len(refused) == 1 and re.match(r"place: wide at 0x200000\.\.0x300000 overlaps kexec handover at 0x2", refused[0])
        assert any("returned result=0x1234 " in line for line in shim.command("call", CALL_SECONDS))
        before = guest.transcript()
        shim.start(entry)
        guest.expect_line("^linux-done", SECONDS)
        after = guest.transcript()[len(before):]
    lines = lines_of(after)
    if entry == "dropped":
        assert not any("found kexec handover" in line for line in lines) and value(lines, "mark") == "0"
        return
    # The very memory in which the shim lay; of a large machine the tree itself is above 4 GiB.
    assert int(found["tree"], 0) >> 32 if name == "large" else re.search(r"place: preserved dest=0x2\w{5} ", after)
    check_last(lines, value(lines_of(first), "region"), name)


def test_damaged(boot, workshop):
    """One line, and everything goes on without it."""
    with start(boot, workshop, DAMAGE) as guest:
        guest.expect_line("^linux: load status=0", SECONDS)
        shim = Shim(guest)
        assert errors(shim.wait_prompt(SECONDS)) == ["kho: index: page 0xffffffffffffffff of level 4 has no page's address"]
        assert Shell(guest).line("kho") == "kho: nothing was handed over to Trapeze"
        shim.command("exit")
        before = guest.transcript()
        shim.start("pass")
        guest.expect_line("^linux-done", SECONDS)
    assert "found kexec handover" not in guest.transcript()[len(before):]
