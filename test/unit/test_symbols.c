/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* From an ELF file's symbols to names for addresses. */
#include "elf_symbols_fixture.h"

static const struct sample_symbol samples[] = {
	{ "second", BASE + 0x100, 0x40, STB_GLOBAL, STT_FUNC, 1 },
	{ "first", BASE, 0x20, STB_LOCAL, STT_FUNC, 1 },
	{ "label", BASE + 0x200, 0, STB_GLOBAL, STT_NOTYPE, 1 },
	{ "resolver", BASE + 0x300, 0x10, STB_GLOBAL, STT_GNU_IFUNC, 1 },
	{ ".Lsmall", BASE + 0x210, 0, STB_LOCAL, STT_NOTYPE, 1 },
	{ "variable", BASE + 0x220, 8, STB_GLOBAL, STT_OBJECT, 1 },
	{ "absolute", BASE + 0x230, 0, STB_GLOBAL, STT_NOTYPE, SHN_ABS },
	{ "elsewhere", BASE + 0x240, 0, STB_GLOBAL, STT_FUNC, SHN_UNDEF },
	{ "label_in_data", BASE + 0x1010, 0, STB_GLOBAL, STT_NOTYPE, 2 },
	{ "function_in_data", BASE + 0x1020, 8, STB_GLOBAL, STT_FUNC, 2 },
	{ "outside", BASE + 0x100000, 8, STB_GLOBAL, STT_FUNC, 2 },
	{ "", BASE + 0x250, 8, STB_GLOBAL, STT_FUNC, 1 },
	{ "last", BASE + 0x700, 0, STB_WEAK, STT_FUNC, 1 },
};

static void make_samples(bool is_64)
{
	make_image(is_64);
	for (u32 i = 0; i < ARRAY_COUNT(samples); i++)
		add_symbol(is_64, &samples[i]);
}

static void check_samples(u64 moved)
{
	static const struct {
		u64 at;
		const char *name;
	} wanted[] = {
		{ BASE - 1, "" }, { BASE, "first+0x0" }, { BASE + 0x1f, "first+0x1f" }, { BASE + 0x20, "" },
		{ BASE + 0xff, "" }, { BASE + 0x13f, "second+0x3f" }, { BASE + 0x140, "" },
		{ BASE + 0x255, "label+0x55" }, { BASE + 0x2ff, "label+0xff" }, { BASE + 0x300, "resolver+0x0" },
		{ BASE + 0x310, "" }, { BASE + 0x7ff, "last+0xff" }, { BASE + 0x800, "" }, { BASE + 0x1018, "" },
		{ BASE + 0x1027, "function_in_data+0x7" }, { BASE + 0x100004, "" }, { 0, "" }, { ~0ull, "" },
	};

	for (u32 i = 0; i < ARRAY_COUNT(wanted); i++)
		assert_string_equal(name_at(wanted[i].at + moved), wanted[i].name);
}

static void test_names(void **state)
{
	(void)state;
	for (int is_64 = 0; is_64 <= 1; is_64++) {
		make_samples(is_64);
		finish();
		assert_true(symbols_are_whole(table_of(&rig.request), rig.request.symbols.size));
		assert_int_equal(((const struct symbols *)table_of(&rig.request))->count, 6);
		check_samples(0);
		elf_symbols_move(&rig.request.symbols, 0x5000);
		assert_true(symbols_are_whole(table_of(&rig.request), rig.request.symbols.size));
		check_samples(0x5000);
		restart();
	}
}

/* What a stripped file with dynamic symbols has. */
static void test_dynamic_symbols_alone(void **state)
{
	(void)state;
	make_samples(true);
	set_sections(true, SHT_DYNSYM);
	finish();
	assert_string_equal(name_at(BASE + 0x101), "second+0x1");
}

/* Several names at one address: a global function's, then its file's own, then a label's; the larger one of equals. */
static void test_duplicates(void **state)
{
	static const struct sample_symbol same[] = {
		{ "alabel", BASE, 0, STB_GLOBAL, STT_NOTYPE, 1 }, { "local", BASE, 0x90, STB_LOCAL, STT_FUNC, 1 },
		{ "global", BASE, 0x10, STB_GLOBAL, STT_FUNC, 1 }, { "bigger", BASE, 0x20, STB_GLOBAL, STT_FUNC, 1 },
	};

	(void)state;
	for (u32 turn = 0; turn < 2; turn++) {
		make_image(true);
		for (u32 i = 0; i < ARRAY_COUNT(same); i++)
			add_symbol(true, &same[turn ? ARRAY_COUNT(same) - 1 - i : i]);
		finish();
		assert_string_equal(name_at(BASE + 0x1f), "bigger+0x1f");
		assert_string_equal(name_at(BASE + 0x20), "");
		restart();
	}
}

/* A label inside a function ends before its function does. */
static void test_function_around_another(void **state)
{
	static const struct sample_symbol nested[] = {
		{ "outer", BASE, 0x100, STB_GLOBAL, STT_FUNC, 1 }, { "inner", BASE + 0x10, 8, STB_GLOBAL, STT_FUNC, 1 },
	};

	(void)state;
	make_image(false);
	add_symbol(false, &nested[0]);
	add_symbol(false, &nested[1]);
	finish();
	assert_string_equal(name_at(BASE + 0xf), "outer+0xf");
	assert_string_equal(name_at(BASE + 0x17), "inner+0x7");
	assert_string_equal(name_at(BASE + 0x18), "outer+0x18");
}

/* A kernel linked high runs at its physical address first, at its virtual one later. */
static void test_virtual_addresses(void **state)
{
	static const struct sample_symbol high = { "startup", 0xffffffff81000000, 0x40, STB_GLOBAL, STT_FUNC, 1 };

	(void)state;
	make_image(true);
	segment_64(0)->p_vaddr = header_64()->e_entry = high.value;
	add_symbol(true, &high);
	finish();
	assert_string_equal(name_at(BASE + 5), "startup+0x5");
	assert_string_equal(name_at(high.value + 5), "startup+0x5");
	assert_string_equal(name_at(high.value + 0x40), "");
}

static void test_names_are_printable_and_bounded(void **state)
{
	struct sample_symbol symbol = { "a\033[2J\xff", BASE, 8, STB_GLOBAL, STT_FUNC, 1 };
	char text[301];

	(void)state;
	make_image(true);
	add_symbol(true, &symbol);
	memset(text, 'x', 300);
	text[300] = '\0';
	symbol.name = text;
	symbol.value += 8;
	add_symbol(true, &symbol);
	/* The last one's name would run beyond the strings. */
	symbol.value += 8;
	add_symbol(true, &symbol);
	((Elf64_Sym *)(image + SYMBOLS_AT))[3].st_name = NAMES_SIZE - 3;
	memcpy(image + NAMES_AT + NAMES_SIZE - 3, "end", 3);
	finish();
	assert_string_equal(name_at(BASE), "a?[2J?+0x0");
	assert_int_equal(strlen(name_at(BASE + 8)), SYMBOLS_NAME_LIMIT + strlen("+0x0"));
	assert_string_equal(name_at(BASE + 16), "end+0x0");
}

/* Symbols that cannot be used never keep an image from booting. */
static void test_damaged_sections(void **state)
{
	static const struct {
		u32 section, offset, value;
		const char *why;
	} damage[] = {
		{ 1, offsetof(Elf64_Shdr, sh_entsize), 23, "sh_entsize is not that of its class" },
		{ 1, offsetof(Elf64_Shdr, sh_link), 3, "sh_link leads to no string table within the file" },
		{ 2, offsetof(Elf64_Shdr, sh_size), 0x10000, "sh_link leads to no string table within the file" },
		{ 2, offsetof(Elf64_Shdr, sh_offset), 0xffffffff, "sh_link leads to no string table within the file" },
		{ 1, offsetof(Elf64_Shdr, sh_size), 0x10000, NULL },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(damage); i++) {
		make_samples(true);
		rig_patch(image + SECTIONS_AT, damage[i].section * (u32)sizeof(Elf64_Shdr) + damage[i].offset, 4,
			  damage[i].value);
		finish();
		assert_int_equal(rig.request.symbols.size, 0);
		assert_true(!damage[i].why || fake_log_has(damage[i].why));
		restart();
	}
	make_samples(true);
	header_64()->e_shentsize = 63;
	finish();
	assert_true(fake_log_has("vmlinuz: boots without symbols: e_shentsize is not that of its class"));
	restart();
	make_samples(true);
	header_64()->e_shoff = ~0ull;
	finish();
	assert_int_equal(rig.request.symbols.size, 0);
}

/* The control pages' table may be anything: no byte of it can make the search read outside, and none goes unseen. */
static void test_damaged_table(void **state)
{
	struct symbol_hit hit;
	u32 size;
	u8 *copy;

	(void)state;
	make_samples(true);
	finish();
	size = rig.request.symbols.size;
	copy = malloc(size);
	memcpy(copy, table_of(&rig.request), size);
	for (u32 i = 0; i < size; i++) {
		bool is_told = i < offsetof(struct symbols, base) || i >= sizeof(struct symbols);

		copy[i] ^= 0x5a;
		assert_int_equal(symbols_are_whole(copy, size), !is_told);
		if (!is_told)
			symbols_find(copy, BASE, &hit);
		copy[i] ^= 0x5a;
	}
	assert_true(symbols_are_whole(copy, size));
	for (u32 less = 1; less <= size; less++)
		assert_false(symbols_are_whole(copy, size - less));
	assert_false(symbols_are_whole(NULL, 0));
	free(copy);
}

#define MANY 9000u
#define STEP 16u

/* More than the table may hold: those that matter less are left out first, and the log says how many. */
static void test_too_many(void **state)
{
	static u8 file[RIG_ELF_SIZE + MANY * sizeof(Elf64_Sym)];
	Elf64_Sym *symbols = (Elf64_Sym *)(file + RIG_ELF_SIZE);
	char name[SYMBOLS_NAME_LIMIT + 1], text[64];
	u32 cost = sizeof(struct symbol) + sizeof(name);
	u32 fits = (u32)((SYMBOLS_SIZE_LIMIT - sizeof(struct symbols)) / cost);

	(void)state;
	make_image(true);
	memset(name, 'n', SYMBOLS_NAME_LIMIT);
	name[SYMBOLS_NAME_LIMIT] = '\0';
	memcpy(image + NAMES_AT + 1, name, sizeof(name));
	set_section(true, 1, SHT_SYMTAB, 2, RIG_ELF_SIZE, MANY * sizeof(*symbols), sizeof(*symbols));
	segment_64(1)->p_memsz = MIB(1);
	memcpy(file, image, sizeof(image));
	for (u32 i = 0; i < MANY; i++)
		symbols[i] = (Elf64_Sym){ .st_name = 1, .st_shndx = 2, .st_size = STEP,
					  .st_value = BASE + 0x1000 + STEP * i,
					  .st_info = ELF64_ST_INFO(i < MANY / 2 ? STB_LOCAL : STB_GLOBAL, STT_FUNC) };
	rig_kernel(&rig, file, sizeof(file));
	assert_int_equal(rig_finish(&rig, &loader_elf), ERR_OK);
	assert_true(rig.request.symbols.size <= SYMBOLS_SIZE_LIMIT);
	snprintf(text, sizeof(text), "vmlinuz: symbols=%u bytes=%u left-out=%u", fits, rig.request.symbols.size,
		 MANY - fits);
	assert_true(fake_log_has(text));
	assert_string_not_equal(name_at(BASE + 0x1000 + STEP * (MANY / 2)), "");
	assert_string_not_equal(name_at(BASE + 0x1000 + STEP * (MANY - 1)), "");
	assert_string_equal(name_at(BASE + 0x1000 + STEP * (MANY / 2 - 1)), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names), TEST(test_dynamic_symbols_alone), TEST(test_duplicates),
		TEST(test_function_around_another), TEST(test_virtual_addresses),
		TEST(test_names_are_printable_and_bounded), TEST(test_damaged_sections), TEST(test_damaged_table),
		TEST(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
