/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Nodes: the walk over their properties by a table, names, and nodes that are none of ours. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "manifest_internal.h"
#include "printable.h"

static bool is_ours(const char *property)
{
	static const char prefix[] = "trapeze,";

	return !strncmp(property, prefix, strlen(prefix));
}

static struct manifest_value value_at(const struct manifest_reader *r, int offset)
{
	struct manifest_value value;
	int size;

	value.data = fdt_getprop_by_offset(r->fdt, offset, &value.property, &size);
	value.size = (u32)size;
	return value;
}

static enum err refuse_unknown(const struct manifest_reader *r, const struct manifest_value *value)
{
	return manifest_complain(r, value, ERR_UNKNOWN, "unknown property; this version does not know it here");
}

static enum err read_property(struct manifest_item *item, const struct manifest_property *table, u64 *seen)
{
	const struct manifest_property *p = table;

	while (p->name && strcmp(p->name, item->value.property))
		p++;
	if (!p->name && is_ours(item->value.property))
		return refuse_unknown(item->reader, &item->value);
	if (!p->name) {
		manifest_note(item->reader, &item->value, "unknown property; ignored");
		return ERR_OK;
	}
	if (*seen & 1ull << (p - table))
		return manifest_refuse(item, ERR_DUPLICATE, "property given twice");
	*seen |= 1ull << (p - table);
	item->property = p;
	return p->read(item);
}

enum err manifest_read_node(struct manifest_reader *r, int node, const struct manifest_property *table, void *target)
{
	u64 seen = 0;
	int at;

	fdt_for_each_property_offset(at, r->fdt, node) {
		struct manifest_item item = { .reader = r, .value = value_at(r, at), .target = target };
		enum err err = read_property(&item, table, &seen);

		if (err)
			return err;
	}
	for (const struct manifest_property *p = table; p->name; p++)
		if (p->required && !(seen & 1ull << (p - table)))
			return manifest_complain(r, NULL, ERR_NOT_FOUND, "no property %s", p->name);
	return ERR_OK;
}

bool manifest_is_node_of(const char *name, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(name, word, length) && (!name[length] || name[length] == '-' || name[length] == '@');
}

static enum err refuse_ours(const struct manifest_reader *r, int node)
{
	int at;

	fdt_for_each_property_offset(at, r->fdt, node) {
		const struct manifest_value value = value_at(r, at);

		if (is_ours(value.property))
			return refuse_unknown(r, &value);
	}
	return ERR_OK;
}

enum err manifest_read_foreign(struct manifest_reader *r, int node, const char *parent)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	bool is_signature = manifest_is_node_of(name, "signature");
	char top[MANIFEST_PATH_MAX];
	enum err err;
	int depth = 0;

	manifest_set_path(r, parent, name);
	manifest_note(r, NULL, is_signature ? "signatures are not checked, only hashes" : "unknown node; ignored");
	memcpy(top, r->path, sizeof(top));
	err = refuse_ours(r, node);
	while (!err && (node = fdt_next_node(r->fdt, node, &depth)) >= 0 && depth > 0) {
		manifest_set_path(r, top, fdt_get_name(r->fdt, node, NULL));
		err = refuse_ours(r, node);
	}
	return err;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err complain_name(const struct manifest_reader *r, enum err code, const char *name, const char *text)
{
	char shown[MANIFEST_PATH_MAX];

	printable(shown, sizeof(shown), name, strlen(name));
	return manifest_complain(r, NULL, code, "node \"%s\" %s", shown, text);
}

/* Sorts the list, so that equal names are neighbours. */
static enum err check_names(const struct manifest_reader *r, const char **names, u32 count)
{
	for (u32 i = 0; i < count; i++)
		for (const char *s = names[i]; *s; s++)
			if (!is_printable(*s))
				return complain_name(r, ERR_VALUE, names[i], "has a name that is not printable ASCII");
	qsort(names, count, sizeof(*names), compare_names);
	for (u32 i = 1; i < count; i++)
		if (!strcmp(names[i - 1], names[i]))
			return complain_name(r, ERR_DUPLICATE, names[i], "is there twice");
	return ERR_OK;
}

enum err manifest_count_nodes(const struct manifest_reader *r, int node, u32 *count)
{
	const char **names;
	enum err err;
	int child;
	u32 i = 0;

	*count = 0;
	fdt_for_each_subnode(child, r->fdt, node)
		++*count;
	if (!*count)
		return manifest_complain(r, NULL, ERR_NOT_FOUND, "no nodes in it");
	names = calloc(*count, sizeof(*names));
	if (!names)
		return manifest_complain(r, NULL, ERR_MEMORY, "no memory for %u names", *count);
	fdt_for_each_subnode(child, r->fdt, node)
		names[i++] = fdt_get_name(r->fdt, child, NULL);
	err = check_names(r, names, *count);
	free(names);
	return err;
}
