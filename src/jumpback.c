/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "jumpback.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "log.h"

/* The name that kexec-tools gives to a kernel which it starts with --load-preserve-context. */
static const char entry_word[] = "kexec_jump_back_entry=0x";
#define ENTRY_DIGITS 8
/* Leaving tables of five levels for those of four takes leaving long mode (Intel SDM vol. 3, 4.1.2): the kernel does without. */
static const char four_levels[] = "no5lvl ";

static enum err make_bootargs(const struct load_request *request, char **out)
{
	const char *levels = arch_features.has_5_levels ? four_levels : "";
	size_t size = sizeof(entry_word) + ENTRY_DIGITS + sizeof(four_levels) + strlen(request->bootargs) + 1;

	*out = malloc(size);
	if (!*out) {
		log_err("boot", "%s: heap is full bytes=%zu", request->config->name, size);
		return ERR_MEMORY;
	}
	/* In front: what stands behind "--" is not the kernel's. */
	fmt_snprintf(*out, size, "%s%08x %s%s", entry_word, 0, levels, request->bootargs);
	return ERR_OK;
}

void jumpback_set_entry(char *bootargs, paddr_t entry)
{
	char *digits = bootargs + strlen(entry_word), behind = digits[ENTRY_DIGITS];

	fmt_snprintf(digits, ENTRY_DIGITS + 1, "%08x", (u32)entry);
	digits[ENTRY_DIGITS] = behind;
}

static const struct mem_claim *find_given(const struct memory *memory)
{
	for (u32 i = 0; i < memory->claim_count; i++)
		if (memory->claims[i].owner == OWNER_IMAGE)
			return &memory->claims[i];
	return NULL;
}

enum err jumpback_begin(struct load_request *request, char **bootargs)
{
	const struct manifest_config *config = request->config;
	const struct mem_claim *other = find_given(request->memory);
	const char *what = config->watchdog_ms ? "trapeze,watchdog: the timer is the kernel's" :
			   config->keep_recorder ? "trapeze,recorder: its flight is not over, the recorder goes on" :
			   config->kho ? "trapeze,kho: nothing is handed over by a shim that stays" :
			   config->repeat > 1 ? "trapeze,repeat: it is resumed, not called again" : NULL;

	if (what) {
		log_err("boot", "%s: not for a kernel that comes back: %s", config->name, what);
		return ERR_UNSUPPORTED;
	}
	if (other) {
		log_err("boot", "%s: \"%s\" sleeps and has all memory: resume it, or start it anew", config->name, other->name);
		return ERR_NO_ROOM;
	}
	request->comes_back = true;
	request->plan->apart = true;
	return make_bootargs(request, bootargs);
}

static bool clear_of_plan(const void *plan, paddr_t start, paddr_t end)
{
	return plan_range_is_clear(plan, start, end);
}

/* Not what is out of this build's reach: the kernel may come back from wherever it has memory. */
static enum err give(struct memory *memory, const char *name)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < memory->map.count && !err; i++) {
		const struct mem_range *range = &memory->map.ranges[i];

		if (range->type == MEM_USABLE)
			err = memory_claim(memory, range->start, min_u64(range->end, arch_phys_limit()), OWNER_IMAGE, name);
	}
	return err;
}

enum err jumpback_give_memory(struct memory *memory, const struct plan *plan, const char *name)
{
	/* Control pages lie below 4 GiB. */
	const struct memory_where where = { .min = MIB(1), .max = GIB(4), .is_clear = clear_of_plan, .ctx = plan };
	paddr_t room;
	enum err err = memory_alloc(memory, JUMPBACK_ROOM, &where, OWNER_STAGE, "room", &room);

	if (err) {
		log_err("boot", "%s: no room to work in while the kernel has the memory bytes=%llu below=0x%llx", name, JUMPBACK_ROOM,
			where.max);
		return err;
	}
	err = give(memory, name);
	memory_release(memory, room);
	if (err)
		jumpback_take_memory(memory);
	return err;
}

void jumpback_take_memory(struct memory *memory)
{
	const struct mem_claim *claim;

	while ((claim = find_given(memory)))
		memory_release(memory, claim->start);
}

bool jumpback_has_given(const struct memory *memory, paddr_t paddr)
{
	const struct mem_claim *claim = memory_find_claim(memory, paddr, paddr + 1);

	return claim && claim->owner == OWNER_IMAGE;
}

enum err jumpback_find_ours(const struct memory *memory, struct rangeset *ours)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < memory->map.count && !err; i++)
		if (memory->map.ranges[i].type == MEM_USABLE)
			err = rangeset_add(ours, memory->map.ranges[i].start, memory->map.ranges[i].end);
	for (u32 i = 0; i < memory->claim_count && !err; i++) {
		const struct mem_claim *claim = &memory->claims[i];

		if (claim->owner == OWNER_IMAGE || claim->owner == OWNER_LOW)
			err = rangeset_remove(ours, claim->start, claim->end);
	}
	return err;
}
