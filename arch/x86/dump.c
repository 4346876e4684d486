/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "dump.h"

#define LINE_WIDTH 80
#define NAME_WIDTH 32
#define ERROR_COLUMN 60
#define ERROR_WIDTH 13
#define VECTOR_COUNT 32
#define CODE_BYTES_BEFORE 8
#define CODE_BYTES 20
#define STACK_WORDS_64 8
#define STACK_WORDS_32 16
#define TRACE_DEPTH 6
#define TRACE_STRIDE_LIMIT 0x10000	/* a frame larger than this is no frame */

#define VECTOR_DB 1
#define VECTOR_PF 14

/* Fixed-width rows: a table of pointers would need relocations. Intel SDM vol. 3, table 6-1; AMD64 APM vol. 2, 8.2. */
static const char vector_names[VECTOR_COUNT][NAME_WIDTH] = {
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

struct line {
	u32 column;
};

static void put_char(struct line *line, char c)
{
	if (line->column < LINE_WIDTH) {
		dump_putc(c);
		line->column++;
	}
}

static void put_text(struct line *line, const char *text)
{
	while (*text)
		put_char(line, *text++);
}

static void put_hex(struct line *line, u64 value, u32 digits)
{
	while (digits--)
		put_char(line, "0123456789abcdef"[(value >> (4 * digits)) & 15]);
}

/* As many digits as the number has, at least one. */
static void put_hex_short(struct line *line, u64 value)
{
	u32 digits = 1;

	while (digits < 16 && value >> (4 * digits))
		digits++;
	put_hex(line, value, digits);
}

static void pad_to(struct line *line, u32 column, char c)
{
	while (line->column < column)
		put_char(line, c);
}

static void end_line(struct line *line)
{
	dump_putc('\n');
	line->column = 0;
}

static u32 text_length(const char *text)
{
	u32 n = 0;

	while (text[n])
		n++;
	return n;
}

void dump_vector_name(u32 vector, char *buf, size_t size)
{
	const char *name = vector < VECTOR_COUNT ? vector_names[vector] : "interrupt";

	while (*name && size > 1) {
		*buf++ = *name++;
		size--;
	}
	*buf = '\0';
}

static void print_head(struct line *line, const struct dump_regs *regs, const char *where)
{
	u32 length = text_length(where);

	put_text(line, "---- ");
	if (regs->vector < VECTOR_COUNT) {
		put_text(line, vector_names[regs->vector]);
	} else {
		put_text(line, "unexpected interrupt 0x");
		put_hex_short(line, regs->vector);
	}
	put_char(line, ' ');
	if (length < LINE_WIDTH - 3)
		pad_to(line, LINE_WIDTH - 1 - length, '-');
	put_char(line, ' ');
	put_text(line, where);
	end_line(line);
}

/* Intel SDM vol. 3, 4.7: the page fault's error code. */
static void print_page_fault(struct line *line, const struct dump_regs *regs)
{
	u64 e = regs->error;

	put_text(line, e & 0x10 ? " fetch from 0x" : e & 2 ? " write to 0x" : " read of 0x");
	put_hex_short(line, regs->cr2);
	put_text(line, e & 1 ? ", protection" : ", not present");
	put_text(line, e & 4 ? ", user" : ", supervisor");
	if (e & 8)
		put_text(line, ", reserved bit set");
	if (e & 0x20)
		put_text(line, ", protection key");
}

/* Intel SDM vol. 3, 6.13: the selector form of an error code. */
static void print_selector_error(struct line *line, u64 error)
{
	if (!error) {
		put_text(line, " no selector involved");
		return;
	}
	put_text(line, error & 2 ? " IDT vector 0x" : error & 4 ? " LDT selector 0x" : " GDT selector 0x");
	put_hex_short(line, error & 2 ? (error >> 3) & 0x1fff : error & 0xfffc);
	if (error & 1)
		put_text(line, ", while delivering an external event");
}

/* Intel SDM vol. 3, 17.2.3: why a debug exception. */
static void print_debug_reason(struct line *line, u64 dr6)
{
	put_text(line, dr6 & 0x4000 ? " single step" : dr6 & 15 ? " hardware breakpoint" : " no reason in DR6");
}

static void print_reason(struct line *line, const struct dump_regs *regs)
{
	u32 bit = regs->vector < VECTOR_COUNT ? 1u << regs->vector : 0;

	if (regs->vector == VECTOR_PF)
		print_page_fault(line, regs);
	else if (bit & SELECTOR_ERROR_VECTORS)
		print_selector_error(line, regs->error);
	else if (regs->vector == VECTOR_DB)
		print_debug_reason(line, regs->dr6);
	else if (!(bit & ERROR_CODE_VECTORS))
		put_text(line, " no error code");
	if (bit & ERROR_CODE_VECTORS) {
		if (line->column > LINE_WIDTH - ERROR_WIDTH)
			end_line(line);
		pad_to(line, ERROR_COLUMN, ' ');
		put_text(line, " error 0x");
		put_hex(line, regs->error, 4);
	}
	end_line(line);
}

static void print_flags(struct line *line, u64 flags)
{
	bool first = true;

	put_text(line, "  flags ");
	put_hex(line, flags, 8);
	put_text(line, " [");
	for (u32 i = 0; i < 22; i++) {
		if (!(flags >> i & 1) || !flag_names[i][0])
			continue;
		if (!first)
			put_char(line, ' ');
		put_text(line, flag_names[i]);
		first = false;
	}
	put_text(line, "]");
}

static u32 address_digits(const struct dump_regs *regs)
{
	return regs->width == 64 ? 16 : 8;
}

/* The registers' usual names: rip and rax in 64-bit code, eip and eax below. */
static void put_named(struct line *line, const struct dump_regs *regs, const char *name, u64 value)
{
	put_char(line, regs->width == 64 ? 'r' : 'e');
	put_text(line, name);
	put_char(line, ' ');
	put_hex(line, value, address_digits(regs));
}

static void print_ip(struct line *line, const struct dump_regs *regs)
{
	put_char(line, ' ');
	put_named(line, regs, "ip", regs->ip);
	put_text(line, "  cs ");
	put_hex(line, regs->cs, 4);
	print_flags(line, regs->flags);
	end_line(line);
}

static void print_general_64(struct line *line, const struct dump_regs *r)
{
	const u64 values[16] = { r->ax, r->bx, r->cx, r->dx, r->si, r->di, r->bp, r->sp, r->r8, r->r9, r->r10, r->r11, r->r12,
				 r->r13, r->r14, r->r15 };
	static const char names[16][4] = { "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8 ", "r9 ", "r10", "r11",
					   "r12", "r13", "r14", "r15" };

	for (u32 i = 0; i < 16; i++) {
		put_text(line, i % 3 ? "  " : " ");
		put_text(line, names[i]);
		put_char(line, ' ');
		put_hex(line, values[i], 16);
		if (i % 3 == 2)
			end_line(line);
	}
	put_text(line, "  cr2 ");
	put_hex(line, r->cr2, 16);
	end_line(line);
}

static void print_general_32(struct line *line, const struct dump_regs *r)
{
	const u64 values[8] = { r->ax, r->bx, r->cx, r->dx, r->si, r->di, r->bp, r->sp };
	static const char names[8][4] = { "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp" };

	for (u32 i = 0; i < 8; i++) {
		put_text(line, i % 4 ? "  " : " ");
		put_text(line, names[i]);
		put_char(line, ' ');
		put_hex(line, values[i], 8);
		if (i % 4 == 3)
			end_line(line);
	}
	put_text(line, " cr2 ");
	put_hex(line, r->cr2, 8);
	end_line(line);
}

static void put_item(struct line *line, const char *name, u64 value, u32 digits)
{
	put_text(line, name);
	put_hex(line, value, digits);
}

static void print_system(struct line *line, const struct dump_regs *r)
{
	u32 digits = address_digits(r);

	put_item(line, " cr0 ", r->cr0, 8);
	put_item(line, "  cr3 ", r->cr3, digits);
	put_item(line, "  cr4 ", r->cr4, 8);
	put_item(line, "  efer ", r->efer, 8);
	end_line(line);
	put_item(line, " gdt ", r->gdt_base, digits);
	put_item(line, "/", r->gdt_limit, 4);
	put_item(line, "  idt ", r->idt_base, digits);
	put_item(line, "/", r->idt_limit, 4);
	put_item(line, "  tr ", r->tr, 4);
	end_line(line);
	put_item(line, " ds ", r->ds, 4);
	put_item(line, "  es ", r->es, 4);
	put_item(line, "  fs ", r->fs, 4);
	put_item(line, "  gs ", r->gs, 4);
	put_item(line, "  ss ", r->ss, 4);
	end_line(line);
}

/* The linear address of cs:ip and ss:sp: segments are flat but in real mode. */
static u64 linear(const struct dump_regs *r, u16 segment, u64 offset)
{
	return r->width == 16 ? ((u64)segment << 4) + (offset & 0xffff) : offset;
}

static void print_code(struct line *line, const struct dump_regs *r)
{
	u64 ip = linear(r, r->cs, r->ip);
	u64 at = ip >= CODE_BYTES_BEFORE ? ip - CODE_BYTES_BEFORE : 0;

	put_text(line, " code");
	for (u32 i = 0; i < CODE_BYTES; i++, at++) {
		put_text(line, at == ip ? " <" : " ");
		if (dump_can_read(at, 1))
			put_hex(line, *(const volatile u8 *)(uintptr_t)at, 2);
		else
			put_text(line, "??");
		if (at == ip)
			put_char(line, '>');
	}
	end_line(line);
}

/* Nobody says that a stack pointer which led to an exception is aligned. */
typedef u64 __attribute__((may_alias, aligned(1))) any_u64;
typedef u32 __attribute__((may_alias, aligned(1))) any_u32;

static u64 read_word(const struct dump_regs *r, u64 address)
{
	if (r->width == 64)
		return *(const volatile any_u64 *)(uintptr_t)address;
	return *(const volatile any_u32 *)(uintptr_t)address;
}

static void print_stack(struct line *line, const struct dump_regs *r)
{
	u32 size = r->width == 64 ? 8 : 4;
	u32 words = r->width == 64 ? STACK_WORDS_64 : STACK_WORDS_32;
	u32 on_line = words / 2;
	u64 at = linear(r, r->ss, r->sp);

	for (u32 i = 0; i < words; i++, at += size) {
		if (i % on_line == 0)
			put_text(line, i ? "      " : " stack");
		put_char(line, ' ');
		if (dump_can_read(at, size))
			put_hex(line, read_word(r, at), size * 2);
		else
			put_text(line, "????????");
		if (i % on_line == on_line - 1)
			end_line(line);
	}
}

/* Return addresses along the frame pointers, as long as they look like frames: ascending, aligned, not too far apart. */
static void print_trace(struct line *line, const struct dump_regs *r)
{
	u32 size = r->width == 64 ? 8 : 4;
	u64 frame = r->bp, next;

	put_text(line, " trace ");
	put_hex_short(line, r->ip);
	for (u32 i = 0; i < TRACE_DEPTH && r->width != 16; i++, frame = next) {
		if (!frame || (frame & (size - 1)) || !dump_can_read(frame, 2 * size))
			break;
		next = read_word(r, frame);
		if (line->column + 4 + address_digits(r) > LINE_WIDTH) {
			end_line(line);
			put_text(line, "      ");
		}
		put_text(line, " <- ");
		put_hex_short(line, read_word(r, frame + size));
		if (next <= frame || next - frame > TRACE_STRIDE_LIMIT)
			break;
	}
	end_line(line);
}

void dump_print(const struct dump_regs *regs, const char *where)
{
	struct line line = { 0 };

	dump_putc('\n');
	print_head(&line, regs, where);
	print_reason(&line, regs);
	print_ip(&line, regs);
	if (regs->width == 64)
		print_general_64(&line, regs);
	else
		print_general_32(&line, regs);
	print_system(&line, regs);
	print_code(&line, regs);
	print_stack(&line, regs);
	print_trace(&line, regs);
}
