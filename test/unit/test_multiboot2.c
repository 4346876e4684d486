/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Kernels of multiboot format 2. */
#include "multiboot2_rig.h"

static void test_elf(void **state)
{
	(void)state;
	start_elf();
	PUT_TAG(1, 0, 1, 3, 6, 21);
	PUT_TAG(4, 1, 3);
	PUT_TAG(5, 1, 0, 0, 0);
	put_tag(6, 0, 0, NULL);
	put_tag(7, 1, 0, NULL);
	PUT_TAG(8, 1, 0x1000);
	PUT_TAG(9, 1, 0x1000);
	PUT_TAG(0x77, 1, 5);
	end(HEADER_AT);
	finish();
	assert_int_equal(rig.plan.entry.mode, ENTRY_PROTECTED);
	assert_int_equal(rig.plan.entry.ip, BASE);
	assert_int_equal(rig.plan.entry.ax, 0x36d76289);
	assert_int_equal(read_at(tag(21, 4), 0, 4), BASE);
	assert_int_equal(rig.plan.entry.bx % 8, 0);
	tag(0, 0);
}

static void test_entry_tag(void **state)
{
	(void)state;
	start_elf();
	PUT_TAG(3, 0, BASE + 0x123);
	end(HEADER_AT);
	finish();
	assert_int_equal(rig.plan.entry.ip, BASE + 0x123);
}

static void make_flat(u32 load, u32 load_end, u32 bss_end)
{
	loader = &loader_multiboot2;
	image_size = 0x1800;
	begin(0x100);
	PUT_TAG(2, 0, BASE + 0x80, load, load_end, bss_end);
	PUT_TAG(3, 0, BASE + 0x200);
	end(0x100);
}

static void test_flat(void **state)
{
	(void)state;
	make_flat(BASE, BASE + 0x1000, BASE + 0x3000);
	finish();
	assert_int_equal(rig.plan.segments[0].source, rig.request.kernel.blob.paddr + 0x80);
	assert_int_equal(rig.plan.segments[0].mem_size, 0x3000);
	assert_int_equal(read_at(tag(21, 4), 0, 4), BASE);
	restart();
	make_flat(0xffffffff, 0, 0);
	finish();
	assert_int_equal(rig.plan.segments[0].dest, BASE - 0x80);
	assert_int_equal(rig.plan.segments[0].file_size, 0x1800);
	restart();
	make_flat(BASE, BASE + 0x1000, BASE + 0xfff);
	expect_error("bss_end_addr=0x2000fff is not possible with the load's end at=0x2001000");
	start_elf();
	PUT_TAG(2, 0, BASE, BASE, 0, 0);
	end(HEADER_AT);
	expect_error("header tag 2 gives addresses, and no tag 3 the entry");
}

static void test_relocatable(void **state)
{
	static const struct {
		u32 min, max, align, preference, wanted;
	} cases[] = {
		{ 0x800000, 0xffffffff, 0x200000, 1, 0x800000 },
		{ 0x800001, 0xffffffff, 0x200000, 1, 0xa00000 },
		{ 0x100000, 0xffffffff, 0x1000, 0, BASE },
		{ 0x100000, 0x1ffffff, 0x400000, 0, 0x400000 },
		{ 0x100000, 0x10fffff, 0x100000, 2, 0x1000000 },
		{ 0x300000, 0x303fff, 1, 1, 0x300000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		const struct plan_segment *s;

		make_relocatable(cases[i].min, cases[i].max, cases[i].align, cases[i].preference);
		finish();
		s = &rig.plan.segments[0];
		assert_int_equal(s->dest, cases[i].wanted);
		assert_int_equal(s->mem_size, 0x4000);
		assert_int_equal(rig.plan.entry.ip, cases[i].wanted);
		assert_int_equal(read_at(tag(21, 4), 0, 4), cases[i].wanted);
		assert_memory_equal(rig_bytes(s), image + 0x400, 0x800);
		assert_memory_equal(rig_bytes(s) + 0x1000, image + 0x1000, 0x100);
		assert_int_equal(rig_bytes(s)[0x800], 0);
		restart();
	}
}

static void test_relocatable_is_refused(void **state)
{
	(void)state;
	make_relocatable(0, 0xffffffff, 3, 0);
	expect_error("header tag 10: align=0x3: no power of two");
	make_relocatable(0, 0xffffffff, 0, 0);
	expect_error("header tag 10: align=0x0: no power of two");
	make_relocatable(2, 1, 1, 0);
	expect_error("header tag 10: min_addr=0x2: above max_addr");
	make_relocatable(0, 0xffffffff, 1, 3);
	expect_error("header tag 10: preference=0x3: not known");
	make_relocatable(0x100000, 0x103ffe, 1, 0);
	expect_error("mem_size=0x4000 does not fit between");
	make_relocatable(0x100000, 0xffffffff, 1, 0);
	rig_patch(image, 0x34 + 32 + 12, 4, BASE + 0x7ff);
	expect_error("segments overlap: 0x2000000..0x2000800 and 0x20007ff..0x20037ff");
}

static void test_header_is_refused(void **state)
{
	(void)state;
	start_elf();
	put_word(TAG(6, 0));
	put_word(0);
	end(HEADER_AT);
	expect_error("header tag 6 at 0x210: size=0 is not within 8..16");
	start_elf();
	put_tag(6, 0, 0, NULL);
	close_header(HEADER_AT, at - HEADER_AT);
	expect_error("the header's 24 bytes end without an end tag");
	start_elf();
	put_word(TAG(6, 0));
	put_word(0xffffffff);
	close_header(HEADER_AT, at - HEADER_AT);
	expect_error("size=4294967295 is not within 8..8");
	start_elf();
	PUT_TAG(0x77, 0, 1);
	end(HEADER_AT);
	expect_error("header tag 119 is required and not known");
	start_elf();
	put_tag(7, 0, 0, NULL);
	end(HEADER_AT);
	expect_error("header tag 7: requires EFI boot services, and they have ended");
	start_elf();
	PUT_TAG(1, 0, 6, 22);
	end(HEADER_AT);
	expect_error("header tag 1: requested information=0x16: not known; 0 to 21 are");
	start_elf();
	PUT_TAG(3, 0, BASE);
	PUT_TAG(3, 0, BASE);
	end(HEADER_AT);
	expect_error("header tag 3 is there twice");
	start_elf();
	put_tag(2, 0, 0, NULL);
	end(HEADER_AT);
	expect_error("header tag 2: size=8 is below 24");
	start_elf();
	PUT_TAG(4, 0, 1);
	end(HEADER_AT);
	expect_error("requires a console, and the boot loader before us gave no screen");
}

static void test_head_is_refused(void **state)
{
	const char *reason;

	(void)state;
	start_elf();
	end(HEADER_AT);
	put32(HEADER_AT + 4, 4);
	put32(HEADER_AT + 12, -(MAGIC + 4 + 24));
	expect_error("architecture=4 is not i386 (0)");
	start_elf();
	close_header(HEADER_AT, 15);
	expect_error("header_length=15 is not within 16..");
	start_elf();
	close_header(HEADER_AT, RIG_ELF_SIZE - HEADER_AT + 1);
	expect_error("header_length=7681 is not within 16..7680");
	start_elf();
	end(HEADER_AT);
	put32(HEADER_AT + 12, 1);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_FORMAT);
	assert_non_null(strstr(reason, "checksum is wrong"));
}

static void test_where_the_header_may_lie(void **state)
{
	const char *reason;

	(void)state;
	start_elf();
	image_size = sizeof(image);
	begin(32768 - 24);
	end(32768 - 24);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_OK);
	memset(image + 32768 - 24, 0, 24);
	begin(32768 - 8);
	end(32768 - 8);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_FORMAT);
	memset(image + 32768 - 8, 0, 24);
	begin(HEADER_AT + 4);
	end(HEADER_AT + 4);
	use_image();
	assert_int_equal(loader->probe(&rig.request, &reason), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_elf),
		TEST(test_entry_tag),
		TEST(test_flat),
		TEST(test_relocatable),
		TEST(test_relocatable_is_refused),
		TEST(test_header_is_refused),
		TEST(test_head_is_refused),
		TEST(test_where_the_header_may_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
