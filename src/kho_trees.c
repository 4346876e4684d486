/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The flattened trees of a kexec handover. Linux's own have numbers in the processor's order, ours are ordinary ones. All
 * functions here are true when something did not fit, but for those of kho.h.
 */
#include "kho.h"

#include <libfdt.h>
#include <string.h>

#include "arch.h"
#include "calls.h"
#include "fmt.h"

#define METADATA_VERSION 1u
#define METADATA_RELEASE_MAX 64u	/* __NEW_UTS_LEN */

static bool begin(void *data, u32 size, const char *compatible)
{
	return fdt_create(data, (int)size) || fdt_finish_reservemap(data) || fdt_begin_node(data, "") ||
	       fdt_property_string(data, "compatible", compatible);
}

static bool finish(void *data)
{
	return !(fdt_end_node(data) || fdt_finish(data));
}

/* x86 is little endian, whatever the build. */
static bool put_native(void *data, const char *name, u64 number)
{
	u8 bytes[sizeof(number)];

	handover_put(bytes, 0, sizeof(bytes), number);
	return fdt_property(data, name, bytes, sizeof(bytes));
}

const void *kho_property(const void *tree, int node, const char *name)
{
	int size;
	const void *value = fdt_getprop(tree, node, name, &size);

	return value && size == (int)sizeof(u64) ? value : NULL;
}

bool kho_make_root(const struct kho_version *version, paddr_t map, const struct kho_entry *entries, u32 count, void *data,
		   u32 size)
{
	bool bad = begin(data, size, version->name) || put_native(data, version->map, map);

	for (u32 i = 0; i < count; i++)
		bad = bad || fdt_begin_node(data, entries[i].name) || put_native(data, version->data, entries[i].start) ||
		       put_native(data, version->size, entries[i].size) || fdt_end_node(data);
	return !bad && finish(data);
}

/* What the kernel's reserve_mem= finds again: include/linux/kho/abi/memblock.h. */
bool kho_make_reserved(const struct manifest_region *regions, u32 count, void *data, u32 size)
{
	bool bad = begin(data, size, KHO_MEMBLOCK);

	for (u32 i = 0; i < count; i++)
		bad = bad || fdt_begin_node(data, regions[i].name) || fdt_property_string(data, "compatible", KHO_RESERVED) ||
		       put_native(data, "start", regions[i].start) || put_native(data, "size", regions[i].size) ||
		       fdt_end_node(data);
	return !bad && finish(data);
}

/* Linux prints it as "exec from: ... (count N)" and counts on. */
void kho_make_metadata(void *data, u32 count)
{
	static const char release[] = "Trapeze-" TRAPEZE_VERSION;
	_Static_assert(sizeof(release) <= METADATA_RELEASE_MAX + 1, "");

	memset(data, 0, KHO_METADATA_SIZE);
	handover_put(data, 0, 4, METADATA_VERSION);
	memcpy((u8 *)data + 4, release, sizeof(release));
	handover_put(data, KHO_METADATA_SIZE - 4, 4, count);
}

/* An image may be there more than once: nodes have numbers. */
static bool put_part(void *data, const struct loader_part *part, const char *role, u32 *number)
{
	const struct manifest_image *image = part->image;
	char node[24];
	bool bad;

	fmt_snprintf(node, sizeof(node), "image-%u", (*number)++);
	bad = fdt_begin_node(data, node) || fdt_property_string(data, "image", part->blob.name) ||
	      fdt_property_string(data, "role", role) || fdt_property_string(data, "origin", part->blob.origin) ||
	      fdt_property_u64(data, "size", part->blob.size);
	for (u32 i = 0; image && i < image->hash_count; i++)
		bad = bad || fdt_begin_node(data, image->hashes[i].node) ||
		       fdt_property_string(data, "algo", hash_name(image->hashes[i].algo)) ||
		       fdt_property(data, "value", image->hashes[i].value, (int)hash_size(image->hashes[i].algo)) ||
		       fdt_end_node(data);
	return bad || fdt_end_node(data);
}

static bool put_parts(void *data, const struct load_request *request)
{
	u32 number = 0;
	bool bad = fdt_begin_node(data, "images") || put_part(data, &request->kernel, "kernel", &number);

	for (u32 i = 0; i < request->ramdisk_count; i++)
		bad = bad || put_part(data, &request->ramdisks[i], "ramdisk", &number);
	for (u32 i = 0; i < request->module_count; i++)
		bad = bad || put_part(data, &request->modules[i], "blob", &number);
	return bad || fdt_end_node(data);
}

static bool put_calls(void *data)
{
	const struct call_result *call;
	bool bad = fdt_begin_node(data, "calls");

	for (u32 i = 0; (call = calls_get(i)); i++)
		bad = bad || fdt_begin_node(data, call->name) || fdt_property_u32(data, "number", call->number) ||
		       fdt_property_string(data, "outcome", call->outcome) || fdt_property_u64(data, "result", call->result) ||
		       fdt_property_u64(data, "time-us", call->us) || fdt_end_node(data);
	return bad || fdt_end_node(data);
}

bool kho_make_facts(const struct load_request *request, void *data, u32 size)
{
	bool bad = begin(data, size, "trapeze-boot-v1") || fdt_property_string(data, "version", TRAPEZE_VERSION) ||
		  fdt_property_string(data, "build", arch_features.build) ||
		  fdt_property_string(data, "loader", request->info->loader_name) ||
		  fdt_property_string(data, "manifest", request->title) ||
		  fdt_property_string(data, "configuration", request->config->name) ||
		  fdt_property_string(data, "bootargs", request->bootargs) ||
		  fdt_property_u64(data, "time-us", arch_time_us()) || fdt_property_u32(data, "tsc-khz", arch_features.tsc_khz);

	bad = bad || put_parts(data, request) || put_calls(data);
	return !bad && finish(data);
}
