/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* /bios-calls: BIOS calls in a manifest's own words, and what a configuration says of the calls that it wants. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "bios_services.h"
#include "manifest_internal.h"
#include "number.h"

#define BIOS_CALLS "/bios-calls"
#define VECTOR_MAX 0xff
#define BUFFER_MAX 65536
#define ROUNDS_MAX 1000000
#define WATCHDOG_MAX 86400000		/* a day, as for images */
#define FAR_LENGTH 9			/* "c000:0003" */

/* "SEGMENT:OFFSET", four hex digits each. */
static enum err read_far(const struct manifest_item *item)
{
	struct manifest_bios_call *call = item->target;
	enum err err = manifest_check_strings(item, 1);
	const char *text = item->value.data;
	char number[FAR_LENGTH + 2];
	u64 value;

	if (err)
		return err;
	if (strlen(text) == FAR_LENGTH && text[4] == ':') {
		memcpy(number, "0x", 2);
		memcpy(number + 2, text, 4);
		memcpy(number + 6, text + 5, 4);
		if (number_word(number, 10, &value)) {
			call->target = (u32)value;
			call->has_far = true;
			return ERR_OK;
		}
	}
	return manifest_refuse(item, ERR_VALUE, "not understood: SEGMENT:OFFSET, four hex digits each, as in c000:0003");
}

static enum err read_data(const struct manifest_item *item)
{
	struct manifest_bios_call *call = item->target;

	if (item->value.size > BUFFER_MAX)
		return manifest_refuse(item, ERR_VALUE, "%u bytes, at most %u", item->value.size, BUFFER_MAX);
	call->data = item->value.data;
	call->data_size = item->value.size;
	return ERR_OK;
}

static enum err read_pointer(const struct manifest_item *item)
{
	struct manifest_bios_call *call = item->target;
	enum err err = manifest_check_strings(item, 1);

	if (!err && !bios_pointer_find(item->value.data, &call->pointer))
		err = manifest_refuse(item, ERR_VALUE, "unknown; known: es:di, es:bx, es:bp, es:dx, ds:si, ds:dx");
	return err;
}

#define FIELD(name) offsetof(struct manifest_bios_call, name)

static const struct manifest_property bios_call_properties[] = {
	{ .name = "description", .read = manifest_read_string, .field = FIELD(description) },
	{ .name = "trapeze,vector", .read = manifest_read_number, .field = FIELD(target), .also = FIELD(has_vector),
	  .max = VECTOR_MAX },
	{ .name = "trapeze,far", .read = read_far },
	{ .name = "trapeze,registers", .read = manifest_read_string, .field = FIELD(registers) },
	{ .name = "trapeze,buffer", .read = manifest_read_number, .field = FIELD(buffer_size), .min = 1, .max = BUFFER_MAX },
	{ .name = "trapeze,buffer-at", .read = read_pointer },
	{ .name = "trapeze,data", .read = read_data },
	{ .name = "trapeze,repeat", .read = manifest_read_number, .field = FIELD(rounds), .min = 1, .max = ROUNDS_MAX },
	{ .name = "trapeze,watchdog", .read = manifest_read_number, .field = FIELD(watchdog_ms), .min = 1, .max = WATCHDOG_MAX },
	{ 0 }
};
_Static_assert(ARRAY_COUNT(bios_call_properties) <= MANIFEST_PROPERTIES_MAX, "one bit for each");

static enum err read_call(struct manifest_reader *r, int node, struct manifest_bios_call *call)
{
	char parent[MANIFEST_PATH_MAX];
	enum err err;
	int child;

	manifest_set_path(r, BIOS_CALLS, call->name);
	err = manifest_read_node(r, node, bios_call_properties, call);
	if (!err && call->has_vector == call->has_far)
		err = manifest_complain(r, NULL, ERR_VALUE, "%s trapeze,vector %s trapeze,far", call->has_far ? "both" : "neither",
					call->has_far ? "and" : "nor");
	if (!err && bios_service_find(call->name) >= 0)
		err = manifest_complain(r, NULL, ERR_DUPLICATE, "this name is one that Trapeze knows by itself");
	if (call->buffer_size < call->data_size)
		call->buffer_size = call->data_size;
	memcpy(parent, r->path, sizeof(parent));
	fdt_for_each_subnode(child, r->fdt, node) {
		if (err)
			break;
		err = manifest_read_foreign(r, child, parent);
	}
	return err;
}

enum err manifest_read_bios_calls(struct manifest_reader *r, int node)
{
	static const struct manifest_property none[] = { { 0 } };
	struct manifest *m = r->manifest;
	struct manifest_bios_call *call;
	enum err err;
	int child;

	if (node < 0)
		return ERR_OK;
	manifest_set_path(r, BIOS_CALLS, NULL);
	err = manifest_count_nodes(r, node, &m->bios_call_count);
	if (!err)
		err = manifest_read_node(r, node, none, m);
	if (err)
		return err;
	call = m->bios_calls = calloc(m->bios_call_count, sizeof(*m->bios_calls));
	if (!call)
		return manifest_complain(r, NULL, ERR_MEMORY, "no memory for %u calls", m->bios_call_count);
	fdt_for_each_subnode(child, r->fdt, node) {
		if (err)
			break;
		call->name = fdt_get_name(r->fdt, child, NULL);
		call->registers = call->description = "";
		call->rounds = 1;
		err = read_call(r, child, call++);
	}
	return err;
}

const struct manifest_bios_call *manifest_find_bios_call(const struct manifest *manifest, const char *name)
{
	for (u32 i = 0; i < manifest->bios_call_count; i++)
		if (!strcmp(manifest->bios_calls[i].name, name))
			return &manifest->bios_calls[i];
	return NULL;
}

enum err manifest_read_wanted_calls(const struct manifest_item *item)
{
	enum err err = manifest_check_strings(item, item->value.size);
	struct manifest_config *config = item->target;

	for (const char *s = item->value.data; s && !err; s = manifest_next_string(&item->value, s)) {
		const struct manifest_value shown = manifest_element(&item->value, s);

		if (bios_service_find(s) < 0 && !manifest_find_bios_call(item->reader->manifest, s))
			err = manifest_complain(item->reader, &shown, ERR_NOT_FOUND, "neither a node of /bios-calls nor one of: %s",
						bios_service_names());
	}
	config->bios_calls = item->value.data;
	config->bios_calls_size = item->value.size;
	return err;
}
