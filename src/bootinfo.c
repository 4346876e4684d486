/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The walk over the tags of the multiboot2 information (Multiboot2 3.6.1). */
#include "bootinfo.h"

#include <stdlib.h>

#include "bootinfo_internal.h"
#include "cursor.h"
#include "log.h"

#define HEADER_SIZE 8
#define TAG_HEADER_SIZE 8
#define TAG_ALIGN 8

struct tag {
	u64 at;				/* offset in the block */
	u32 type, size;
	struct cursor payload;
};

enum step { STEP_TAG, STEP_END, STEP_NO_HEADER, STEP_BAD_SIZE };

/* Read the tag at the cursor and move behind it. */
static enum step next_tag(struct cursor *c, struct tag *tag)
{
	u64 padded;

	tag->at = c->at;
	tag->type = cursor_u32(c);
	tag->size = cursor_u32(c);
	if (c->failed)
		return STEP_NO_HEADER;
	if (tag->type == TAG_END)
		return STEP_END;
	if (tag->size < TAG_HEADER_SIZE || tag->size - TAG_HEADER_SIZE > cursor_left(c))
		return STEP_BAD_SIZE;
	tag->payload = cursor_sub(c, tag->size - TAG_HEADER_SIZE);
	/* The last tag's padding may be missing where the end tag is. */
	padded = align_up(tag->size, TAG_ALIGN);
	cursor_skip(c, min_u64(padded - tag->size, cursor_left(c)));
	return STEP_TAG;
}

static u32 count_modules(struct cursor c)
{
	struct tag tag;
	u32 count = 0;

	while (next_tag(&c, &tag) == STEP_TAG)
		count += tag.type == TAG_MODULE;
	return count;
}

/* Of the modules the first `capacity` are taken. */
static enum err walk(struct bootinfo *info, struct cursor *c, u32 capacity)
{
	enum err err = ERR_OK;
	struct tag tag;
	u32 seen = 0;

	for (;;) {
		switch (next_tag(c, &tag)) {
		case STEP_TAG:
			if (tag.type == TAG_MODULE && info->module_count == capacity)
				continue;
			if (bootinfo_take_tag(info, tag.type, &tag.payload, &seen))
				err = ERR_VALUE;
			continue;
		case STEP_END:
			return err;
		case STEP_NO_HEADER:
			/* kexec-tools 2.0.25 counts neither the end tag nor the padding before it into total_size. */
			if (tag.at > HEADER_SIZE) {
				log_info("multiboot2", "no end tag within total_size=%llu: taken as the end", c->size);
				return err;
			}
			log_err("multiboot2", "no end tag: the block ends with %llu bytes at offset %llu",
				c->size - tag.at, tag.at);
			return ERR_TRUNCATED;
		case STEP_BAD_SIZE:
			log_err("multiboot2", "tag %u at offset %llu has size=%u: 8 to %llu possible", tag.type, tag.at,
				tag.size, c->size - tag.at);
			return ERR_TRUNCATED;
		}
	}
}

/*
 * The cursor over the tags, no longer than the block says and the limit allows. It failed when there is nothing to
 * walk; a block longer than the limit is walked as far as it goes.
 */
static enum err open_block(struct cursor *c, const void *data, u64 limit)
{
	u32 total;

	cursor_init(c, data, data ? limit : 0);
	total = cursor_u32(c);
	cursor_skip(c, HEADER_SIZE - sizeof(total));
	if (c->failed) {
		log_err("multiboot2", "information block out of reach: limit=%llu, at least 8 needed", c->size);
		return ERR_TRUNCATED;
	}
	if (total < HEADER_SIZE || total > limit) {
		log_err("multiboot2", "information block has total_size=%u: 8 to %llu possible", total, limit);
		c->failed = total < HEADER_SIZE;
		return ERR_TRUNCATED;
	}
	c->size = total;
	return ERR_OK;
}

enum err bootinfo_parse(struct bootinfo *info, const void *data, paddr_t paddr, u64 limit)
{
	struct cursor c;
	enum err err, walked;
	u32 count;

	*info = (struct bootinfo){ .paddr = paddr, .command_line = "", .loader_name = "" };
	err = open_block(&c, data, limit);
	if (c.failed)
		return err;
	info->size = (u32)c.size;
	count = count_modules(c);
	info->modules = count ? calloc(count, sizeof(*info->modules)) : NULL;
	if (count && !info->modules) {
		log_err("multiboot2", "heap is full: no room for modules=%u, none is taken", count);
		err = ERR_MEMORY;
		count = 0;
	}
	walked = walk(info, &c, count);
	log_debug("multiboot2", "information block at=0x%llx size=%u modules=%u unknown_tags=%u", paddr, info->size,
		  info->module_count, info->unknown_tags);
	return err ? err : walked;
}

void bootinfo_free(struct bootinfo *info)
{
	free(info->modules);
	info->modules = NULL;
	info->module_count = 0;
}
