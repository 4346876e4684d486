/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What a configuration hands over by kexec handover (KHO). */
#include <stdlib.h>
#include <string.h>

#include "manifest_internal.h"
#include "number.h"
#include "recorder.h"

enum err manifest_read_kho(const struct manifest_item *item)
{
	struct manifest_config *config = item->target;
	enum err err = manifest_read_text(item);

	if (err || !config->kho)
		return err;
	config->kho_drop = !strcmp(config->kho, "drop");
	if (config->kho_drop)
		config->kho = NULL;
	return ERR_OK;
}

enum err manifest_read_kho_scratch(const struct manifest_item *item)
{
	struct manifest_config *config = item->target;
	enum err err = manifest_read_wide(item, config->kho_scratch, ARRAY_COUNT(config->kho_scratch),
					  &config->kho_scratch_count);

	if (!err && config->kho_scratch_count % 2)
		return manifest_refuse(item, ERR_VALUE, "%u numbers, wanted pairs: start, size", config->kho_scratch_count);
	for (u32 i = 0; i < config->kho_scratch_count && !err; i += 2) {
		u64 start = config->kho_scratch[i], size = config->kho_scratch[i + 1];

		if (!size || start >= PADDR_LIMIT || size > PADDR_LIMIT - start)
			err = manifest_refuse(item, ERR_VALUE, "start=0x%llx size=0x%llx is no range below 0x%llx", start, size,
					      PADDR_LIMIT);
	}
	return err;
}

/* Letters, digits and '-': what reserve_mem= takes without quotes, and a node may be called. */
static bool is_name(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return length;
}

/* NAME:SIZE@START. Returns what is wrong with it, or NULL. */
static const char *parse_region(const char *text, struct manifest_region *region)
{
	size_t length = strcspn(text, ":");
	const char *rest;

	if (!is_name(text, length) || length >= sizeof(region->name))
		return "wanted a name of 1 to 15 letters, digits and '-', then :SIZE@START";
	memcpy(region->name, text, length);
	if (!strcmp(region->name, RECORDER_NAME))
		return "that name is the flight recorder's";
	rest = text[length] ? number_size_prefix(text + length + 1, &region->size) : NULL;
	if (!rest || *rest != '@' || !number_size(rest + 1, &region->start))
		return "wanted NAME:SIZE@START, as in results:64K@0x4000000";
	if ((region->start | region->size) & PAGE_MASK || !region->size)
		return "start and size are to be whole pages";
	if (region->start < MIB(1) || region->start >= PADDR_LIMIT || region->size > PADDR_LIMIT - region->start)
		return "not within 1 MiB and the end of memory";
	return NULL;
}

static bool is_given(const struct manifest_config *config, const struct manifest_region *region)
{
	for (u32 i = 0; i < config->kho_memory_count; i++)
		if (!strcmp(config->kho_memory[i].name, region->name))
			return true;
	return false;
}

enum err manifest_read_kho_memory(const struct manifest_item *item)
{
	struct manifest_config *config = item->target;
	enum err err = manifest_check_strings(item, item->value.size);
	u32 count = 0;

	if (err)
		return err;
	for (const char *s = item->value.data; s; s = manifest_next_string(&item->value, s))
		count++;
	config->kho_memory = calloc(count, sizeof(*config->kho_memory));
	if (!config->kho_memory)
		return manifest_refuse(item, ERR_MEMORY, "no memory for it");
	for (const char *s = item->value.data; s && !err; s = manifest_next_string(&item->value, s)) {
		struct manifest_region *region = &config->kho_memory[config->kho_memory_count];
		const struct manifest_value shown = manifest_element(&item->value, s);
		const char *why = parse_region(s, region);

		if (!why && is_given(config, region))
			why = "the name is there already";
		if (why)
			err = manifest_complain(item->reader, &shown, ERR_VALUE, "%s", why);
		config->kho_memory_count++;
	}
	return err;
}
