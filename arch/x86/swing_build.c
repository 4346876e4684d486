/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "swing_build.h"

#include <string.h>

#include "div.h"
#include "real16_build.h"
#include "serial.h"
#include "world32.h"
#include "world64.h"

paddr_t swing_map_limit(const struct memory *memory)
{
	paddr_t limit = min_u64(GIB(4), BUILD_PADDR_LIMIT);

	for (u32 i = 0; i < memory->map.count; i++) {
		if (memory->map.ranges[i].type == MEM_USABLE)
			limit = max_u64(limit, memory->map.ranges[i].end);
	}
	return min_u64(limit, BUILD_PADDR_LIMIT);
}

/* All memory 1:1, free to write and execute (it is the image's from now on), but the control pages' own rights. */
static enum err build_paging(struct arch_swing *a, const struct memory *memory)
{
	struct paging *p = &a->paging;
	enum err err = paging_init(p, (struct paging_pool){ .next = a->tables, .end = a->symbols });

	if (!err)
		err = paging_map(p, 0, swing_map_limit(memory), PAGING_WRITE | PAGING_EXECUTE);
	if (!err)
		err = paging_map(p, a->code, a->data, PAGING_EXECUTE);
	if (!err)
		err = paging_map(p, a->data, a->stack, PAGING_WRITE);
	if (!err)
		err = serial_map(p);
	return err;
}

static void build_tables(struct arch_swing *a)
{
	const struct control_header *header = blob_header();
	struct control *c = a->control;
	struct tables_config config = {
		.vectors = (uintptr_t)a->code + header->vectors,
		.task_nmi = (uintptr_t)a->code + header->task_nmi,
		.task_df = (uintptr_t)a->code + header->task_df,
		.task_pf = (uintptr_t)a->code + header->task_pf,
		.cr3 = (uintptr_t)a->paging.root,
		.code_selector = SEL_CODE_BUILD,
	};

	for (u32 i = 0; i < STACK_COUNT; i++)
		config.stack_top[i] = (uintptr_t)a->code + header->stacks + (i + 1) * CONTROL_STACK_SIZE;
	c->stack = a->code + header->stacks + (STACK_COUNT + 1) * CONTROL_STACK_SIZE;
	tables_build(&c->tables, &config);
	c->gdtr.limit = sizeof(c->tables.gdt) - 1;
	c->gdtr.base = (uintptr_t)c->tables.gdt;
	c->idtr.limit = sizeof(c->tables.idt) - 1;
	c->idtr.base = (uintptr_t)c->tables.idt;
}

/* The 32-bit world under an image in protected mode, and the addresses that its code and the way back need. */
static void build_world32(struct arch_swing *a)
{
	const struct control_header *header = blob_header();
	struct control *c = a->control;
	struct world32 *world = (struct world32 *)(uintptr_t)(a->code + header->world32);
	const struct world32_config config = {
		.stubs = (u32)a->code + header->world32_stubs,
		.base16 = (u32)a->real16,
	};

	world32_build(world, &config);
	*(u32 *)(uintptr_t)(a->code + header->anchor) = (u32)(uintptr_t)c;
	c->world32 = (uintptr_t)world;
	c->return32 = (u32)a->code + header->return32;
	c->unwind = (u32)a->code + header->unwind;
	c->trap32 = (u32)a->code + header->trap32;
}

/* Under an image that this 32-bit build enters in long mode. Its stacks are the 32-bit world's, which is not in use then. */
static void build_world64(struct arch_swing *a)
{
	const struct control_header *header = blob_header();
	struct world64 *world = (struct world64 *)(uintptr_t)(a->code + header->world64);
	const struct world64_config config = {
		.stubs = (u32)a->code + header->world64_stubs,
		.stack = (u32)a->code + header->stacks + (STACK_COUNT + 2) * CONTROL_STACK_SIZE,
		.stack_nmi = (u32)a->code + header->stacks + (STACK_COUNT + 3) * CONTROL_STACK_SIZE,
		.tables = a->long_tables,
		.pae_root = a->paging.root,
		.no_execute = arch_features.has_nx,
	};

	if (!a->long_tables)
		return;
	world64_build(world, &config);
	a->control->world64 = (u32)(uintptr_t)world;
}

static u64 gate(paddr_t handler, u16 selector)
{
	return (handler & 0xffff) | (u64)selector << 16 | (u64)DESC_INTERRUPT_GATE << 40 | (handler >> 16 & 0xffff) << 48;
}

static void build_gap(struct arch_swing *a)
{
	const struct control_header *header = blob_header();
	struct control *c = a->control;

	c->gap.protected = gate(a->code + header->gap32, SEL_CODE32);
	c->gap.long_mode[0] = gate(a->code + header->gap64, SEL_CODE64);
	c->gap_idtr.limit = sizeof(c->gap) - 1;
	c->gap_idtr.base = (uintptr_t)&c->gap;
}

/* After the world and the gap, whose tables it points to. */
static void build_real16(struct arch_swing *a)
{
	const struct control_header *header = blob_header();
	const struct world32 *world = (const struct world32 *)(uintptr_t)a->control->world32;
	const struct real16_config config = {
		.control = a->control,
		.code = (const u8 *)header + header->real16,
		.code_size = header->real16_end - header->real16,
		.back = (u32)a->code + header->real16_back,
		.gdt_limit = world->gdt_limit,
		.gdt_base = (u32)world->gdt_base,
	};

	if (a->real16)
		real16_build(a->real16, &config);
}

void swing_set_uart(struct control *c)
{
	const struct serial_port *port = serial_current();

	c->uart_access = port->present ? port->config.access : CONTROL_NO_UART;
	c->uart_base = port->config.addr;
	c->uart_shift = port->shift;
	c->uart_at = port->present && port->end <= GIB(4) ? (u32)port->config.addr : 0;
	c->uart_wait = div_u64_u32((u64)port->wait_us * arch_features.tsc_khz, 1000, NULL);
}

enum err swing_build(struct arch_swing *a, const struct memory *memory)
{
	const struct control_header *header = blob_header();
	enum err err;

	memset((void *)(uintptr_t)a->data, 0, a->tables - a->data);
	memcpy((void *)(uintptr_t)a->code, control_blob_start, header->text_size);
	a->control = (struct control *)(uintptr_t)(a->code + header->control);
	err = build_paging(a, memory);
	if (err)
		return err;
	build_tables(a);
	build_world32(a);
	build_world64(a);
	build_gap(a);
	build_real16(a);
	swing_set_uart(a->control);
	a->control->cr3 = a->paging.root;
	a->control->low_kept = a->sums_page ? a->sums_page + SWING_SUMS_SIZE : 0;
	a->control->readable_limit = swing_map_limit(memory);
	return ERR_OK;
}
