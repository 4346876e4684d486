# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What booting through Trapeze costs: Debian's kernel booted by GRUB, and by GRUB and Trapeze, side by side.

QEMU runs with -icount shift=0: an instruction is one nanosecond of virtual time, which the processor's time stamp
counter and the ACPI power management timer both show. GRUB reads that timer (inl) before it loads and before it hands
over; the kernel's first instructions are replaced by a stub that prints the time stamp counter and ends QEMU. All the
rest of the kernel's file is as Debian made it, so both loaders do all of their work. Waiting in the menu is not
counted: the timeout is 0. The machine has a BIOS: UEFI firmware takes minutes in this mode.
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
ELFCLASS64, PT_LOAD = 2, 1
SETUP_SECTS = 0x1f1
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


def grub_config(load):
    return GRUB_HEAD + "terminal_output serial\ninsmod iorw\n" + mark("start") + load + mark("loaded") + "boot\n"


def direct_iso(workshop, kernel, initrd):
    load = f"linux /boot/kernel {CMDLINE}\ninitrd /boot/initrd\n"
    return workshop.grub_iso(grub_config(load), {"boot/kernel": kernel, "boot/initrd": initrd})


def trapeze_iso(workshop, arch, log_level, kernel, initrd):
    """The same by way of Trapeze, with a sha256 for each image, as tools/mkiso writes them."""
    images = {"kernel": manifest.kernel("kernel", **{"hash-1": manifest.hash_node("sha256", kernel)}),
              "initrd": manifest.image("initrd", type="ramdisk", **{"hash-1": manifest.hash_node("sha256", initrd)})}
    configuration = {"kernel": "kernel", "ramdisk": "initrd", "trapeze,bootargs": CMDLINE}
    tree = manifest.tree(images, {"linux": configuration}, timeout=0)
    modules = {"manifest": manifest.compile_tree(tree), "kernel": kernel, "initrd": initrd}
    load = f"multiboot2 /boot/trapeze.elf loglevel={log_level}\n"
    load += "".join(f"module2 --nounzip /boot/{name} {name}\n" for name in modules)
    files = {f"boot/{name}": content for name, content in modules.items()}
    return workshop.grub_iso(grub_config(load), {**files, "boot/trapeze.elf": workshop.shim(arch)})


# ---- measuring


def run(iso, log_dir):
    """{moment: virtual seconds since power-on} of one boot, and its transcript."""
    with Machine(Spec(iso, icount=0, limit=120), log_dir) as machine:
        machine.wait_exit()
        text = strip_escapes(machine.transcript())
    ticks = dict(re.findall(r"(start|loaded) 0x([0-9a-f]+)", text))
    entry = re.search(r"kernel(?:32|64) tsc=([0-9a-f]{16})", text)
    if not entry or len(ticks) != 2:
        raise SystemExit(f"boot_bench: {log_dir}: the kernel was not entered, or GRUB did not show its marks")
    moments = {"kernel": int(entry[1], 16) / 1e9}
    moments["loaded"] = unwrap(int(ticks["loaded"], 16), moments["kernel"])
    moments["start"] = unwrap(int(ticks["start"], 16), moments["loaded"])
    return moments, text


def unwrap(ticks, later):
    """The timer has 24 bits: the last moment before `later` at which it can have shown `ticks`."""
    wrap = PM_TIMER_WRAP / PM_TIMER_HZ
    seconds = ticks / PM_TIMER_HZ
    return seconds + wrap * int((later - seconds) / wrap)


def measure(iso, log_dir, runs):
    """Medians over some runs: instructions are counted, but when a disk read ends depends on the host."""
    results = [run(iso, f"{log_dir}/{number}") for number in range(runs)]
    return {"loading": statistics.median(m["loaded"] - m["start"] for m, _ in results),
            "handover": statistics.median(m["kernel"] - m["loaded"] for m, _ in results),
            "total": statistics.median(m["kernel"] - m["start"] for m, _ in results)}, results[0][1]


def log_times(text):
    """[(seconds since the shim was entered, area, rest)] of the shim's log lines."""
    return [(float(t), area, rest) for t, area, rest in re.findall(r"(?m)^\[ *(\d+\.\d+)\] (\w+): (.*?)\r*$", text)]


def phases(text):
    """Seconds of the shim's phases, from the time stamps of a run whose log is on."""
    lines = log_times(text)
    areas = [area for _, area, _ in lines]
    if "verify" not in areas or "enter" not in areas:
        raise SystemExit("boot_bench: no verify and enter lines in the shim's log")
    ready = lines[areas.index("verify") - 1][0]
    verified = max(t for t, area, _ in lines if area == "verify")
    entered = lines[areas.index("enter")][0]
    return {"getting ready": ready, "verifying": verified - ready, "planning": entered - verified}


def moved(text):
    """Bytes that the mover copies, from the summary line of `place`."""
    match = re.search(r"place: moved=(\d+) zeroed=(\d+) kept=(\d+) staged=(\d+)", text)
    if not match:
        raise SystemExit("boot_bench: no summary of the moves in the shim's log")
    return {name: int(value) * 4096 for name, value in zip(("moved", "zeroed", "kept", "staged"), match.groups())}


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
    ("GRUB reads files, ms", lambda r: r["loading"] * 1e3),
    ("hand-over to kernel's entry, ms", lambda r: r["handover"] * 1e3),
    ("  getting ready, ms", lambda r: r.get("getting ready", 0) * 1e3),
    ("  verifying with sha256, ms", lambda r: r.get("verifying", 0) * 1e3),
    ("  planning and checksums, ms", lambda r: r.get("planning", 0) * 1e3),
    ("total, ms", lambda r: r["total"] * 1e3),
    ("bytes moved by Trapeze, KiB", lambda r: r.get("moved", 0) / 1024),
    ("bytes left in place, KiB", lambda r: r.get("kept", 0) / 1024),
)


def bench_one(workshop, arch, kernel, initrd, log_dir, runs):
    """Results of GRUB alone and of GRUB with Trapeze."""
    direct, _ = measure(direct_iso(workshop, kernel, initrd), f"{log_dir}/{arch}-grub", runs)
    ours, _ = measure(trapeze_iso(workshop, arch, "err", kernel, initrd), f"{log_dir}/{arch}-trapeze", runs)
    _, told = measure(trapeze_iso(workshop, arch, "info", kernel, initrd), f"{log_dir}/{arch}-log", 1)
    ours.update(phases(told))
    ours.update(moved(told))
    return direct, ours


def print_table(results):
    print("Debian's kernel booted by GRUB, and by GRUB and Trapeze; an instruction is 1 ns of virtual time.")
    print(f"{'':36}" + "".join(f"{arch:>24}" for arch in results))
    print(f"{'':36}" + "".join(f"{'GRUB':>12}{'Trapeze':>12}" for _ in results))
    for title, value in ROWS:
        print(f"{title:36}" + "".join(f"{value(direct):12.1f}{value(ours):12.1f}" for direct, ours in results.values()))
    print_share("added, %", results, lambda ours: ours["total"])
    print_share("added but for verifying, %", results, lambda ours: ours["total"] - ours["verifying"])


def print_share(title, results, total):
    shares = [100 * (total(ours) / direct["total"] - 1) for direct, ours in results.values()]
    print(f"{title:36}" + "".join(f"{'':12}{share:12.1f}" for share in shares) + f"   (goal: below {GOAL_PERCENT})")


def print_sizes(workshop, archs):
    for arch in archs:
        size, loaded = elf_sizes(workshop.shim(arch))
        state = "met" if size < GOAL_ELF_SIZE else "missed"
        print(f"{arch} shim: file {size} bytes, in memory {loaded} bytes (goal: file below {GOAL_ELF_SIZE}: {state})")


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
    results = {}
    with tempfile.TemporaryDirectory(prefix="trapeze-bench-") as scratch:
        for arch in args.archs or KERNELS:
            kernel, initrd = (workshop.built("payloads", name) for name in KERNELS[arch])
            results[arch] = bench_one(workshop, arch, stub_kernel(kernel, scratch), content_of(initrd),
                                      os.path.join(args.build, "bench-logs"), args.runs)
    print_table(results)
    print_sizes(workshop, results)


if __name__ == "__main__":
    main()
