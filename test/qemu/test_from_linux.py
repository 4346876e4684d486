# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Trapeze started by kexec from a running Linux, with the few tags that kexec-tools gives: what it finds, and what it can do there."""

import pytest

from harness import interop, linux, linux_report, manifest
from harness.machine import Spec
from harness.shim import Shim, errors, log_lines
from test_calls import CALL_SECONDS, LOOP, RETURN, WATCHDOG_MS

JOB = """\
kexec -l -t multiboot2-x86 /trapeze.elf --command-line="menu=plain loglevel=debug" --module="/tree manifest" \
	--module=/callee.elf --module="/second/vmlinuz kernel" --module="/second/ramdisk initrd"
echo "linux: load status=$?"
kexec -e
"""

pytestmark = pytest.mark.interop


def tree():
    call = {"kernel": "callee", "trapeze,preserve-context": True}
    return manifest.tree(
        {"callee": manifest.image("callee.elf", type="standalone"), "kernel": manifest.kernel("kernel"),
         "initrd": manifest.image("initrd", type="ramdisk")},
        {"return": {**call, "trapeze,args": manifest.Wide((RETURN, 0x234))},
         "loop": {**call, "trapeze,args": manifest.Wide((LOOP,)), "trapeze,watchdog": WATCHDOG_MS},
         "linux": {"kernel": "kernel", "ramdisk": "initrd", "trapeze,bootargs": linux.CMDLINE}})


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_from_debian(boot, workshop, arch):
    """Calls work there, the watchdog too; then Debian's Linux is booted again and sees the machine as under GRUB."""
    kernel = linux.KERNELS["amd64"]
    vmlinuz, ramdisk = kernel.files(workshop)
    initrd = interop.initrd(workshop, JOB, {
        "trapeze.elf": workshop.shim(arch), "tree": manifest.compile_tree(tree()),
        "callee.elf": workshop.built(arch, "payload", "callee.elf"), "second/vmlinuz": vmlinuz, "second/ramdisk": ramdisk})
    with boot(interop.linux_spec(vmlinuz, initrd)) as machine:
        machine.expect_line("^linux: load status=0", linux.BOOT_SECONDS)
        shim = Shim(machine)
        greeting = shim.wait_prompt(linux.BOOT_SECONDS)
        assert errors(greeting) == []
        said = [f"{area}: {text}" for area, _, text in log_lines(greeting)]
        assert any(text.startswith("firmware: RSDP at=0x") for text in said)
        assert any(f"{arch} loader=\"kexec " in text for text in said)
        assert any("returned result=0x1234 " in line for line in shim.command("return", CALL_SECONDS))
        machine.send("loop\r")
        assert shim.expect_dump(CALL_SECONDS)[0].startswith("NMI")
        assert f"ended by the watchdog after {WATCHDOG_MS} ms" in shim.wait_prompt(CALL_SECONDS)
        assert any("returned result=0x1234 " in line for line in shim.command("return", CALL_SECONDS))
        shim.start("linux")
        machine.expect_line(linux_report.END, linux.BOOT_SECONDS)
        report = linux_report.parse(machine.transcript())
    assert report["acpi_tables"] == linux.direct(workshop, boot, Spec(""), kernel)["acpi_tables"]
