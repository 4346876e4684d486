/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Where an image's bytes are: in the tree, behind it (mkimage -E), or in a file of another name. */
#include <libfdt.h>

#include "boot_disk.h"
#include "manifest_internal.h"

/* "External data" in U-Boot's doc/usage/fit/source_file_format.rst: offsets count from the tree's end, rounded up. */
#define STORE_ALIGN 4

enum err manifest_read_data(const struct manifest_item *item)
{
	struct manifest_image *image = item->target;

	if (!item->value.size)
		return manifest_refuse(item, ERR_VALUE, "no bytes");
	image->data = item->value.data;
	image->data_size = item->value.size;
	return ERR_OK;
}

enum err manifest_read_disk(const struct manifest_item *item)
{
	struct manifest_image *image = item->target;
	enum err err = manifest_read_string(item);
	u32 partition;
	u8 drive;

	if (!err && !boot_disk_parse(image->disk, NULL, &drive, &partition))
		return manifest_refuse(item, ERR_VALUE, "no disk: hdN, fdN, cdN or boot, with ,PARTITION or without");
	return err;
}

/* The numbers are below 2^52 and the tree below 2^32: no sum wraps. */
static enum err find_external(const struct manifest_reader *r, struct manifest_image *image)
{
	u64 tree = fdt_totalsize(r->fdt), size = image->external.size, start;

	if (image->external.has_position && image->external.has_offset)
		return manifest_complain(r, NULL, ERR_DUPLICATE, "both data-position and data-offset give the place");
	if (!image->external.has_size || !size)
		return manifest_complain(r, NULL, ERR_NOT_FOUND, "external data of no size: data-size is missing or 0");
	start = image->external.has_position ? image->external.position :
					       align_up(tree, STORE_ALIGN) + image->external.offset;
	if (start < tree)
		return manifest_complain(r, NULL, ERR_OVERLAP,
					 "data-position 0x%llx lies in the tree, which has 0x%llx bytes",
					 start, tree);
	if (start > r->size || size > r->size - start)
		return manifest_complain(r, NULL, ERR_TRUNCATED,
					 "external data 0x%llx..0x%llx reaches beyond the file's 0x%llx bytes", start,
					 start + size, r->size);
	image->data = (const u8 *)r->fdt + start;
	image->data_size = size;
	return ERR_OK;
}

enum err manifest_find_data(const struct manifest_reader *r, struct manifest_image *image)
{
	bool is_external = image->external.has_position || image->external.has_offset;
	enum err err = ERR_OK;

	if (is_external && (image->data || image->path))
		return manifest_complain(r, NULL, ERR_DUPLICATE, "both %s and external data give the bytes",
					 image->data ? "data" : "trapeze,path");
	if (is_external)
		err = find_external(r, image);
	if (err)
		return err;
	if (image->disk && (image->data || image->path))
		return manifest_complain(r, NULL, ERR_DUPLICATE, "both %s and trapeze,disk give the bytes",
					 image->data ? "data" : "trapeze,path");
	if (image->disk)
		return ERR_OK;
	if (image->data && image->path)
		return manifest_complain(r, NULL, ERR_DUPLICATE, "both data and trapeze,path give the bytes");
	if (!image->data && !image->path)
		return manifest_complain(r, NULL, ERR_NOT_FOUND, "no bytes: neither data nor trapeze,path");
	if (image->data && image->has_size && image->size != image->data_size)
		return manifest_complain(r, NULL, ERR_VALUE, "trapeze,size is %llu, but data has %llu bytes",
					 image->size, image->data_size);
	return ERR_OK;
}
