/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "manifest.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "manifest_internal.h"

#define ALIGNMENT 8
/* Of the header of version 17 (Devicetree Specification 0.4, 5.2). fdt_check_full reads that much unasked. */
#define HEADER_SIZE 40
/* Before version 16 node names were whole paths; nobody has written such trees since 2005. */
#define VERSION_MIN 16

/* Damage is told with numbers where a person can do something about it; the rest is libfdt's verdict. */
static enum err check_tree(const void *data, u64 size)
{
	int verdict;

	if ((uintptr_t)data % ALIGNMENT) {
		log_err("manifest", "the tree lies at %p, which is no multiple of %u", data, ALIGNMENT);
		return ERR_ALIGN;
	}
	if (size < HEADER_SIZE) {
		log_err("manifest", "%llu bytes, but the header of a tree alone has %u", size, HEADER_SIZE);
		return ERR_TRUNCATED;
	}
	if (fdt_magic(data) != FDT_MAGIC) {
		log_err("manifest", "no device tree: magic 0x%08x, wanted 0x%08x", fdt_magic(data), FDT_MAGIC);
		return ERR_MAGIC;
	}
	if (fdt_totalsize(data) > size) {
		log_err("manifest", "%llu bytes, but the header says %u", size, fdt_totalsize(data));
		return ERR_TRUNCATED;
	}
	if (fdt_version(data) < VERSION_MIN) {
		log_err("manifest", "tree of version %u, wanted %u or later", fdt_version(data), VERSION_MIN);
		return ERR_VERSION;
	}
	verdict = fdt_check_full(data, fdt_totalsize(data));
	if (verdict) {
		log_err("manifest", "damaged tree: %s", fdt_strerror(verdict));
		return ERR_VALUE;
	}
	return ERR_OK;
}

static enum err read_log_level(const struct manifest_item *item)
{
	struct manifest *manifest = item->target;
	enum err err = manifest_check_strings(item, 1);

	if (err)
		return err;
	if (!log_parse_level(item->value.data, &manifest->log_level))
		return manifest_refuse(item, ERR_VALUE, "unknown; known: err, warn, info, debug, step");
	manifest->has_log_level = true;
	return ERR_OK;
}

static enum err read_shell(const struct manifest_item *item)
{
	struct manifest *manifest = item->target;

	manifest->shell = item->value.data;
	manifest->shell_size = item->value.size;
	return manifest_check_strings(item, item->value.size);
}

#define FIELD(name) offsetof(struct manifest, name)

static const struct manifest_property root_properties[] = {
	{ .name = "description", .read = manifest_read_string, .field = FIELD(description) },
	{ .name = "timestamp", .read = manifest_read_nothing },
	{ .name = "#address-cells", .read = manifest_read_nothing },
	{ .name = "trapeze,console", .read = manifest_read_text, .field = FIELD(console) },
	{ .name = "trapeze,loglevel", .read = read_log_level },
	{ .name = "trapeze,shell", .read = read_shell },
	{ 0 }
};

/* The nodes that make a manifest, as libfdt's offsets; -1: not seen yet. */
struct sections {
	int images, configs, bios_calls;
};

static enum err read_section(struct manifest_reader *r, int node, struct sections *sections)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	int *section;

	if (!strcmp(name, "images"))
		section = &sections->images;
	else if (!strcmp(name, "configurations"))
		section = &sections->configs;
	else if (!strcmp(name, "bios-calls"))
		section = &sections->bios_calls;
	else
		return manifest_read_foreign(r, node, "");
	if (*section >= 0) {
		manifest_set_path(r, "", name);
		return manifest_complain(r, NULL, ERR_DUPLICATE, "node given twice");
	}
	*section = node;
	return ERR_OK;
}

static enum err read_root(struct manifest_reader *r, struct sections *sections)
{
	enum err err;
	int node;

	manifest_set_path(r, "/", NULL);
	err = manifest_read_node(r, 0, root_properties, r->manifest);
	fdt_for_each_subnode(node, r->fdt, 0) {
		if (err)
			return err;
		err = read_section(r, node, sections);
	}
	if (err || (sections->images >= 0 && sections->configs >= 0))
		return err;
	manifest_set_path(r, sections->images < 0 ? "/images" : "/configurations", NULL);
	return manifest_complain(r, NULL, ERR_NOT_FOUND, "no such node; a manifest has /images and /configurations");
}

static enum err read_tree(struct manifest_reader *r)
{
	struct sections sections = { -1, -1, -1 };
	enum err err = read_root(r, &sections);

	if (!err)
		err = manifest_read_images(r, sections.images);
	if (!err)
		err = manifest_read_bios_calls(r, sections.bios_calls);
	return err ? err : manifest_read_configs(r, sections.configs);
}

enum err manifest_parse(struct manifest *manifest, const void *data, u64 size)
{
	struct manifest_reader r = { .manifest = manifest, .fdt = data, .size = size };
	enum err err;

	*manifest = (struct manifest){ .description = "" };
	err = check_tree(data, size);
	if (!err)
		err = read_tree(&r);
	if (r.note_count > MANIFEST_NOTES_MAX)
		log_info("manifest", "%u more notes are left out", r.note_count - MANIFEST_NOTES_MAX);
	if (err)
		manifest_free(manifest);
	return err;
}

void manifest_free(struct manifest *manifest)
{
	for (u32 i = 0; manifest->images && i < manifest->image_count; i++)
		free(manifest->images[i].hashes);
	for (u32 i = 0; manifest->configs && i < manifest->config_count; i++) {
		free(manifest->configs[i].ramdisks);
		free(manifest->configs[i].loadables);
		free(manifest->configs[i].modules);
		free(manifest->configs[i].kho_memory);
	}
	free(manifest->images);
	free(manifest->configs);
	free(manifest->bios_calls);
	*manifest = (struct manifest){ .description = "" };
}

int manifest_find_image(const struct manifest *manifest, const char *name)
{
	for (u32 i = 0; i < manifest->image_count; i++)
		if (!strcmp(manifest->images[i].name, name))
			return (int)i;
	return -1;
}

int manifest_find_config(const struct manifest *manifest, const char *name)
{
	for (u32 i = 0; i < manifest->config_count; i++)
		if (!strcmp(manifest->configs[i].name, name))
			return (int)i;
	return -1;
}
