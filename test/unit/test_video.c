/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The screen that a kernel gets: which of the BIOS's modes is chosen, what is handed over, when it is set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bios_rig.h"
#include "loader.h"
#include "vbe.h"
#include "video.h"

#define MODE_LIST 0xc1000
#define FRAMEBUFFER 0xfd000000u

/* The largest that fits comes neither first nor last; some cannot be used. */
static const struct { u16 number, width, height; u8 depth, attributes, model; } modes[] = {
	{ 0x003, 80, 25, 4, 0x0f, 0 }, { 0x101, 640, 480, 8, 0x9b, 4 }, { 0x115, 800, 600, 24, 0x9b, 6 }, { 0x143, 800, 600, 32, 0x9b, 6 },
	{ 0x114, 800, 600, 16, 0x9b, 6 }, { 0x144, 1024, 768, 32, 0x9b, 6 }, { 0x145, 1280, 1024, 32, 0x9a, 6 },
	{ 0x146, 1280, 1024, 32, 0x1b, 6 }, { 0x147, 1280, 1024, 32, 0x9b, 3 },
};
static u16 current;
static bool refuses;

static void put16(u8 *p, u16 v)
{
	memcpy(p, &v, sizeof(v));
}

static void put_mode(u8 *b, u16 number)
{
	for (u32 i = 0; i < ARRAY_COUNT(modes); i++) {
		if (modes[i].number != number)
			continue;
		put16(b, modes[i].attributes);
		put16(b + 16, 1);
		put16(b + 18, modes[i].width);
		put16(b + 20, modes[i].height);
		b[25] = modes[i].depth;
		b[27] = modes[i].model;
		memcpy(b + 40, &(u32){ FRAMEBUFFER }, 4);
		put16(b + 50, (u16)(modes[i].width * 4));
		memcpy(b + 54, "\x8\x10\x8\x8\x8\0\x8\x18", 8);
	}
}

static void vbe(const struct arch_bios_target *target, struct bios_regs *regs)
{
	u8 *b = bios_rig_buffer(regs);

	assert_int_equal(target->address, 0x10);
	switch (regs->eax & 0xffff) {
	case 0x4f00:
		memcpy(b, "VESA\0\3", 6);
		put16(b + 14, MODE_LIST & 0xf);
		put16(b + 16, MODE_LIST >> 4);
		put16(b + 18, 256);
		break;
	case 0x4f01:
		put_mode(b, (u16)regs->ecx);
		break;
	case 0x4f02:
		if (refuses)
			return;
		current = (u16)regs->ebx;
		break;
	case 0x4f03:
		regs->ebx = current;
		break;
	}
	regs->eax = 0x004f;
}

static struct manifest_config config;
static struct load_request request;

static int setup(void **state)
{
	(void)state;
	bios_rig_init(vbe);
	for (u32 i = 0; i < ARRAY_COUNT(modes); i++)
		put16(fake_ram + MODE_LIST + 2 * i, modes[i].number);
	put16(fake_ram + MODE_LIST + 2 * ARRAY_COUNT(modes), 0xffff);
	config = (struct manifest_config){ .name = "entry", .has_video_mode = true };
	request = (struct load_request){ .config = &config, .info = &machine.info };
	current = 3;
	refuses = false;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	video_release(&request);
	bios_rig_free();
	return 0;
}

static void test_parse(void **state)
{
	static const char *const bad[] = { "", "x", "1024", "1024x", "1024x768x", "1024x768x32x", "1024x768y", "0x768", "1024x0", "16385x1", "1x1x33",
					   "1024 x768", "-1x1", "0x10x10" };
	struct video_wish wish;

	(void)state;
	assert_true(video_parse("1024x768", &wish));
	assert_true(wish.width == 1024 && wish.height == 768 && !wish.depth && !wish.vbe_mode);
	assert_true(video_parse("800x600x16", &wish));
	assert_true(wish.width == 800 && wish.height == 600 && wish.depth == 16);
	for (u32 i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(video_parse(bad[i], &wish));
}

static void test_chosen(void **state)
{
	const struct boot_framebuffer *fb;

	(void)state;
	config.video = (struct video_wish){ .width = 800, .height = 600 };
	assert_int_equal(video_plan(&request), ERR_OK);
	assert_true(video_is_chosen(&request));
	fb = &request.info->framebuffer;
	assert_true(fb->present && fb->addr == FRAMEBUFFER && fb->width == 800 && fb->height == 600 && fb->bpp == 32 && fb->pitch == 3200);
	assert_true(fb->type == 1 && fb->red_pos == 16 && fb->red_size == 8 && fb->blue_pos == 0);
	assert_int_equal(request.info->vbe.size, 776);
	assert_memory_equal(request.info->vbe.data, "\x43\1", 2);
	assert_memory_equal((const u8 *)request.info->vbe.data + 8, "VESA\0\3", 6);
	assert_memory_equal((const u8 *)request.info->vbe.data + 520 + 18, "\x20\3\x58\2", 4);
	/* Nothing is set before the end. */
	assert_int_equal(current, 3);
	assert_int_equal(video_set(&request), ERR_OK);
	assert_int_equal(current, 0x4143);
	video_restore(&request);
	assert_int_equal(current, 3);
	refuses = true;
	assert_int_equal(video_set(&request), ERR_DEVICE);
	assert_true(fake_log_has("video: error: entry: the BIOS did not set mode 0x143"));
}

static void test_depth(void **state)
{
	(void)state;
	config.video = (struct video_wish){ .width = 800, .height = 600, .depth = 16 };
	assert_int_equal(video_plan(&request), ERR_OK);
	assert_int_equal(request.info->framebuffer.bpp, 16);
	video_release(&request);
	/* A palette only for those who ask for eight bits. */
	request.info = &machine.info;
	config.video = (struct video_wish){ .width = 640, .height = 480 };
	assert_int_equal(video_plan(&request), ERR_NOT_FOUND);
	config.video.depth = 8;
	assert_int_equal(video_plan(&request), ERR_OK);
	assert_int_equal(request.info->framebuffer.type, 0);
}

static void test_none(void **state)
{
	(void)state;
	config.video = (struct video_wish){ .width = 1280, .height = 1024 };
	assert_int_equal(video_plan(&request), ERR_NOT_FOUND);
	assert_true(fake_log_has("video: error: entry: none of the BIOS's 9 modes is 1280x1024 depth=0 vbe_mode=0x0"));
	assert_ptr_equal(request.info, &machine.info);
	assert_int_equal(video_set(&request), ERR_OK);
	video_restore(&request);
	assert_int_equal(current, 3);
	config.has_video_mode = false;
	assert_int_equal(video_plan(&request), ERR_OK);
	assert_false(video_is_chosen(&request));
}

static void test_wish(void **state)
{
	const struct video_wish fits = { .vbe_mode = 0x115 }, any = { 0 }, never = { .width = 5, .height = 5 };

	(void)state;
	/* Only where the configuration leaves it to the kernel. */
	config.has_video_mode = false;
	video_wish(&request, "kernel", &fits);
	assert_false(video_is_chosen(&request));
	config.has_video_mode = true;
	assert_int_equal(video_plan(&request), ERR_OK);
	assert_false(video_is_chosen(&request));
	video_wish(&request, "kernel", &never);
	assert_false(video_is_chosen(&request));
	assert_true(fake_log_has("video: warning: entry: the screen stays as the boot loader left it"));
	video_wish(&request, "kernel", &fits);
	assert_int_equal(request.info->framebuffer.bpp, 24);
	/* The first wish counts. */
	video_wish(&request, "kernel", &any);
	assert_int_equal(request.info->framebuffer.bpp, 24);
	video_release(&request);
	request.info = &machine.info;
	video_wish(&request, "kernel", &any);
	assert_int_equal(request.info->framebuffer.width, 1024);
}

static void test_no_bios(void **state)
{
	(void)state;
	fake_ram[0x12 * 4] = fake_ram[0x12 * 4 + 1] = fake_ram[0x12 * 4 + 2] = fake_ram[0x12 * 4 + 3] = 0;
	bios_start(&machine.memory, true);
	machine.info.framebuffer = (struct boot_framebuffer){ .present = true, .type = 1, .width = 1280, .height = 800 };
	config.video = (struct video_wish){ .width = 800, .height = 600 };
	assert_int_equal(video_plan(&request), ERR_OK);
	assert_false(video_is_chosen(&request));
	assert_true(fake_log_has("video: warning: entry: trapeze,video-mode is not set: the firmware is UEFI"));
	assert_true(fake_log_has("the boot loader's screen stays: graphics 1280x800"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse), TEST(test_chosen), TEST(test_depth), TEST(test_none), TEST(test_wish), TEST(test_no_bios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
