/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The PVH loader: its note, what it refuses, the start information. */
#include "elf_rig.h"
#include "pvh.h"
#include "record.h"

/* In rig_make_elf's file the program headers end below 0xb0, and the text begins at 0x400. */
#define NOTES_AT 0x200u
#define ENTRY (BASE + 0x10)

static struct loader_part modules[2];
static struct manifest_image module_images[2];
static u32 notes_end;

/* The second program header becomes the notes; the first stays the text, bss included. */
static void make(bool is_64)
{
	rig_make_elf(image, is_64, BASE);
	notes_end = NOTES_AT;
	if (is_64)
		*segment_64(1) = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = NOTES_AT, .p_align = 4 };
	else
		*segment_32(1) = (Elf32_Phdr){ .p_type = PT_NOTE, .p_offset = NOTES_AT, .p_align = 4 };
}

static void set_notes_size(u64 size)
{
	if (image[EI_CLASS] == ELFCLASS64)
		segment_64(1)->p_filesz = segment_64(1)->p_memsz = size;
	else
		segment_32(1)->p_filesz = segment_32(1)->p_memsz = (u32)size;
}

static void add_note(const char *name, u32 name_size, u32 type, u64 value, u32 size)
{
	u8 *at = image + notes_end;

	rig_patch(at, 0, 4, name_size);
	rig_patch(at, 4, 4, size);
	rig_patch(at, 8, 4, type);
	memset(at + 12, 0, 64);
	memcpy(at + 12, name, name_size < 16 ? name_size : 16);
	rig_patch(at + 12 + ((name_size + 3) & ~3u), 0, 8, value);
	notes_end += 12 + ((name_size + 3) & ~3u) + ((size + 3) & ~3u);
	set_notes_size(notes_end - NOTES_AT);
}

static void make_kernel(bool is_64)
{
	make(is_64);
	add_note("Xen", 4, 18, ENTRY, is_64 ? 8 : 4);
}

static enum err place_pvh(void)
{
	rig.request.modules = modules;
	rig_kernel(&rig, image, sizeof(image));
	return rig_place(&rig, &loader_pvh);
}

static int pvh_teardown(void **state)
{
	(void)state;
	loader_pvh.release(&rig.request);
	rig.request.state = NULL;
	return teardown(NULL);
}

static void again(void)
{
	pvh_teardown(NULL);
	setup(NULL);
}

static const u8 *finish_pvh(void)
{
	assert_int_equal(place_pvh(), ERR_OK);
	assert_int_equal(loader_pvh.finish(&rig.request), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	return pvh_state(&rig.request)->info.data;
}

static void add_module(const char *name, const char *text, u32 size)
{
	u32 index = rig.request.module_count++, ramdisks = rig.request.ramdisk_count;

	rig_ramdisk(&rig, name, image, size, 0);
	modules[index].blob = rig.parts[ramdisks].blob;
	rig.request.ramdisk_count = ramdisks;
	module_images[index] = (struct manifest_image){ .name = name, .bootargs = text };
	modules[index].image = &module_images[index];
}

static void test_start_info(void **state)
{
	(void)state;
	for (u32 is_64 = 0; is_64 < 2; is_64++) {
		const struct entry_state *entry = &rig.plan.entry;
		const u8 *info;
		paddr_t at;

		make_kernel(is_64);
		rig.request.bootargs = "console=ttyS0";
		rig.request.rsdp = 0xf5a00;
		info = finish_pvh();
		at = rig_segment(&rig, "start information")->dest;
		assert_int_equal(entry->mode, ENTRY_PROTECTED);
		assert_int_equal(entry->ip, ENTRY);
		assert_int_equal(entry->bx, at);
		assert_int_equal(entry->ax | entry->cx | entry->dx | entry->si | entry->di | entry->bp | entry->sp, 0);
		assert_true(at && at + PAGE_SIZE <= BASE);
		assert_int_equal(handover_get(info, 0, 4), 0x336ec578);
		assert_int_equal(handover_get(info, 4, 4), 1);
		assert_int_equal(handover_get(info, 8, 4), 0);
		assert_int_equal(handover_get(info, 12, 4), 0);
		assert_int_equal(handover_get(info, 16, 8), 0);
		assert_string_equal((const char *)info + (handover_get(info, 24, 8) - at), "console=ttyS0");
		assert_int_equal(handover_get(info, 32, 8), 0xf5a00);
		assert_int_equal(handover_get(info, 48, 4), rig.memory.map.count);
		again();
	}
}

static void test_map(void **state)
{
	const u8 *info, *map;

	(void)state;
	make_kernel(true);
	assert_int_equal(memmap_add(&rig.memory.map, GIB(8), MIB(2), 4), ERR_OK);
	assert_int_equal(memmap_add(&rig.memory.map, GIB(9), MIB(2), 12), ERR_OK);
	loader_keep(&rig.request, MIB(30), MIB(31));
	info = finish_pvh();
	map = info + (handover_get(info, 40, 8) - rig_segment(&rig, "start information")->dest);
	assert_int_equal(handover_get(info, 48, 4), 7);
	assert_int_equal(handover_get(map, 2 * 24 + 8, 8), MIB(29));
	assert_int_equal(handover_get(map, 3 * 24, 8), MIB(30));
	assert_int_equal(handover_get(map, 3 * 24 + 8, 8), MIB(1));
	assert_int_equal(handover_get(map, 3 * 24 + 16, 8), 2);
	assert_int_equal(handover_get(map, 5 * 24 + 16, 8), 4);
	assert_int_equal(handover_get(map, 6 * 24 + 16, 8), 2);
}

/* All ramdisks are the first module, the others follow. */
static void test_modules(void **state)
{
	const struct plan_segment *first, *one;
	const u8 *info, *list;
	paddr_t at;

	(void)state;
	make_kernel(false);
	rig_ramdisk(&rig, "a", image, 5000, 0);
	rig_ramdisk(&rig, "b", image, 100, 0);
	add_module("one", "text of one", 3000);
	add_module("two", NULL, 1);
	info = finish_pvh();
	at = rig_segment(&rig, "start information")->dest;
	list = info + (handover_get(info, 16, 8) - at);
	first = rig_segment(&rig, "a");
	one = rig_segment(&rig, "one");
	assert_int_equal(handover_get(info, 12, 4), 3);
	assert_int_equal(handover_get(list, 0, 8), first->dest);
	assert_int_equal(handover_get(list, 8, 8), 8192 + 100);
	assert_int_equal(handover_get(list, 16, 8), 0);
	assert_int_equal(handover_get(list, 32, 8), one->dest);
	assert_int_equal(handover_get(list, 40, 8), 3000);
	assert_string_equal((const char *)info + (handover_get(list, 48, 8) - at), "text of one");
	assert_int_equal(handover_get(list, 72, 8), 1);
	assert_int_equal(handover_get(list, 80, 8), 0);
	assert_int_equal(handover_get(info, 24, 8), 0);
}

/* Below the kernel; where there is no room below it, as low as possible. */
static void test_place_of_the_information(void **state)
{
	(void)state;
	rig_make_elf(image, false, MIB(1));
	notes_end = NOTES_AT;
	*segment_32(1) = (Elf32_Phdr){ .p_type = PT_NOTE, .p_offset = NOTES_AT, .p_align = 4 };
	add_note("Xen", 4, 18, MIB(1), 4);
	assert_int_equal(place_pvh(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "start information")->dest, PAGE_SIZE);
	again();
	rig_make_elf(image, false, PAGE_SIZE);
	notes_end = NOTES_AT;
	*segment_32(1) = (Elf32_Phdr){ .p_type = PT_NOTE, .p_offset = NOTES_AT, .p_align = 4 };
	add_note("Xen", 4, 18, PAGE_SIZE, 4);
	assert_int_equal(place_pvh(), ERR_OK);
	assert_int_equal(rig_segment(&rig, "start information")->dest, 2 * PAGE_SIZE);
}

static void test_notes_of_others(void **state)
{
	const char *reason;

	(void)state;
	make(true);
	add_note("Xen", 4, 17, 1, 4);
	add_note("Linux", 6, 18, 1, 1);
	add_note("", 0, 18, 2, 4);
	add_note("Xenon", 6, 18, 3, 4);
	add_note("Xen", 3, 18, 3, 4);
	add_note("GNU", 4, 18, 3, 5);
	assert_int_equal(place_pvh(), ERR_FORMAT);
	assert_int_equal(loader_pvh.probe(&rig.request, &reason), ERR_FORMAT);
	assert_string_equal(reason, "no note of type 18 named \"Xen\" (PVH entry)");
	again();
	make(true);
	add_note("Linux", 6, 18, 1, 1);
	add_note("Xen", 4, 18, ENTRY, 4);
	assert_int_equal(place_pvh(), ERR_OK);
	assert_int_equal(loader_pvh.probe(&rig.request, &reason), ERR_OK);
}

/* Names and descriptors of eight-byte aligned notes are padded to eight. */
static void test_wide_alignment(void **state)
{
	(void)state;
	make(true);
	segment_64(1)->p_align = 8;
	rig_patch(image + NOTES_AT, 0, 4, 4);
	rig_patch(image + NOTES_AT, 4, 4, 4);
	rig_patch(image + NOTES_AT, 8, 4, 5);
	memcpy(image + NOTES_AT + 12, "GNU", 4);
	memset(image + NOTES_AT + 16, 0xff, 8);
	rig_patch(image + NOTES_AT, 24, 4, 4);
	rig_patch(image + NOTES_AT, 28, 4, 8);
	rig_patch(image + NOTES_AT, 32, 4, 18);
	memcpy(image + NOTES_AT + 36, "Xen", 4);
	rig_patch(image + NOTES_AT, 40, 8, ENTRY);
	set_notes_size(48);
	assert_int_equal(place_pvh(), ERR_OK);
}

static void expect_reason(const char *wanted)
{
	struct pvh_note note;
	const char *reason = pvh_find_note(image, sizeof(image), &note);

	assert_non_null(reason);
	assert_string_equal(reason, wanted);
}

static void test_damaged_notes(void **state)
{
	(void)state;
	make_kernel(true);
	set_notes_size(15);
	expect_reason("a note ends beyond its segment");
	set_notes_size(23);
	expect_reason("a note ends beyond its segment");
	set_notes_size(11);
	expect_reason("a note ends beyond its segment");
	set_notes_size(0);
	expect_reason("no note of type 18 named \"Xen\" (PVH entry)");
	set_notes_size(RIG_ELF_SIZE);
	expect_reason("its notes end beyond the file");
	set_notes_size(UINT64_MAX);
	expect_reason("its notes end beyond the file");
	make_kernel(true);
	segment_64(1)->p_offset = UINT64_MAX;
	expect_reason("its notes end beyond the file");
	make_kernel(true);
	rig_patch(image, NOTES_AT, 4, 0xffffffff);
	expect_reason("a note ends beyond its segment");
	make_kernel(true);
	rig_patch(image, NOTES_AT + 4, 4, 0xffffffff);
	expect_reason("a note ends beyond its segment");
	make_kernel(false);
	header_32()->e_phoff = 0xfffffff0;
	expect_reason("its program headers end beyond the file");
	make_kernel(true);
	header_64()->e_phnum = 0xffff;
	expect_reason("its program headers end beyond the file");
	make_kernel(true);
	header_64()->e_phentsize = 0;
	expect_reason("no program headers of the usual size");
	make_kernel(true);
	image[EI_CLASS] = 3;
	expect_reason("neither a 32-bit nor a 64-bit ELF file");
	make_kernel(true);
	segment_64(1)->p_type = PT_NULL;
	expect_reason("no notes, so no PVH entry");
	make_kernel(true);
	image[0] = 0;
	expect_reason("no 0x7f \"ELF\" at 0");
}

/* However it is cut, nothing is read beyond the end. */
static void test_every_length(void **state)
{
	struct pvh_note note;

	(void)state;
	make_kernel(true);
	for (u32 size = 0; size < NOTES_AT + 32; size++) {
		u8 *copy = malloc(size ? size : 1);
		const char *reason;

		memcpy(copy, image, size);
		reason = pvh_find_note(copy, size, &note);
		assert_int_equal(reason == NULL, size >= NOTES_AT + 24);
		free(copy);
	}
}

static void refuse(enum err wanted, const char *message)
{
	expect_refusal(place_pvh(), wanted, message);
	again();
	make_kernel(true);
}

static void test_refused(void **state)
{
	(void)state;
	make(true);
	add_note("Xen", 4, 18, ENTRY, 2);
	refuse(ERR_VALUE, "vmlinuz: the entry's note at 0x210 has 2 bytes, not 4 or 8");
	make(true);
	add_note("Xen", 4, 18, BASE + 0x800, 8);
	refuse(ERR_VALUE, "entry 0x2000800 (note at 0x210) lies in none of the bytes that are loaded");
	make(true);
	add_note("Xen", 4, 18, 0x100000000 + ENTRY, 8);
	refuse(ERR_VALUE, "entry 0x102000010 (note at 0x210) lies in none");
	make(false);
	add_note("Xen", 4, 18, 0, 4);
	refuse(ERR_VALUE, "entry 0x0 (note at 0x210) lies in none");
	header_64()->e_type = ET_DYN;
	refuse(ERR_UNSUPPORTED, "position-independent; PVH kernels lie where they are linked");
	header_64()->e_machine = EM_AARCH64;
	refuse(ERR_UNSUPPORTED, "e_machine=0xb7");
	segment_64(0)->p_paddr = GIB(4) - 0x100;
	refuse(ERR_VALUE, "vmlinuz: dest=0xffffff00 mem_size=0x800 is not between");
	segment_64(0)->p_paddr = 0xa0000;
	rig_patch(image, NOTES_AT + 16, 8, 0xa0010);
	refuse(ERR_RESERVED, "0xa0000 is not usable memory");
	segment_64(0)->p_filesz = 0x900;
	refuse(ERR_VALUE, "p_filesz=0x900 is above p_memsz=0x800");
	segment_64(0)->p_type = PT_NULL;
	refuse(ERR_VALUE, "no loadable segment");
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_LONG;
	refuse(ERR_UNSUPPORTED, "trapeze,mode=long: PVH kernels are entered in protected mode");
	arch_features.can_long_mode = false;
	refuse(ERR_PROCESSOR, "a 64-bit kernel, and this processor has no long mode");
	rig_ramdisk(&rig, "initrd", image, 0, 0);
	refuse(ERR_VALUE, "initrd: a ramdisk of 0 bytes");
}

static void test_record(void **state)
{
	char *text;

	(void)state;
	make_kernel(false);
	rig.request.bootargs = "one two";
	rig_ramdisk(&rig, "initrd", image, 100, 0);
	finish_pvh();
	text = rig_record(&rig, &loader_pvh);
	assert_non_null(strstr(text, "pvh: version=1 entry=0x2000010 flags=0x0 crc32=0x"));
	assert_non_null(strstr(text, "\nregs: ax=0x0 bx=0x1000 cx=0x0 dx=0x0 si=0x0 di=0x0 bp=0x0\n"));
	assert_non_null(strstr(text, "\ncmdline: \"one two\"\nmodules: count=1 at=0x1040\nmodule: 0x1400000 0x1400064"));
	assert_non_null(strstr(text, "\nrsdp: 0x0\nmemmap: count=3 at=0x1060\nmemmap: 0x0 0x9f000 1\n"));
	assert_non_null(strstr(text, "\nmemmap: 0x100000 0x4000000 1\nend\n"));
	free(text);
}

static void test_describe(void **state)
{
	char line[80];

	(void)state;
	make_kernel(true);
	rig_kernel(&rig, image, sizeof(image));
	loader_pvh.describe(&rig.request, line, sizeof(line));
	assert_string_equal(line, "ELF64 PVH kernel, protected mode, entry 0x2000010");
}

#define PVH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, pvh_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PVH_TEST(test_start_info),
		PVH_TEST(test_map),
		PVH_TEST(test_modules),
		PVH_TEST(test_place_of_the_information),
		PVH_TEST(test_notes_of_others),
		PVH_TEST(test_wide_alignment),
		PVH_TEST(test_damaged_notes),
		PVH_TEST(test_every_length),
		PVH_TEST(test_refused),
		PVH_TEST(test_record),
		PVH_TEST(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
