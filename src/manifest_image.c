/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* /images/NAME and the hash nodes in it. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "manifest_internal.h"
#include "unpack.h"

#define IMAGES "/images"
#define ADDRESS_MAX (PADDR_LIMIT - 1)
/* More than fits between the BIOS's data and 640 KiB. */
#define SECTORS_MAX 1280

static enum err read_compression(const struct manifest_item *item)
{
	enum err err = manifest_read_text(item);

	if (err)
		return err;
	if (strcmp(item->value.data, "none") && !unpack_find(item->value.data))
		return manifest_refuse(item, ERR_UNSUPPORTED, "not supported; known: %s", unpack_known());
	return ERR_OK;
}

static enum err read_file(const struct manifest_item *item)
{
	return manifest_refuse(item, ERR_UNSUPPORTED, "a file of the host; tools/mkiso stages it as trapeze,path");
}

static enum err read_addresses(const struct manifest_item *item)
{
	enum err err = manifest_check_strings(item, 1);

	if (err)
		return err;
	if (strcmp(item->value.data, "physical") && strcmp(item->value.data, "virtual"))
		return manifest_refuse(item, ERR_VALUE, "neither physical nor virtual");
	*(bool *)manifest_field(item) = !strcmp(item->value.data, "virtual");
	return ERR_OK;
}

#define FIELD(name) offsetof(struct manifest_image, name)

static const struct manifest_property image_properties[] = {
	{ .name = "description", .read = manifest_read_string, .field = FIELD(description) },
	{ .name = "type", .read = manifest_read_string, .field = FIELD(type) },
	{ .name = "arch", .read = manifest_read_string, .field = FIELD(arch) },
	{ .name = "os", .read = manifest_read_string, .field = FIELD(os) },
	{ .name = "compression", .read = read_compression, .field = FIELD(compression) },
	{ .name = "load", .read = manifest_read_address, .field = FIELD(load), .also = FIELD(has_load),
	  .max = ADDRESS_MAX },
	{ .name = "entry", .read = manifest_read_address, .field = FIELD(entry), .also = FIELD(has_entry),
	  .max = ADDRESS_MAX },
	{ .name = "data", .read = manifest_read_data },
	{ .name = "data-size", .read = manifest_read_address, .field = FIELD(external.size), .also = FIELD(external.has_size),
	  .max = ADDRESS_MAX },
	{ .name = "data-position", .read = manifest_read_address, .field = FIELD(external.position),
	  .also = FIELD(external.has_position), .max = ADDRESS_MAX },
	{ .name = "data-offset", .read = manifest_read_address, .field = FIELD(external.offset),
	  .also = FIELD(external.has_offset), .max = ADDRESS_MAX },
	{ .name = "compatible", .read = manifest_read_unused },
	{ .name = "trapeze,file", .read = read_file },
	{ .name = "trapeze,path", .read = manifest_read_text, .field = FIELD(path) },
	{ .name = "trapeze,disk", .read = manifest_read_disk, .field = FIELD(disk) },
	{ .name = "trapeze,sectors", .read = manifest_read_number, .field = FIELD(sectors), .min = 1, .max = SECTORS_MAX },
	{ .name = "trapeze,size", .read = manifest_read_address, .field = FIELD(size), .also = FIELD(has_size),
	  .max = ADDRESS_MAX },
	{ .name = "trapeze,unpacked-size", .read = manifest_read_address, .field = FIELD(unpacked_size), .max = ADDRESS_MAX },
	{ .name = "trapeze,bootargs", .read = manifest_read_string, .field = FIELD(bootargs) },
	{ .name = "trapeze,addresses", .read = read_addresses, .field = FIELD(virtual_addresses) },
	{ 0 }
};
_Static_assert(ARRAY_COUNT(image_properties) <= MANIFEST_PROPERTIES_MAX, "one bit for each");

/* A hash while it is read: the value can stand before the algorithm that says how long it must be. */
struct hash_node {
	struct manifest_value algo, value;
};

static enum err read_hash_algo(const struct manifest_item *item)
{
	struct hash_node *hash = item->target;

	hash->algo = item->value;
	return manifest_check_strings(item, 1);
}

static enum err read_hash_value(const struct manifest_item *item)
{
	struct hash_node *hash = item->target;

	hash->value = item->value;
	return ERR_OK;
}

static const struct manifest_property hash_properties[] = {
	{ .name = "algo", .read = read_hash_algo, .required = true },
	{ .name = "value", .read = read_hash_value, .required = true },
	{ 0 }
};

static enum err read_hash(struct manifest_reader *r, int node, struct hash_want *want)
{
	struct hash_node hash;
	enum err err = manifest_read_node(r, node, hash_properties, &hash);

	if (err)
		return err;
	if (!hash_parse(hash.algo.data, &want->algo))
		return manifest_complain(r, &hash.algo, ERR_UNSUPPORTED, "not supported; known: crc32, md5, sha1, sha256, sha384, sha512");
	if (hash.value.size != hash_size(want->algo))
		return manifest_complain(r, &hash.value, ERR_VALUE, "%u bytes, but %s has %u", hash.value.size,
					 hash_name(want->algo), hash_size(want->algo));
	want->value = hash.value.data;
	want->node = fdt_get_name(r->fdt, node, NULL);
	return ERR_OK;
}

static bool is_hash(const struct manifest_reader *r, int node)
{
	return manifest_is_node_of(fdt_get_name(r->fdt, node, NULL), "hash");
}

static enum err read_child(struct manifest_reader *r, int node, const char *parent, struct manifest_image *image)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);

	manifest_set_path(r, parent, name);
	if (is_hash(r, node))
		return read_hash(r, node, &image->hashes[image->hash_count++]);
	if (manifest_is_node_of(name, "cipher"))
		return manifest_complain(r, NULL, ERR_UNSUPPORTED, "the image is encrypted, which is not supported");
	return manifest_read_foreign(r, node, parent);
}

static enum err read_children(struct manifest_reader *r, int node, struct manifest_image *image)
{
	char parent[MANIFEST_PATH_MAX];
	enum err err = ERR_OK;
	u32 hash_count = 0;
	int child;

	fdt_for_each_subnode(child, r->fdt, node)
		hash_count += is_hash(r, child);
	image->hashes = hash_count ? calloc(hash_count, sizeof(*image->hashes)) : NULL;
	if (hash_count && !image->hashes)
		return manifest_complain(r, NULL, ERR_MEMORY, "no memory for %u hashes", hash_count);
	memcpy(parent, r->path, sizeof(parent));
	fdt_for_each_subnode(child, r->fdt, node) {
		err = read_child(r, child, parent, image);
		if (err)
			break;
	}
	return err;
}

static enum err read_image(struct manifest_reader *r, int node, struct manifest_image *image)
{
	enum err err;

	image->name = fdt_get_name(r->fdt, node, NULL);
	image->description = image->type = image->arch = image->os = image->compression = "";
	manifest_set_path(r, IMAGES, image->name);
	err = manifest_read_node(r, node, image_properties, image);
	image->is_flat = !strcmp(image->os, "flat");
	if (!err)
		err = manifest_find_data(r, image);
	return err ? err : read_children(r, node, image);
}

enum err manifest_read_images(struct manifest_reader *r, int node)
{
	static const struct manifest_property none[] = { { 0 } };
	struct manifest *m = r->manifest;
	struct manifest_image *image;
	enum err err;
	int child;

	manifest_set_path(r, IMAGES, NULL);
	err = manifest_read_node(r, node, none, NULL);
	if (!err)
		err = manifest_count_nodes(r, node, &m->image_count);
	if (err)
		return err;
	image = m->images = calloc(m->image_count, sizeof(*m->images));
	if (!image)
		return manifest_complain(r, NULL, ERR_MEMORY, "no memory for %u images", m->image_count);
	fdt_for_each_subnode(child, r->fdt, node) {
		err = read_image(r, child, image++);
		if (err)
			break;
	}
	return err;
}
