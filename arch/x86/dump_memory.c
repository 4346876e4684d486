/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The part of a dump that reads memory: bytes at the instruction pointer, stack words, who called. */
#include "dump_private.h"

#define CODE_BYTES_BEFORE 8
#define CODE_BYTES 20
#define STACK_WORDS_64 8
#define STACK_WORDS_32 16
#define TRACE_DEPTH 6
#define TRACE_STRIDE_LIMIT 0x10000	/* a frame larger than this is no frame */
#define ARROW_WIDTH 4
#define CALL_OPCODE 0xe8		/* call rel32: five bytes */
#define CALL_SIZE 5

/* The linear address of cs:ip and ss:sp: segments are flat but in real mode. */
static u64 linear(const struct dump_regs *r, u16 segment, u64 offset)
{
	return r->width == 16 ? ((u64)segment << 4) + (offset & 0xffff) : offset;
}

void dump_print_code(struct dump_line *line, const struct dump_regs *r)
{
	u64 ip = linear(r, r->cs, r->ip);
	u64 at = ip >= CODE_BYTES_BEFORE ? ip - CODE_BYTES_BEFORE : 0;

	dump_put_text(line, " code");
	for (u32 i = 0; i < CODE_BYTES; i++, at++) {
		dump_put_text(line, at == ip ? " <" : " ");
		if (dump_can_read(at, 1))
			dump_put_hex(line, *(const volatile u8 *)(uintptr_t)at, 2);
		else
			dump_put_text(line, "??");
		if (at == ip)
			dump_put_char(line, '>');
	}
	dump_end_line(line);
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

void dump_print_stack(struct dump_line *line, const struct dump_regs *r)
{
	u32 size = r->width == 64 ? 8 : 4;
	u32 words = r->width == 64 ? STACK_WORDS_64 : STACK_WORDS_32;
	u32 on_line = words / 2;
	u64 at = linear(r, r->ss, r->sp);

	for (u32 i = 0; i < words; i++, at += size) {
		if (i % on_line == 0)
			dump_put_text(line, i ? "      " : " stack");
		dump_put_char(line, ' ');
		if (dump_can_read(at, size))
			dump_put_hex(line, read_word(r, at), size * 2);
		else
			dump_put_text(line, "????????");
		if (i % on_line == on_line - 1)
			dump_end_line(line);
	}
}

/* Reads the frame at *frame: the next one, and where its function returns to. False: this is no frame. */
static bool read_frame(const struct dump_regs *r, u64 *frame, u64 *return_address)
{
	u32 size = r->width == 64 ? 8 : 4;
	u64 at = *frame;

	if (!at || (at & (size - 1)) || !dump_can_read(at, 2 * size))
		return false;
	*frame = read_word(r, at);
	*return_address = read_word(r, at + size);
	return *return_address;
}

static void print_caller(struct dump_line *line, const struct dump_place *place)
{
	if (line->column + ARROW_WIDTH + dump_place_width(place) > LINE_WIDTH) {
		dump_end_line(line);
		dump_put_text(line, "      ");
	}
	dump_put_text(line, " <- ");
	dump_put_place(line, place, LINE_WIDTH - line->column);
}

/*
 * A function that has no frame, or none yet, has its return address on top of the stack: taken for one when it has a name
 * and lies behind a call.
 */
static bool find_frameless_caller(const struct dump_regs *r, const void *symbols, struct dump_place *place)
{
	u64 address;

	if (!dump_can_read(r->sp, r->width == 64 ? 8 : 4))
		return false;
	address = read_word(r, r->sp);
	*place = dump_find_place(symbols, address, true);
	return place->has_name && dump_can_read(address - CALL_SIZE, CALL_SIZE) &&
	       *(const volatile u8 *)(uintptr_t)(address - CALL_SIZE) == CALL_OPCODE;
}

/*
 * Return addresses along the frame pointers, as long as they look like frames: ascending, aligned, not too far apart.
 * Where the first does not lie above the stack pointer, one of the two is wrong, and only names are believed.
 */
void dump_print_trace(struct dump_line *line, const struct dump_regs *r, const void *symbols)
{
	struct dump_place place = dump_find_place(symbols, r->ip, false);
	u64 frame = r->bp, last = linear(r, r->ss, r->sp), return_address;
	u32 depth = r->width == 16 ? 0 : TRACE_DEPTH;

	dump_put_text(line, " trace ");
	dump_put_place(line, &place, LINE_WIDTH - line->column);
	if (find_frameless_caller(r, symbols, &place)) {
		print_caller(line, &place);
		depth--;
	}
	for (u32 i = 0; i < depth; i++) {
		u64 at = frame;
		bool is_near = at >= last && at - last <= TRACE_STRIDE_LIMIT;

		if ((i && (!is_near || at == last)) || !read_frame(r, &frame, &return_address))
			break;
		place = dump_find_place(symbols, return_address, true);
		if (!is_near && !place.has_name)
			break;
		print_caller(line, &place);
		last = at;
	}
	dump_end_line(line);
}
