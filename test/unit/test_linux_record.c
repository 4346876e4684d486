/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The record of what a kernel is handed. */
#include "linux_rig.h"

#include "verify.h"

static u32 crc_of(const void *data, size_t size)
{
	u8 crc[HASH_MAX_SIZE];

	hash_compute(HASH_CRC32, data, size, crc, NULL, NULL);
	return (u32)crc[0] << 24 | (u32)crc[1] << 16 | (u32)crc[2] << 8 | crc[3];
}

static void expect_line(const char *record, const char *format, ...)
{
	char line[256];
	const char *found;
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	strcat(line, "\n");
	found = strstr(record, line);
	if (!found || (found != record && found[-1] != '\n'))
		print_error("no line %sin\n%s", line, record);
	assert_non_null(found);
	assert_true(found == record || found[-1] == '\n');
}

static void test_record(void **state)
{
	const struct boot_params *bp;
	char *record;
	u64 page;

	(void)state;
	rig.request.bootargs = "console=ttyS0";
	fake_random = 7;
	rig.request.rsdp = 0xf5a10;
	rig_ramdisk(&rig, "initrd", "cpio", 5, 0);
	give_efi();
	give_screen(1);
	bp = finish_version(0x20f);
	page = rig.plan.entry.si;
	record = rig_record(&rig, &loader_linux);
	expect_line(record, "linux: protocol=2.15 mode=long entry=0x1000200 zeropage=0x%llx crc32=0x%08x", page,
		    crc_of(bp, 4096));
	expect_line(record, "regs: ax=0x0 bx=0x0 cx=0x0 dx=0x0 si=0x%llx di=0x0 bp=0x0", page);
	expect_line(record, "header: type_of_loader=0xff loadflags=0x1 vid_mode=0xffff");
	expect_line(record, "header: code32_start=0x1000000 kernel_alignment=0x200000");
	expect_line(record, "memory: ext_mem_k=0xfc00 alt_mem_k=0xfc00");
	expect_line(record, "cmdline: at=0x%llx size=13", page + 4096);
	expect_line(record, "cmdline: \"console=ttyS0\"");
	expect_line(record,
		    "screen: type=0x70 base=0xfd000000 size=0x300000 width=1024 height=768 depth=32 pitch=4096");
	expect_line(record, "screen: red=8@16 green=8@8 blue=8@0 reserved=8@24 capabilities=0x0");
	expect_line(record, "initrd: at=0x%x size=5 crc32=0x%08x", bp->hdr.ramdisk_image, crc_of("cpio", 5));
	expect_line(record, "e820: 0x0 0x9f000 1\ne820: 0x9f000 0x100000 2\ne820: 0x100000 0x4000000 1");
	expect_line(record, "setup_data: at=0x%llx type=9 size=32 crc32=0x%08x", (u64)bp->hdr.setup_data,
		    crc_of("\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7", 32));
	expect_line(record, "acpi: rsdp=0xf5a10");
	expect_line(record, "efi: signature=EL64 systab=0x87654321000 desc_size=48 desc_version=1");
	expect_line(record, "efi: map=0x%x size=96 crc32=0x%08x", bp->efi_info.efi_memmap, crc_of(efi_map, 96));
	assert_string_equal(record + strlen(record) - 4, "end\n");
	free(record);
}

static void test_record_of_little(void **state)
{
	char wanted[1024], *record;
	const struct boot_params *bp;

	(void)state;
	bp = finish_version(0x200);
	record = rig_record(&rig, &loader_linux);
	snprintf(wanted, sizeof(wanted),
		 "linux: protocol=2.00 mode=protected entry=0x100000 zeropage=0x90000 crc32=0x%08x\n"
		 "regs: ax=0x0 bx=0x0 cx=0x0 dx=0x0 si=0x90000 di=0x0 bp=0x0\n"
		 "header: type_of_loader=0xff loadflags=0x1 vid_mode=0xffff\n"
		 "header: code32_start=0x100000 kernel_alignment=0x0\n"
		 "memory: ext_mem_k=0xfc00 alt_mem_k=0xfc00\n"
		 "cmdline: at=0x91000 size=0\n"
		 "e820: 0x0 0x9f000 1\n"
		 "e820: 0x9f000 0x100000 2\n"
		 "e820: 0x100000 0x4000000 1\n"
		 "end\n", crc_of(bp, 4096));
	assert_string_equal(record, wanted);
	free(record);
}

static void test_record_of_alignment(void **state)
{
	char *record;

	(void)state;
	finish_version(0x205);
	record = rig_record(&rig, &loader_linux);
	expect_line(record, "header: code32_start=0x200000 kernel_alignment=0x200000");
	free(record);
	restart();
	finish_version(0x204);
	record = rig_record(&rig, &loader_linux);
	expect_line(record, "header: code32_start=0x100000 kernel_alignment=0x0");
	free(record);
}

static void test_record_of_whole_pieces(void **state)
{
	char line[193], *record;

	(void)state;
	memset(line, 'x', 192);
	line[192] = '\0';
	line[0] = '\t';
	rig.request.bootargs = line;
	finish_version(0x20f);
	record = rig_record(&rig, &loader_linux);
	expect_line(record, "cmdline: \"?%.95s\"\ncmdline: \"%.96s\"\ne820: 0x0 0x9f000 1", line + 1, line + 1);
	free(record);
}

/* Not every boot waits for a sum over all the ramdisks' bytes. */
static void test_record_without_ramdisk_sum(void **state)
{
	const struct boot_params *bp;
	char *record;

	(void)state;
	rig_ramdisk(&rig, "initrd", "cpio", 5, 0);
	bp = finish_version(0x20f);
	log_set_level(LOG_INFO);
	record = rig_record(&rig, &loader_linux);
	log_set_level(LOG_DEBUG);
	expect_line(record, "initrd: at=0x%x size=5", bp->hdr.ramdisk_image);
	free(record);
}

/* Text mode, a long command line with a control character, ramdisks with padding, a long memory map. */
static void test_record_of_much(void **state)
{
	static u8 joined[8192 + 5];
	char line[201], *record;
	const struct boot_params *bp;

	(void)state;
	memset(line, 'x', 200);
	memcpy(line + 94, "ABCD", 4);
	line[198] = ' ';
	line[199] = '\177';
	line[200] = '\0';
	rig.request.bootargs = line;
	memcpy(joined, "first", 5);
	memcpy(joined + 4096, "other", 5);
	memcpy(joined + 8192, "third", 5);
	rig_ramdisk(&rig, "a", "first", 5, 0);
	rig_ramdisk(&rig, "b", "other", 5, 9);
	rig_ramdisk(&rig, "c", "third", 5, 0);
	rig.info.framebuffer = (struct boot_framebuffer){ .present = true, .width = 132, .height = 43, .type = 2 };
	fill_map(130);
	fake_random = 3;
	bp = finish_version(0x20f);
	record = rig_record(&rig, &loader_linux);
	expect_line(record, "cmdline: \"%.94sAB\"\ncmdline: \"CD%.94s\"\ncmdline: \"xxxxxx ?\"", line, line);
	expect_line(record, "screen: type=0x1 mode=0x3 columns=132 lines=43 points=16");
	expect_line(record, "initrd: at=0x%x size=%zu crc32=0x%08x", bp->hdr.ramdisk_image, sizeof(joined),
		    crc_of(joined, sizeof(joined)));
	expect_line(record, "e820: 0x%llx 0x%llx 2\ne820: 0x%llx 0x%llx 1", GIB(8) + 128 * 0x2000ull,
		    GIB(8) + 128 * 0x2000ull + 0x1000, GIB(8) + 129 * 0x2000ull, GIB(8) + 129 * 0x2000ull + 0x1000);
	assert_non_null(strstr(record, "type=1 size=40 crc32="));
	free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_record),
		TEST(test_record_of_little),
		TEST(test_record_of_alignment),
		TEST(test_record_of_whole_pieces),
		TEST(test_record_of_much),
		TEST(test_record_without_ramdisk_sum),
	};

	log_set_level(LOG_DEBUG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
