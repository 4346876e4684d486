# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A Linux with kexec-tools in its ramdisk, which runs a script of the test's: started by QEMU, by Trapeze, or by another Linux."""

import os
import tempfile

import pytest

from harness.machine import Spec
from harness.workshop import REPOSITORY, content_of, digest, run_tool

CMDLINE = "console=ttyS0,115200 quiet panic=-1"
LINUX_SECONDS = 120
# What the files of a width's Linux have in their names.
SUFFIX = {"x86_64": "", "i386": "-i386"}


def built(workshop, name):
    path = os.path.join(workshop.build, "linux-7.2", name)
    if not os.path.exists(path):
        pytest.skip(f"no {name} here: make linux-kernel builds it from Debian's linux-source-7.2 and kexec-tools")
    return path


def kernel(workshop, arch="x86_64"):
    """Linux 7.2 with kexec jump and, 64-bit, kexec handover, which no Debian kernel has."""
    return built(workshop, f"bzImage{SUFFIX[arch]}")


def make_initrd(path, base, files):
    with tempfile.TemporaryDirectory(prefix="trapeze-initrd-") as folder:
        arguments = []
        for number, (name, source) in enumerate(files.items()):
            part = os.path.join(folder, str(number))
            with open(part, "wb") as stream:
                stream.write(content_of(source))
            arguments.append(f"--file={name}={part}")
        run_tool(os.path.join(REPOSITORY, "tools/mkinitrd"), *arguments, "--no-gzip", "-o", path + ".job")
    # Linux finds an archive that is not packed at a multiple of four, and skips zeros before it (buffer-format.rst).
    with open(path, "wb") as stream:
        stream.write(base + bytes(-len(base) % 4) + content_of(path + ".job"))
    os.unlink(path + ".job")


def initrd(workshop, job, files=None, has_python=False, arch="x86_64"):
    """The ramdisk with `job`, a shell script, and more files, {name: path or bytes}."""
    base = b"".join(content_of(built(workshop, f"{name}{SUFFIX[arch]}.img")) for name in ("initrd", "python")[:1 + has_python])
    files = {"job": job.encode(), **(files or {})}
    parts = [part for name in sorted(files) for part in (name, content_of(files[name]))]
    return workshop.once(f"job-{digest(content_of(base), *parts)}.img", lambda path: make_initrd(path, base, files))


def linux_spec(kernel_path, initrd_path, cmdline=CMDLINE, **words):
    """A machine on which QEMU itself starts this Linux."""
    options = ("-kernel", kernel_path, "-initrd", initrd_path, "-append", cmdline)
    return Spec("", **{"limit": LINUX_SECONDS, "extra": options, **words})
