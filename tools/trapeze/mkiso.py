# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The mkiso command: check a manifest, stage what it names, make the ISO."""

import os
import sys
import tempfile
import time

from trapeze import cpio, grubcfg, isofs, shim, source, tree
from trapeze.check import Checker, menu_order
from trapeze.images import Staging
from trapeze.names import MANIFEST_NAME
from trapeze.report import Report

SHIM_PATH = "/boot/trapeze/trapeze.elf"
MANIFEST_PATH = "/boot/trapeze/manifest.dtb"
GRUB_CFG_PATH = "/boot/grub/grub.cfg"


def run(args):
    """Exit status of one run."""
    report = Report(args.manifest)
    manifest, staging = check(args, report)
    for line in report.lines:
        print(line, file=sys.stderr)
    if report.error_count:
        print(f"mkiso: {args.manifest}: {count(report.error_count, 'error')}, no {'archive' if args.cargo else 'ISO'} made", file=sys.stderr)
        return 1
    if args.check:
        return 0
    try:
        (make_cargo if args.cargo else make_iso)(args, manifest, staging)
    except isofs.IsoError as error:
        print(f"mkiso: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"mkiso: {error.filename or args.output}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def check(args, report):
    """Everything that can be said about the inputs before any file is written."""
    if not args.check and not args.cargo:
        shim.check(args.shim, args.arch, report)
    manifest = source.load(args.manifest, args.search, report)
    if not manifest:
        return None, None
    report.positions = manifest.positions
    Checker(manifest, report).run()
    staging = Staging(manifest, [os.path.dirname(args.manifest), *args.search], report)
    staging.run(args.module, add_hashes=not args.no_hash)
    return manifest, staging


def make_cargo(args, manifest, staging):
    """The manifest first: behind a name of that length a tree lies as it has to, at a multiple of eight bytes."""
    archive = cpio.Archive()
    archive.entries[MANIFEST_NAME] = cpio.file_entry(tree.write(manifest.root))
    for name, content in staging.files.items():
        if content.size >= 1 << 32:
            raise isofs.IsoError(f"{name} has {content.size} bytes; files in an archive are smaller than 4 GiB")
        if name.lstrip("/") in archive.entries:
            raise isofs.IsoError(f"{name}: in the archive already; choose another path")
        archive.entries[name.lstrip("/")] = cpio.file_entry(b"".join(content.chunks()))
    with scratch_folder(args.output) as scratch:
        made = os.path.join(scratch, "out.cpio")
        with open(made, "wb") as stream:
            stream.write(archive.to_bytes())
        os.replace(made, args.output)
    if args.depfile:
        write_depfile(args, staging)


def scratch_folder(output):
    """Beside what is made of it."""
    return tempfile.TemporaryDirectory(prefix=".mkiso-", dir=os.path.dirname(os.path.abspath(output)))


def make_iso(args, manifest, staging):
    say = (lambda text: print("mkiso: " + text)) if args.verbose else (lambda text: None)
    with scratch_folder(args.output) as scratch:
        iso = isofs.Iso(scratch, args.label, source_date(), say)
        fill(iso, args, manifest, staging)
        made = os.path.join(scratch, "out.iso")
        platforms = iso.write(made)
        os.replace(made, args.output)
    for line in menu_order(manifest.root):
        say("entry " + line)
    for missing in isofs.missing_platforms(platforms):
        print(f"mkiso: {args.output}: note: does not boot on {missing}", file=sys.stderr)
    if args.depfile:
        write_depfile(args, staging)


def fill(iso, args, manifest, staging):
    """Lay out all files but GRUB's own images."""
    isofs.copy(args.shim, iso.path(SHIM_PATH))
    with open(iso.path(MANIFEST_PATH), "wb") as stream:
        stream.write(tree.write(manifest.root))
    modules = [(MANIFEST_PATH, MANIFEST_NAME)]
    for name, content in staging.files.items():
        path = "/" + name.lstrip("/")
        with open(iso.path(path), "wb") as stream:
            for chunk in content.chunks():
                stream.write(chunk)
        iso.say(f"module {name} bytes={content.size} from {content.host_path or args.manifest}")
        modules.append((path, name))
    with open(iso.path(GRUB_CFG_PATH), "w", encoding="utf-8") as stream:
        stream.write(grub_configuration(args, manifest, modules))


def grub_configuration(args, manifest, modules):
    if args.grub_cfg:
        with open(args.grub_cfg, encoding="utf-8") as stream:
            return stream.read()
    console = grubcfg.option_console(args.options) or manifest.root.string("trapeze,console") or grubcfg.DEFAULT_CONSOLE
    return grubcfg.configuration(SHIM_PATH, args.options, modules, console, args.from_medium)


def source_date():
    """Seconds since 1970 for every date on the ISO."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(text) if text.isdigit() else int(time.time())


def write_depfile(args, staging):
    """A make rule that names the files that the ISO was made of."""
    inputs = [args.manifest, *([] if args.cargo else [args.shim]), *([args.grub_cfg] if args.grub_cfg else [])]
    inputs += [content.host_path for content in staging.files.values() if content.host_path]
    escaped = [os.path.relpath(path).replace(" ", "\\ ").replace("$", "$$") for path in dict.fromkeys(inputs)]
    with open(args.depfile, "w", encoding="utf-8") as stream:
        stream.write(f"{args.output}: {' '.join(escaped)}\n" + "".join(f"{path}:\n" for path in escaped))


def count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"
