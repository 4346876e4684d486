/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The dump of an exception as a whole: its text, that it fits a screen, that it reads nothing it was not allowed to. */
#include "dump_fixture.h"

/* --- whole dumps --- */

static void test_page_fault_64(void **state)
{
	struct dump_regs regs = sample(14, 64);

	(void)state;
	regs.bp = HIGH_START + 0x1800;
	store(HIGH_START + 0x1800, 8, HIGH_START + 0x1900);
	store(HIGH_START + 0x1808, 8, 0xffffffff81000123);
	store(HIGH_START + 0x1900, 8, 0);
	store(HIGH_START + 0x1908, 8, 0x101234);
	for (u32 i = 0; i < 8; i++)
		store(HIGH_START + 0x1000 + 8 * i, 8, 0x1111111111111111ull * (i + 1));
	for (u32 i = 0; i < 20; i++)
		store(HIGH_START + 0x100 - 8 + i, 1, 0x90 + i);
	dump(&regs, "in Trapeze, step \"verify\"");
	assert_string_equal(out,
"\n"
"---- #PF page fault ---------------------------------- in Trapeze, step \"verify\"\n"
" read of 0xffff8000deadb000, not present, supervisor         error 0x0000\n"
" rip 0000000050000100  cs 0008  flags 00010246 [PF ZF IF RF]\n"
" rax ffff8000a1a2a3a4  rbx ffff8000b1b2b3b4  rcx ffff8000c1c2c3c4\n"
" rdx ffff8000d1d2d3d4  rsi ffff800051525354  rdi ffff800061626364\n"
" rbp 0000000050001800  rsp 0000000050001000  r8  ffff800000000008\n"
" r9  ffff800000000009  r10 ffff800000000010  r11 ffff800000000011\n"
" r12 ffff800000000012  r13 ffff800000000013  r14 ffff800000000014\n"
" r15 ffff800000000015  cr2 ffff8000deadb000\n"
" cr0 80010033  cr3 000000007fe01000  cr4 00000620  efer 00000d00\n"
" gdt 0000000000123000/004f  idt 0000000000124000/01ff  tr 0040\n"
" ds 0018  es 0019  fs 001a  gs 001b  ss 001c\n"
" code 90 91 92 93 94 95 96 97 <98> 99 9a 9b 9c 9d 9e 9f a0 a1 a2 a3\n"
" stack 1111111111111111 2222222222222222 3333333333333333 4444444444444444\n"
"       5555555555555555 6666666666666666 7777777777777777 8888888888888888\n"
" trace 50000100 <- ffffffff81000123 <- 101234\n");
}

static void test_general_protection_32(void **state)
{
	struct dump_regs regs = sample(13, 32);

	(void)state;
	regs.error = 0x43;
	regs.flags = 0x202;
	regs.ip = 3;
	regs.bp = HIGH_START + READABLE - 4;
	for (u32 i = 0; i < 16; i++)
		store(HIGH_START + 0x1000 + 4 * i, 4, 0x01010101 * i);
	dump(&regs, "swing 1, inside the call of \"trips over itself\"");
	assert_string_equal(out,
"\n"
"---- #GP general protection ---- swing 1, inside the call of \"trips over itself\"\n"
" IDT vector 0x8, while delivering an external event          error 0x0043\n"
" eip 00000003  cs 0008  flags 00000202 [IF]\n"
" eax a1a2a3a4  ebx b1b2b3b4  ecx c1c2c3c4  edx d1d2d3d4\n"
" esi 51525354  edi 61626364  ebp 50001ffc  esp 50001000\n"
" cr2 deadb000\n"
" cr0 80010033  cr3 7fe01000  cr4 00000620  efer 00000d00\n"
" gdt 00123000/004f  idt 00124000/01ff  tr 0040\n"
" ds 0018  es 0019  fs 001a  gs 001b  ss 001c\n"
" code ?? ?? ?? <?\?> ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ??\n"
" stack 00000000 01010101 02020202 03030303 04040404 05050505 06060606 07070707\n"
"       08080808 09090909 0a0a0a0a 0b0b0b0b 0c0c0c0c 0d0d0d0d 0e0e0e0e 0f0f0f0f\n"
" trace 3\n");
}

/* Real mode: code and stack lie where segment and offset say. */
static void test_invalid_opcode_16(void **state)
{
	struct dump_regs regs = sample(6, 16);

	(void)state;
	regs.cs = 0x2010;
	regs.ip = 0x0123;
	regs.ss = 0x2000;
	regs.sp = 0xabcd1ff8;
	store(0x21ff8, 4, 0xcafe0001);
	store(0x21ffc, 4, 0xcafe0002);
	for (u32 i = 0; i < 20; i++)
		store(0x20223 - 8 + i, 1, 0x40 + i);
	dump(&regs, "inside a BIOS call");
	assert_string_equal(out,
"\n"
"---- #UD invalid opcode ------------------------------------- inside a BIOS call\n"
" no error code\n"
" eip 00000123  cs 2010  flags 00010246 [PF ZF IF RF]\n"
" eax a1a2a3a4  ebx b1b2b3b4  ecx c1c2c3c4  edx d1d2d3d4\n"
" esi 51525354  edi 61626364  ebp 00000000  esp abcd1ff8\n"
" cr2 deadb000\n"
" cr0 80010033  cr3 7fe01000  cr4 00000620  efer 00000d00\n"
" gdt 00123000/004f  idt 00124000/01ff  tr 0040\n"
" ds 0018  es 0019  fs 001a  gs 001b  ss 2000\n"
" code 40 41 42 43 44 45 46 47 <48> 49 4a 4b 4c 4d 4e 4f 50 51 52 53\n"
" stack cafe0001 cafe0002 ???????? ???????? ???????? ???????? ???????? ????????\n"
"       ???????? ???????? ???????? ???????? ???????? ???????? ???????? ????????\n"
" trace 123\n");
}

/* --- all vectors, any registers --- */

static u64 any(void)
{
	static const u64 near[] = {
		HIGH_START, HIGH_START + READABLE, LOW_START, LOW_START + READABLE, 0, 0x7fffffffffffffff,
	};
	u64 wide = (u64)random() << 42 ^ (u64)random() << 21 ^ (u64)random();

	switch (random() % 4) {
	case 0:
		return wide;
	case 1:
		return wide & 0xffffffff;
	default:
		return near[(u64)random() % ARRAY_COUNT(near)] + (u64)random() % 96 - 48;
	}
}

static void check_number(const char *name, u64 value, int digits)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "%s %0*llx", name, digits, digits == 8 ? value & 0xffffffff : value);
	if (!strstr(out, wanted))
		fail_msg("no \"%s\" in\n%s", wanted, out);
}

static void check_values(const struct dump_regs *r)
{
	static const char *const names_64[] = {
		"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
		"r8 ", "r9 ", "r10", "r11", "r12", "r13", "r14", "r15", "rip",
	};
	static const char *const names_32[] = { "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp" };
	const u64 values[] = {
		r->ax, r->bx, r->cx, r->dx, r->si, r->di, r->bp, r->sp,
		r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15, r->ip,
	};
	int digits = r->width == 64 ? 16 : 8;

	for (unsigned int i = 0; i < (r->width == 64 ? 17 : 8); i++)
		check_number(r->width == 64 ? names_64[i] : names_32[i], values[i], digits);
	check_number("cr0", r->cr0, 8);
	check_number("cr2", r->cr2, digits);
	check_number("cr3", r->cr3, digits);
	check_number("cr4", r->cr4, 8);
	check_number("efer", r->efer, 8);
	check_number("gdt", r->gdt_base, digits);
	check_number("idt", r->idt_base, digits);
	check_number("ss", r->ss, 4);
	check_number("tr", r->tr, 4);
}

static void test_all_vectors(void **state)
{
	static const u32 widths[] = { 64, 32, 16 };
	char name[NAME_WIDTH], head[64];

	(void)state;
	srandom(1);
	for (u32 round = 0; round < 20 * DUMP_EXCEPTIONS * ARRAY_COUNT(widths); round++) {
		struct dump_regs r = sample(round % DUMP_EXCEPTIONS, widths[round / DUMP_EXCEPTIONS % ARRAY_COUNT(widths)]);
		u64 *const registers[] = {
			&r.error, &r.ax, &r.bx, &r.cx, &r.dx, &r.si, &r.di, &r.bp, &r.sp, &r.r8, &r.r9, &r.r10, &r.r11,
			&r.r12, &r.r13, &r.r14, &r.r15, &r.ip, &r.flags, &r.cr0, &r.cr2, &r.cr3, &r.cr4, &r.efer,
			&r.gdt_base, &r.idt_base,
		};

		for (unsigned int i = 0; i < ARRAY_COUNT(registers); i++)
			*registers[i] = any();
		r.cs = (u16)any();
		r.ss = (u16)any();
		dump(&r, "in Trapeze, step \"memory map\"");
		check_shape();
		check_values(&r);
		dump_vector_name(r.vector, name, sizeof(name));
		snprintf(head, sizeof(head), "\n---- %s --", name);
		assert_ptr_equal(strstr(out, head), out);
		assert_non_null(strchr(out, '<'));
	}
}

static void test_vector_names(void **state)
{
	char name[NAME_WIDTH], cut[8] = "xxxxxxx";

	(void)state;
	for (u32 a = 0; a < DUMP_EXCEPTIONS; a++) {
		dump_vector_name(a, name, sizeof(name));
		assert_true(strlen(name) >= 3 && strlen(name) < sizeof(name) - 1);
		for (u32 b = a + 1; b < DUMP_EXCEPTIONS; b++)
			assert_string_not_equal(vector_names[a], vector_names[b]);
	}
	dump_vector_name(14, cut, 5);
	assert_string_equal(cut, "#PF ");
	assert_int_equal(cut[5], 'x');
	dump_vector_name(DUMP_EXCEPTIONS, name, sizeof(name));
	assert_string_equal(name, "interrupt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_fault_64), cmocka_unit_test(test_general_protection_32),
		cmocka_unit_test(test_invalid_opcode_16), cmocka_unit_test(test_all_vectors),
		cmocka_unit_test(test_vector_names),
	};

	return cmocka_run_group_tests(tests, map_memory, NULL);
}
