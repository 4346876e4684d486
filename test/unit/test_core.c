/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The fault record, read back with the host's own definitions of a core file. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core.h"
#include "fake.h"
#include "swing_step.h"

#define RAM MIB(16)
#define RECORD MIB(10)
#define MUST(call) assert_int_equal(call, ERR_OK)

/* Linux, struct elf_prstatus and struct user_regs_struct of x86-64: byte offsets. */
enum { AT_SIGNAL = 12, AT_PID = 32, AT_REGS = 112 };
enum { R15, R14, R13, R12, RBP, RBX, R11, R10, R9, R8, RAX, RCX, RDX, RSI, RDI, ORIG_RAX, RIP, CS, EFLAGS, RSP, SS };

static struct memmap map, own;

static void add(struct memmap *to, paddr_t start, paddr_t end, u32 type)
{
	MUST(memmap_add(to, start, end - start, type));
	MUST(memmap_sanitise(to));
}

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	fake_ram_init(RAM);
	memmap_init(&map);
	memmap_init(&own);
	add(&map, 0, KIB(639), MEM_USABLE);
	add(&map, MIB(1), MIB(15), MEM_USABLE);
	add(&map, MIB(15), RAM, MEM_RESERVED);
	add(&map, GIB(4), GIB(6), MEM_USABLE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	memmap_free(&map);
	memmap_free(&own);
	fake_ram_free();
	return 0;
}

static const Elf64_Phdr *segments(void)
{
	return (const void *)(fake_ram + RECORD + CORE_HEADER_OFFSET + sizeof(Elf64_Ehdr));
}

static void expect_load(u32 number, paddr_t start, paddr_t end)
{
	const Elf64_Phdr *p = segments() + number;

	assert_int_equal(p->p_type, PT_LOAD);
	assert_int_equal(p->p_offset, start);
	assert_int_equal(p->p_paddr, start);
	assert_int_equal(p->p_memsz, end - start);
	assert_int_equal(p->p_filesz, end - start);
}

static void test_header(void **state)
{
	const Elf64_Ehdr *e = (const void *)(fake_ram + RECORD + CORE_HEADER_OFFSET);

	(void)state;
	/* The image's own: low memory, a window, and a place of its own with an edge inside a page. */
	add(&own, 0, KIB(639), MEM_USABLE);
	add(&own, MIB(8), MIB(12), MEM_USABLE);
	add(&own, MIB(2) + 100, MIB(2) + 5000, MEM_USABLE);
	MUST(core_build(RECORD, core_size(&map), &map, &own));
	assert_memory_equal(e->e_ident, ELFMAG, SELFMAG);
	assert_int_equal(e->e_ident[EI_CLASS], ELFCLASS64);
	assert_int_equal(e->e_ident[EI_DATA], ELFDATA2LSB);
	assert_int_equal(e->e_type, ET_CORE);
	assert_int_equal(e->e_machine, EM_X86_64);
	assert_int_equal(e->e_phoff, sizeof(*e));
	assert_int_equal(e->e_phentsize, sizeof(Elf64_Phdr));
	assert_int_equal(e->e_phnum, 5);
	assert_int_equal(segments()->p_type, PT_NOTE);
	assert_int_equal(segments()->p_offset, RECORD);
	assert_int_equal(segments()->p_memsz, sizeof(struct core_notes));
	expect_load(1, MIB(1), MIB(2));
	expect_load(2, MIB(2) + 2 * PAGE_SIZE, MIB(8));
	expect_load(3, MIB(12), MIB(15));
	expect_load(4, GIB(4), GIB(6));
}

static void test_too_many_pieces(void **state)
{
	(void)state;
	for (paddr_t at = MIB(1); at < MIB(3); at += 2 * PAGE_SIZE)
		add(&own, at, at + PAGE_SIZE, MEM_USABLE);
	assert_int_equal(core_build(RECORD, core_size(&map), &map, &own), ERR_NO_ROOM);
	assert_true(fake_log_has("memory in 258 pieces, the fault record has room for 71"));
	for (u64 i = 0; i < core_size(&map); i++)
		assert_int_equal(fake_ram[RECORD + i], 0);
}

/* The notes one behind the other, as their own sizes say. */
static const Elf64_Nhdr *note_at(u32 number)
{
	const u8 *at = fake_ram + RECORD;

	for (; number; number--) {
		const Elf64_Nhdr *n = (const void *)at;

		at += sizeof(*n) + align_up(n->n_namesz, 4) + align_up(n->n_descsz, 4);
	}
	return (const void *)at;
}

static const u8 *content(const Elf64_Nhdr *n)
{
	return (const u8 *)(n + 1) + align_up(n->n_namesz, 4);
}

static u64 word(const u8 *at, u32 bytes)
{
	u64 value = 0;

	memcpy(&value, at, bytes);
	return value;
}

static u64 reg(u32 number)
{
	return word(content(note_at(0)) + AT_REGS + 8 * number, 8);
}

static const struct dump_regs regs = {
	.vector = 14, .width = 64, .error = 2, .ax = 1, .bx = 2, .cx = 3, .dx = 4, .si = 5, .di = 6, .bp = 7, .sp = 8, .r8 = 9, .r9 = 10,
	.r10 = 11, .r11 = 12, .r12 = 13, .r13 = 14, .r14 = 15, .r15 = ~0ull, .ip = 0x123456789abcdefull, .flags = 0x246, .cr0 = 17,
	.cr2 = 18, .cr3 = 19, .cr4 = 20, .dr6 = 21, .efer = 22, .gdt_base = 23, .idt_base = 24, .gdt_limit = 25, .idt_limit = 26,
	.cs = 0x10, .ds = 27, .es = 28, .fs = 29, .gs = 30, .ss = 31, .tr = 32,
};

static void fill(const struct dump_regs *from, const char *text)
{
	MUST(core_build(RECORD, core_size(&map), &map, &own));
	core_fill((struct core_notes *)(fake_ram + RECORD), &(struct core_report){
		.regs = from, .where = CORE_IN_SWING, .step = CONTROL_ENTERING, .title = "an image", .text = text,
		.text_size = (u32)strlen(text),
	});
}

static void test_status(void **state)
{
	const Elf64_Nhdr *n = note_at(0);

	(void)state;
	fill(&regs, "");
	assert_int_equal(n->n_type, NT_PRSTATUS);
	assert_int_equal(n->n_descsz, 336);
	assert_string_equal((const char *)(n + 1), "CORE");
	assert_int_equal(word(content(n) + AT_SIGNAL, 2), 11);
	assert_int_equal(word(content(n) + AT_PID, 4), 1);
	assert_int_equal(reg(R15), ~0ull);
	assert_int_equal(reg(RBP), 7);
	assert_int_equal(reg(RBX), 2);
	assert_int_equal(reg(R8), 9);
	assert_int_equal(reg(RAX), 1);
	assert_int_equal(reg(RCX), 3);
	assert_int_equal(reg(RDX), 4);
	assert_int_equal(reg(RSI), 5);
	assert_int_equal(reg(RDI), 6);
	assert_int_equal(reg(RIP), 0x123456789abcdefull);
	assert_int_equal(reg(CS), 0x10);
	assert_int_equal(reg(EFLAGS), 0x246);
	assert_int_equal(reg(RSP), 8);
	assert_int_equal(reg(SS), 31);
}

static void test_signals(void **state)
{
	static const struct { u32 vector, signal; } cases[] = {
		{ 0, 8 }, { 1, 5 }, { 3, 5 }, { 6, 4 }, { 8, 11 }, { 13, 11 }, { 14, 11 }, { 16, 8 }, { 17, 7 }, { 19, 8 },
		{ CORE_NO_VECTOR, 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct dump_regs other = regs;

		other.vector = cases[i].vector;
		fill(&other, "");
		assert_int_equal(word(content(note_at(0)) + AT_SIGNAL, 2), cases[i].signal);
	}
}

static void test_fault(void **state)
{
	const Elf64_Nhdr *n = note_at(1);
	const u8 *f;

	(void)state;
	fill(&regs, "---- #PF\n");
	n = note_at(1);
	f = content(n);
	assert_string_equal((const char *)(n + 1), "Trapeze");
	assert_int_equal(n->n_type, CORE_NOTE_FAULT);
	assert_int_equal(n->n_descsz, 152);
	/* As docs/rescue.md has it. */
	assert_int_equal(word(f, 4), 1);
	assert_int_equal(word(f + 4, 4), 14);
	assert_int_equal(word(f + 8, 4), 64);
	assert_int_equal(word(f + 12, 4), CORE_IN_SWING);
	assert_int_equal(word(f + 16, 4), CONTROL_ENTERING);
	assert_int_equal(word(f + 20, 4), 25);
	assert_int_equal(word(f + 24, 4), 26);
	assert_int_equal(word(f + 28, 4), 32);
	assert_int_equal(word(f + 32, 8), 2);
	for (u32 i = 0; i < 4; i++)
		assert_int_equal(word(f + 40 + 8 * i, 8), 17 + i);
	assert_int_equal(word(f + 72, 8), 22);
	assert_int_equal(word(f + 80, 8), 21);
	assert_int_equal(word(f + 88, 8), 23);
	assert_int_equal(word(f + 96, 8), 24);
	assert_string_equal((const char *)f + 104, "an image");
	n = note_at(2);
	assert_int_equal(n->n_type, CORE_NOTE_TEXT);
	assert_string_equal((const char *)content(n), "---- #PF\n");
	/* Linux stops reading at a note without a name. */
	assert_int_equal(note_at(3)->n_namesz, 0);
	assert_ptr_equal((const u8 *)(note_at(3) + 1), fake_ram + RECORD + sizeof(struct core_notes));
}

/* A later fault leaves nothing of an earlier one; too long a text is cut, with its end. */
static void test_text(void **state)
{
	char text[CORE_TEXT_SIZE + 100];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fill(&regs, text);
	assert_int_equal(strlen((const char *)content(note_at(2))), CORE_TEXT_SIZE - 1);
	core_fill((struct core_notes *)(fake_ram + RECORD), &(struct core_report){ .regs = &regs, .title = "", .text = "y", .text_size = 1 });
	assert_string_equal((const char *)content(note_at(2)), "y");
	for (u32 i = 1; i < CORE_TEXT_SIZE; i++)
		assert_int_equal(content(note_at(2))[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_header, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_signals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fault, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
