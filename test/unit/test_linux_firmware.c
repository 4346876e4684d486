/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the firmware left, handed on in the zero page: tables and screen, read back through Linux's own declaration. */
#include "linux_rig.h"

static void test_rsdp(void **state)
{
	(void)state;
	rig.request.rsdp = 0x123456789a;
	assert_int_equal(finish_version(0x20e)->acpi_rsdp_addr, 0x123456789a);
	restart();
	rig.request.rsdp = 0xf5a10;
	assert_int_equal(finish_version(0x20d)->acpi_rsdp_addr, 0);
}

static void test_efi(void **state)
{
	const struct boot_params *bp;

	(void)state;
	give_efi();
	bp = finish_version(0x20f);
	assert_memory_equal(&bp->efi_info.efi_loader_signature, "EL64", 4);
	assert_int_equal(bp->efi_info.efi_systab, 0x54321000);
	assert_int_equal(bp->efi_info.efi_systab_hi, 0x876);
	assert_int_equal(bp->efi_info.efi_memdesc_size, 48);
	assert_int_equal(bp->efi_info.efi_memdesc_version, 1);
	assert_int_equal(bp->efi_info.efi_memmap_size, 96);
	assert_int_equal(bp->efi_info.efi_memmap_hi, 0);
	assert_memory_equal(delivered(bp->efi_info.efi_memmap), efi_map, 96);
	restart();
	give_efi();
	rig.info.has_efi64_table = false;
	rig.info.has_efi32_table = true;
	rig.info.efi_desc_size = 40;
	bp = finish_version(0x20f);
	assert_memory_equal(&bp->efi_info.efi_loader_signature, "EL32", 4);
}

static void test_efi_is_all_or_nothing(void **state)
{
	(void)state;
	for (u32 missing = 0; missing < 6; missing++) {
		give_efi();
		if (missing == 0)
			rig.info.has_efi64_table = false;
		else if (missing == 1)
			rig.info.efi_table = 0;
		else if (missing == 2)
			rig.info.efi_map.data = NULL;
		else if (missing == 3)
			rig.info.efi_map.size = 0;
		else if (missing == 4)
			rig.info.efi_desc_size = 39;
		else
			rig.info.efi_boot_services = true;
		assert_int_equal(finish_version(0x20f)->efi_info.efi_loader_signature, 0);
		restart();
	}
	give_efi();
	assert_memory_equal(&finish_version(0x208)->efi_info.efi_loader_signature, "EL64", 4);
	restart();
	give_efi();
	assert_int_equal(finish_version(0x207)->efi_info.efi_loader_signature, 0);
	assert_true(fake_log_has("EFI run-time services need boot protocol 2.08"));
}

static void test_text_screen(void **state)
{
	const struct screen_info *screen;

	(void)state;
	rig.info.framebuffer = (struct boot_framebuffer){
		.present = true, .addr = 0xb8000, .pitch = 160, .width = 80, .height = 25, .bpp = 16, .type = 2,
	};
	screen = &finish_version(0x20f)->screen_info;
	assert_int_equal(screen->orig_video_isVGA, 1);
	assert_int_equal(screen->orig_video_mode, 3);
	assert_int_equal(screen->orig_video_cols, 80);
	assert_int_equal(screen->orig_video_lines, 25);
	assert_int_equal(screen->orig_video_points, 16);
	assert_int_equal(screen->lfb_base, 0);
}

static void test_linear_screen(void **state)
{
	const struct screen_info *screen;

	(void)state;
	give_screen(1);
	screen = &finish_version(0x20f)->screen_info;
	assert_int_equal(screen->orig_video_isVGA, 0x23);
	assert_int_equal(screen->lfb_base, 0xfd000000);
	assert_int_equal(screen->lfb_size, 4096 * 768 / 65536);
	assert_int_equal(screen->lfb_width, 1024);
	assert_int_equal(screen->lfb_height, 768);
	assert_int_equal(screen->lfb_depth, 32);
	assert_int_equal(screen->lfb_linelength, 4096);
	assert_memory_equal(&screen->red_size, "\10\20\10\10\10\0\10\30", 8);
	assert_int_equal(screen->capabilities, 0);
}

static void test_efi_screen(void **state)
{
	const struct screen_info *screen;

	(void)state;
	give_efi();
	give_screen(1);
	rig.info.framebuffer.addr = 0x4012345000;
	rig.info.framebuffer.height = 769;
	screen = &finish_version(0x20f)->screen_info;
	assert_int_equal(screen->orig_video_isVGA, 0x70);
	assert_int_equal(screen->lfb_base, 0x12345000);
	assert_int_equal(screen->ext_lfb_base, 0x40);
	assert_int_equal(screen->capabilities, 2);
	assert_int_equal(screen->lfb_size, 49 * 65536);
}

static void test_screen_colours(void **state)
{
	const struct screen_info *screen;

	(void)state;
	give_screen(1);
	rig.info.framebuffer.bpp = 16;
	rig.info.framebuffer.red_pos = 11;
	rig.info.framebuffer.red_size = rig.info.framebuffer.blue_size = 5;
	rig.info.framebuffer.green_pos = 5;
	rig.info.framebuffer.green_size = 6;
	screen = &finish_version(0x20f)->screen_info;
	assert_memory_equal(&screen->red_size, "\5\13\6\5\5\0\0\0", 8);
	restart();
	give_screen(0);
	rig.info.framebuffer.bpp = 8;
	rig.info.framebuffer.red_pos = rig.info.framebuffer.red_size = 0;
	rig.info.framebuffer.green_pos = rig.info.framebuffer.green_size = rig.info.framebuffer.blue_size = 0;
	screen = &finish_version(0x20f)->screen_info;
	assert_memory_equal(&screen->red_size, "\6\0\6\0\6\0\0\0", 8);
}

static void test_strange_screens(void **state)
{
	(void)state;
	for (u32 strange = 0; strange < 11; strange++) {
		struct boot_framebuffer *fb = &rig.info.framebuffer;

		give_screen(1);
		if (strange == 0)
			fb->type = 3;
		else if (strange == 1)
			fb->width = 65536;
		else if (strange == 2)
			fb->height = 65536;
		else if (strange == 3)
			fb->pitch = 65536;
		else if (strange == 4)
			fb->bpp = 64;
		else if (strange == 5)
			fb->red_size = 255;
		else if (strange == 6)
			fb->addr = 0;
		else if (strange == 7)
			fb->red_size = fb->red_pos = 20;
		else if (strange == 8)
			fb->green_size = fb->green_pos = 20;
		else if (strange == 9)
			fb->blue_size = fb->blue_pos = 20;
		else
			*fb = (struct boot_framebuffer){
				.present = true, .addr = 0xb8000, .type = 2, .width = 256, .height = 25, .bpp = 16
			};
		assert_int_equal(finish_version(0x20f)->screen_info.orig_video_isVGA, 0);
		assert_true(fake_log_has("the screen is not handed over"));
		restart();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rsdp), TEST(test_efi), TEST(test_efi_is_all_or_nothing), TEST(test_text_screen),
		TEST(test_linear_screen), TEST(test_efi_screen), TEST(test_screen_colours), TEST(test_strange_screens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
