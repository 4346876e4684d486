# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Processors: what a build runs on, what it refuses in words instead of with an invalid opcode."""

import pytest

from harness.linux import BOOT_SECONDS, ENTRY, KERNELS, manifest_of, through_trapeze
from harness.machine import Spec
from harness.shim import Shim

# CPU, build, kernel. qemu64 and core2duo have no 1 GiB pages; max has them and 57-bit addresses.
RUNS = [("pentium3", "i386", "686-pae"), ("qemu32", "i386", "686-pae"), ("qemu64", "x86_64", "amd64"),
        ("core2duo", "x86_64", "amd64"), ("max", "x86_64", "amd64"), ("max", "i386", "amd64")]
# CPU, build, the reason that is given.
REFUSALS = [("486", "i386", "older than i686"), ("486", "x86_64", "older than i686"),
            ("pentium", "i386", "older than i686"), ("pentium3", "x86_64", "no long mode"),
            ("qemu32", "x86_64", "no long mode")]


@pytest.mark.parametrize("cpu,arch,kernel", RUNS, ids=map("-".join, RUNS))
def test_linux_runs(boot, workshop, cpu, arch, kernel):
    ours = through_trapeze(workshop, boot, Spec("", cpu=cpu), arch, KERNELS[kernel])
    assert ours.report["cmdline"]


@pytest.mark.parametrize("cpu,arch,reason", REFUSALS, ids=[f"{cpu}-{arch}" for cpu, arch, _ in REFUSALS])
def test_refused_in_words(boot, workshop, cpu, arch, reason):
    iso = workshop.shim_iso(arch, "menu=plain", {})
    with boot(Spec(iso, cpu=cpu, limit=40)) as machine:
        assert machine.expect_line(f"^Trapeze: .*{reason}", BOOT_SECONDS).endswith(" Stopped.")


def test_64_bit_kernel_is_refused_on_a_32_bit_processor(boot, workshop):
    iso = workshop.mkiso("i386", manifest_of(workshop, KERNELS["amd64"]), "menu=plain")
    with boot(Spec(iso, cpu="qemu32")) as machine:
        shim = Shim(machine)
        shim.wait_prompt(BOOT_SECONDS)
        said = shim.expect_refusal(ENTRY)
        assert len(said) == 1 and "no long mode" in said[0], said


@pytest.mark.parametrize("memory", ("64M", "3G"))
def test_processor_without_pae_and_large_pages(boot, workshop, memory):
    """All of memory in tables of 4 KiB pages."""
    iso = workshop.shim_iso("i386", "menu=plain", {})
    with boot(Spec(iso, cpu="pentium3,pae=off,pse=off", memory=memory)) as machine:
        Shim(machine).wait_prompt(BOOT_SECONDS)
        assert "paging: on format=32-bit large=no" in machine.transcript()
