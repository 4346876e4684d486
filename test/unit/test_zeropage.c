/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What a kernel is handed: the zero page, read back through Linux's own declaration of it, and the record of it all. */
#include "linux_rig.h"

#define SAME(offset, field) _Static_assert((offset) == offsetof(struct boot_params, field), #field)

SAME(HDR_SETUP_SECTS, hdr.setup_sects);
SAME(HDR_SYSSIZE, hdr.syssize);
SAME(HDR_VID_MODE, hdr.vid_mode);
SAME(HDR_BOOT_FLAG, hdr.boot_flag);
SAME(HDR_JUMP, hdr.jump);
SAME(HDR_MAGIC, hdr.header);
SAME(HDR_VERSION, hdr.version);
SAME(HDR_KERNEL_VERSION, hdr.kernel_version);
SAME(HDR_TYPE_OF_LOADER, hdr.type_of_loader);
SAME(HDR_LOADFLAGS, hdr.loadflags);
SAME(HDR_CODE32_START, hdr.code32_start);
SAME(HDR_RAMDISK_IMAGE, hdr.ramdisk_image);
SAME(HDR_RAMDISK_SIZE, hdr.ramdisk_size);
SAME(HDR_CMD_LINE_PTR, hdr.cmd_line_ptr);
SAME(HDR_INITRD_ADDR_MAX, hdr.initrd_addr_max);
SAME(HDR_KERNEL_ALIGNMENT, hdr.kernel_alignment);
SAME(HDR_RELOCATABLE, hdr.relocatable_kernel);
SAME(HDR_MIN_ALIGNMENT, hdr.min_alignment);
SAME(HDR_XLOADFLAGS, hdr.xloadflags);
SAME(HDR_CMDLINE_SIZE, hdr.cmdline_size);
SAME(HDR_SETUP_DATA, hdr.setup_data);
SAME(HDR_PREF_ADDRESS, hdr.pref_address);
SAME(HDR_INIT_SIZE, hdr.init_size);
SAME(HDR_LIMIT, edd_mbr_sig_buffer);
SAME(ZP_EXT_MEM_K, screen_info.ext_mem_k);
SAME(ZP_SCREEN_MODE, screen_info.orig_video_mode);
SAME(ZP_SCREEN_COLUMNS, screen_info.orig_video_cols);
SAME(ZP_SCREEN_LINES, screen_info.orig_video_lines);
SAME(ZP_SCREEN_TYPE, screen_info.orig_video_isVGA);
SAME(ZP_SCREEN_POINTS, screen_info.orig_video_points);
SAME(ZP_LFB_WIDTH, screen_info.lfb_width);
SAME(ZP_LFB_HEIGHT, screen_info.lfb_height);
SAME(ZP_LFB_DEPTH, screen_info.lfb_depth);
SAME(ZP_LFB_BASE, screen_info.lfb_base);
SAME(ZP_LFB_SIZE, screen_info.lfb_size);
SAME(ZP_CL_MAGIC, screen_info.cl_magic);
SAME(ZP_CL_OFFSET, screen_info.cl_offset);
SAME(ZP_LFB_PITCH, screen_info.lfb_linelength);
SAME(ZP_LFB_RED, screen_info.red_size);
SAME(ZP_LFB_RED + 7, screen_info.rsvd_pos);
SAME(ZP_LFB_CAPABILITIES, screen_info.capabilities);
SAME(ZP_LFB_EXT_BASE, screen_info.ext_lfb_base);
SAME(ZP_ACPI_RSDP, acpi_rsdp_addr);
SAME(ZP_EXT_RAMDISK_IMAGE, ext_ramdisk_image);
SAME(ZP_EXT_RAMDISK_SIZE, ext_ramdisk_size);
SAME(ZP_EFI_SIGNATURE, efi_info.efi_loader_signature);
SAME(ZP_EFI_SYSTAB, efi_info.efi_systab);
SAME(ZP_EFI_DESC_SIZE, efi_info.efi_memdesc_size);
SAME(ZP_EFI_DESC_VERSION, efi_info.efi_memdesc_version);
SAME(ZP_EFI_MAP, efi_info.efi_memmap);
SAME(ZP_EFI_MAP_SIZE, efi_info.efi_memmap_size);
SAME(ZP_EFI_SYSTAB_HI, efi_info.efi_systab_hi);
SAME(ZP_EFI_MAP_HI, efi_info.efi_memmap_hi);
SAME(ZP_ALT_MEM_K, alt_mem_k);
SAME(ZP_E820_COUNT, e820_entries);
SAME(ZP_E820_TABLE, e820_table);
_Static_assert(sizeof(struct boot_params) == ZP_SIZE, "the zero page is a page");
_Static_assert(sizeof(struct boot_e820_entry) == E820_ENTRY_SIZE, "entries of the memory map");
_Static_assert(E820_MAX_ENTRIES_ZEROPAGE == E820_ZP_MAX, "entries in the zero page");
_Static_assert(sizeof(struct setup_data) == SETUP_DATA_HEADER, "nodes");

/* --- header --- */

static void test_header(void **state)
{
	const struct boot_params *bp = finish_version(0x20f);

	(void)state;
	assert_int_equal(bp->sentinel, 0);
	assert_int_equal(bp->hdr.boot_flag, 0xaa55);
	assert_int_equal(bp->hdr.header, 0x53726448);
	assert_int_equal(bp->hdr.version, 0x20f);
	assert_int_equal(bp->hdr.type_of_loader, 0xff);
	assert_int_equal(bp->hdr.loadflags, LOADED_HIGH);
	assert_int_equal(bp->hdr.code32_start, 0x1000000);
	assert_int_equal(bp->hdr.vid_mode, 0xffff);
	assert_int_equal(bp->hdr.kernel_alignment, 0x200000);
	assert_int_equal(bp->hdr.pref_address, 0x1000000);
	assert_int_equal(bp->hdr.setup_data, 0);
	assert_int_equal(bp->hdr.ramdisk_image, 0);
	assert_int_equal(bp->hdr.ramdisk_size, 0);
	assert_int_equal(bp->secure_boot, 0);
}

static void test_entry_registers(void **state)
{
	const struct entry_state *entry = &rig.plan.entry;

	(void)state;
	finish_version(0x20f);
	assert_int_equal(entry->mode, ENTRY_LONG);
	assert_int_equal(entry->ip, 0x1000200);
	assert_int_equal(entry->si, rig_segment(&rig, "boot parameters")->dest);
	restart();
	finish_version(0x20b);
	assert_int_equal(entry->mode, ENTRY_PROTECTED);
	assert_int_equal(entry->ip, 0x1000000);
	assert_int_equal(entry->si, rig_segment(&rig, "boot parameters")->dest);
	assert_int_equal(entry->ax | entry->bx | entry->cx | entry->dx | entry->di | entry->bp | entry->sp, 0);
}

/* Only the header is taken from the file: what lies before and behind it there is not for the kernel. */
static void test_only_the_header_is_copied(void **state)
{
	const struct boot_params *bp;
	u32 jump;

	(void)state;
	for (jump = 0; jump < 256; jump += 5) {
		u32 end = 0x202 + jump;

		rig_make_kernel(kernel, 0x20f, CODE_SIZE);
		memset(kernel, 0xee, 0x1f1);
		memset(kernel + 0x26c, 0xdd, 0x300 - 0x26c);
		rig_patch(kernel, 0x201, 1, jump);
		bp = finish();
		end = end < 0x26c ? 0x26c : end > 0x290 ? 0x290 : end;
		for (u32 i = 0x26c; i < 0x2d0; i++)
			assert_int_equal(((const u8 *)bp)[i], i < end ? 0xdd : 0);
		assert_int_equal(bp->screen_info.orig_y, 0);
		assert_int_equal(bp->sentinel, 0);
		restart();
	}
}

/* A near jump does not tell the header's length: the version does. */
static void test_header_end_by_version(void **state)
{
	static const u16 ends[][2] = {
		{ 0x200, 0x224 }, { 0x201, 0x226 }, { 0x202, 0x22c }, { 0x203, 0x230 }, { 0x204, 0x230 },
		{ 0x205, 0x235 }, { 0x206, 0x23c }, { 0x207, 0x248 }, { 0x208, 0x250 }, { 0x209, 0x258 },
		{ 0x20a, 0x264 }, { 0x20b, 0x268 }, { 0x20c, 0x268 }, { 0x20d, 0x268 }, { 0x20e, 0x268 },
		{ 0x20f, 0x26c }, { 0x210, 0x26c },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		const u8 *page;

		rig_make_kernel(kernel, ends[i][0], CODE_SIZE);
		rig_patch(kernel, 0x200, 2, 0x00e9);
		memset(kernel + ends[i][1], 0xdd, 64);
		page = (const u8 *)finish();
		for (u32 at = ends[i][1]; at < ends[i][1] + 64u && at < 0x290; at++)
			assert_int_not_equal(page[at], 0xdd);
		restart();
	}
}

/* All of the header that a protocol has is copied; what the loader writes into it stands in other tests. */
static void test_all_of_the_header_is_copied(void **state)
{
	static const u16 untouched[][3] = {
		/* protocol, offset, bytes */
		{ 0x201, 0x224, 2 }, { 0x202, 0x226, 2 },  { 0x203, 0x22c, 4 }, { 0x205, 0x230, 5 },
		{ 0x206, 0x238, 4 }, { 0x207, 0x23c, 12 }, { 0x208, 0x248, 8 }, { 0x20a, 0x258, 12 },
		{ 0x20b, 0x264, 4 }, { 0x20f, 0x268, 4 },
	};

	(void)state;
	for (u16 version = 0x200; version <= 0x20f; version++) {
		const u8 *page;

		rig_make_kernel(kernel, version, CODE_SIZE);
		rig_patch(kernel, 0x200, 2, 0x00e9);
		memset(kernel + 0x224, 0x11, 4);
		memset(kernel + 0x23c, 0x11, 0x14);
		memset(kernel + 0x264, 0x11, 8);
		page = (const u8 *)finish();
		for (size_t i = 0; i < ARRAY_COUNT(untouched); i++)
			if (version >= untouched[i][0])
				assert_memory_equal(page + untouched[i][1], kernel + untouched[i][1], untouched[i][2]);
		restart();
	}
}

static void test_loadflags(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x211, 1, 0xff);
	assert_int_equal(finish()->hdr.loadflags, 0xff & ~(CAN_USE_HEAP | KASLR_FLAG | QUIET_FLAG));
	restart();
	rig.request.bootargs = "ro quiet";
	assert_int_equal(finish_version(0x20f)->hdr.loadflags, LOADED_HIGH | QUIET_FLAG);
}

static void test_lesser_alignment_is_told(void **state)
{
	(void)state;
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x230, 4, MIB(64));
	rig_patch(kernel, 0x260, 4, 0x8000);
	assert_int_equal(finish()->hdr.kernel_alignment, MIB(32));
}

/* --- command line --- */

static void test_command_line(void **state)
{
	const struct boot_params *bp;

	(void)state;
	rig.request.bootargs = "console=ttyS0 \"a b\"";
	bp = finish_version(0x202);
	assert_int_equal(bp->ext_cmd_line_ptr, 0);
	assert_int_equal(bp->hdr.cmd_line_ptr, rig.plan.entry.si + 4096);
	assert_string_equal(delivered(bp->hdr.cmd_line_ptr), "console=ttyS0 \"a b\"");
	assert_int_equal(bp->screen_info.cl_magic, 0);
	assert_true(bp->hdr.cmd_line_ptr > SMALL_RAM - MIB(1));
}

static void test_command_line_before_2_02(void **state)
{
	const struct boot_params *bp;

	(void)state;
	rig.request.bootargs = "root=/dev/hda1";
	bp = finish_version(0x201);
	assert_int_equal(rig.plan.entry.si, 0x90000);
	assert_int_equal(rig_segment(&rig, "boot parameters")->dest, 0x90000);
	assert_int_equal(bp->screen_info.cl_magic, 0xa33f);
	assert_string_equal(delivered(0x90000 + bp->screen_info.cl_offset), "root=/dev/hda1");
	assert_int_equal(bp->hdr.cmd_line_ptr, 0);
}

/* --- ramdisk --- */

static void test_ramdisk(void **state)
{
	const struct boot_params *bp;

	(void)state;
	rig_ramdisk(&rig, "initrd", "some bytes", 11, 0);
	bp = finish_version(0x20f);
	assert_int_equal(bp->hdr.ramdisk_image, rig_segment(&rig, "initrd")->dest);
	assert_int_equal(bp->hdr.ramdisk_size, 11);
	assert_int_equal(bp->ext_ramdisk_image, 0);
	assert_int_equal(bp->ext_ramdisk_size, 0);
}

static void test_ramdisks_are_one(void **state)
{
	const struct boot_params *bp;

	(void)state;
	rig_ramdisk(&rig, "a", NULL, 5000, 0);
	rig_ramdisk(&rig, "b", NULL, 3, 0);
	bp = finish_version(0x20f);
	assert_int_equal(bp->hdr.ramdisk_image, rig_segment(&rig, "a")->dest);
	assert_int_equal(bp->hdr.ramdisk_size, 8192 + 3);
}

static void test_ramdisk_above_4g(void **state)
{
	const struct boot_params *bp;
	paddr_t dest;

	(void)state;
	assert_int_equal(memmap_add(&rig.memory.map, GIB(4), GIB(2), MEM_USABLE), ERR_OK);
	fake_phys_limit = GIB(6);
	assert_int_equal(memory_claim(&rig.memory, GIB(4), GIB(6), OWNER_HEAP, "keeps staging memory low"), ERR_OK);
	rig_ramdisk(&rig, "initrd", NULL, 11, 1);
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, 0x236, 2, 3);
	bp = finish();
	dest = rig_segment(&rig, "initrd")->dest;
	assert_true(dest >= GIB(4));
	assert_int_equal(bp->hdr.ramdisk_image, (u32)dest);
	assert_int_equal(bp->ext_ramdisk_image, dest >> 32);
	assert_true(rig.plan.entry.si < GIB(4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_header),
		TEST(test_entry_registers),
		TEST(test_only_the_header_is_copied),
		TEST(test_header_end_by_version),
		TEST(test_all_of_the_header_is_copied),
		TEST(test_loadflags),
		TEST(test_lesser_alignment_is_told),
		TEST(test_command_line),
		TEST(test_command_line_before_2_02),
		TEST(test_ramdisk),
		TEST(test_ramdisks_are_one),
		TEST(test_ramdisk_above_4g),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
