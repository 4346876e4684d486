# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Where media are made: each once per run, whatever number of processes the run has."""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import tempfile

from harness import manifest

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
GUESTS = os.path.join(REPOSITORY, "test/qemu/guests")
# As tools/mkiso sets GRUB up: what GRUB hands over about the screen depends on it.
GRUB_HEAD = """\
set pager=0
serial --port=0x3f8 --speed=115200
terminal_input console serial
terminal_output console serial
if [ "$grub_platform" = efi ]; then
	insmod all_video
fi
"""
# What the tests' configurations use of GRUB, what those of the benchmarks do, and what these need. All of it, copied for three
# platforms, takes longer than the rest of an ISO.
GRUB_MODULES = ("normal serial terminal echo test all_video linux linux16 multiboot multiboot2 mmap memrw gzio iorw hashsum "
                "gcry_sha256 gcry_crc")


class MediaError(AssertionError):
    """A tool that makes media failed."""


def run_tool(*command, cwd=None, env=None):
    """Run a host tool and return what it printed; its failure is the test's."""
    result = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=120)
    if result.returncode != 0:
        raise MediaError(f"{' '.join(command)}: exit status {result.returncode}\n{result.stdout}")
    return result.stdout


def content_of(source):
    """The bytes of a file given by its path, or given themselves."""
    if isinstance(source, (bytes, bytearray)):
        return bytes(source)
    with open(source, "rb") as stream:
        return stream.read()


def digest(*parts):
    """A name for what is made out of these strings and bytes."""
    total = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        total.update(len(data).to_bytes(8, "little") + data)
    return total.hexdigest()[:20]


class Workshop:
    def __init__(self, build, work):
        self.build = os.path.abspath(build)
        self.work = os.path.abspath(work)
        os.makedirs(self.work, exist_ok=True)

    def once(self, name, make):
        """The path of `name` in the work folder; `make(path)` is called by whoever comes first, the others wait."""
        path = os.path.join(self.work, name)
        with self.locked(name):
            if not os.path.exists(path):
                make(path + ".new")
                os.rename(path + ".new", path)
        return path

    @contextlib.contextmanager
    def locked(self, name):
        with open(os.path.join(self.work, name + ".lock"), "w", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    # ---- what the tests boot

    def grub_iso(self, config, files):
        """An ISO for BIOS and UEFI with this grub.cfg and these files, {name: path or bytes}."""
        parts = [part for name in sorted(files) for part in (name, content_of(files[name]))]
        return self.once(f"grub-{digest(config, *parts)}.iso", lambda path: make_grub_iso(path, config, files))

    def direct_iso(self, kernel, initrd, cmdline):
        """GRUB boots a kernel by itself: what Trapeze is compared with."""
        config = GRUB_HEAD + f"linux /boot/kernel {cmdline}\ninitrd /boot/initrd\nboot\n"
        return self.grub_iso(config, {"boot/kernel": kernel, "boot/initrd": initrd})

    def shim_iso(self, arch, cmdline, modules):
        """GRUB starts the shim with modules, {name: path or bytes}, as they are: tools/mkiso would refuse bad ones."""
        lines = [f"module2 --nounzip /boot/{number} {name}" for number, name in enumerate(modules)]
        config = GRUB_HEAD + f"multiboot2 /boot/trapeze.elf {cmdline}\n" + "\n".join(lines) + "\nboot\n"
        files = {f"boot/{number}": content for number, content in enumerate(modules.values())}
        return self.grub_iso(config, {**files, "boot/trapeze.elf": self.shim(arch)})

    def mkiso(self, arch, tree, options="", files=None, more=()):
        """An ISO of a manifest (see harness.manifest), made as a user makes one; `files` lie beside the source."""
        text = manifest.source(tree)
        options = ("--options", options, *more)
        parts = [part for name in sorted(files or {}) for part in (name, content_of(files[name]))]
        name = f"mkiso-{digest(arch, text, options, content_of(self.shim(arch)), *parts)}.iso"
        return self.once(name, lambda path: self._run_mkiso(path, arch, text, options, files or {}))

    def _run_mkiso(self, path, arch, text, options, files):
        with tempfile.TemporaryDirectory(prefix="trapeze-iso-") as folder:
            for name, content in {**files, "test.its": text.encode()}.items():
                with open(os.path.join(folder, name), "wb") as stream:
                    stream.write(content_of(content))
            run_tool(os.path.join(REPOSITORY, "tools/mkiso"), "--arch", arch, "--shim", self.shim(arch),
                     *options, "-I", self.build, "-o", path, os.path.join(folder, "test.its"))

    def cargo(self, tree, files=None):
        """The archive of a manifest and its files, for trapeze.bzimage, made as a user makes one."""
        text = manifest.source(tree)
        parts = [part for name in sorted(files or {}) for part in (name, content_of(files[name]))]
        return self.once(f"cargo-{digest(text, *parts)}.cpio", lambda path: self._run_mkiso(path, "x86_64", text, ("--cargo",), files or {}))

    def shim(self, arch):
        return self.built(arch, "trapeze.elf")

    def built(self, *names):
        path = os.path.join(self.build, *names)
        if not os.path.exists(path):
            raise MediaError(f"{path} is missing: run the tests by `make qemu-test`, which builds it")
        return path

    def boot_sector(self, action):
        return self.once(f"sector-{action}.img", lambda path: assemble_sector(path, action))


def make_grub_iso(path, config, files):
    with tempfile.TemporaryDirectory(prefix="trapeze-iso-") as tree:
        os.makedirs(os.path.join(tree, "boot/grub"))
        with open(os.path.join(tree, "boot/grub/grub.cfg"), "w", encoding="utf-8") as stream:
            stream.write(config)
        for name, content in files.items():
            target = os.path.join(tree, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as stream:
                stream.write(content_of(content))
        run_tool("grub-mkrescue", "-o", path, "--fonts=", "--locales=", "--themes=", f"--install-modules={GRUB_MODULES}", tree)


def assemble_sector(path, action):
    source = os.path.join(GUESTS, "sector.S")
    run_tool("gcc", "-m32", "-c", f"-Wa,--defsym,ACTION={action}", "-o", path + ".o", source)
    run_tool("ld", "-m", "elf_i386", "-Ttext", "0x7c00", "-e", "_start", "--oformat", "binary", "-o", path, path + ".o")
    os.unlink(path + ".o")
