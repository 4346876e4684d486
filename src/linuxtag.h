/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The private tag of the multiboot2 information: what a loader that speaks the Linux boot protocol said, and
 * multiboot2 has no tag for. Written by the stub of trapeze.bzimage (boot/linux/), read by src/bootinfo_linux.c;
 * described in docs/kexec.md. The two are built together: there is no version.
 */
#ifndef TRAPEZE_LINUXTAG_H
#define TRAPEZE_LINUXTAG_H

#include "types.h"

#define TAG_LINUX 0x5854524cu		/* "LRTX": far from the specification's numbers */

/* The firmware is UEFI, also where nothing of it can be handed on. */
#define LINUX_TAG_EFI 1u

/* All addresses are physical; ranges are half open. */
struct linux_tag {
	/*
	 * A copy of the zero page (Linux, Documentation/arch/x86/zero-page.rst), and from its setup_data on copies of
	 * the nodes: all within the information block.
	 */
	u64 boot_params;
	/*
	 * What lay in [displaced_start, displaced_end), page aligned, before the shim and the information block took
	 * that place, was saved at displaced_copy. All 0: nothing was saved.
	 */
	u64 displaced_start, displaced_end, displaced_copy;
	u64 initrd_start, initrd_end;	/* where the loader put it, above 4 GiB too; both 0: none */
	u64 flags;			/* LINUX_TAG_... */
	u64 rsdp;			/* where the RSDP lies, as far as the loader says; 0: it does not */
} PACKED;

#endif
