# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Names in a command line: the kernel goes on with our UART, and gets GRUB's words for it."""

import pytest

from harness import linux_report, manifest
from harness.linux import BOOT_SECONDS, ENTRY, KERNELS, manifest_of
from harness.machine import Spec
from harness.shim import Shim, got, wanted

OPTIONS = 'menu=plain root=/dev/sda1 "dyndbg=file a.c +p" loglevel=debug ro'
PCI_UART = ("-device", "pci-serial,chardev=serial0")


@pytest.mark.parametrize("arch", ("x86_64", "i386"))
def test_names_are_filled_in(boot, workshop, arch):
    tree = manifest.tree({"kernel": manifest.kernel("kernel")},
                         {"named": {"kernel": "kernel", "trapeze,bootargs": "a=$1 ${console} b", "trapeze,reuse-bootargs": True},
                          "unknown": {"kernel": "kernel", "trapeze,bootargs": "${consoles}"}})
    iso = workshop.shim_iso(arch, OPTIONS, {"manifest": manifest.compile_tree(tree),
                                            "kernel": workshop.built(arch, "payload", "got-linux.bin")})
    with boot(Spec(iso, memory="64M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        assert shim.expect_refusal("unknown") == ["bootargs: unknown: ${consoles} is not known; known: ${console}, ${bootargs}, ${ramoops}, ${elfcorehdr}"]
        shim.start("named")
        machine.expect_line("got: end", BOOT_SECONDS)
        transcript = machine.transcript()
    want, have = wanted(transcript), got(transcript)
    assert have == want
    line = "".join(text[10:-1] for text in have if text.startswith('cmdline: "'))
    assert line == 'a=$1 console=ttyS0,115200n8 b root=/dev/sda1 "dyndbg=file a.c +p" ro'


def test_linux_goes_on_with_our_uart(boot, workshop):
    """On a UART that only a PCI bus knows: Debian's kernel would say nothing there by itself."""
    tree = manifest_of(workshop, KERNELS["amd64"], **{"trapeze,bootargs": "${console} trapeze.test quiet"})
    iso = workshop.mkiso("x86_64", tree, "menu=plain console=pciserial")
    with boot(Spec(iso, serial=PCI_UART)) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        shim.start(ENTRY)
        machine.expect_line(linux_report.END, BOOT_SECONDS)
        report = linux_report.parse(machine.transcript())
    assert report["cmdline"][0].startswith("console=uart8250,io,0x")
