/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "kho_version.h"

#include <string.h>

#include "fmt.h"

static const struct kho_version versions[] = {
	{ .name = "kho-v4", .map = "preserved-memory-map", .data = "preserved-data", .size = "blob-size" },
};

const struct kho_version *kho_find_version(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(versions); i++)
		if (!strcmp(versions[i].name, name))
			return &versions[i];
	return NULL;
}

void kho_list_versions(char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_COUNT(versions) && used < size; i++)
		used += fmt_snprintf(text + used, size - used, "%s%s", i ? ", " : "", versions[i].name);
}
