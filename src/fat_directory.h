/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef TRAPEZE_FAT_DIRECTORY_H
#define TRAPEZE_FAT_DIRECTORY_H

#include "volume.h"

#define FAT_ENTRY_SIZE 32u

struct fat_entry {
	u32 cluster, size;
	bool is_directory;
};

/* By long or short name; the case of ASCII letters does not count. ERR_NOT_FOUND without a log line. */
enum err fat_find_entry(struct volume *volume, const struct file *directory, const char *name, size_t length,
			struct fat_entry *out) MUST_CHECK;

#endif
