/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The information of format 1 (3.3): one structure, and behind it all that it points to. A field is there when its bit
 * in `flags` is set, and it is set only for what is known: no drives, no configuration table.
 */
#include "multiboot.h"
#include "multiboot1_info.h"

#define MAP_ENTRY_SIZE 24u		/* its size field counts from behind itself */
#define VBE_CONTROL_AT 8u
#define VBE_CONTROL_SIZE 512u
#define VBE_MODE_SIZE 256u
#define VBE_SIZE (VBE_CONTROL_AT + VBE_CONTROL_SIZE + VBE_MODE_SIZE)
#define APM_SIZE 20u

struct block {
	const struct load_request *request;
	struct multiboot_tray *tray;
	u8 *info;			/* NULL while it is measured */
	u32 flags;
};

static void put(const struct block *b, u32 offset, u64 value)
{
	multiboot_put(b->info, offset, 4, value);
}

static void put_memory(struct block *b)
{
	u32 lower, upper;

	multiboot_memory_sizes(b->tray->map, &lower, &upper);
	put(b, MB1_MEM_LOWER, lower);
	put(b, MB1_MEM_UPPER, upper);
	b->flags |= MB1_HAS_MEMORY;
}

/* The drive in the highest byte, then partition, sub-partition, and none below that. */
static void put_boot_device(struct block *b)
{
	const struct bootinfo *info = b->request->info;

	if (!info->has_boot_device)
		return;
	put(b, MB1_BOOT_DEVICE, (info->boot_device & 0xff) << 24 | (info->boot_partition & 0xff) << 16 |
					(info->boot_sub_partition & 0xff) << 8 | 0xff);
	b->flags |= MB1_HAS_BOOT_DEVICE;
}

static void put_strings(struct block *b)
{
	put(b, MB1_CMDLINE, multiboot_append_text(b->tray, b->request->bootargs));
	put(b, MB1_LOADER_NAME, multiboot_append_text(b->tray, MULTIBOOT_LOADER_NAME));
	b->flags |= MB1_HAS_CMDLINE | MB1_HAS_LOADER_NAME;
}

static void put_modules(struct block *b)
{
	u32 count = b->request->module_count;
	paddr_t table = multiboot_next(b->tray, 4);
	u8 *entries = multiboot_reserve(b->tray, (u64)count * MB1_MODULE_SIZE, 4);

	put(b, MB1_MODS_COUNT, count);
	put(b, MB1_MODS_ADDR, count ? table : 0);
	b->flags |= MB1_HAS_MODULES;
	for (u32 i = 0; i < count; i++) {
		paddr_t text = multiboot_append_text(b->tray, multiboot_module_text(b->request, i));
		const struct plan_segment *module = entries ? multiboot_module(b->request, i) : NULL;

		if (!module)
			continue;
		multiboot_put(entries, i * MB1_MODULE_SIZE, 4, module->dest);
		multiboot_put(entries, i * MB1_MODULE_SIZE + 4, 4, module->dest + module->file_size);
		multiboot_put(entries, i * MB1_MODULE_SIZE + 8, 4, text);
	}
}

static void put_sections(struct block *b)
{
	const struct multiboot_sections *s = &multiboot_state(b->request)->sections;
	paddr_t table = multiboot_next(b->tray, 8);
	u8 *headers = multiboot_reserve(b->tray, (u64)s->count * s->entry_size, 8);

	if (!s->count)
		return;
	if (headers)
		multiboot_put_sections(b->request, headers);
	put(b, MB1_SECTION_COUNT, s->count);
	put(b, MB1_SECTION_SIZE, s->entry_size);
	put(b, MB1_SECTION_ADDR, table);
	put(b, MB1_SECTION_NAMES, s->names);
	b->flags |= MB1_HAS_SECTIONS;
}

static void put_map(struct block *b)
{
	const struct memmap *map = b->tray->map;

	put(b, MB1_MMAP_LENGTH, map->count * MAP_ENTRY_SIZE);
	put(b, MB1_MMAP_ADDR, multiboot_next(b->tray, 8));
	b->flags |= MB1_HAS_MMAP;
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->ranges[i];
		u8 *entry = multiboot_reserve(b->tray, MAP_ENTRY_SIZE, 8);

		multiboot_put(entry, 0, 4, MAP_ENTRY_SIZE - 4);
		multiboot_put(entry, 4, 8, range->start);
		multiboot_put(entry, 12, 8, range->end - range->start);
		multiboot_put(entry, 20, 4, multiboot_memory_type(range->type));
	}
}

/* The table of format 2 has the fields of this one, in the same order. */
static void put_apm(struct block *b)
{
	const struct boot_blob *apm = &b->request->info->apm;

	if (apm->size < APM_SIZE)
		return;
	put(b, MB1_APM_TABLE, multiboot_append(b->tray, apm->data, APM_SIZE, 4));
	b->flags |= MB1_HAS_APM;
}

static void put_vbe(struct block *b)
{
	const struct boot_blob *vbe = &b->request->info->vbe;
	const u8 *data = vbe->data;

	if (vbe->size < VBE_SIZE)
		return;
	put(b, MB1_VBE_CONTROL, multiboot_append(b->tray, data + VBE_CONTROL_AT, VBE_CONTROL_SIZE, 4));
	put(b, MB1_VBE_MODE_INFO,
	    multiboot_append(b->tray, data + VBE_CONTROL_AT + VBE_CONTROL_SIZE, VBE_MODE_SIZE, 4));
	multiboot_put(b->info, MB1_VBE_MODE, VBE_CONTROL_AT, handover_get(data, 0, VBE_CONTROL_AT));
	b->flags |= MB1_HAS_VBE;
}

static void put_palette(struct block *b, const struct boot_framebuffer *fb)
{
	put(b, MB1_FB_COLOURS, multiboot_append(b->tray, fb->palette, 3ull * fb->palette_count, 4));
	multiboot_put(b->info, MB1_FB_COLOURS + 4, 2, fb->palette_count);
}

static void put_framebuffer(struct block *b)
{
	const struct boot_framebuffer *fb = &b->request->info->framebuffer;
	const u8 colours[] = { fb->red_pos, fb->red_size, fb->green_pos, fb->green_size, fb->blue_pos, fb->blue_size };

	if (!fb->present)
		return;
	multiboot_put(b->info, MB1_FB_ADDR, 8, fb->addr);
	put(b, MB1_FB_PITCH, fb->pitch);
	put(b, MB1_FB_WIDTH, fb->width);
	put(b, MB1_FB_HEIGHT, fb->height);
	multiboot_put(b->info, MB1_FB_BPP, 1, fb->bpp);
	multiboot_put(b->info, MB1_FB_TYPE, 1, fb->type);
	if (fb->type == 0)
		put_palette(b, fb);
	if (fb->type == 1)
		multiboot_put(b->info, MB1_FB_COLOURS, sizeof(colours), handover_get(colours, 0, sizeof(colours)));
	b->flags |= MB1_HAS_FRAMEBUFFER;
}

void multiboot1_write(const struct load_request *request, struct multiboot_tray *tray)
{
	struct block b = { .request = request, .tray = tray };

	b.info = multiboot_reserve(tray, MB1_INFO_SIZE, 8);
	put_memory(&b);
	put_boot_device(&b);
	put_strings(&b);
	put_modules(&b);
	put_sections(&b);
	put_map(&b);
	put_apm(&b);
	put_vbe(&b);
	put_framebuffer(&b);
	put(&b, MB1_FLAGS, b.flags);
}

struct reader {
	struct multiboot_record r;
	const u8 *info;
	paddr_t base;
};

static u64 get(const struct reader *r, u32 offset, u32 bytes)
{
	return handover_get(r->info, offset, bytes);
}

/* The bytes of the block that will lie at the address in this field. */
static const u8 *at(const struct reader *r, u32 offset)
{
	return r->info + (get(r, offset, 4) - r->base);
}

static void record_string(const struct reader *r, const char *name, u32 offset)
{
	record_line(&r->r.to, "%s: at=0x%llx", name, get(r, offset, 4));
	record_text(&r->r.to, name, (const char *)at(r, offset));
}

static void record_modules(const struct reader *r)
{
	u32 count = (u32)get(r, MB1_MODS_COUNT, 4);

	record_line(&r->r.to, "modules: count=%u at=0x%llx", count, get(r, MB1_MODS_ADDR, 4));
	for (u32 i = 0; i < count; i++) {
		const u8 *entry = at(r, MB1_MODS_ADDR) + i * MB1_MODULE_SIZE;

		multiboot_record_module(&r->r, i);
		record_text(&r->r.to, "module", (const char *)r->info + (handover_get(entry, 8, 4) - r->base));
	}
}

static void record_sections(const struct reader *r)
{
	u64 count = get(r, MB1_SECTION_COUNT, 4), size = get(r, MB1_SECTION_SIZE, 4);

	record_line(&r->r.to, "sections: count=%llu size=%llu at=0x%llx names=%llu crc32=0x%08x", count, size,
		       get(r, MB1_SECTION_ADDR, 4), get(r, MB1_SECTION_NAMES, 4),
		       record_crc32(at(r, MB1_SECTION_ADDR), count * size));
}

static void record_map(const struct reader *r)
{
	const u8 *entry = at(r, MB1_MMAP_ADDR);
	u32 left = (u32)get(r, MB1_MMAP_LENGTH, 4);

	record_line(&r->r.to, "mmap: at=0x%llx length=%u", get(r, MB1_MMAP_ADDR, 4), left);
	for (; left; left -= MAP_ENTRY_SIZE, entry += MAP_ENTRY_SIZE)
		record_line(&r->r.to, "mmap: 0x%llx 0x%llx %llu", handover_get(entry, 4, 8),
			       handover_get(entry, 4, 8) + handover_get(entry, 12, 8), handover_get(entry, 20, 4));
}

static void record_vbe(const struct reader *r)
{
	record_line(&r->r.to, "vbe: mode=0x%llx interface=%llx:%llx+%llx control=0x%08x info=0x%08x",
		       get(r, MB1_VBE_MODE, 2), get(r, MB1_VBE_MODE + 2, 2), get(r, MB1_VBE_MODE + 4, 2),
		       get(r, MB1_VBE_MODE + 6, 2), record_crc32(at(r, MB1_VBE_CONTROL), VBE_CONTROL_SIZE),
		       record_crc32(at(r, MB1_VBE_MODE_INFO), VBE_MODE_SIZE));
}

static void record_framebuffer(const struct reader *r)
{
	record_line(&r->r.to, "framebuffer: addr=0x%llx pitch=%llu width=%llu height=%llu bpp=%llu type=%llu",
		       get(r, MB1_FB_ADDR, 8), get(r, MB1_FB_PITCH, 4), get(r, MB1_FB_WIDTH, 4),
		       get(r, MB1_FB_HEIGHT, 4), get(r, MB1_FB_BPP, 1), get(r, MB1_FB_TYPE, 1));
	if (get(r, MB1_FB_TYPE, 1) == 1)
		record_line(&r->r.to, "framebuffer: colours=0x%llx", get(r, MB1_FB_COLOURS, 6));
}

void multiboot1_record(const struct load_request *request, const struct record *to)
{
	const struct multiboot_state *state = multiboot_state(request);
	const struct reader r = { .r = { *to, request },
				  .info = state->info,
				  .base = request->plan->segments[state->info_segment].dest };
	u32 flags = (u32)get(&r, MB1_FLAGS, 4);

	record_line(&r.r.to, "multiboot: flags=0x%x crc32=0x%08x", flags, record_crc32(r.info, MB1_INFO_SIZE));
	record_regs(&r.r.to, &request->plan->entry);
	record_line(&r.r.to, "memory: lower=%llu upper=%llu", get(&r, MB1_MEM_LOWER, 4), get(&r, MB1_MEM_UPPER, 4));
	if (flags & MB1_HAS_BOOT_DEVICE)
		record_line(&r.r.to, "boot device: 0x%llx", get(&r, MB1_BOOT_DEVICE, 4));
	record_string(&r, "cmdline", MB1_CMDLINE);
	record_modules(&r);
	if (flags & MB1_HAS_SECTIONS)
		record_sections(&r);
	record_map(&r);
	record_string(&r, "loader", MB1_LOADER_NAME);
	if (flags & MB1_HAS_APM)
		record_line(&r.r.to, "apm: crc32=0x%08x", record_crc32(at(&r, MB1_APM_TABLE), APM_SIZE));
	if (flags & MB1_HAS_VBE)
		record_vbe(&r);
	if (flags & MB1_HAS_FRAMEBUFFER)
		record_framebuffer(&r);
	record_line(to, "end");
}
