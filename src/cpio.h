/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A cpio archive as Linux takes it for an initramfs: "newc" members (magic 070701, or 070702 with a sum), any number
 * of archives behind each other, zeros before each. Source: Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst.
 */
#ifndef TRAPEZE_CPIO_H
#define TRAPEZE_CPIO_H

#include "cursor.h"
#include "error.h"

struct cpio_file {
	const char *name;		/* as it stands in the archive: not NUL-terminated */
	u32 name_length;
	const void *data;
	u64 at, size;			/* of the data, in the cursor's bytes */
};

/* Do these bytes begin with a member? */
bool cpio_probe(const void *data, u64 size);
/*
 * The next regular file; everything else is passed over. ERR_NOT_FOUND, without a log line: there are no more. What is
 * damaged is logged, and nothing behind it can be read.
 */
enum err cpio_next(struct cursor *c, struct cpio_file *file) MUST_CHECK;

#endif
