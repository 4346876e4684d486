# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Unpacking rates: the first 16 MiB of Debian's vmlinux, packed in each way.

Three measures of each: the program on this machine (`zstd -d` and so on, writing to a pipe), the shim's own code with
the same libraries on this machine, and the shim in QEMU under -icount shift=0, where an instruction is one nanosecond of virtual time.
The first two are the best of five.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../qemu"))

from harness import linux, manifest, vmlinux  # noqa: E402
from harness.machine import Machine, Spec  # noqa: E402
from harness.packing import COMMANDS, method, pack  # noqa: E402
from harness.shim import Shim  # noqa: E402
from harness.workshop import REPOSITORY, Workshop, content_of  # noqa: E402

SIZE = 16 << 20
ROUNDS = 5
ARCHS = ("x86_64", "i386")
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None


def by_program(kind, path):
    """The best time of the program, writing to a pipe, without what it takes to start it."""
    def run(*command):
        start = time.perf_counter()
        with open(path, "rb") as packed:
            subprocess.run(command, stdin=packed, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    program = method(kind)
    nothing = min(run(program, "--version") for _ in range(ROUNDS))
    # lz4 and zstd notice /dev/null, and write nothing; a pipe makes all of them write.
    return min(run("sh", "-c", f"{program} -dc | cat >/dev/null") for _ in range(ROUNDS)) - nothing


def by_our_code(bench, kind, path):
    return float(subprocess.run((bench, method(kind), path), stdout=subprocess.PIPE, check=True, text=True).stdout)


def in_shim(workshop, arch, packed, log_dir):
    """{kind: instructions}, from the log's times, as `i` in the menu unpacks the kernel and boots nothing."""
    names = {kind: f"k{number}" for number, kind in enumerate(packed)}
    tree = manifest.tree({name: manifest.image(name, compression=method(kind)) for kind, name in names.items()},
                         {name: {"kernel": name} for name in names.values()})
    modules = {names[kind]: data for kind, data in packed.items()}
    iso = workshop.shim_iso(arch, "menu=plain", {"manifest": manifest.compile_tree(tree), **modules})
    found = {}
    with Machine(Spec(iso, icount=0, memory="512M", limit=600), f"{log_dir}/{arch}") as machine:
        shim = Shim(machine)
        shim.wait_prompt(300)
        for kind, name in names.items():
            text = "\n".join(shim.command(f"i {name}", 300))
            found[kind] = int(re.search(rf"unpack: {name} \w+ ok .* us=(\d+)", text)[1]) * 1000
    return found


def print_table(rows, size):
    print(f"{size / 1e6:.1f} MB of Debian's vmlinux. MB are unpacked; an instruction is 1 ns under -icount.\n")
    print(f"{'':12}{'packed':>9}{'program':>11}{'our code':>11}{'ours/prog.':>12}{'x86_64':>10}{'i386':>10}")
    print(f"{'':12}{'%':>9}{'MB/s':>11}{'MB/s':>11}{'':>12}{'instr./B':>10}{'instr./B':>10}")
    for kind, packed, program, ours, shim in rows:
        print(f"{kind:12}{100 * packed / size:9.1f}{size / 1e6 / program:11.0f}{size / 1e6 / ours:11.0f}{program / ours:12.2f}"
              + "".join(f"{shim[arch][kind] / size:10.2f}" for arch in ARCHS))


def main():
    parser = argparse.ArgumentParser(prog="unpack_bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(REPOSITORY, "build"), help="the build folder")
    args = parser.parse_args()
    workshop = Workshop(args.build, os.path.join(args.build, "bench-work"))
    plain = content_of(vmlinux.file_of(workshop, linux.KERNELS["amd64"]))[:SIZE]
    packed = {kind: pack(kind, plain) for kind in COMMANDS}
    shim = {arch: in_shim(workshop, arch, packed, os.path.join(args.build, "bench-logs/unpack")) for arch in ARCHS}
    rows = []
    for kind, data in packed.items():
        with tempfile.NamedTemporaryFile(dir=MEMORY) as file:
            file.write(data)
            file.flush()
            times = by_program(kind, file.name), by_our_code(os.path.join(args.build, "bench/unpack_bench"), kind, file.name)
        rows.append((kind, len(data), *times, shim))
    print_table(rows, len(plain))


if __name__ == "__main__":
    main()
