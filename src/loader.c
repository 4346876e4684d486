/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "loader.h"

#include <string.h>

#include "log.h"

/*
 * From the most particular format to the most general: a bzImage is known by two magic numbers at fixed places, and
 * some are ELF files or PE files as well. Multiboot kernels mostly are ELF files; those with both headers say more, and
 * get more, by the newer one, and more by either than by PVH.
 */
const struct loader *const loaders[] = {
	&loader_linux, &loader_multiboot2, &loader_multiboot1, &loader_pvh, &loader_elf, &loader_bootsector, &loader_eltorito, &loader_flat, NULL
};

static const struct loader *find_by_name(const char *name)
{
	for (const struct loader *const *l = loaders; *l; l++)
		if (*(*l)->name == *name && !strcmp((*l)->name, name))
			return *l;
	return NULL;
}

static const struct loader *find_named(const struct load_request *request)
{
	const struct manifest_image *image = request->kernel.image;
	const struct loader *loader = image ? find_by_name(image->os) : NULL;
	const char *reason;

	if (!loader && image)
		loader = find_by_name(image->type);
	/* A vmlinux is Linux, too. */
	if (loader == &loader_linux && request->kernel.blob.data && !loader_pvh.probe(request, &reason))
		loader = &loader_pvh;
	return loader;
}

static const struct loader *find_by_probe(const struct load_request *request)
{
	const char *reason;

	for (const struct loader *const *l = loaders; *l; l++)
		if (!(*l)->probe(request, &reason))
			return *l;
	return NULL;
}

static const struct loader *find(const struct load_request *request, const struct loader *named)
{
	const char *reason;

	if (!request->kernel.blob.data)
		return named;
	if (!named)
		return find_by_probe(request);
	return named->probe(request, &reason) ? NULL : named;
}

const struct loader *loader_peek(const struct load_request *request)
{
	return find(request, find_named(request));
}

static void log_reason(const struct load_request *request, const struct loader *loader)
{
	const char *reason = "";

	if (loader->probe(request, &reason))
		log_err("loader", "%s: not %s: %s", request->kernel.blob.name, loader->name, reason);
}

enum err loader_find(const struct load_request *request, const struct loader **out)
{
	const struct loader *named = find_named(request), *found = find(request, named);

	if (found) {
		*out = found;
		return ERR_OK;
	}
	if (named)
		log_reason(request, named);
	for (const struct loader *const *l = loaders; *l && !named; l++)
		log_reason(request, *l);
	return ERR_FORMAT;
}

void loader_keep(struct load_request *request, paddr_t start, paddr_t end)
{
	if (start < end)
		request->kept[request->kept_count++] = (struct kept_range){ .start = start, .end = end };
}
