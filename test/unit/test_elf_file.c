/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* ELF files that are refused, and in which words. */
#include "elf_rig.h"

static void test_probe(void **state)
{
	const char *reason;

	(void)state;
	rig_make_elf(image, true, BASE);
	rig_kernel(&rig, image, sizeof(image));
	assert_int_equal(loader_elf.probe(&rig.request, &reason), ERR_OK);
	rig.request.kernel.blob.size = 3;
	assert_int_equal(loader_elf.probe(&rig.request, &reason), ERR_FORMAT);
	assert_string_equal(reason, "too short for an ELF header");
	image[0] = 'E';
	rig_kernel(&rig, image, sizeof(image));
	assert_int_equal(loader_elf.probe(&rig.request, &reason), ERR_FORMAT);
	assert_string_equal(reason, "no 0x7f \"ELF\" at 0");
	assert_int_equal(fake_log_errors(), 0);
}

static void test_malformed_headers(void **state)
{
	static const struct {
		bool is_64;
		u16 offset;
		u8 size;
		u64 value;
		enum err err;
		const char *message;
	} cases[] = {
		{ true, 4, 1, 0, ERR_VERSION, "vmlinuz: EI_CLASS=0x0: neither 32-bit (1) nor 64-bit (2)" },
		{ true, 4, 1, 3, ERR_VERSION, "EI_CLASS=0x3" },
		{ true, 5, 1, 2, ERR_UNSUPPORTED, "EI_DATA=0x2: not little-endian (1)" },
		{ true, 6, 1, 0, ERR_VERSION, "EI_VERSION=0x0: only version 1 is known" },
		{ true, 0x14, 4, 2, ERR_VERSION, "e_version=0x2: only version 1 is known" },
		{ true, 0x10, 2, 4, ERR_UNSUPPORTED, "e_type=0x4: no executable (ET_EXEC is 2, ET_DYN 3)" },
		{ false, 0x10, 2, 1, ERR_UNSUPPORTED, "e_type=0x1: no executable (ET_EXEC is 2, ET_DYN 3)" },
		{ true, 0x12, 2, 3, ERR_UNSUPPORTED, "e_machine=0x3: a 64-bit file must be for x86-64 (0x3e)" },
		{ true, 0x12, 2, 183, ERR_UNSUPPORTED, "e_machine=0xb7" },
		{ false, 0x12, 2, 62, ERR_UNSUPPORTED, "e_machine=0x3e: a 32-bit file must be for i386 (0x3)" },
		{ true, 0x36, 2, 32, ERR_VALUE, "e_phentsize=0x20: must be 56" },
		{ false, 0x2a, 2, 56, ERR_VALUE, "e_phentsize=0x38: must be 32" },
		{ true, 0x38, 2, 0, ERR_VALUE, "e_phnum=0x0: no program headers, so nothing to load" },
		{ true, 0x38, 2, 0xffff, ERR_UNSUPPORTED, "e_phnum=0xffff: the extended form is not supported" },
		{ true, 0x38, 2, 0xfffe, ERR_TRUNCATED,
		  "program headers end beyond the file: e_phoff=0x40 e_phnum=65534 size=8192" },
		{ true, 0x20, 8, 8192 - 111, ERR_TRUNCATED, "program headers end beyond the file: e_phoff=0x1f91" },
		{ true, 0x20, 8, ~0ull, ERR_TRUNCATED, "e_phoff=0xffffffffffffffff" },
		{ false, 0x1c, 4, 0xfffffff0, ERR_TRUNCATED, "e_phoff=0xfffffff0" },
		{ true, 0x18, 8, BASE + 0x800, ERR_VALUE, "e_entry=0x2000800: lies in no segment's file part" },
		{ true, 0x18, 8, 0, ERR_VALUE, "e_entry=0x0" },
		{ false, 0x18, 4, BASE + 0x1100, ERR_VALUE, "e_entry=0x2001100" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig_make_elf(image, cases[i].is_64, BASE);
		rig_patch(image, cases[i].offset, cases[i].size, cases[i].value);
		expect_refusal(place(sizeof(image)), cases[i].err, cases[i].message);
		restart();
	}
}

static void test_malformed_segments(void **state)
{
	static const struct {
		u16 offset;		/* in the second program header of a 64-bit file */
		u64 value;
		enum err err;
		const char *message;
	} cases[] = {
		{ 0x20, 0x3001, ERR_VALUE, "segment 1: p_filesz=0x3001 is above p_memsz=0x3000" },
		{ 0x28, 0xff, ERR_VALUE, "segment 1: p_filesz=0x100 is above p_memsz=0xff" },
		{ 0x08, 0x1f01, ERR_TRUNCATED,
		  "segment 1 ends beyond the file: p_offset=0x1f01 p_filesz=0x100 size=8192" },
		{ 0x08, ~0ull, ERR_TRUNCATED, "p_offset=0xffffffffffffffff" },
		{ 0x18, ~0ull - 0x1000, ERR_OVERFLOW,
		  "segment 1: p_paddr=0xffffffffffffefff + p_memsz=0x3000 is beyond" },
		{ 0x18, PADDR_LIMIT - 0x2fff, ERR_OVERFLOW, "p_paddr=0xfffffffffd001" },
		{ 0x28, ~0ull, ERR_OVERFLOW, "p_memsz=0xffffffffffffffff is beyond" },
		{ 0x18, BASE + 0x7ff, ERR_OVERLAP, "vmlinuz" },
		{ 0x18, BASE, ERR_OVERLAP, "vmlinuz" },
		{ 0x18, MIB(64), ERR_NO_ROOM, "vmlinuz" },
		{ 0x18, MIB(64) - 0x2fff, ERR_NO_ROOM, "vmlinuz" },
		{ 0x18, 0x9e000, ERR_RESERVED, "vmlinuz" },
		{ 0x18, 0xf0000, ERR_RESERVED, "vmlinuz" },
		{ 0x00, PT_INTERP, ERR_UNSUPPORTED, "p_type=0x3: wants a dynamic linker" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		rig_make_elf(image, true, BASE);
		rig_patch((u8 *)segment_64(1), cases[i].offset, 8, cases[i].value);
		expect_refusal(place(sizeof(image)), cases[i].err, cases[i].message);
		restart();
	}
}

/* Cut before the end of what a segment brings: one line, whatever is missing. */
static void test_truncated_anywhere(void **state)
{
	(void)state;
	for (u32 cut = 4; cut < 0x1100; cut += cut < 0x100 ? 1 : 101) {
		for (u32 is_64 = 0; is_64 < 2; is_64++) {
			rig_make_elf(image, is_64, BASE);
			assert_int_not_equal(place(cut), ERR_OK);
			assert_int_equal(fake_log_errors(), 1);
			restart();
		}
	}
}

static void test_nothing_to_load(void **state)
{
	(void)state;
	rig_make_elf(image, true, BASE);
	segment_64(0)->p_type = segment_64(1)->p_type = PT_NOTE;
	expect_refusal(place(sizeof(image)), ERR_VALUE, "e_entry=0x2000000: lies in no segment's file part");
}

static void test_too_many_segments(void **state)
{
	static u8 large[sizeof(Elf64_Ehdr) + 300 * sizeof(Elf64_Phdr)];
	Elf64_Phdr *segments = (Elf64_Phdr *)(large + sizeof(Elf64_Ehdr));

	(void)state;
	rig_make_elf(image, true, BASE);
	header_64()->e_phnum = 300;
	memcpy(large, image, sizeof(Elf64_Ehdr));
	for (u32 i = 0; i < 300; i++)
		segments[i] = (Elf64_Phdr){ .p_type = PT_LOAD,
					    .p_vaddr = BASE + i * 4096,
					    .p_paddr = BASE + i * 4096,
					    .p_filesz = 16,
					    .p_memsz = 16 };
	rig_kernel(&rig, large, sizeof(large));
	expect_refusal(rig_place(&rig, &loader_elf), ERR_VALUE, "more than 256 loadable segments");
	restart();
	((Elf64_Ehdr *)large)->e_phnum = 256;
	rig_kernel(&rig, large, sizeof(large));
	assert_int_equal(rig_place(&rig, &loader_elf), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_probe), TEST(test_malformed_headers), TEST(test_malformed_segments),
		TEST(test_truncated_anywhere), TEST(test_nothing_to_load), TEST(test_too_many_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
