/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Which parts are unpacked. The manifest's `compression` decides where it stands. Where it does not, kernels and multiboot modules are
 * known by their first bytes, as GRUB unpacks them; ramdisks are not, since Linux unpacks its own, and neither are flat binaries,
 * whose bytes mean nothing.
 */
#include "boot_private.h"

#include "arch.h"
#include "log.h"
#include "unpack.h"

const struct unpacker *boot_unpacker(const struct loader_part *part, bool by_magic)
{
	if (part->image->compression[0])
		return unpack_find(part->image->compression);
	return by_magic && part->blob.data && !part->image->is_flat ? unpack_probe(part->blob.data, part->blob.size) : NULL;
}

/* as_it_is: the bytes go to `load` as they come out. */
static enum err unpack_with(const struct unpacker *unpacker, struct boot *boot, struct loader_part *part, bool as_it_is)
{
	struct boot_progress progress = { &boot->machine->menu, "unpack", part->image->name };
	bool in_place = as_it_is && part->image->has_load && !(part->image->load & PAGE_MASK);
	const struct unpack_wish wish = {
		.size = part->image->unpacked_size,
		.load = in_place ? part->image->load : 0,
		.memory = &boot->machine->memory,
		.progress = boot_show_progress,
		.ctx = &progress,
	};

	return unpack_blob(unpacker, &part->blob, &wish);
}

static enum err unpack_part(struct boot *boot, struct loader_part *part, bool by_magic, bool as_it_is)
{
	const struct unpacker *unpacker = boot_unpacker(part, by_magic);

	return unpacker ? unpack_with(unpacker, boot, part, as_it_is) : ERR_OK;
}

static enum err unpack_kernel(struct boot *boot)
{
	struct loader_part *kernel = &boot->request.kernel;
	const struct unpacker *unpacker = boot_unpacker(kernel, true);

	return unpacker ? unpack_with(unpacker, boot, kernel, kernel->image->is_flat || boot->request.setup.image) : ERR_OK;
}

/* A kernel that no loader can know, for a reason that none of them would name. */
static enum err check_foreign(const struct loader_part *kernel)
{
	const char *name;

	if (kernel->image->is_flat || kernel->image->compression[0])
		return ERR_OK;
	name = unpack_probe_foreign(kernel->blob.data, kernel->blob.size);
	if (!name)
		return ERR_OK;
	log_err("unpack", "%s: packed as %s, which is not supported; known: %s", kernel->blob.name, name, unpack_known());
	return ERR_UNSUPPORTED;
}

enum err boot_unpack(struct boot *boot)
{
	struct load_request *r = &boot->request;
	enum err err = check_foreign(&r->kernel);

	arch_set_step("unpack");
	if (!err)
		err = unpack_kernel(boot);
	if (!err && r->setup.image)
		err = unpack_part(boot, &r->setup, false, false);
	for (u32 i = 0; i < r->ramdisk_count && !err; i++)
		err = unpack_part(boot, &r->ramdisks[i], false, false);
	for (u32 i = 0; i < r->module_count && !err; i++)
		err = unpack_part(boot, &r->modules[i], true, false);
	for (u32 i = 0; i < r->loadable_count && !err; i++)
		err = unpack_part(boot, &r->loadables[i], false, true);
	return err;
}
