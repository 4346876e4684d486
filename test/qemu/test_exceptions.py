# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Exceptions: every vector raised in the shim on purpose prints its dump; int3 around the swing goes on."""

import re
import subprocess

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import PROMPT, Shim, got, lines_of, wanted

BOOT_SECONDS = 30
# How the dump must begin: the names of Intel SDM vol. 3, table 6-1, and AMD64 APM vol. 2, table 8-1.
NAMES = {0: "#DE", 1: "#DB", 2: "NMI", 3: "#BP", 4: "#OF", 5: "#BR", 6: "#UD", 7: "#NM", 8: "#DF",
         9: "coprocessor segment overrun", 10: "#TS", 11: "#NP", 12: "#SS", 13: "#GP", 14: "#PF", 16: "#MF", 17: "#AC",
         18: "#MC", 19: "#XM", 20: "#VE", 21: "#CP", 28: "#HV", 29: "#VC", 30: "#SX"}
# What an explanation of each register file must have, whichever the width.
PARTS = (r"cs [0-9a-f]{4}  flags [0-9a-f]{8} \[", r"cr0 [0-9a-f]{8}  cr3 [0-9a-f]+  cr4 [0-9a-f]{8}  efer",
         r"gdt [0-9a-f]+/[0-9a-f]{4}", r"ds [0-9a-f]{4}  es ", r"code .*<[0-9a-f]{2}>", r"stack [0-9a-f]{8}",
         r"trace [0-9a-f]+")
SURVIVED = (2, 3)               # NMI and breakpoint: explained, and the shim goes on
ARCHS = ("x86_64", "i386")


def minimal(workshop, arch, options):
    """The shim with a manifest of one entry, and nothing else to load."""
    tree = manifest.tree({"kernel": manifest.kernel("nothing")}, {"none": {"kernel": "kernel"}})
    return workshop.shim_iso(arch, f"menu=plain {options}", {"manifest": manifest.compile_tree(tree)})


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("vector", range(32))
def test_vector_prints_its_dump(boot, workshop, vector, arch):
    with boot(Spec(minimal(workshop, arch, f"trap={vector}"), memory="128M")) as machine:
        name, place = Shim(machine).expect_dump(BOOT_SECONDS)
        assert name.startswith(NAMES.get(vector, f"vector {vector}"))
        assert "Trapeze" in place
        if vector in SURVIVED:
            machine.expect_line("---- (breakpoint; )?going on")
            Shim(machine).wait_prompt()
        else:
            machine.expect_line("---- stopped; r reboots")
        dump = machine.transcript().replace("\r", "").partition(f"---- {name}")[2].partition("\n---- ")[0]
        width = "r" if arch == "x86_64" else "e"
        parts = (*PARTS, rf"\b{width}ip [0-9a-f]{{8}}", rf"\b{width}ax ", rf"\b{width}sp ")
        assert not [part for part in parts if not re.search(part, dump)]
        assert all(len(line) <= 80 for line in dump.splitlines())


@pytest.mark.parametrize("arch", ARCHS)
def test_stopped_shim_reboots_on_request(boot, workshop, arch):
    with boot(Spec(minimal(workshop, arch, "trap=6"), memory="128M")) as machine:
        machine.expect_line("---- stopped; r reboots", BOOT_SECONDS, trouble=None)
        machine.reset_allowed = True
        machine.send("r")
        machine.wait_exit(10)
        assert machine.shutdown_reasons() == ["guest-reset"]


@pytest.mark.parametrize("arch", ARCHS)
def test_nmi_in_the_menu_is_explained_and_survived(boot, workshop, arch):
    with boot(Spec(minimal(workshop, arch, ""), memory="128M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        machine.inject_nmi()
        assert shim.expect_dump(10)[0] == "NMI"
        machine.expect_line("---- (breakpoint; )?going on", 10)
        shim.wait_prompt(10)
        assert shim.command("?", 10)


@pytest.mark.parametrize("firmware", ("bios", "uefi"))
@pytest.mark.parametrize("arch", ARCHS)
def test_int3_around_the_swing_goes_on(boot, workshop, arch, firmware):
    payload = workshop.built(arch, "payload", "got-linux.bin")
    tree = manifest.tree({"kernel": manifest.kernel("kernel")},
                         {"linux": {"kernel": "kernel", "trapeze,bootargs": "after three breakpoints",
                                    "trapeze,int3": ("before", "inside", "after")}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "kernel": payload})
    with boot(Spec(iso, firmware=firmware)) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        shim.start("linux")
        for step in ("before the move", "pages moved", "about to enter"):
            name, place = shim.expect_dump()
            assert name.startswith("#BP") and step in place
            machine.expect_line("---- (breakpoint; )?going on", trouble=None)
        machine.expect_line("got: end", trouble=None)
        assert got(machine.transcript()) == wanted(machine.transcript())


@pytest.mark.parametrize("firmware", ("bios", "uefi"))
@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("choice,name", [(0, "#PF"), (1, "#UD")])
def test_net_explains_a_fault_of_the_image(boot, workshop, arch, firmware, choice, name):
    payload = workshop.built(arch, "payload", "fault.elf")
    tree = manifest.tree({"image": manifest.image("image", type="standalone")},
                         {"fault": {"description": "trips over itself", "kernel": "image",
                                    "trapeze,args": manifest.Wide((choice,))}})
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), "image": payload})
    with boot(Spec(iso, firmware=firmware)) as machine:
        shim = Shim(machine)
        shim.wait_prompt()
        shim.start("fault")
        found, place = shim.expect_dump()
        assert found.startswith(name) and 'entered, "trips over itself"' in place
        machine.expect_line("---- stopped; r reboots")
        check_names(lines_of(machine.transcript()), "execute_nothing" if choice else "read_nowhere")


def check_names(lines, function):
    """The instruction pointer's line and the trace name the image's functions."""
    pointer = rf" [re]ip [0-9a-f]+  {function}\+0x[0-9a-f]+  cs .*"
    trace = rf" trace {function}\+0x[0-9a-f]+ <- payload_main\+0x[0-9a-f]+ <- _start\+0x[0-9a-f]+"
    assert [line for line in lines if re.fullmatch(pointer, line)], lines
    assert [line for line in lines if re.fullmatch(trace, line)], lines


@pytest.mark.parametrize("arch,width", (("x86_64", "x86_64"), ("x86_64", "i386"), ("i386", "i386")))
def test_names_in_a_call(boot, workshop, tmp_path, arch, width):
    """Of a called image, and numbers where the same image has no symbols."""
    payload = workshop.built(width, "payload", "fault.elf")
    bare = tmp_path / "bare.elf"
    subprocess.run(["objcopy", "--strip-all", payload, bare], check=True)
    names = ("named", "bare")
    tree = manifest.tree({name: manifest.image(name, type="standalone") for name in names},
                         {name: {"kernel": name, "trapeze,preserve-context": True, "trapeze,args": manifest.Wide((1,))}
                          for name in names})
    files = {"manifest": manifest.compile_tree(tree), "named": payload, "bare": bare}
    iso = workshop.shim_iso(arch, "menu=plain", files)
    with boot(Spec(iso, memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start("named")
        machine.expect(PROMPT, trouble=None)
        check_names(lines_of(machine.transcript()), "execute_nothing")
        already = len(machine.transcript())
        shim.start("bare")
        machine.expect(PROMPT, trouble=None)
        bare_lines = lines_of(machine.transcript()[already:])
        assert [line for line in bare_lines if re.fullmatch(r" trace [0-9a-f]+( <- [0-9a-f]+)+", line)], bare_lines
