/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The initrd that a Linux loader gave (trapeze.bzimage) as a source of images: a cpio archive, whose files have their
 * names, or a device tree, which is the manifest. docs/kexec.md tells a user how to make one.
 */
#ifndef TRAPEZE_CARGO_H
#define TRAPEZE_CARGO_H

#include "bootinfo.h"
#include "source.h"

struct cargo {
	struct source source;
	paddr_t paddr;
	const void *data;
	u64 size;			/* of an archive: up to where it can be read */
	const char *tree_name;		/* the whole is the file of this name; NULL: it is an archive */
};

/*
 * False: there is no initrd, or nothing that could be found in it (logged). `manifest` is the name of the manifest,
 * if the initrd is one. `info` and the name stay.
 */
bool cargo_init(struct cargo *cargo, const struct bootinfo *info, const char *manifest);

#endif
