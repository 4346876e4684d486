/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The record of what a kernel is handed, read back from the very bytes that will be moved. test/payload/got_linux.c
 * prints what it received in the same lines, decoded on its own; docs/linux.md lists them.
 */
#include "linux.h"

#include <string.h>

#include "fmt.h"
#include "log.h"
#include "verify.h"

#define LINE_SIZE 200

/* The command line is cut into pieces of this many characters, so that no line of the log is too long. */
#define PIECE_SIZE 96u

struct record {
	const struct load_request *request;
	const struct linux_state *state;
	const u8 *zero_page;
	void (*line)(void *ctx, const char *text);
	void *ctx;
};

static void PRINTF_LIKE(2, 3) put_line(const struct record *r, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list args;

	va_start(args, format);
	fmt_vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	r->line(r->ctx, text);
}

static u64 get(const struct record *r, u32 offset, u32 bytes)
{
	return linux_get(r->zero_page, offset, bytes);
}

static u32 crc32_of(const void *data, u64 size)
{
	u8 value[HASH_MAX_SIZE];

	hash_compute(HASH_CRC32, data, size, value, NULL, NULL);
	return (u32)value[0] << 24 | (u32)value[1] << 16 | (u32)value[2] << 8 | value[3];
}

/* CRC-32 is arithmetic on polynomials over GF(2), lowest power in the highest bit: a * b modulo the generator. */
static u32 crc32_multiply(u32 a, u32 b)
{
	u32 product = 0;

	for (; a; a <<= 1) {
		if (a & 0x80000000u)
			product ^= b;
		b = b & 1 ? b >> 1 ^ 0xedb88320u : b >> 1;
	}
	return product;
}

/* The register after `bytes` zero bytes: multiplied by x^8 as often. */
static u32 crc32_advance(u32 crc, u64 bytes)
{
	u32 power = 0x00800000u;

	for (; bytes; bytes >>= 1) {
		if (bytes & 1)
			crc = crc32_multiply(crc, power);
		power = crc32_multiply(power, power);
	}
	return crc;
}

/* Of all ramdisks as they will lie: one after the other, zeros between them up to the page's end. */
static u32 ramdisk_crc(const struct record *r)
{
	const struct plan_segment *segments = r->request->plan->segments;
	u32 crc = 0;

	for (u32 i = 0; i < r->request->ramdisk_count; i++) {
		const struct blob *blob = &r->request->ramdisks[i].blob;

		crc = crc32_advance(crc, blob->size) ^ crc32_of(blob->data, blob->size);
		crc = ~crc32_advance(~crc, segments[r->state->first_ramdisk + i].zero_size);
	}
	return crc;
}

static void record_entry(const struct record *r)
{
	const struct entry_state *entry = &r->request->plan->entry;
	u64 version = get(r, HDR_VERSION, 2);

	put_line(r, "linux: protocol=%llu.%02llu mode=%s entry=0x%llx zeropage=0x%llx crc32=0x%08x", version >> 8,
		 version & 0xff, plan_mode_name(entry->mode), entry->ip, entry->si, crc32_of(r->zero_page, ZP_SIZE));
	put_line(r, "regs: ax=0x%llx bx=0x%llx cx=0x%llx dx=0x%llx si=0x%llx di=0x%llx bp=0x%llx", entry->ax, entry->bx,
		 entry->cx, entry->dx, entry->si, entry->di, entry->bp);
	put_line(r, "header: type_of_loader=0x%llx loadflags=0x%llx vid_mode=0x%llx", get(r, HDR_TYPE_OF_LOADER, 1),
		 get(r, HDR_LOADFLAGS, 1), get(r, HDR_VID_MODE, 2));
	put_line(r, "header: code32_start=0x%llx kernel_alignment=0x%llx", get(r, HDR_CODE32_START, 4),
		 version >= 0x205 ? get(r, HDR_KERNEL_ALIGNMENT, 4) : 0);
	put_line(r, "memory: ext_mem_k=0x%llx alt_mem_k=0x%llx", get(r, ZP_EXT_MEM_K, 2), get(r, ZP_ALT_MEM_K, 4));
}

static void record_command_line(const struct record *r)
{
	const char *text = (const char *)r->state->params.data + ZP_SIZE;
	size_t left = strlen(text);
	char piece[PIECE_SIZE + 1];

	put_line(r, "cmdline: at=0x%llx size=%zu", linux_area_dest(r->request, &r->state->params) + ZP_SIZE, left);
	for (size_t step; left; left -= step, text += step) {
		step = left < PIECE_SIZE ? left : PIECE_SIZE;
		for (size_t i = 0; i < step; i++)
			piece[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
		piece[step] = '\0';
		put_line(r, "cmdline: \"%s\"", piece);
	}
}

static void record_screen(const struct record *r)
{
	u64 type = get(r, ZP_SCREEN_TYPE, 1);
	const u8 *colours = r->zero_page + ZP_LFB_RED;

	if (type == SCREEN_TYPE_TEXT)
		put_line(r, "screen: type=0x%llx mode=0x%llx columns=%llu lines=%llu points=%llu", type,
			 get(r, ZP_SCREEN_MODE, 1), get(r, ZP_SCREEN_COLUMNS, 1), get(r, ZP_SCREEN_LINES, 1),
			 get(r, ZP_SCREEN_POINTS, 2));
	if (type <= SCREEN_TYPE_TEXT)
		return;
	put_line(r, "screen: type=0x%llx base=0x%llx size=0x%llx width=%llu height=%llu depth=%llu pitch=%llu", type,
		 get(r, ZP_LFB_EXT_BASE, 4) << 32 | get(r, ZP_LFB_BASE, 4), get(r, ZP_LFB_SIZE, 4),
		 get(r, ZP_LFB_WIDTH, 2), get(r, ZP_LFB_HEIGHT, 2), get(r, ZP_LFB_DEPTH, 2), get(r, ZP_LFB_PITCH, 2));
	put_line(r, "screen: red=%u@%u green=%u@%u blue=%u@%u reserved=%u@%u capabilities=0x%llx", colours[0],
		 colours[1], colours[2], colours[3], colours[4], colours[5], colours[6], colours[7],
		 get(r, ZP_LFB_CAPABILITIES, 4));
}

/* The sum of all its bytes takes longer than the rest of the record by far: only for who looks closely. */
static void record_ramdisk(const struct record *r)
{
	u64 start = get(r, ZP_EXT_RAMDISK_IMAGE, 4) << 32 | get(r, HDR_RAMDISK_IMAGE, 4);
	u64 size = get(r, ZP_EXT_RAMDISK_SIZE, 4) << 32 | get(r, HDR_RAMDISK_SIZE, 4);

	if (!r->request->ramdisk_count)
		return;
	if (log_level() >= LOG_DEBUG)
		put_line(r, "initrd: at=0x%llx size=%llu crc32=0x%08x", start, size, ramdisk_crc(r));
	else
		put_line(r, "initrd: at=0x%llx size=%llu", start, size);
}

static void record_e820(const struct record *r, const u8 *entries, u32 count)
{
	for (u32 i = 0; i < count; i++, entries += E820_ENTRY_SIZE) {
		u64 start = linux_get(entries, 0, 8);

		put_line(r, "e820: 0x%llx 0x%llx %llu", start, start + linux_get(entries, 8, 8),
			 linux_get(entries, 16, 4));
	}
}

/* Follow the list as the kernel will: addresses of the destination, bytes of the staging memory. */
static void record_setup_data(const struct record *r, void (*visit)(const struct record *r, paddr_t at, const u8 *node))
{
	const struct linux_area *area = &r->state->setup_data;
	paddr_t dest, at;

	if (!area->size || r->state->header.version < 0x209)
		return;
	dest = linux_area_dest(r->request, area);
	for (at = get(r, HDR_SETUP_DATA, 8); at; at = linux_get(area->data + (at - dest), 0, 8))
		visit(r, at, area->data + (at - dest));
}

static void visit_e820(const struct record *r, paddr_t at, const u8 *node)
{
	(void)at;
	if (linux_get(node, 8, 4) == SETUP_E820_EXT)
		record_e820(r, node + SETUP_DATA_HEADER, (u32)linux_get(node, 12, 4) / E820_ENTRY_SIZE);
}

static void visit_node(const struct record *r, paddr_t at, const u8 *node)
{
	u64 length = linux_get(node, 12, 4);

	put_line(r, "setup_data: at=0x%llx type=%llu size=%llu crc32=0x%08x", at, linux_get(node, 8, 4), length,
		 crc32_of(node + SETUP_DATA_HEADER, length));
}

static void record_firmware(const struct record *r)
{
	u64 rsdp = get(r, ZP_ACPI_RSDP, 8);

	if (rsdp)
		put_line(r, "acpi: rsdp=0x%llx", rsdp);
	if (!r->state->efi_map.size)
		return;
	put_line(r, "efi: signature=%.4s systab=0x%llx desc_size=%llu desc_version=%llu",
		 (const char *)r->zero_page + ZP_EFI_SIGNATURE,
		 get(r, ZP_EFI_SYSTAB_HI, 4) << 32 | get(r, ZP_EFI_SYSTAB, 4), get(r, ZP_EFI_DESC_SIZE, 4),
		 get(r, ZP_EFI_DESC_VERSION, 4));
	put_line(r, "efi: map=0x%llx size=%llu crc32=0x%08x", get(r, ZP_EFI_MAP_HI, 4) << 32 | get(r, ZP_EFI_MAP, 4),
		 get(r, ZP_EFI_MAP_SIZE, 4), crc32_of(r->state->efi_map.data, get(r, ZP_EFI_MAP_SIZE, 4)));
}

void linux_record(const struct load_request *request, void (*line)(void *ctx, const char *text), void *ctx)
{
	const struct linux_state *state = linux_state(request);
	struct record r = {
		.request = request, .state = state, .zero_page = state->params.data, .line = line, .ctx = ctx
	};

	record_entry(&r);
	record_command_line(&r);
	record_screen(&r);
	record_ramdisk(&r);
	record_e820(&r, r.zero_page + ZP_E820_TABLE, (u32)get(&r, ZP_E820_COUNT, 1));
	record_setup_data(&r, visit_e820);
	record_setup_data(&r, visit_node);
	record_firmware(&r);
	put_line(&r, "end");
}
