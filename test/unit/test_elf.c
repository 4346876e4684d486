/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The ELF loader: where segments go, what the entry finds in registers and stack. */
#include "elf_rig.h"

static void expect_segment(u32 index, paddr_t dest, u64 offset, u64 file_size, u64 mem_size)
{
	const struct plan_segment *segment = &rig.plan.segments[index];

	assert_int_equal(segment->dest, dest);
	assert_int_equal(segment->source, rig.request.kernel.blob.paddr + offset);
	assert_int_equal(segment->file_size, file_size);
	assert_int_equal(segment->zero_size, mem_size - file_size);
	assert_int_equal(segment->mem_size, mem_size);
}

static void test_64_bit(void **state)
{
	const struct entry_state *entry = &rig.plan.entry;

	(void)state;
	rig_make_elf(image, true, BASE);
	finish();
	assert_int_equal(rig.plan.segment_count, 2);
	expect_segment(0, BASE, 0x400, 0x800, 0x800);
	expect_segment(1, BASE + 0x1000, 0x1000, 0x100, 0x3000);
	assert_int_equal(entry->mode, ENTRY_LONG);
	assert_int_equal(entry->ip, BASE);
	assert_int_equal(entry->sp, 0);
	assert_int_equal(entry->di | entry->si | entry->dx | entry->cx | entry->r8 | entry->r9, 0);
	assert_int_equal(entry->ax | entry->bx | entry->bp, 0);
}

/* The BIOS's page stays where the file has only zeros for it. */
static void test_page_0(void **state)
{
	(void)state;
	for (u32 used = 0; used < 2; used++) {
		rig_make_elf(image, true, BASE);
		memset(image + 0x400, 0, 0x1000);
		image[0x400 + 0xfff] = (u8)used;
		segment_64(1)->p_type = PT_NULL;
		*segment_64(0) = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 0x400, .p_filesz = 0x1800, .p_memsz = 0x3000 };
		header_64()->e_entry = 0x1010;
		finish();
		if (used)
			expect_segment(0, 0, 0x400, 0x1800, 0x3000);
		else
			expect_segment(0, 0x1000, 0x1400, 0x800, 0x2000);
		restart();
	}
	rig_make_elf(image, true, 0);
	memset(image + 0x400, 0, 0x800);
	segment_64(0)->p_memsz = 0x1000;
	segment_64(1)->p_type = PT_NULL;
	finish();
	expect_segment(0, 0, 0x400, 0x800, 0x1000);
}

static void test_arguments_in_registers(void **state)
{
	const struct entry_state *entry = &rig.plan.entry;

	(void)state;
	rig_make_elf(image, true, BASE);
	rig.request.arg_count = 6;
	for (u32 i = 0; i < 6; i++)
		rig.request.args[i] = 0x1111111111111111ull * (i + 1);
	finish();
	assert_int_equal(entry->di, 0x1111111111111111ull);
	assert_int_equal(entry->si, 0x2222222222222222ull);
	assert_int_equal(entry->dx, 0x3333333333333333ull);
	assert_int_equal(entry->cx, 0x4444444444444444ull);
	assert_int_equal(entry->r8, 0x5555555555555555ull);
	assert_int_equal(entry->r9, 0x6666666666666666ull);
}

static void test_32_bit_with_arguments_on_the_stack(void **state)
{
	const struct plan_segment *stack;
	const struct entry_state *entry = &rig.plan.entry;
	const u32 *words;

	(void)state;
	rig_make_elf(image, false, BASE);
	rig.request.arg_count = 2;
	rig.request.args[0] = 0xffffffff;
	rig.request.args[1] = 42;
	rig.request.args[2] = 43;
	finish();
	assert_int_equal(rig.plan.segment_count, 3);
	expect_segment(0, BASE, 0x400, 0x800, 0x800);
	expect_segment(1, BASE + 0x1000, 0x1000, 0x100, 0x3000);
	assert_int_equal(entry->mode, ENTRY_PROTECTED);
	assert_int_equal(entry->ip, BASE);
	stack = rig_segment(&rig, "stack");
	assert_true(entry->sp > stack->dest && entry->sp + 28 <= stack->dest + PAGE_SIZE);
	assert_int_equal((entry->sp + 4) % 16, 0);
	assert_int_equal(stack->dest, MIB(64) - PAGE_SIZE);
	words = (const u32 *)(rig_bytes(stack) + (entry->sp - stack->dest));
	assert_int_equal(words[0], 0);
	assert_int_equal(words[1], 0xffffffff);
	assert_int_equal(words[2], 42);
	for (u32 i = 3; i < 7; i++)
		assert_int_equal(words[i], 0);
}

static void test_argument_too_wide(void **state)
{
	(void)state;
	rig_make_elf(image, false, BASE);
	rig.request.arg_count = 2;
	rig.request.args[1] = 0x100000000ull;
	expect_refusal(place(sizeof(image)), ERR_VALUE,
		       "trapeze,args: number 2, 0x100000000, does not fit 32-bit protected mode");
}

static void test_mode_by_manifest(void **state)
{
	(void)state;
	rig_make_elf(image, false, BASE);
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_LONG;
	finish();
	assert_int_equal(rig.plan.entry.mode, ENTRY_LONG);
	restart();
	rig_make_elf(image, true, BASE);
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_PROTECTED;
	finish();
	assert_int_equal(rig.plan.entry.mode, ENTRY_PROTECTED);
	restart();
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_REAL;
	expect_refusal(place(sizeof(image)), ERR_UNSUPPORTED,
		       "trapeze,mode=real: ELF files are entered in long or protected mode");
}

static void test_mode_that_cannot_be_entered(void **state)
{
	(void)state;
	fake_cannot_enter[ENTRY_LONG] = "this processor has no long mode";
	rig_make_elf(image, true, BASE);
	expect_refusal(place(sizeof(image)), ERR_PROCESSOR, "vmlinuz: this processor has no long mode");
}

/* 64-bit code linked above 4 GiB cannot be entered from below. */
static void test_protected_mode_above_4g(void **state)
{
	(void)state;
	rig_make_elf(image, true, GIB(5));
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_PROTECTED;
	expect_refusal(place(sizeof(image)), ERR_VALUE, "dest=0x140000000");
}

/* Kernels linked high: e_entry is a virtual address, or, in some, a physical one. */
static void test_entry_is_virtual_or_physical(void **state)
{
	static const struct {
		u64 vaddr, entry, wanted;
	} cases[] = {
		{ 0xffffffff80000000ull, 0xffffffff80000010ull, BASE + 0x10 },
		{ 0xffffffff80000000ull, BASE + 0x20, BASE + 0x20 },
		{ BASE, BASE + 0x7ff, BASE + 0x7ff },
		{ BASE + 0x1000, BASE + 0x1008, BASE + 0x8 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig_make_elf(image, true, BASE);
		segment_64(0)->p_vaddr = cases[i].vaddr;
		segment_64(1)->p_vaddr = cases[i].vaddr + 0x10000;
		header_64()->e_entry = cases[i].entry;
		finish();
		assert_int_equal(rig.plan.entry.ip, cases[i].wanted);
		restart();
	}
}

static void test_other_segments_are_left_out(void **state)
{
	(void)state;
	rig_make_elf(image, false, BASE);
	header_32()->e_phnum = 4;
	*segment_32(2) = (Elf32_Phdr){ .p_type = PT_NOTE, .p_offset = 0xffffffff, .p_filesz = 0xffffffff };
	*segment_32(3) = (Elf32_Phdr){ .p_type = PT_LOAD, .p_paddr = 0xa0000 };
	finish();
	assert_int_equal(rig.plan.segment_count, 3);
}

/* Text and data may share a page, as linkers make them. */
static void test_segments_share_a_page(void **state)
{
	(void)state;
	rig_make_elf(image, true, BASE);
	segment_64(1)->p_paddr = segment_64(1)->p_vaddr = BASE + 0x800;
	finish();
	expect_segment(1, BASE + 0x800, 0x1000, 0x100, 0x3000);
}

static void test_record(void **state)
{
	char *record, wanted[512];

	(void)state;
	rig_make_elf(image, true, BASE);
	rig.request.arg_count = 1;
	rig.request.args[0] = 7;
	rig.request.args[1] = 8;
	finish();
	record = rig_record(&rig, &loader_elf);
	assert_string_equal(record, "elf: mode=long entry=0x2000000\n"
				    "regs: ax=0x0 bx=0x0 cx=0x0 dx=0x0 si=0x0 di=0x7 bp=0x0\n"
				    "args: 0x7 0x0 0x0 0x0 0x0 0x0\n"
				    "end\n");
	free(record);
	restart();
	rig_make_elf(image, false, BASE);
	finish();
	record = rig_record(&rig, &loader_elf);
	snprintf(wanted, sizeof(wanted), "elf: mode=protected entry=0x2000000\n"
					 "regs: ax=0x0 bx=0x0 cx=0x0 dx=0x0 si=0x0 di=0x0 bp=0x0\n"
					 "stack: sp=0x%llx\n"
					 "args: 0x0 0x0 0x0 0x0 0x0 0x0\n"
					 "end\n", rig_segment(&rig, "stack")->dest + PAGE_SIZE - 36);
	assert_string_equal(record, wanted);
	free(record);
}

static void test_describe(void **state)
{
	char text[80];

	(void)state;
	rig_make_elf(image, true, BASE);
	rig_kernel(&rig, image, sizeof(image));
	loader_elf.describe(&rig.request, text, sizeof(text));
	assert_string_equal(text, "ELF64 static executable, long mode, entry 0x2000000");
	rig_make_elf(image, false, BASE);
	rig_kernel(&rig, image, sizeof(image));
	loader_elf.describe(&rig.request, text, sizeof(text));
	assert_string_equal(text, "ELF32 static executable, protected mode, entry 0x2000000");
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_LONG;
	loader_elf.describe(&rig.request, text, sizeof(text));
	assert_string_equal(text, "ELF32 static executable, long mode, entry 0x2000000");
	image[4] = 9;
	rig_kernel(&rig, image, sizeof(image));
	loader_elf.describe(&rig.request, text, sizeof(text));
	assert_string_equal(text, "ELF, damaged: see the log");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_page_0),
		TEST(test_64_bit), TEST(test_arguments_in_registers), TEST(test_32_bit_with_arguments_on_the_stack),
		TEST(test_argument_too_wide), TEST(test_mode_by_manifest), TEST(test_mode_that_cannot_be_entered),
		TEST(test_protected_mode_above_4g), TEST(test_entry_is_virtual_or_physical),
		TEST(test_other_segments_are_left_out), TEST(test_segments_share_a_page), TEST(test_record),
		TEST(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
