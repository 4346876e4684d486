/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A rescue image: prints the fault record that its first argument leads to (docs/rescue.md), and the bytes at the instruction pointer
 * from the memory that the record describes. Called, it returns the vector.
 */
#include "abi.h"

#define PACKED __attribute__((packed))
#define CODE_BEFORE 8
#define CODE_BYTES 20
#define NOTE_FAULT 0x54525001

struct header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, segments, sections;
	u32 flags;
	u16 header_size, segment_size, segment_count;
} PACKED;

struct segment {
	u32 type, flags;
	u64 offset, vaddr, paddr, file_size, mem_size, align;
} PACKED;

struct note {
	u32 name_size, size, type;
} PACKED;

/* Of NT_PRSTATUS: what is printed. */
struct status {
	u32 signal;
	u8 unused[108];
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, original_ax, ip, cs, flags, sp, ss;
} PACKED;

struct fault {
	u32 version, vector, width, where, step, gdt_limit, idt_limit, tr;
	u64 error, cr0, cr2, cr3, cr4, efer, dr6, gdt_base, idt_base;
	char title[48];
} PACKED;

unsigned long payload_main(const struct registers *registers);

static u64 ip;
static u32 vector;

static void print_status(const struct status *s)
{
	ip = s->ip;
	print("rescue: signal=%u ip=0x%llx flags=0x%llx cs=0x%llx ax=0x%llx bx=0x%llx cx=0x%llx dx=0x%llx si=0x%llx di=0x%llx bp=0x%llx "
	      "sp=0x%llx\n", s->signal, s->ip, s->flags, s->cs, s->ax, s->bx, s->cx, s->dx, s->si, s->di, s->bp, s->sp);
}

static void print_fault(const struct fault *f)
{
	vector = f->vector;
	print("rescue: version=%u vector=%u width=%u where=%u step=%u error=0x%llx cr0=0x%llx cr2=0x%llx cr3=0x%llx cr4=0x%llx "
	      "efer=0x%llx title=\"%s\"\n", f->version, f->vector, f->width, f->where, f->step, f->error, f->cr0, f->cr2, f->cr3, f->cr4,
	      f->efer, f->title);
}

static void print_text(const char *text)
{
	bool begins = true;

	for (; *text; text++) {
		if (begins)
			print("rescue| ");
		print("%c", *text);
		begins = *text == '\n';
	}
}

static void print_notes(u64 at, u64 size)
{
	u64 end = at + size;

	while (at + sizeof(struct note) <= end && ((const struct note *)(unsigned long)at)->name_size) {
		const struct note *note = (const struct note *)(unsigned long)at;
		const char *name = (const char *)(note + 1);
		const void *content = name + ((note->name_size + 3) & ~3u);

		print("rescue: note %s type=0x%08x bytes=%u\n", name, note->type, note->size);
		if (name[0] == 'C')
			print_status(content);
		else if (note->type == NOTE_FAULT)
			print_fault(content);
		else
			print_text(content);
		at += sizeof(*note) + ((note->name_size + 3) & ~3u) + ((note->size + 3) & ~3u);
	}
}

static bool has_ip(const struct segment *s)
{
	return s->type == 1 && s->paddr <= ip - CODE_BEFORE && ip - CODE_BEFORE + CODE_BYTES <= s->paddr + s->mem_size;
}

static void print_code(const struct segment *s)
{
	const u8 *code = (const u8 *)(unsigned long)(s->offset + (ip - CODE_BEFORE - s->paddr));

	print("rescue: code");
	for (u32 i = 0; i < CODE_BYTES; i++)
		print(" %llx%llx", (u64)code[i] >> 4, (u64)code[i] & 15);
	print("\n");
}

unsigned long payload_main(const struct registers *registers)
{
	const struct header *header = (const struct header *)(unsigned long)argument(registers, 0);
	const struct segment *segments = (const struct segment *)((const u8 *)header + header->segments);
	u32 count = header->segment_count;

	print("rescue: %s record=0x%llx ident=%c%c%c class=%u type=%u machine=%u segments=%u second=0x%llx\n", MODE_NAME,
	      argument(registers, 0), header->ident[1], header->ident[2], header->ident[3], header->ident[4], header->type,
	      header->machine, count, argument(registers, 1));
	for (u32 i = 0; i < count; i++) {
		const struct segment *s = segments + i;

		print("rescue: segment type=%u offset=0x%llx paddr=0x%llx size=0x%llx\n", s->type, s->offset, s->paddr, s->mem_size);
		if (s->type == 4)
			print_notes(s->offset, s->mem_size);
	}
	for (u32 i = 0; i < count; i++)
		if (has_ip(segments + i))
			print_code(segments + i);
	print("rescue: end\n");
	if (return_address(registers))
		return vector;
	wait_and_stop();
}
