/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Any bytes as a manifest: refused, or read into a struct that holds nothing but what lies in the tree. */
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "printable.h"

static const u8 *tree;
static size_t tree_size;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_inside(const void *data, u64 size)
{
	const u8 *at = data;

	require(at >= tree && at <= tree + tree_size && (u64)(tree + tree_size - at) >= size);
}

/* Printable, and ended inside the tree; "" and NULL stand for absent strings. */
static void require_text(const char *s)
{
	if (!s || !*s)
		return;
	require_inside(s, 1);
	require(memchr(s, 0, (size_t)(tree + tree_size - (const u8 *)s)));
	for (; *s; s++)
		require(is_printable(*s));
}

static void require_image(const struct manifest *m, const struct manifest_image *image, u32 number)
{
	require((u32)manifest_find_image(m, image->name) == number);
	require_text(image->name);
	require_text(image->description);
	require_text(image->type);
	require_text(image->arch);
	require_text(image->os);
	require_text(image->compression);
	require_text(image->path);
	require_text(image->bootargs);
	require_text(image->disk);
	require(!!image->data + !!image->path + !!image->disk == 1);
	if (image->data)
		require_inside(image->data, image->data_size);
	require(image->load < PADDR_LIMIT && image->entry < PADDR_LIMIT && image->size < PADDR_LIMIT);
	for (u32 i = 0; i < image->hash_count; i++) {
		require(image->hashes[i].algo < HASH_ALGO_COUNT);
		require_inside(image->hashes[i].value, hash_size(image->hashes[i].algo));
	}
}

static void require_images(const struct manifest *m, const u32 *numbers, u32 count)
{
	for (u32 i = 0; i < count; i++)
		require(numbers[i] < m->image_count);
}

static void require_config(const struct manifest *m, const struct manifest_config *config, u32 number)
{
	require((u32)manifest_find_config(m, config->name) == number);
	require_text(config->name);
	require_text(config->description);
	require_text(config->bootargs);
	require_images(m, &config->kernel, 1);
	require_images(m, &config->setup, 1);
	require_images(m, config->ramdisks, config->ramdisk_count);
	require_images(m, config->loadables, config->loadable_count);
	require_images(m, config->modules, config->module_count);
	require(config->arg_count <= ARRAY_COUNT(config->args) && config->watchdog_ms <= 3600000);
	require(config->mode <= ENTRY_REAL && config->on_fault <= ON_FAULT_CONFIG && config->int3 < 8);
	require(config->on_fault_config < m->config_count && !config->preserve_context);
}

static void require_sound(const struct manifest *m)
{
	require(m->image_count && m->config_count && m->default_config < m->config_count);
	require(m->timeout >= MANIFEST_NO_TIMEOUT && m->timeout <= 86400);
	require_text(m->description);
	require_text(m->console);
	for (u32 i = 0; i < m->image_count; i++)
		require_image(m, &m->images[i], i);
	for (u32 i = 0; i < m->config_count; i++)
		require_config(m, &m->configs[i], i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest m;
	u8 *copy = malloc(size ? size : 1);

	/* A block of its own: aligned, and with its end where the sanitizer sees it. */
	memcpy(copy, data, size);
	tree = copy;
	tree_size = size;
	if (!manifest_parse(&m, tree, size)) {
		require_sound(&m);
		manifest_free(&m);
	}
	require(!m.images && !m.configs);
	free(copy);
	return 0;
}
