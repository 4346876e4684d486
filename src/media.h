/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Files on disks as a source of images: volumes in the order in which they are searched. A file is found by its path,
 * and read when its entry is chosen, into staging memory. docs/media.md tells a user which volumes these are.
 */
#ifndef TRAPEZE_MEDIA_H
#define TRAPEZE_MEDIA_H

#include "disk.h"
#include "error.h"
#include "memory.h"
#include "source.h"
#include "types.h"

/* Volumes of this name are searched on every disk, and the manifest has this path; tools/mkiso makes both. */
#define MEDIA_LABEL "TRAPEZE"
#define MEDIA_MANIFEST "/boot/trapeze/manifest.dtb"

struct volume;

struct media {
	struct source source;
	struct memory *memory;
	/* Add the disks that there are, with media_add_disk: called once, when the first name is asked for. */
	void (*open)(struct media *media, void *ctx);
	void *ctx;
	bool is_open;
	struct volume *volumes;
};

void media_init(struct media *media, struct memory *memory, void (*open)(struct media *media, void *ctx), void *ctx);
/*
 * Add the volumes of a disk: itself as a whole, else its partitions in their order. Of a disk that is not the boot disk
 * only those with our label. Logs each one, and what is damaged. `disk` stays.
 */
void media_add_disk(struct media *media, struct disk *disk, bool is_boot_disk);
void media_free(struct media *media);

#endif
