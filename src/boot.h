/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * One boot, from a configuration to the jump: find, verify, unpack, plan, place, prepare, execute. Everything that can fail does so
 * before the first page moves; then the menu is there again and nothing is lost.
 */
#ifndef TRAPEZE_BOOT_H
#define TRAPEZE_BOOT_H

#include "error.h"
#include "loader.h"
#include "machine.h"
#include "swing.h"

/*
 * The parts of a configuration, found but not yet verified; later all that the boot needs. Of an image that sleeps (it was
 * called and wants to go on another time) it stays: its memory waits in the pages of its swap list.
 */
struct boot {
	struct boot *next;		/* of those that sleep */
	u32 index;			/* of the configuration */
	u32 rounds;			/* times that it was entered */
	struct machine *machine;
	const struct manifest_config *config;
	struct load_request request;
	char *bootargs;			/* the request's, names filled in; malloc'd */
	bool at_hand;			/* boot_parts_at_hand */
	char *asked;			/* of one that is kept: the arguments as they were given; malloc'd, or NULL */
	struct plan plan;
	struct swing swing;
	struct swing_checksum few_checksums[2];	/* the swing's, where they are no more */
	const struct loader *loader;
	struct manifest_image *passed;	/* of the modules that are passed on */
	const struct memory *whole;	/* of a boot that is prepared ahead (boot_ahead.h): all memory; NULL: an ordinary one */
	bool has_memory;		/* what jumpback_give_memory gave */
};

/* Find the configuration's parts. bootargs NULL: those of the manifest (of an image that is called, trapeze,args). */
enum err boot_find(struct boot *boot, struct machine *machine, u32 config, const char *bootargs) MUST_CHECK;
/* And bring them into memory. */
enum err boot_open(struct boot *boot, struct machine *machine, u32 config, const char *bootargs) MUST_CHECK;
/* Unpack what is packed (docs/formats.md). After the hashes, which are over the bytes as they are stored. */
enum err boot_unpack(struct boot *boot) MUST_CHECK;
/* Find the loader that knows the kernel. After its hashes: of damaged bytes the format says nothing. */
enum err boot_choose(struct boot *boot) MUST_CHECK;
/* Let the loader check everything and place its segments. Nothing is written outside staging memory. */
enum err boot_plan(struct boot *boot) MUST_CHECK;
/* Give back all that the boot took. */
void boot_close(struct boot *boot);

/*
 * A first look for the menu (only a part that is missing is logged): the format's name (of a packed kernel that of its packing), or
 * what is wrong in two words; the sizes are those of the parts that were found. Static text.
 */
const char *boot_peek(struct machine *machine, u32 config, u64 *kernel_size, u64 *ramdisk_size);

/*
 * The whole way. Returns an error when something was wrong (it has been logged), or ERR_OK when an image was called and is
 * back; *outcome says how. Where an image of the same configuration sleeps, it is
 * dropped as soon as the arguments are understood and all files found.
 */
enum err boot_run(struct machine *machine, u32 config, const char *bootargs, enum swing_outcome *outcome) MUST_CHECK;

/*
 * The last call that returned may be kept for the next of the same kind (docs/preserve-context.md, "Called again"). Drop it: something is
 * to happen that may change what it was made of, or somebody needs the memory.
 */
void boot_keep_drop(struct machine *machine);
/* Before the first call, where the manifest has one: what can be made without knowing which. */
void boot_keep_ready(struct machine *machine);

/*
 * Go on in an image that sleeps, the `number`th of machine->asleep (from 0). `args` as for callargs_parse. On an error (logged)
 * it sleeps on.
 */
enum err boot_resume(struct machine *machine, u32 number, const char *args, enum swing_outcome *outcome) MUST_CHECK;
/* Before the configuration's name, in the menu's names of those that sleep. */
#define BOOT_RESUME_PREFIX "resume:"
u32 boot_asleep_count(const struct machine *machine);
const struct boot *boot_asleep(const struct machine *machine, u32 number);

#endif
