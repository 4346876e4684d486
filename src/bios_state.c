/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "bios_state.h"

#include "bios.h"
#include "log.h"
#include "machine.h"

#define VECTORS_SIZE 1024

static void add(struct bios_state *state, paddr_t start, paddr_t end)
{
	const void *bytes = start < end ? arch_phys(start, end - start) : NULL;
	struct mover_sum sum;

	if (!bytes)
		return;
	sum = arch_checksum(bytes, end - start);
	state->memory.a = state->memory.a * 31 + sum.a;
	state->memory.b = state->memory.b * 31 + sum.b;
	state->bytes += end - start;
}

/* What the shim itself writes to, and page tables, in which the processor notes what it used. */
static bool is_worked_in(enum mem_owner owner)
{
	return owner != OWNER_MODULE && owner != OWNER_INFO;
}

/* A usable range without what is worked in. */
static void add_range(struct bios_state *state, const struct memory *memory, paddr_t start, paddr_t end)
{
	for (u32 i = 0; i < memory->claim_count; i++) {
		const struct mem_claim *c = &memory->claims[i];

		if (!is_worked_in(c->owner) || !ranges_overlap(start, end, c->start, c->end))
			continue;
		add(state, start, c->start);
		start = c->end;
	}
	add(state, start, end);
}

void bios_state_take(const struct machine *machine, struct bios_state *state)
{
	const struct memory *memory = &machine->memory;
	u8 vectors[VECTORS_SIZE];

	*state = (struct bios_state){ 0 };
	for (u32 i = 0; i < memory->map.count; i++)
		if (memory->map.ranges[i].type == MEM_USABLE)
			add_range(state, memory, memory->map.ranges[i].start, memory->map.ranges[i].end);
	if (bios_low_read(0, vectors, sizeof(vectors)))
		state->vectors = arch_checksum(vectors, sizeof(vectors));
	state->register_count = arch_state_take(state->registers);
}

static bool sums_differ(const char *name, const char *what, const struct mover_sum *before, const struct mover_sum *after)
{
	if (before->a == after->a && before->b == after->b)
		return false;
	log_err("bios", "%s: %s changed before=0x%llx:0x%llx after=0x%llx:0x%llx", name, what, before->a, before->b, after->a, after->b);
	return true;
}

enum err bios_state_compare(const char *name, const struct bios_state *before, const struct bios_state *after)
{
	bool differs = sums_differ(name, "memory", &before->memory, &after->memory);

	differs |= sums_differ(name, "interrupt vectors", &before->vectors, &after->vectors);
	for (u32 i = 0; i < before->register_count; i++) {
		if (before->registers[i] == after->registers[i])
			continue;
		log_err("bios", "%s: %s changed before=0x%llx after=0x%llx", name, arch_state_name(i), before->registers[i],
			after->registers[i]);
		differs = true;
	}
	if (arch_self_changed()) {
		log_err("bios", "%s: Trapeze's own code changed: nothing that follows can be trusted, reboot", name);
		differs = true;
	}
	if (differs)
		return ERR_HASH;
	log_info("bios", "%s: memory, vectors and processor as before bytes=%llu sum=0x%llx:0x%llx registers=%u", name, after->bytes,
		 after->memory.a, after->memory.b, after->register_count);
	return ERR_OK;
}
