/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "dump_private.h"

#define NAME_WIDTH 32
#define ERROR_COLUMN 60
#define ERROR_WIDTH 13
#define NAME_ROOM_MIN 12u		/* of a function's name less says nothing */

#define VECTOR_DB 1
#define VECTOR_PF 14

/* Fixed-width rows: a table of pointers would need relocations. Intel SDM vol. 3, table 6-1; AMD64 APM vol. 2, 8.2. */
static const char vector_names[DUMP_EXCEPTIONS][NAME_WIDTH] = {
	"#DE divide error", "#DB debug", "NMI", "#BP breakpoint", "#OF overflow", "#BR bound range exceeded",
	"#UD invalid opcode", "#NM no math device", "#DF double fault", "coprocessor segment overrun", "#TS invalid TSS",
	"#NP segment not present", "#SS stack segment fault", "#GP general protection", "#PF page fault", "vector 15",
	"#MF x87 floating point", "#AC alignment check", "#MC machine check", "#XM SIMD floating point",
	"#VE virtualization", "#CP control protection", "vector 22", "vector 23", "vector 24", "vector 25", "vector 26",
	"vector 27", "#HV hypervisor injection", "#VC VMM communication", "#SX security", "vector 31",
};
/* Vectors whose error code is a selector: #TS #NP #SS #GP. */
#define SELECTOR_ERROR_VECTORS ((1u << 10) | (1u << 11) | (1u << 12) | (1u << 13))
#define ERROR_CODE_VECTORS \
	(SELECTOR_ERROR_VECTORS | (1u << 8) | (1u << 14) | (1u << 17) | (1u << 21) | (1u << 29) | (1u << 30))

static const char flag_names[22][4] = {
	"CF", "", "PF", "", "AF", "", "ZF", "SF", "TF", "IF", "DF", "OF", "", "", "NT", "", "RF", "VM", "AC", "VIF",
	"VIP", "ID",
};

static u32 text_length(const char *text)
{
	u32 n = 0;

	while (text[n])
		n++;
	return n;
}

void dump_vector_name(u32 vector, char *buf, size_t size)
{
	const char *name = vector < DUMP_EXCEPTIONS ? vector_names[vector] : "interrupt";

	while (*name && size > 1) {
		*buf++ = *name++;
		size--;
	}
	*buf = '\0';
}

static void print_head(struct dump_line *line, const struct dump_regs *regs, const char *where)
{
	u32 length = text_length(where);

	dump_put_text(line, "---- ");
	if (regs->vector < DUMP_EXCEPTIONS) {
		dump_put_text(line, vector_names[regs->vector]);
	} else {
		dump_put_text(line, "unexpected interrupt 0x");
		dump_put_hex_short(line, regs->vector);
	}
	dump_put_char(line, ' ');
	if (length < LINE_WIDTH - 3)
		dump_pad_to(line, LINE_WIDTH - 1 - length, '-');
	dump_put_char(line, ' ');
	dump_put_text(line, where);
	dump_end_line(line);
}

/* Intel SDM vol. 3, 4.7: the page fault's error code. */
static void print_page_fault(struct dump_line *line, const struct dump_regs *regs)
{
	u64 e = regs->error;

	dump_put_text(line, e & 0x10 ? " fetch from 0x" : e & 2 ? " write to 0x" : " read of 0x");
	dump_put_hex_short(line, regs->cr2);
	dump_put_text(line, e & 1 ? ", protection" : ", not present");
	dump_put_text(line, e & 4 ? ", user" : ", supervisor");
	if (e & 8)
		dump_put_text(line, ", reserved bit set");
	if (e & 0x20)
		dump_put_text(line, ", protection key");
}

/* Intel SDM vol. 3, 6.13: the selector form of an error code. */
static void print_selector_error(struct dump_line *line, u64 error)
{
	if (!error) {
		dump_put_text(line, " no selector involved");
		return;
	}
	dump_put_text(line, error & 2 ? " IDT vector 0x" : error & 4 ? " LDT selector 0x" : " GDT selector 0x");
	dump_put_hex_short(line, error & 2 ? (error >> 3) & 0x1fff : error & 0xfffc);
	if (error & 1)
		dump_put_text(line, ", while delivering an external event");
}

/* Intel SDM vol. 3, 17.2.3: why a debug exception. */
static void print_debug_reason(struct dump_line *line, u64 dr6)
{
	dump_put_text(line, dr6 & 0x4000 ? " single step" : dr6 & 15 ? " hardware breakpoint" : " no reason in DR6");
}

static void print_reason(struct dump_line *line, const struct dump_regs *regs)
{
	u32 bit = regs->vector < DUMP_EXCEPTIONS ? 1u << regs->vector : 0;

	if (!bit)
		dump_put_text(line, regs->error ? " raised by hardware" : " raised by an int instruction");
	else if (regs->vector == VECTOR_PF)
		print_page_fault(line, regs);
	else if (bit & SELECTOR_ERROR_VECTORS)
		print_selector_error(line, regs->error);
	else if (regs->vector == VECTOR_DB)
		print_debug_reason(line, regs->dr6);
	else if (!(bit & ERROR_CODE_VECTORS))
		dump_put_text(line, " no error code");
	if (bit & ERROR_CODE_VECTORS) {
		if (line->column > LINE_WIDTH - ERROR_WIDTH)
			dump_end_line(line);
		dump_pad_to(line, ERROR_COLUMN, ' ');
		dump_put_text(line, " error 0x");
		dump_put_hex(line, regs->error, 4);
	}
	dump_end_line(line);
}

static void print_flags(struct dump_line *line, u64 flags)
{
	bool first = true;

	dump_put_text(line, "  flags ");
	dump_put_hex(line, flags, 8);
	dump_put_text(line, " [");
	for (u32 i = 0; i < 22; i++) {
		if (!(flags >> i & 1) || !flag_names[i][0])
			continue;
		if (!first)
			dump_put_char(line, ' ');
		dump_put_text(line, flag_names[i]);
		first = false;
	}
	dump_put_text(line, "]");
}

/* The registers' usual names: rip and rax in 64-bit code, eip and eax below. */
static void put_named(struct dump_line *line, const struct dump_regs *regs, const char *name, u64 value)
{
	dump_put_char(line, regs->width == 64 ? 'r' : 'e');
	dump_put_text(line, name);
	dump_put_char(line, ' ');
	dump_put_hex(line, value, address_digits(regs));
}

/* Of "  cs 0010" and all of print_flags. */
static u32 flags_width(u64 flags)
{
	u32 width = 9 + 19, names = 0;

	for (u32 i = 0; i < 22; i++) {
		if (!(flags >> i & 1) || !flag_names[i][0])
			continue;
		width += text_length(flag_names[i]) + !!names++;
	}
	return width;
}

/* The name gets what the rest of its line leaves; the trace has room for more of it. */
static void print_ip(struct dump_line *line, const struct dump_regs *regs, const void *symbols)
{
	struct dump_place place = dump_find_place(symbols, regs->ip, false);
	u32 taken;

	dump_put_char(line, ' ');
	put_named(line, regs, "ip", regs->ip);
	taken = line->column + 2 + flags_width(regs->flags);
	if (place.has_name && taken + NAME_ROOM_MIN <= LINE_WIDTH) {
		dump_put_text(line, "  ");
		dump_put_place(line, &place, LINE_WIDTH - taken);
	}
	dump_put_text(line, "  cs ");
	dump_put_hex(line, regs->cs, 4);
	print_flags(line, regs->flags);
	dump_end_line(line);
}

static void print_general_64(struct dump_line *line, const struct dump_regs *r)
{
	const u64 values[16] = { r->ax, r->bx, r->cx, r->dx, r->si, r->di, r->bp, r->sp, r->r8, r->r9, r->r10, r->r11, r->r12,
				 r->r13, r->r14, r->r15 };
	static const char names[16][4] = { "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8 ", "r9 ", "r10", "r11",
					   "r12", "r13", "r14", "r15" };

	for (u32 i = 0; i < 16; i++) {
		dump_put_text(line, i % 3 ? "  " : " ");
		dump_put_text(line, names[i]);
		dump_put_char(line, ' ');
		dump_put_hex(line, values[i], 16);
		if (i % 3 == 2)
			dump_end_line(line);
	}
	dump_put_text(line, "  cr2 ");
	dump_put_hex(line, r->cr2, 16);
	dump_end_line(line);
}

static void print_general_32(struct dump_line *line, const struct dump_regs *r)
{
	const u64 values[8] = { r->ax, r->bx, r->cx, r->dx, r->si, r->di, r->bp, r->sp };
	static const char names[8][4] = { "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp" };

	for (u32 i = 0; i < 8; i++) {
		dump_put_text(line, i % 4 ? "  " : " ");
		dump_put_text(line, names[i]);
		dump_put_char(line, ' ');
		dump_put_hex(line, values[i], 8);
		if (i % 4 == 3)
			dump_end_line(line);
	}
	dump_put_text(line, " cr2 ");
	dump_put_hex(line, r->cr2, 8);
	dump_end_line(line);
}

static void put_item(struct dump_line *line, const char *name, u64 value, u32 digits)
{
	dump_put_text(line, name);
	dump_put_hex(line, value, digits);
}

static void print_system(struct dump_line *line, const struct dump_regs *r)
{
	u32 digits = address_digits(r);

	put_item(line, " cr0 ", r->cr0, 8);
	put_item(line, "  cr3 ", r->cr3, digits);
	put_item(line, "  cr4 ", r->cr4, 8);
	put_item(line, "  efer ", r->efer, 8);
	dump_end_line(line);
	put_item(line, " gdt ", r->gdt_base, digits);
	put_item(line, "/", r->gdt_limit, 4);
	put_item(line, "  idt ", r->idt_base, digits);
	put_item(line, "/", r->idt_limit, 4);
	put_item(line, "  tr ", r->tr, 4);
	dump_end_line(line);
	put_item(line, " ds ", r->ds, 4);
	put_item(line, "  es ", r->es, 4);
	put_item(line, "  fs ", r->fs, 4);
	put_item(line, "  gs ", r->gs, 4);
	put_item(line, "  ss ", r->ss, 4);
	dump_end_line(line);
}

void dump_print(const struct dump_regs *regs, const char *where, const void *symbols)
{
	struct dump_line line = { 0 };

	if (regs->width == 16)
		symbols = NULL;		/* a table knows no segments */
	dump_putc('\n');
	print_head(&line, regs, where);
	print_reason(&line, regs);
	print_ip(&line, regs, symbols);
	if (regs->width == 64)
		print_general_64(&line, regs);
	else
		print_general_32(&line, regs);
	print_system(&line, regs);
	dump_print_code(&line, regs);
	dump_print_stack(&line, regs);
	dump_print_trace(&line, regs, symbols);
}
