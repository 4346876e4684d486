/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "loader.h"

#include <string.h>

#include "log.h"

/*
 * From the most particular format to the most general: a bzImage is known by two magic numbers at fixed places, and
 * some are ELF files or PE files as well. Multiboot kernels mostly are ELF files; those with both headers say more, and
 * get more, by the newer one.
 */
const struct loader *const loaders[] = {
	&loader_linux, &loader_multiboot2, &loader_multiboot1, &loader_elf, &loader_flat, NULL
};

static const struct loader *find_by_name(const char *name)
{
	for (const struct loader *const *l = loaders; *l; l++)
		if (!strcmp((*l)->name, name))
			return *l;
	return NULL;
}

static const struct loader *find_named(const struct manifest_image *image)
{
	const struct loader *loader = image ? find_by_name(image->os) : NULL;

	return loader || !image ? loader : find_by_name(image->type);
}

static enum err try_loader(const struct load_request *request, const struct loader *loader)
{
	const char *reason = "";
	enum err err = loader->probe(request, &reason);

	if (err)
		log_err("loader", "%s: not %s: %s", request->kernel.blob.name, loader->name, reason);
	return err;
}

static enum err find_by_probe(const struct load_request *request, const struct loader **out)
{
	for (const struct loader *const *l = loaders; *l; l++) {
		const char *reason;

		if (!(*l)->probe(request, &reason)) {
			*out = *l;
			return ERR_OK;
		}
	}
	for (const struct loader *const *l = loaders; *l; l++)
		(void)try_loader(request, *l);
	return ERR_FORMAT;
}

enum err loader_find(const struct load_request *request, const struct loader **out)
{
	const struct loader *named = find_named(request->kernel.image);

	if (!named)
		return find_by_probe(request, out);
	*out = named;
	return try_loader(request, named);
}
