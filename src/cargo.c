/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "cargo.h"

#include <string.h>

#include "arch.h"
#include "cpio.h"
#include "log.h"
#include "printable.h"
#include "unpack.h"

#define NAME_SHOWN 64
#define FDT_MAGIC "\xd0\x0d\xfe\xed"
#define FDT_MAGIC_SIZE 4

/* How much of a name makes no difference: "./boot/kernel" and "/boot/kernel" are boot/kernel. */
static u32 prefix_length(const char *name, u32 length)
{
	u32 at = 0;

	for (;;) {
		if (at < length && name[at] == '/')
			at++;
		else if (length - at >= 2 && name[at] == '.' && name[at + 1] == '/')
			at += 2;
		else
			return at;
	}
}

static bool is_same(const char *a, u32 a_length, const char *b, u32 b_length)
{
	u32 a_at = prefix_length(a, a_length), b_at = prefix_length(b, b_length);

	return a_length - a_at == b_length - b_at && !memcmp(a + a_at, b + b_at, a_length - a_at);
}

static void fill(const struct cargo *cargo, u64 at, u64 size, struct blob *out)
{
	out->paddr = cargo->paddr + at;
	out->size = size;
	out->data = (const u8 *)cargo->data + (size_t)at;
}

/* As in Linux, the last one of a name counts. */
static bool find_file(const struct cargo *cargo, const char *name, struct blob *out)
{
	struct cpio_file file;
	struct cursor c;
	bool found = false;

	cursor_init(&c, cargo->data, cargo->size);
	while (!cpio_next(&c, &file)) {
		if (!file.size || !is_same(file.name, file.name_length, name, (u32)strlen(name)))
			continue;
		fill(cargo, file.at, file.size, out);
		found = true;
	}
	return found;
}

static enum err find(struct source *self, const char *name, struct blob *out)
{
	const struct cargo *cargo = self->ctx;

	*out = (struct blob){ .name = name, .origin = self->origin };
	if (cargo->tree_name && is_same(name, (u32)strlen(name), cargo->tree_name, (u32)strlen(cargo->tree_name)))
		fill(cargo, 0, cargo->size, out);
	else if (cargo->tree_name || !find_file(cargo, name, out))
		return ERR_NOT_FOUND;
	return ERR_OK;
}

/* Look through the archive once, so that what is wrong with it is said once; what comes before stays to be found. */
static u32 count_files(struct cargo *cargo)
{
	char shown[NAME_SHOWN];
	struct cpio_file file;
	struct cursor c;
	u32 count = 0;
	u64 good = 0;

	cursor_init(&c, cargo->data, cargo->size);
	for (; !cpio_next(&c, &file); count++) {
		good = c.at;
		printable(shown, sizeof(shown), file.name, file.name_length);
		if (file.size)
			log_debug("cargo", "file \"%s\" at=0x%llx bytes=%llu", shown, cargo->paddr + file.at,
				  file.size);
		else
			log_warn("cargo", "file \"%s\" is empty and cannot be found", shown);
	}
	cargo->size = good;
	return count;
}

static void log_unknown(const struct cargo *cargo)
{
	const struct unpacker *unpacker = unpack_probe(cargo->data, cargo->size);
	const char *name = unpacker ? unpack_name(unpacker) : unpack_probe_foreign(cargo->data, cargo->size);
	const u8 *bytes = cargo->data;

	if (name)
		log_err("cargo", "the initrd is packed with %s; a bare cpio archive or device tree is wanted", name);
	else
		log_err("cargo", "the initrd is neither a cpio archive (070701) nor a device tree: bytes=%llu "
			"first=0x%02x%02x%02x%02x", cargo->size, bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool cargo_init(struct cargo *cargo, const struct bootinfo *info, const char *manifest)
{
	u64 size = info->initrd_end - info->initrd_start;

	*cargo = (struct cargo){
		.source = { .origin = "initrd", .find = find, .ctx = cargo },
		.paddr = info->initrd_start,
		.size = size,
	};
	if (!size)
		return false;
	cargo->data = arch_phys(cargo->paddr, size);
	if (!cargo->data || size < FDT_MAGIC_SIZE) {
		log_err("cargo", "initrd at=0x%llx size=%llu: %s", cargo->paddr, size,
			cargo->data ? "too short for anything" : "outside the memory that this build reaches");
		return false;
	}
	if (!memcmp(cargo->data, FDT_MAGIC, FDT_MAGIC_SIZE))
		cargo->tree_name = manifest;
	else if (cpio_probe(cargo->data, size))
		log_info("cargo", "initrd files=%u bytes=%llu", count_files(cargo), size);
	else
		log_unknown(cargo);
	return cargo->tree_name || cpio_probe(cargo->data, cargo->size);
}
