/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The record of what a kernel is handed, read back from the very bytes that will be moved. test/payload/got_linux.c
 * prints what it received in the same lines, decoded on its own; docs/linux.md lists them.
 */
#include "linux.h"

#include <string.h>

#include "log.h"
#include "record.h"

struct linux_record {
	struct record to;
	const struct load_request *request;
	const struct linux_state *state;
	const u8 *zero_page;
};

static u64 get(const struct linux_record *r, u32 offset, u32 bytes)
{
	return handover_get(r->zero_page, offset, bytes);
}

static void record_header(const struct linux_record *r)
{
	record_line(&r->to, "header: type_of_loader=0x%llx loadflags=0x%llx vid_mode=0x%llx", get(r, HDR_TYPE_OF_LOADER, 1),
		    get(r, HDR_LOADFLAGS, 1), get(r, HDR_VID_MODE, 2));
	record_line(&r->to, "header: code32_start=0x%llx kernel_alignment=0x%llx", get(r, HDR_CODE32_START, 4),
		    get(r, HDR_VERSION, 2) >= 0x205 ? get(r, HDR_KERNEL_ALIGNMENT, 4) : 0);
}

static void record_entry(const struct linux_record *r)
{
	const struct entry_state *entry = &r->request->plan->entry;
	u64 version = get(r, HDR_VERSION, 2);

	record_line(&r->to, "linux: protocol=%llu.%02llu mode=%s entry=0x%llx zeropage=0x%llx crc32=0x%08x", version >> 8,
		 version & 0xff, plan_mode_name(entry->mode), entry->ip, entry->si, record_crc32(r->zero_page, ZP_SIZE));
	record_regs(&r->to, entry);
	record_header(r);
	record_line(&r->to, "memory: ext_mem_k=0x%llx alt_mem_k=0x%llx", get(r, ZP_EXT_MEM_K, 2), get(r, ZP_ALT_MEM_K, 4));
}

static void record_command_line(const struct linux_record *r)
{
	paddr_t at = linux_command_line_at(r->request);
	const char *text = (const char *)r->zero_page + (at - handover_dest(r->request, &r->state->params));

	record_line(&r->to, "cmdline: at=0x%llx size=%zu", at, strlen(text));
	record_text(&r->to, "cmdline", text);
}

static void record_screen(const struct linux_record *r)
{
	u64 type = get(r, ZP_SCREEN_TYPE, 1);
	const u8 *colours = r->zero_page + ZP_LFB_RED;

	if (type == SCREEN_TYPE_TEXT)
		record_line(&r->to, "screen: type=0x%llx mode=0x%llx columns=%llu lines=%llu points=%llu", type,
			 get(r, ZP_SCREEN_MODE, 1), get(r, ZP_SCREEN_COLUMNS, 1), get(r, ZP_SCREEN_LINES, 1),
			 get(r, ZP_SCREEN_POINTS, 2));
	if (type <= SCREEN_TYPE_TEXT)
		return;
	record_line(&r->to, "screen: type=0x%llx base=0x%llx size=0x%llx width=%llu height=%llu depth=%llu pitch=%llu", type,
		 get(r, ZP_LFB_EXT_BASE, 4) << 32 | get(r, ZP_LFB_BASE, 4), get(r, ZP_LFB_SIZE, 4),
		 get(r, ZP_LFB_WIDTH, 2), get(r, ZP_LFB_HEIGHT, 2), get(r, ZP_LFB_DEPTH, 2), get(r, ZP_LFB_PITCH, 2));
	record_line(&r->to, "screen: red=%u@%u green=%u@%u blue=%u@%u reserved=%u@%u capabilities=0x%llx", colours[0],
		 colours[1], colours[2], colours[3], colours[4], colours[5], colours[6], colours[7],
		 get(r, ZP_LFB_CAPABILITIES, 4));
}

/* The sum of all its bytes takes longer than the rest of the record by far: only for who looks closely. */
static void record_ramdisk(const struct linux_record *r)
{
	bool real = r->state->mode == ENTRY_REAL;
	u64 start = (real ? 0 : get(r, ZP_EXT_RAMDISK_IMAGE, 4) << 32) | get(r, HDR_RAMDISK_IMAGE, 4);
	u64 size = (real ? 0 : get(r, ZP_EXT_RAMDISK_SIZE, 4) << 32) | get(r, HDR_RAMDISK_SIZE, 4);

	if (!r->request->ramdisk_count)
		return;
	if (log_level() >= LOG_DEBUG)
		record_line(&r->to, "initrd: at=0x%llx size=%llu crc32=0x%08x", start, size, handover_ramdisk_crc(r->request));
	else
		record_line(&r->to, "initrd: at=0x%llx size=%llu", start, size);
}

static void record_e820(const struct linux_record *r, const u8 *entries, u32 count)
{
	for (u32 i = 0; i < count; i++, entries += E820_ENTRY_SIZE) {
		u64 start = handover_get(entries, 0, 8);

		record_line(&r->to, "e820: 0x%llx 0x%llx %llu", start, start + handover_get(entries, 8, 8),
			 handover_get(entries, 16, 4));
	}
}

/* Follow the list as the kernel will: addresses of the destination, bytes of the staging memory. */
static void record_setup_data(const struct linux_record *r, void (*visit)(const struct linux_record *r, paddr_t at, const u8 *node))
{
	const struct handover_area *area = &r->state->setup_data;
	paddr_t dest, at;

	if (!area->size || r->state->header.version < 0x209)
		return;
	dest = handover_dest(r->request, area);
	for (at = get(r, HDR_SETUP_DATA, 8); at; at = handover_get(area->data + (at - dest), 0, 8))
		visit(r, at, area->data + (at - dest));
}

static void visit_e820(const struct linux_record *r, paddr_t at, const u8 *node)
{
	(void)at;
	if (handover_get(node, 8, 4) == SETUP_E820_EXT)
		record_e820(r, node + SETUP_DATA_HEADER, (u32)handover_get(node, 12, 4) / E820_ENTRY_SIZE);
}

static void visit_node(const struct linux_record *r, paddr_t at, const u8 *node)
{
	u64 length = handover_get(node, 12, 4);

	record_line(&r->to, "setup_data: at=0x%llx type=%llu size=%llu crc32=0x%08x", at, handover_get(node, 8, 4), length,
		 record_crc32(node + SETUP_DATA_HEADER, length));
}

static void record_firmware(const struct linux_record *r)
{
	u64 rsdp = get(r, ZP_ACPI_RSDP, 8);

	if (rsdp)
		record_line(&r->to, "acpi: rsdp=0x%llx", rsdp);
	if (!r->state->efi_map.size)
		return;
	record_line(&r->to, "efi: signature=%.4s systab=0x%llx desc_size=%llu desc_version=%llu",
		 (const char *)r->zero_page + ZP_EFI_SIGNATURE,
		 get(r, ZP_EFI_SYSTAB_HI, 4) << 32 | get(r, ZP_EFI_SYSTAB, 4), get(r, ZP_EFI_DESC_SIZE, 4),
		 get(r, ZP_EFI_DESC_VERSION, 4));
	record_line(&r->to, "efi: map=0x%llx size=%llu crc32=0x%08x", get(r, ZP_EFI_MAP_HI, 4) << 32 | get(r, ZP_EFI_MAP, 4),
		 get(r, ZP_EFI_MAP_SIZE, 4), record_crc32(r->state->efi_map.data, get(r, ZP_EFI_MAP_SIZE, 4)));
}

static void record_zero_page(const struct linux_record *r)
{
	record_screen(r);
	record_e820(r, r->zero_page + ZP_E820_TABLE, (u32)get(r, ZP_E820_COUNT, 1));
	record_setup_data(r, visit_e820);
	record_setup_data(r, visit_node);
	record_firmware(r);
}

void linux_record(const struct load_request *request, const struct record *to)
{
	const struct linux_state *state = linux_state(request);
	const struct linux_record r = {
		.to = *to, .request = request, .state = state, .zero_page = state->params.data,
	};

	if (state->mode == ENTRY_REAL) {
		linux_record_real(request, &r.to);
		record_header(&r);
	} else {
		record_entry(&r);
	}
	record_command_line(&r);
	record_ramdisk(&r);
	if (state->mode != ENTRY_REAL)
		record_zero_page(&r);
	record_line(&r.to, "end");
}
