/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A machine for loader tests: memory with a map, room for images, and a load request that points to it all. */
#ifndef TRAPEZE_RIG_H
#define TRAPEZE_RIG_H

#include "fake.h"
#include "loader.h"

#define RIG_PARTS 4
/* Where images are put one after the other, each on a page of its own; in less memory at 1 MiB. */
#define RIG_IMAGES MIB(20)

struct rig {
	struct memory memory;
	struct plan plan;
	struct bootinfo info;
	struct manifest_config config;
	struct manifest_image image;
	struct loader_part parts[RIG_PARTS];
	struct load_request request;
	paddr_t next_image;
	u32 claims;			/* how many there were before the loader came */
};

/* An x86_64 build with `ram` bytes (64 MiB or less): usable but for 0x9f000..1 MiB. */
void rig_init(struct rig *rig, u64 ram);
/* More usable memory, up to `end`: destinations may lie there, nothing is ever read or written. */
void rig_extend(struct rig *rig, paddr_t end);
void rig_free(struct rig *rig);
/* Put bytes into memory as a module would lie there, `skew` bytes into a page. */
void rig_kernel(struct rig *rig, const void *bytes, u64 size);
void rig_ramdisk(struct rig *rig, const char *name, const void *bytes, u64 size, u32 skew);
/* Plan and place; plan, place and finish. */
enum err rig_place(struct rig *rig, const struct loader *loader);
enum err rig_finish(struct rig *rig, const struct loader *loader);
/* What the loader's record says, one line after the other, each with a newline; malloc'd. */
char *rig_record(struct rig *rig, const struct loader *loader);
/* The segment of that name, or NULL; the bytes that it brings. */
const struct plan_segment *rig_segment(const struct rig *rig, const char *name);
const u8 *rig_bytes(const struct plan_segment *segment);

/* --- images --- */

/*
 * A bzImage header of that protocol with 2 MiB alignment, preferring 16 MiB, needing 1 MiB, and `code_size` bytes
 * behind.
 */
#define RIG_SETUP_SIZE 1024u
#define RIG_KERNEL_MAX (RIG_SETUP_SIZE + 65536u)
u32 rig_make_kernel(u8 *bytes, u16 version, u32 code_size);
/* A 32- or 64-bit executable: text at `base` with the entry at its start, data with bss on the next page. */
#define RIG_ELF_SIZE 8192u
u32 rig_make_elf(u8 *bytes, bool is_64, u64 base);
void rig_patch(u8 *bytes, u32 offset, u32 size, u64 value);

#endif
