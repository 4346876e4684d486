/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The zero page and what it leads to (Linux, Documentation/arch/x86/zero-page.rst and boot.rst). */
#include <string.h>

#include "arch.h"
#include "linux.h"
#include "log.h"
#include "stub.h"

#define ZP_EXT_CMD_LINE_PTR 0x0c8
#define SETUP_EFI 4

static u64 number(const u8 *bytes, u32 size)
{
	u64 value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

u32 params_u32(const struct params *params, u32 offset)
{
	return (u32)number(params->zero_page + offset, 4);
}

u64 params_u64(const struct params *params, u32 offset)
{
	return number(params->zero_page + offset, 8);
}

u64 params_halves(const struct params *params, u32 low, u32 high)
{
	return (u64)params_u32(params, high) << 32 | params_u32(params, low);
}

struct params_node params_node(paddr_t at)
{
	const u8 *header = arch_phys(at, SETUP_DATA_HEADER);

	return (struct params_node){
		.next = number(header, 8),
		.type = (u32)number(header + 8, 4),
		.size = (u32)number(header + 12, 4),
		.data = header + SETUP_DATA_HEADER,
	};
}

/* A list that leads nowhere, or round in circles, could hide what an earlier kernel wants kept. */
static enum err check_nodes(struct params *params)
{
	paddr_t at = params->setup_data;
	struct params_node node;

	for (u32 count = 0; at; at = node.next, count++) {
		if (count == SETUP_NODES_MAX) {
			log_err("linux", "setup_data: more than %u nodes, or a list without an end", SETUP_NODES_MAX);
			return ERR_VALUE;
		}
		if (!arch_phys(at, SETUP_DATA_HEADER)) {
			log_err("linux", "setup_data: node %u at=0x%llx is out of reach", count, at);
			return ERR_VALUE;
		}
		node = params_node(at);
		if (!arch_phys(at, SETUP_DATA_HEADER + (u64)node.size)) {
			log_err("linux", "setup_data: node %u at=0x%llx type=%u ends out of reach size=%u", count,
				at, node.type, node.size);
			return ERR_VALUE;
		}
		params->efi_is_virtual |= node.type == SETUP_EFI;
	}
	return ERR_OK;
}

static enum err read_command_line(struct params *params)
{
	paddr_t at = params_halves(params, HDR_CMD_LINE_PTR, ZP_EXT_CMD_LINE_PTR);
	u32 length = 0;
	const char *c;

	if (!at) {
		params->command_line = "";
		return ERR_OK;
	}
	/* To the NUL and no further: what follows need not be mapped. */
	while ((c = arch_phys(at + length, 1)) && *c && length <= COMMAND_LINE_MAX)
		length++;
	if (!c || length > COMMAND_LINE_MAX) {
		log_err("linux", "command line at=0x%llx does not end within %u characters in reach", at,
			COMMAND_LINE_MAX);
		return ERR_VALUE;
	}
	params->command_line = arch_phys(at, length + 1);
	return ERR_OK;
}

static enum err read_initrd(struct params *params)
{
	paddr_t start = params_halves(params, HDR_RAMDISK_IMAGE, ZP_EXT_RAMDISK_IMAGE);
	u64 size = params_halves(params, HDR_RAMDISK_SIZE, ZP_EXT_RAMDISK_SIZE);

	if (!size)
		return ERR_OK;
	if (start > PADDR_LIMIT || size > PADDR_LIMIT - start) {
		log_err("linux", "initrd at=0x%llx size=%llu: past 0x%llx", start, size, PADDR_LIMIT);
		return ERR_OVERFLOW;
	}
	params->initrd_start = start;
	params->initrd_end = start + size;
	return ERR_OK;
}

static void open_node(struct params_walk *walk)
{
	struct params_node node = params_node(walk->node);

	walk->node = node.next;
	walk->entries = node.data;
	walk->left = node.type == SETUP_E820_EXT ? node.size / E820_ENTRY_SIZE : 0;
}

bool params_next_e820(const struct params *params, struct params_walk *walk, struct params_e820 *out)
{
	u64 size;

	if (!walk->in_nodes) {
		walk->in_nodes = true;
		walk->entries = params->zero_page + ZP_E820_TABLE;
		walk->left = params->zero_page[ZP_E820_COUNT];
		if (walk->left > E820_ZP_MAX)
			walk->left = E820_ZP_MAX;
	}
	while (!walk->left && walk->node)
		open_node(walk);
	if (!walk->left)
		return false;
	out->start = min_u64(number(walk->entries, 8), PADDR_LIMIT);
	size = number(walk->entries + 8, 8);
	out->end = out->start + min_u64(size, PADDR_LIMIT - out->start);
	out->type = (u32)number(walk->entries + 16, 4);
	walk->entries += E820_ENTRY_SIZE;
	walk->left--;
	return true;
}

/* Usable memory that begins at or below `at` reaches up to what is returned; `at`: there is none. */
static paddr_t memory_end(const struct params *params, paddr_t at)
{
	struct params_walk walk = { .node = params->setup_data };
	struct params_e820 e;
	paddr_t end = at;

	while (params_next_e820(params, &walk, &e))
		if (e.type == MEM_USABLE && e.start <= at)
			end = max_u64(end, e.end);
	return end;
}

bool params_is_memory(const struct params *params, paddr_t start, paddr_t end)
{
	struct params_walk walk = { .node = params->setup_data };
	struct params_e820 e;

	while (params_next_e820(params, &walk, &e))
		if (e.type != MEM_USABLE && ranges_overlap(e.start, e.end, start, end))
			return false;
	for (paddr_t at = start, next; at < end; at = next) {
		next = memory_end(params, at);
		if (next == at)
			return false;
	}
	return true;
}

enum err params_check_place(const struct params *params, const struct params_place *place)
{
	paddr_t initrd = params->initrd_start, initrd_end = params->initrd_end;

	if (ranges_overlap(place->image, place->image_end, place->start, place->end))
		log_err("linux", "loaded at 0x%llx..0x%llx, and Trapeze goes to 0x%llx..0x%llx: a multiple of 0x%x is "
			"wanted", place->image, place->image_end, place->start, place->end, place->align);
	else if (ranges_overlap(initrd, initrd_end, place->start, place->end))
		log_err("linux", "initrd at 0x%llx..0x%llx, and Trapeze goes to 0x%llx..0x%llx", initrd, initrd_end,
			place->start, place->end);
	else if (ranges_overlap(initrd, initrd_end, place->image, place->image_end))
		log_err("linux", "initrd at 0x%llx..0x%llx, and this kernel at 0x%llx..0x%llx", initrd, initrd_end,
			place->image, place->image_end);
	else if (!params_is_memory(params, place->start, place->end))
		log_err("linux", "Trapeze goes to 0x%llx..0x%llx, which is not all usable memory", place->start,
			place->end);
	else
		return ERR_OK;
	return ERR_OVERLAP;
}

enum err params_read(struct params *params, paddr_t zero_page)
{
	enum err err;

	*params = (struct params){ .zero_page = arch_phys(zero_page, ZP_SIZE) };
	if (!params->zero_page) {
		log_err("linux", "zero page at=0x%llx is out of reach", zero_page);
		return ERR_VALUE;
	}
	if (!params->zero_page[ZP_E820_COUNT]) {
		log_err("linux", "no memory map: the zero page at=0x%llx has no E820 entries", zero_page);
		return ERR_NOT_FOUND;
	}
	params->setup_data = params_u64(params, HDR_SETUP_DATA);
	err = check_nodes(params);
	if (!err)
		err = read_command_line(params);
	return err ? err : read_initrd(params);
}
