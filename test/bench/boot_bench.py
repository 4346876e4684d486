# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What booting through Trapeze costs: Debian's kernel booted by GRUB, and by GRUB and Trapeze, side by side.

Like is compared with like: neither verifies anything; both check the same SHA-256 of kernel and initramfs; both check
the same CRC-32. GRUB checks with its own command for that (hashsum --check), Trapeze by the manifest's hash nodes.

QEMU runs with -icount shift=0: an instruction is one nanosecond of virtual time, which the processor's time stamp
counter and the ACPI power management timer both show. GRUB reads that timer (inl) before it begins, when it has
verified, when it has loaded, and hands over; the kernel's first instructions are replaced by a stub that prints the
time stamp counter and ends QEMU. All the rest of the kernel's file is as Debian made it, so both loaders do all of
their work. Waiting in the menu is not counted: the timeout is 0. The machine has a BIOS: UEFI firmware takes minutes
in this mode.
"""

import argparse
import os
import re
import statistics
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../qemu"))

from harness import manifest  # noqa: E402
from harness.machine import Machine, Spec  # noqa: E402
from harness.screen import strip_escapes  # noqa: E402
from harness.workshop import GRUB_HEAD, REPOSITORY, Workshop, content_of, run_tool  # noqa: E402

PM_TIMER_HZ = 3579545
PM_TIMER_WRAP = 1 << 24
PM_TIMER_PORT = 0x608  # where SeaBIOS puts it
KERNELS = {"x86_64": ("amd64/vmlinuz", "amd64/initrd.img"), "i386": ("i386/vmlinuz-686-pae", "i386/initrd.img")}
CMDLINE = "console=ttyS0,115200 quiet"
HASHES = ("none", "sha256", "crc32")
ELFCLASS64, PT_LOAD = 2, 1
SETUP_SECTS = 0x1f1
PAGE = 4096
GOAL_PERCENT = 5
GOAL_ELF_SIZE = 192 * 1024


def stub_kernel(kernel, scratch):
    """The kernel's bytes with the stub over its entries."""
    image = bytearray(content_of(kernel))
    code = os.path.join(scratch, "entry_stub")
    run_tool("gcc", "-m64", "-c", "-o", code + ".o", os.path.join(HERE, "entry_stub.S"))
    run_tool("ld", "-Ttext", "0", "-e", "_start", "--oformat", "binary", "-o", code, code + ".o")
    start = ((image[SETUP_SECTS] or 4) + 1) * 512
    stub = content_of(code)
    image[start:start + len(stub)] = stub
    return bytes(image)


def mark(name):
    return f"echo -n '{name} '\ninl {PM_TIMER_PORT:#x}\n"


def grub_config(load, verify="true"):
    """A grub.cfg that boots nothing when what it was to verify is wrong. GRUB's modules are loaded beforehand."""
    modules = "insmod iorw\ninsmod hashsum\ninsmod gcry_sha256\ninsmod gcry_crc\ninsmod linux\ninsmod multiboot2\n"
    head = GRUB_HEAD + "terminal_output serial\n" + modules
    return f"{head}{mark('start')}if {verify}; then\n{mark('verified')}{load}{mark('loaded')}boot\nfi\n"


def sums(algo, files):
    """The list of hashes that GRUB's hashsum reads."""
    lines = (f"{manifest.digest(algo, content).hex()}  /boot/{name}\n" for name, content in files.items())
    return "".join(lines).encode()


def direct_iso(workshop, algo, kernel, initrd):
    files = {"kernel": kernel, "initrd": initrd}
    load = f"linux /boot/kernel {CMDLINE}\ninitrd /boot/initrd\n"
    verify = "true" if algo == "none" else f"hashsum --hash {algo} --check /boot/sums"
    extra = {} if algo == "none" else {"boot/sums": sums(algo, files)}
    return workshop.grub_iso(grub_config(load, verify), {f"boot/{name}": files[name] for name in files} | extra)


def trapeze_iso(workshop, arch, algo, log_level, kernel, initrd):
    """The same by way of Trapeze, with a hash node for each image as tools/mkiso writes them."""
    nodes = {name: {} if algo == "none" else {"hash-1": manifest.hash_node(algo, content)}
             for name, content in (("kernel", kernel), ("initrd", initrd))}
    images = {"kernel": manifest.kernel("kernel", **nodes["kernel"]),
              "initrd": manifest.image("initrd", type="ramdisk", **nodes["initrd"])}
    configuration = {"kernel": "kernel", "ramdisk": "initrd", "trapeze,bootargs": CMDLINE}
    tree = manifest.tree(images, {"linux": configuration}, timeout=0)
    modules = {"manifest": manifest.compile_tree(tree), "kernel": kernel, "initrd": initrd}
    load = f"multiboot2 /boot/trapeze.elf loglevel={log_level}\n"
    load += "".join(f"module2 --nounzip /boot/{name} {name}\n" for name in modules)
    files = {f"boot/{name}": content for name, content in modules.items()}
    return workshop.grub_iso(grub_config(load), {**files, "boot/trapeze.elf": workshop.shim(arch)})


# ---- measuring


GRUB_MARKS = ("start", "verified", "loaded")


def run(iso, log_dir):
    """{moment: virtual seconds since power-on} of one boot, and its transcript."""
    with Machine(Spec(iso, icount=0, limit=180, ahci=False), log_dir) as machine:
        machine.wait_exit()
        text = strip_escapes(machine.transcript())
    ticks = dict(re.findall(r"(start|verified|loaded) 0x([0-9a-f]+)", text))
    entry = re.search(r"kernel(?:32|64) tsc=([0-9a-f]{16})", text)
    if not entry or len(ticks) != len(GRUB_MARKS):
        raise SystemExit(f"boot_bench: {log_dir}: the kernel was not entered, or GRUB did not show its marks")
    moments = {"kernel": int(entry[1], 16) / 1e9}
    later = moments["kernel"]
    for name in reversed(GRUB_MARKS):
        later = moments[name] = unwrap(int(ticks[name], 16), later)
    return moments, text


def unwrap(ticks, later):
    """The timer has 24 bits: the last moment before `later` at which it can have shown `ticks`."""
    wrap = PM_TIMER_WRAP / PM_TIMER_HZ
    seconds = ticks / PM_TIMER_HZ
    return seconds + wrap * int((later - seconds) / wrap)


SPANS = {"checked by GRUB": ("start", "verified"), "loading": ("verified", "loaded"), "handover": ("loaded", "kernel"),
         "total": ("start", "kernel")}


def measure(iso, log_dir, runs):
    """Medians over some runs: instructions are counted, but when a disk read ends depends on the host."""
    results = [run(iso, f"{log_dir}/{number}") for number in range(runs)]
    return {name: statistics.median(moments[end] - moments[start] for moments, _ in results)
            for name, (start, end) in SPANS.items()}, results[0][1]


def log_times(text):
    """[(seconds since the shim was entered, area, rest)] of the shim's log lines."""
    return [(float(t), area, rest) for t, area, rest in re.findall(r"(?m)^\[ *(\d+\.\d+)\] (\w+): (.*?)\r*$", text)]


def phases(text):
    """Seconds of the shim's phases, from the time stamps of a run whose log is on."""
    lines = log_times(text)
    areas = [area for _, area, _ in lines]
    if "manifest" not in areas or "enter" not in areas:
        raise SystemExit("boot_bench: no manifest and enter lines in the shim's log")
    ready = lines[areas.index("manifest")][0]
    verified = max([ready] + [t for t, area, _ in lines if area == "verify"])
    entered = lines[areas.index("enter")][0]
    return {"ready": ready, "verifying": verified - ready, "planning": entered - verified}


def moved(text):
    """Bytes that the mover copies, from the summary line of `place`, and bytes of the files that it had to bring."""
    match = re.search(r"place: moved=(\d+) zeroed=(\d+) kept=(\d+) staged=(\d+)", text)
    if not match:
        raise SystemExit("boot_bench: no summary of the moves in the shim's log")
    pages = {name: int(value) * PAGE for name, value in zip(("moved", "zeroed", "kept", "staged"), match.groups())}
    files = [int(size) for size in re.findall(r"place: .* dest=0x\w+ source=0x\w+ file=(\d+)", text)]
    return {**pages, "to move": sum((size + PAGE - 1) // PAGE * PAGE for size in files)}


def elf_sizes(path):
    """Bytes of the file, and bytes that its segments take in memory."""
    image = content_of(path)
    is_64 = image[4] == ELFCLASS64
    table, = struct.unpack_from("<Q" if is_64 else "<I", image, 32 if is_64 else 28)
    size, count = struct.unpack_from("<HH", image, 54 if is_64 else 42)
    memory_size = "<40xQ" if is_64 else "<20xI"
    headers = [image[table + size * number:table + size * (number + 1)] for number in range(count)]
    loadable = [header for header in headers if struct.unpack_from("<I", header)[0] == PT_LOAD]
    return len(image), sum(struct.unpack_from(memory_size, header)[0] for header in loadable)


# ---- the table

ROWS = (
    ("GRUB checks hashes, reading for it, ms", lambda r: r["checked by GRUB"] * 1e3),
    ("GRUB loads, ms", lambda r: r["loading"] * 1e3),
    ("hand-over to kernel's entry, ms", lambda r: r["handover"] * 1e3),
    ("  getting ready, ms", lambda r: r.get("ready", 0) * 1e3),
    ("  checking hashes, ms", lambda r: r.get("verifying", 0) * 1e3),
    ("  planning, sums of what is moved, ms", lambda r: r.get("planning", 0) * 1e3),
    ("  moving, checking the sums, ms", lambda r: r.get("moving", 0) * 1e3),
    ("start to kernel's entry, ms", lambda r: r["total"] * 1e3),
)
BYTE_ROWS = (
    ("pages of files that had to move, KiB", "to move"), ("moved by Trapeze, KiB", "moved"), ("left in place, KiB", "kept"),
    ("edges put together beforehand, KiB", "staged"),
)


def bench_one(workshop, arch, algo, kernel, initrd, log_dir, runs):
    """Results of GRUB alone and of GRUB with Trapeze."""
    logs = f"{log_dir}/{arch}-{algo}"
    direct, _ = measure(direct_iso(workshop, algo, kernel, initrd), f"{logs}-grub", runs)
    ours, _ = measure(trapeze_iso(workshop, arch, algo, "err", kernel, initrd), f"{logs}-trapeze", runs)
    _, told = measure(trapeze_iso(workshop, arch, algo, "info", kernel, initrd), f"{logs}-log", 1)
    ours.update(phases(told))
    ours["moving"] = ours["handover"] - sum(ours[name] for name in ("ready", "verifying", "planning"))
    ours.update(moved(told))
    return direct, ours


def verdict(is_met):
    return "met" if is_met else "MISSED"


def print_table(arch, results):
    """`results`: {algo: (GRUB alone, GRUB and Trapeze)} of one build."""
    print(f"\n{arch + ', hashes checked:':40}" + "".join(f"{algo:>20}" for algo in results))
    print(f"{'':40}" + f"{'GRUB':>10}{'Trapeze':>10}" * len(results))
    for title, value in ROWS:
        print(f"{title:40}" + "".join(f"{value(direct):10.1f}{value(ours):10.1f}" for direct, ours in results.values()))
    for title, name in BYTE_ROWS:
        print(f"{title:40}" + "".join(f"{'':10}{ours[name] / 1024:10.1f}" for _, ours in results.values()))
    direct, ours = results["none"]
    print_added("added from hand-over to entry", direct["handover"], ours["handover"], "without hashes")
    for algo, (direct, ours) in results.items():
        print_added("added from start to entry", direct["total"], ours["total"], f"hashes: {algo}")
    print_moves(results)


def print_added(title, before, after, what):
    added = 100 * (after / before - 1)
    print(f"{title:40}{added:+10.1f} % {what:16} goal: below +{GOAL_PERCENT} %: {verdict(added < GOAL_PERCENT)}")


def print_moves(results):
    """A page that files share with zeros or with each other is put together first: its bytes are copied there, and moved."""
    is_met = all(ours["moved"] <= ours["to move"] for _, ours in results.values())
    twice = max(ours["staged"] for _, ours in results.values())
    print(f"{'bytes moved twice':40}{twice:10} {'(edges)':18} goal: none but edges: {verdict(is_met)}")


def print_size(workshop, arch):
    size, loaded = elf_sizes(workshop.shim(arch))
    memory = f"({loaded} in memory)"
    print(f"{'ELF file, bytes':40}{size:10} {memory:18} goal: below {GOAL_ELF_SIZE}: {verdict(size < GOAL_ELF_SIZE)}")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="boot_bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(REPOSITORY, "build"), help="the build folder")
    parser.add_argument("--runs", type=int, default=3, help="boots of each kind; the median counts (default: 3)")
    parser.add_argument("archs", nargs="*", metavar="ARCH", help=f"builds, of {', '.join(KERNELS)} (default: all)")
    args = parser.parse_args()
    unknown = [arch for arch in args.archs if arch not in KERNELS]
    if unknown:
        parser.error(f"there is no build {unknown[0]!r}")
    return args


def main():
    args = parse_arguments()
    workshop = Workshop(args.build, os.path.join(args.build, "bench-work"))
    print("Debian's kernel booted by GRUB, and by GRUB and Trapeze; an instruction is 1 ns of virtual time.")
    with tempfile.TemporaryDirectory(prefix="trapeze-bench-") as scratch:
        for arch in args.archs or KERNELS:
            kernel, initrd = (workshop.built("payloads", name) for name in KERNELS[arch])
            images = stub_kernel(kernel, scratch), content_of(initrd)
            logs = os.path.join(args.build, "bench-logs")
            print_table(arch, {algo: bench_one(workshop, arch, algo, *images, logs, args.runs) for algo in HASHES})
            print_size(workshop, arch)


if __name__ == "__main__":
    main()
