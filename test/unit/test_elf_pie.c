/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Position-independent executables: placed where there is room, relocated there, and what is refused. */
#include "elf_symbols_fixture.h"

/* In the image: offsets in the file of the two segments, then virtual addresses. */
#define TEXT_AT 0x400u
#define DATA_AT 0x1000u
#define DYNAMIC 0x1000u			/* the dynamic section, in the data segment */
#define TABLE 0x100u			/* relocations */
#define PACKED_TABLE 0x300u			/* packed ones */
#define WORDS 0x500u			/* what they point at */
#define MEM_SIZE 0x4000u

static u32 dynamic_used;

static void put(bool is_64, u32 vaddr, u64 value)
{
	u32 at = vaddr < 0x1000 ? TEXT_AT + vaddr : DATA_AT + vaddr - 0x1000;

	rig_patch(image, at, is_64 ? 8 : 4, value);
}

static void tag(bool is_64, u64 number, u64 value)
{
	u32 size = is_64 ? 8 : 4;

	put(is_64, DYNAMIC + dynamic_used, number);
	put(is_64, DYNAMIC + dynamic_used + size, value);
	put(is_64, DYNAMIC + dynamic_used + 2 * size, DT_NULL);
	dynamic_used += 2 * size;
}

/* Linked at 0, a dynamic section that says nothing yet, a few words with 0x100, 0x101 and so on. */
static void make_pie(bool is_64)
{
	make_image(is_64);
	rig_make_elf(image, is_64, 0);
	dynamic_used = 0;
	if (is_64) {
		header_64()->e_type = ET_DYN;
		header_64()->e_phnum = 3;
		*segment_64(2) = (Elf64_Phdr){ .p_type = PT_DYNAMIC, .p_offset = DATA_AT, .p_vaddr = DYNAMIC,
					       .p_filesz = 0x100, .p_memsz = 0x100 };
	} else {
		header_32()->e_type = ET_DYN;
		header_32()->e_phnum = 3;
		*segment_32(2) = (Elf32_Phdr){ .p_type = PT_DYNAMIC, .p_offset = DATA_AT, .p_vaddr = DYNAMIC,
					       .p_filesz = 0x100, .p_memsz = 0x100 };
	}
	memset(image + TEXT_AT, 0, 0x800);
	memset(image + DATA_AT, 0, 0x100);
	for (u32 i = 0; i < 0x200; i += is_64 ? 8 : 4)
		put(is_64, WORDS + i, 0x100 + i);
}

/* A table with one relocation of that type for each of the first `count` words; addends are ten times the words' own. */
static void make_table(bool is_64, u32 count, u32 type)
{
	u32 size = is_64 ? 8 : 4, entry = is_64 ? 24 : 8;

	for (u32 i = 0; i < count; i++) {
		put(is_64, TABLE + entry * i, WORDS + 2 * size * i);
		put(is_64, TABLE + entry * i + size, type);
		if (is_64)
			put(is_64, TABLE + entry * i + 2 * size, 10 * (0x100 + 2 * size * i));
	}
	tag(is_64, is_64 ? DT_RELA : DT_REL, TABLE);
	tag(is_64, is_64 ? DT_RELASZ : DT_RELSZ, count * entry);
	tag(is_64, is_64 ? DT_RELAENT : DT_RELENT, entry);
}

static u64 placed_word(bool is_64, u32 vaddr)
{
	u64 value = 0;

	memcpy(&value, rig_bytes(&rig.plan.segments[0]) + vaddr, is_64 ? 8 : 4);
	return value;
}

/* Every word with an even number is relocated, every other one is as it was. */
static void test_relative(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 <= 1; is_64++) {
		u32 size = is_64 ? 8 : 4;
		const struct plan_segment *s;

		make_pie(is_64);
		make_table(is_64, 5, R_X86_64_RELATIVE);
		finish();
		s = &rig.plan.segments[0];
		assert_int_equal(s->dest, s->source);
		assert_int_equal(s->dest % PAGE_SIZE, 0);
		assert_int_equal(s->file_size, 0x1100);
		assert_int_equal(s->zero_size, MEM_SIZE - 0x1100);
		assert_int_equal(s->mem_size, MEM_SIZE);
		assert_int_equal(rig.plan.entry.ip, s->dest);
		for (u32 i = 0; i < 16; i++) {
			u64 was = 0x100 + size * i, moved = (is_64 ? 10 * was : was) + s->dest;

			assert_int_equal(placed_word(is_64, WORDS + size * i), i % 2 == 0 && i < 10 ? moved : was);
		}
		assert_true(fake_log_has("position-independent at=0x"));
		assert_true(fake_log_has("linked-at=0x0 bytes=16384 relocations=5"));
		restart();
	}
}

/* An address and a bitmap: the words that a packed table names, and no others. */
static void test_packed(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 <= 1; is_64++) {
		u32 size = is_64 ? 8 : 4;

		make_pie(is_64);
		put(is_64, PACKED_TABLE, WORDS);
		put(is_64, PACKED_TABLE + size, 0x15);	/* words 2 and 4 */
		put(is_64, PACKED_TABLE + 2 * size, 0x3);	/* the first behind what the bitmap before it spans */
		put(is_64, PACKED_TABLE + 3 * size, WORDS + 6 * size);
		tag(is_64, 36, PACKED_TABLE);
		tag(is_64, 35, 4 * size);
		tag(is_64, 37, size);
		finish();
		for (u32 i = 0; i < 0x200 / size; i++) {
			bool is_meant = i == 0 || i == 2 || i == 4 || i == 6 || i == 8 * size;
			u64 was = 0x100 + size * i;

			assert_int_equal(placed_word(is_64, WORDS + size * i),
					 was + (is_meant ? rig.plan.segments[0].dest : 0));
		}
		restart();
	}
}

/* The segments keep their distances, and their place within a large page. */
static void test_alignment_and_base(void **state)
{
	const struct plan_segment *s = &rig.plan.segments[0];

	(void)state;
	make_pie(true);
	header_64()->e_entry = 0x601010;
	segment_64(0)->p_vaddr = 0x601000;
	segment_64(0)->p_align = MIB(2);
	segment_64(1)->p_vaddr = 0x604000;
	segment_64(2)->p_vaddr = 0x604000;
	finish();
	s = &rig.plan.segments[0];
	assert_int_equal(s->dest % MIB(2), 0);
	assert_int_equal(s->mem_size, 0x7000);
	assert_int_equal(s->file_size, 0x4100);
	assert_int_equal(rig.plan.entry.ip, s->dest + 0x1010);
	assert_memory_equal(rig_bytes(s) + 0x1000, image + TEXT_AT, 0x800);
	assert_memory_equal(rig_bytes(s) + 0x4000, image + DATA_AT, 0x100);
}

/* Nothing dynamic in it at all. */
static void test_without_dynamic_section(void **state)
{
	(void)state;
	make_pie(true);
	header_64()->e_phnum = 2;
	finish();
	assert_true(fake_log_has("relocations=0"));
}

static void test_symbols_move(void **state)
{
	static const struct sample_symbol start = { "start", 0, 0x20, STB_GLOBAL, STT_FUNC, 1 };

	(void)state;
	make_pie(true);
	header_64()->e_shoff = SECTIONS_AT;
	header_64()->e_shentsize = sizeof(Elf64_Shdr);
	header_64()->e_shnum = 3;
	add_symbol(true, &start);
	finish();
	assert_string_equal(name_at(rig.plan.segments[0].dest + 5), "start+0x5");
	assert_string_equal(name_at(5), "");
}

static void refuse_type(bool is_64, u32 type, const char *message)
{
	make_pie(is_64);
	make_table(is_64, 1, type);
	expect_refusal(place(sizeof(image)), ERR_UNSUPPORTED, message);
	restart();
}

static void test_other_types(void **state)
{
	(void)state;
	refuse_type(true, 1, "relocation of 0x500: type=1 (R_X86_64_64); only relative ones can be applied");
	refuse_type(true, 37, "type=37 (R_X86_64_IRELATIVE)");
	refuse_type(true, 200, "type=200 (unknown)");
	refuse_type(false, 6, "type=6 (R_386_GLOB_DAT)");
	refuse_type(false, 42, "type=42 (R_386_IRELATIVE)");
	make_pie(true);
	make_table(true, 2, R_X86_64_NONE);
	finish();
	assert_true(fake_log_has("relocations=0"));
}

static void refuse_tag(u64 number, u64 value, enum err err, const char *message)
{
	make_pie(true);
	make_table(true, 1, R_X86_64_RELATIVE);
	tag(true, number, value);
	expect_refusal(place(sizeof(image)), err, message);
	restart();
}

static void test_malformed_dynamic_section(void **state)
{
	(void)state;
	refuse_tag(DT_NEEDED, 1, ERR_UNSUPPORTED, "needs shared libraries (DT_NEEDED)");
	refuse_tag(DT_RELAENT, 23, ERR_VALUE, "DT_RELAENT=23: must be 24");
	refuse_tag(DT_RELENT, 1, ERR_VALUE, "DT_RELENT=1: must be 16");
	refuse_tag(DT_RELASZ, 0x1001, ERR_VALUE,
		   "DT_RELA at 0x100 size=0x1001 lies outside of the loaded bytes 0x0..0x1100");
	refuse_tag(DT_RELASZ, ~0ull, ERR_VALUE, "lies outside of the loaded bytes");
	refuse_tag(DT_RELA, ~0ull - 8, ERR_VALUE, "lies outside of the loaded bytes");
	refuse_tag(DT_PLTRELSZ, 0x2000, ERR_VALUE, "DT_JMPREL at 0x0 size=0x2000 lies outside");
	refuse_tag(35, 0x2000, ERR_VALUE, "DT_RELR at 0x0 size=0x2000 lies outside");
	make_pie(true);
	segment_64(2)->p_vaddr = 0x1080;
	expect_refusal(place(sizeof(image)), ERR_VALUE, "the dynamic section at 0x1080 size=0x100 lies outside");
}

static void test_words_outside(void **state)
{
	static const u64 outside[] = { 0x10f9, 0x1100, 0x3000, MEM_SIZE, ~0ull, ~0ull - 7 };

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(outside); i++) {
		make_pie(true);
		make_table(true, 2, R_X86_64_RELATIVE);
		put(true, TABLE + 24, outside[i]);
		expect_refusal(place(sizeof(image)), ERR_VALUE, "a relocated word at 0x");
		restart();
	}
}

static void test_malformed_segments(void **state)
{
	(void)state;
	make_pie(true);
	segment_64(0)->p_align = 0x3000;
	expect_refusal(place(sizeof(image)), ERR_ALIGN, "segment 0: p_align=0x3000: no power of two up to 0x40000000");
	restart();
	make_pie(true);
	segment_64(1)->p_vaddr = 0x7ff;
	expect_refusal(place(sizeof(image)), ERR_OVERLAP,
		       "segment 1: p_vaddr=0x7ff lies before the end of the one before it, 0x800");
	restart();
	make_pie(true);
	segment_64(1)->p_memsz = GIB(8);
	expect_refusal(place(sizeof(image)), ERR_NO_ROOM, "no room for 0x200001000 bytes below");
	restart();
	make_pie(true);
	segment_64(2)->p_type = PT_INTERP;
	expect_refusal(place(sizeof(image)), ERR_UNSUPPORTED, "wants a dynamic linker; only static executables run");
}

/* Some linkers leave nonsense in p_paddr. */
static void test_addresses_by_manifest(void **state)
{
	(void)state;
	rig_make_elf(image, true, BASE);
	segment_64(0)->p_paddr = segment_64(1)->p_paddr = 0;
	rig.image.virtual_addresses = true;
	finish();
	assert_int_equal(rig.plan.segments[0].dest, BASE);
	assert_int_equal(rig.plan.segments[1].dest, BASE + 0x1000);
	assert_int_equal(rig.plan.entry.ip, BASE);
}

static void test_describe(void **state)
{
	char text[128];

	(void)state;
	make_pie(false);
	rig_kernel(&rig, image, sizeof(image));
	loader_elf.describe(&rig.request, text, sizeof(text));
	assert_string_equal(text, "ELF32 position-independent executable, protected mode, entry 0x0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_relative), TEST(test_packed), TEST(test_alignment_and_base),
		TEST(test_without_dynamic_section), TEST(test_symbols_move), TEST(test_other_types),
		TEST(test_malformed_dynamic_section), TEST(test_words_outside), TEST(test_malformed_segments),
		TEST(test_addresses_by_manifest), TEST(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
