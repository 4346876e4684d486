/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the files of boot*.c share. */
#ifndef TRAPEZE_BOOT_PRIVATE_H
#define TRAPEZE_BOOT_PRIVATE_H

#include "boot.h"

struct unpacker;

/* Find the bytes of the kernel, the ramdisks and the modules. Logs what is missing. */
enum err boot_find_parts(struct boot *boot) MUST_CHECK;
/* Bring them into memory, with progress; and give back what both have taken. */
enum err boot_load_parts(struct boot *boot) MUST_CHECK;
void boot_release_parts(struct boot *boot);

/* What a part is packed with, or NULL; by_magic: its first bytes are asked where the manifest says nothing. */
const struct unpacker *boot_unpacker(const struct loader_part *part, bool by_magic);

/* The menu's line for a long step: source_progress, verify_progress, unpack_progress. */
struct boot_progress {
	const struct menu *menu;
	const char *what, *name;
};
void boot_show_progress(void *ctx, u64 done, u64 total);
/*
 * The loadables of the configuration: those without a load address become modules where the loader takes some; the others
 * are added to the plan, behind what the loader put there. Logs what cannot be loaded.
 */
enum err boot_take_loadables(struct boot *boot) MUST_CHECK;
enum err boot_plan_loadables(struct boot *boot) MUST_CHECK;
/* The modules of GRUB that no image names, behind the others, where the configuration wants them. Logs what is wrong. */
enum err boot_take_passed(struct boot *boot) MUST_CHECK;
/* The loader's segments, and the loadables'. */
enum err boot_plan_segments(struct boot *boot) MUST_CHECK;
/* From boot_open to all that the processor's side needs: verify, unpack, plan, place, prepare. */
enum err boot_make_ready(struct boot *boot) MUST_CHECK;
/* Enter it. Comes back when the image was called. */
void boot_enter(struct boot *boot, enum swing_outcome *outcome);
/* The swing, all being ready. Returns where the image was called: boot_swing, then boot_tell. */
void boot_execute(struct boot *boot, enum swing_outcome *outcome);
/* The swing alone; how it ended is to be told, in the log and for the kernel that comes after. */
void boot_swing(struct boot *boot);
void boot_tell(struct boot *boot, enum swing_outcome *outcome);
/* The line before it; `more` at its end. */
void boot_log_enter(const struct boot *boot, const char *more);
/* boot_close, and the struct itself. */
void boot_delete(struct boot *boot);

/* All parts lie in memory since the start, as GRUB's modules and the manifest do: nothing is read for a boot. */
bool boot_parts_at_hand(const struct load_request *request);

/*
 * What a call that returned leaves is kept whole, one of them, for the next call of the same configuration with the same arguments.
 * After a call: keep it, let it sleep, or delete it. `asked`: its arguments as boot_run got them.
 */
void boot_keep_or_delete(struct boot *boot, const char *asked);
/*
 * The call once more. False: there is none for these arguments, or not all of it is as it was; then it is gone, nothing was
 * entered, and the call is to be prepared anew.
 */
bool boot_keep_call(struct machine *machine, u32 config, const char *asked, enum swing_outcome *outcome) MUST_CHECK;

/* A configuration that is to come back: can its image? One with memory of its own gets its command line (jumpback.h). Logs. */
enum err boot_check_way_back(struct boot *boot) MUST_CHECK;
/* The list of those that sleep; it owns them. */
void boot_asleep_add(struct machine *machine, struct boot *boot);
void boot_asleep_remove(struct machine *machine, struct boot *boot);
/* number < boot_asleep_count(). */
struct boot *boot_asleep_at(const struct machine *machine, u32 number);
/* A configuration that is started anew has no image asleep any more. */
void boot_asleep_drop(struct machine *machine, u32 config);
/* What takes the machine for good needs the memory that a kernel has. */
void boot_asleep_drop_memory(struct machine *machine);

#endif
