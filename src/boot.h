/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * One boot, from a configuration to the jump: find, verify, plan, place, prepare, execute. Everything that can fail does so
 * before the first page moves; then the menu is there again and nothing is lost.
 */
#ifndef TRAPEZE_BOOT_H
#define TRAPEZE_BOOT_H

#include "error.h"
#include "loader.h"
#include "machine.h"
#include "swing.h"

/* The parts of a configuration, found but not yet verified. */
struct boot {
	struct machine *machine;
	const struct manifest_config *config;
	struct load_request request;
	struct plan plan;
	struct swing swing;
	const struct loader *loader;
};

/* Find the configuration's parts. */
enum err boot_open(struct boot *boot, struct machine *machine, u32 config, const char *bootargs) MUST_CHECK;
/* Find the loader that knows the kernel. After its hashes: of damaged bytes the format says nothing. */
enum err boot_choose(struct boot *boot) MUST_CHECK;
/* Let the loader check everything and place its segments. Nothing is written outside staging memory. */
enum err boot_plan(struct boot *boot) MUST_CHECK;
/* Give back all that the boot took. */
void boot_close(struct boot *boot);

/*
 * A first look for the menu (only a part that is missing is logged): the format's name, or what is wrong in two words; the sizes are
 * those of the parts that were found. Static text.
 */
const char *boot_peek(struct machine *machine, u32 config, u64 *kernel_size, u64 *ramdisk_size);

/*
 * The whole way. Returns an error when something was wrong (it has been logged), or ERR_OK when an image was called and is
 * back; *outcome says how.
 */
enum err boot_run(struct machine *machine, u32 config, const char *bootargs, enum swing_outcome *outcome) MUST_CHECK;

#endif
