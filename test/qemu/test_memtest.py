# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""memtest86+, which is loaded by the Linux boot protocol and lies at a fixed place, comes up on the serial line."""

import os

import pytest

from harness import manifest
from harness.machine import Spec
from harness.shim import Shim


@pytest.mark.parametrize("firmware", ("bios", "uefi"))
@pytest.mark.parametrize("arch,image", [("x86_64", "memtest86+x64.bin"), ("i386", "memtest86+ia32.bin")])
def test_memtest_comes_up(boot, workshop, arch, image, firmware):
    path = os.path.abspath(workshop.built("payloads", image))
    tree = manifest.tree({"memtest": {"type": "kernel", "os": "linux", "trapeze,file": path}},
                         {"memtest": {"kernel": "memtest", "trapeze,bootargs": "console=ttyS0,115200"}})
    iso = workshop.mkiso(arch, tree, "menu=plain")
    with boot(Spec(iso, firmware=firmware, memory="128M")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(40)
        shim.start("memtest")
        machine.expect(r"Memtest86\+", 60)
        machine.expect(r"Pass|Time", 30)
