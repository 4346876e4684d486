/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "multiboot.h"

#include <string.h>

#include "fmt.h"
#include "verify.h"

#define LINE_SIZE 200

/* Strings are cut into pieces of this many characters, so that no line of the log is too long. */
#define PIECE_SIZE 96u

void multiboot_line(const struct multiboot_record *r, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list args;

	va_start(args, format);
	fmt_vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	r->line(r->ctx, text);
}

void multiboot_text(const struct multiboot_record *r, const char *name, const char *text)
{
	char piece[PIECE_SIZE + 1];
	size_t left = strlen(text);

	for (size_t step; left; left -= step, text += step) {
		step = left < PIECE_SIZE ? left : PIECE_SIZE;
		for (size_t i = 0; i < step; i++)
			piece[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
		piece[step] = '\0';
		multiboot_line(r, "%s: \"%s\"", name, piece);
	}
}

u32 multiboot_crc32(const void *data, u64 size)
{
	u8 value[HASH_MAX_SIZE];

	hash_compute(HASH_CRC32, data, size, value, NULL, NULL);
	return (u32)value[0] << 24 | (u32)value[1] << 16 | (u32)value[2] << 8 | value[3];
}

void multiboot_record_regs(const struct multiboot_record *r)
{
	const struct entry_state *e = &r->request->plan->entry;

	multiboot_line(r, "regs: ax=0x%llx bx=0x%llx cx=0x%llx dx=0x%llx si=0x%llx di=0x%llx bp=0x%llx", e->ax, e->bx,
		       e->cx, e->dx, e->si, e->di, e->bp);
}

void multiboot_record_module(const struct multiboot_record *r, u32 index)
{
	const struct plan_segment *module = multiboot_module(r->request, index);
	const struct blob *blob = &r->request->modules[index].blob;

	multiboot_line(r, "module: 0x%llx 0x%llx crc32=0x%08x", module->dest, module->dest + module->file_size,
		       multiboot_crc32(blob->data, blob->size));
}
