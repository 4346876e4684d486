/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "record.h"

static void must(enum err err)
{
	if (err)
		abort();
}

void rig_init(struct rig *rig, u64 ram)
{
	memset(rig, 0, sizeof(*rig));
	fake_ram_init(ram);
	fake_log_reset();
	fake_random = -1;
	memset(fake_cannot_enter, 0, sizeof(fake_cannot_enter));
	arch_features.build = "x86_64";
	arch_features.can_long_mode = true;
	memory_init(&rig->memory);
	must(memmap_add(&rig->memory.map, 0, 0x9f000, MEM_USABLE));
	must(memmap_add(&rig->memory.map, 0x9f000, 0x61000, MEM_RESERVED));
	must(memmap_add(&rig->memory.map, MIB(1), ram - MIB(1), MEM_USABLE));
	plan_init(&rig->plan);
	rig->info.command_line = rig->info.loader_name = "";
	rig->config.name = rig->config.description = "test";
	rig->image =
		(struct manifest_image){ .name = "kernel", .type = "kernel", .os = "", .arch = "", .description = "" };
	rig->next_image = ram > RIG_IMAGES ? RIG_IMAGES : MIB(1);
	rig->request = (struct load_request){
		.config = &rig->config,
		.bootargs = "",
		.title = "test machine",
		.kernel = { .image = &rig->image },
		.ramdisks = rig->parts,
		.info = &rig->info,
		.memory = &rig->memory,
		.plan = &rig->plan,
	};
}

void rig_extend(struct rig *rig, paddr_t end)
{
	must(memmap_add(&rig->memory.map, fake_ram_size, end - fake_ram_size, MEM_USABLE));
	must(memmap_sanitise(&rig->memory.map));
	must(memory_claim(&rig->memory, fake_ram_size, end, OWNER_HEAP, "not backed"));
	fake_phys_limit = end;
}

void rig_free(struct rig *rig)
{
	plan_free(&rig->plan);
	memory_free(&rig->memory);
	fake_ram_free();
}

static struct blob put(struct rig *rig, const char *name, const void *bytes, u64 size, u32 skew)
{
	paddr_t start = rig->next_image, end = start + skew + size;
	u8 *data = arch_phys(start, skew + size);

	if (!data)
		abort();
	if (bytes)
		memcpy(data + skew, bytes, (size_t)size);
	must(memory_claim(&rig->memory, start, end, OWNER_MODULE, name));
	rig->claims = rig->memory.claim_count;
	rig->next_image = align_up(end, PAGE_SIZE) + PAGE_SIZE;
	return (struct blob){
		.name = name, .origin = "module", .paddr = start + skew, .size = size, .data = data + skew
	};
}

void rig_kernel(struct rig *rig, const void *bytes, u64 size)
{
	rig->request.kernel.blob = put(rig, "vmlinuz", bytes, size, 0);
}

void rig_ramdisk(struct rig *rig, const char *name, const void *bytes, u64 size, u32 skew)
{
	rig->parts[rig->request.ramdisk_count++].blob = put(rig, name, bytes, size, skew);
}

enum err rig_place(struct rig *rig, const struct loader *loader)
{
	enum err err = loader->plan(&rig->request);

	return err ? err : plan_place(&rig->plan, &rig->memory);
}

enum err rig_finish(struct rig *rig, const struct loader *loader)
{
	enum err err = rig_place(rig, loader);

	return err ? err : loader->finish(&rig->request);
}

struct text {
	char *bytes;
	size_t size;
};

static void append_line(void *ctx, const char *format, va_list args)
{
	struct text *text = ctx;
	char line[LOG_LINE_MAX];
	size_t length = (size_t)vsnprintf(line, sizeof(line), format, args);

	text->bytes = realloc(text->bytes, text->size + length + 2);
	if (!text->bytes || length >= sizeof(line))
		abort();
	memcpy(text->bytes + text->size, line, length);
	memcpy(text->bytes + text->size + length, "\n", 2);
	text->size += length + 1;
}

char *rig_record(struct rig *rig, const struct loader *loader)
{
	struct text text = { 0 };

	loader->record(&rig->request, &(const struct record){ append_line, &text });
	return text.bytes;
}

const struct plan_segment *rig_segment(const struct rig *rig, const char *name)
{
	for (u32 i = 0; i < rig->plan.segment_count; i++)
		if (!strcmp(rig->plan.segments[i].name, name))
			return &rig->plan.segments[i];
	return NULL;
}

const u8 *rig_bytes(const struct plan_segment *segment)
{
	return arch_phys(segment->source, segment->file_size);
}

void rig_patch(u8 *bytes, u32 offset, u32 size, u64 value)
{
	for (u32 i = 0; i < size; i++)
		bytes[offset + i] = (u8)(value >> (8 * i));
}

struct patch {
	u16 version;			/* the first protocol that has the field */
	u16 offset;
	u8 size;
	u64 value;
};

u32 rig_make_kernel(u8 *bytes, u16 version, u32 code_size)
{
	static const struct patch header[] = {
		{ 0x200, 0x1f1, 1, 1 },	       { 0x200, 0x1fa, 2, 0xffff },	{ 0x200, 0x1fe, 2, 0xaa55 },
		{ 0x200, 0x200, 2, 0x6aeb },   { 0x200, 0x202, 4, 0x53726448 }, { 0x200, 0x20e, 2, 0x100 },
		{ 0x200, 0x211, 1, 0x01 },     { 0x200, 0x214, 4, 0x100000 },	{ 0x203, 0x22c, 4, 0x37ffffff },
		{ 0x205, 0x230, 4, 0x200000 }, { 0x205, 0x234, 1, 1 },		{ 0x20a, 0x235, 1, 13 },
		{ 0x20c, 0x236, 2, 0x01 },     { 0x206, 0x238, 4, 1023 },	{ 0x20a, 0x258, 8, 0x1000000 },
		{ 0x20a, 0x260, 4, 0x100000 },
	};
	u32 size = RIG_SETUP_SIZE + code_size;

	memset(bytes, 0, size);
	for (size_t i = 0; i < ARRAY_COUNT(header); i++)
		if (version >= header[i].version)
			rig_patch(bytes, header[i].offset, header[i].size, header[i].value);
	rig_patch(bytes, 0x206, 2, version);
	rig_patch(bytes, 0x1f4, version >= 0x204 ? 4 : 2, (code_size + 15) / 16);
	memcpy(bytes + 0x300, "6.1.0-test (who@where)", 23);
	for (u32 i = 0; i < code_size; i++)
		bytes[RIG_SETUP_SIZE + i] = (u8)(i * 7 + 1);
	return size;
}

static void make_elf_32(u8 *bytes, u32 base)
{
	rig_patch(bytes, 0x04, 3, 0x010101);
	rig_patch(bytes, 0x10, 2, 2);
	rig_patch(bytes, 0x12, 2, 3);
	rig_patch(bytes, 0x14, 4, 1);
	rig_patch(bytes, 0x18, 4, base);
	rig_patch(bytes, 0x1c, 4, 0x34);
	rig_patch(bytes, 0x2a, 2, 32);
	rig_patch(bytes, 0x2c, 2, 2);
	for (u32 i = 0; i < 2; i++) {
		u8 *header = bytes + 0x34 + 32 * i;

		rig_patch(header, 0x00, 4, 1);
		rig_patch(header, 0x04, 4, i ? 0x1000 : 0x400);
		rig_patch(header, 0x08, 4, base + 0x1000 * i);
		rig_patch(header, 0x0c, 4, base + 0x1000 * i);
		rig_patch(header, 0x10, 4, i ? 0x100 : 0x800);
		rig_patch(header, 0x14, 4, i ? 0x3000 : 0x800);
	}
}

static void make_elf_64(u8 *bytes, u64 base)
{
	rig_patch(bytes, 0x04, 3, 0x010102);
	rig_patch(bytes, 0x10, 2, 2);
	rig_patch(bytes, 0x12, 2, 62);
	rig_patch(bytes, 0x14, 4, 1);
	rig_patch(bytes, 0x18, 8, base);
	rig_patch(bytes, 0x20, 8, 0x40);
	rig_patch(bytes, 0x36, 2, 56);
	rig_patch(bytes, 0x38, 2, 2);
	for (u32 i = 0; i < 2; i++) {
		u8 *header = bytes + 0x40 + 56 * i;

		rig_patch(header, 0x00, 4, 1);
		rig_patch(header, 0x08, 8, i ? 0x1000 : 0x400);
		rig_patch(header, 0x10, 8, base + 0x1000 * i);
		rig_patch(header, 0x18, 8, base + 0x1000 * i);
		rig_patch(header, 0x20, 8, i ? 0x100 : 0x800);
		rig_patch(header, 0x28, 8, i ? 0x3000 : 0x800);
	}
}

u32 rig_make_elf(u8 *bytes, bool is_64, u64 base)
{
	for (u32 i = 0; i < RIG_ELF_SIZE; i++)
		bytes[i] = (u8)(i * 5 + 3);
	memset(bytes, 0, 0x200);
	memcpy(bytes, "\177ELF", 4);
	if (is_64)
		make_elf_64(bytes, base);
	else
		make_elf_32(bytes, (u32)base);
	return RIG_ELF_SIZE;
}
