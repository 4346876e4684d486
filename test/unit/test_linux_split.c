/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* FIT's way to give a kernel: setup code and flat kernel as two images. */
#include "linux_rig.h"

static struct manifest_image setup_image = { .name = "setup", .type = "x86_setup" };

/* As the kernel's build leaves setup.bin: nothing has filled in sizes yet. */
static void prepare(const char *arch, paddr_t load, u32 setup_size)
{
	rig_make_kernel(kernel, 0x20f, CODE_SIZE);
	rig_patch(kernel, HDR_SETUP_SECTS, 1, 0);
	rig_patch(kernel, HDR_SYSSIZE, 4, 0);
	rig_ramdisk(&rig, "setup", kernel, setup_size, 3);
	rig.request.setup = (struct loader_part){ .blob = rig.parts[0].blob, .image = &setup_image };
	rig.request.ramdisk_count = 0;
	rig_kernel(&rig, kernel + RIG_SETUP_SIZE, CODE_SIZE);
	rig.image.arch = arch;
	rig.image.has_load = true;
	rig.image.load = load;
}

static void check(enum entry_mode mode)
{
	const struct plan_segment *segment;
	const struct boot_params *params;
	char text[120];

	assert_int_equal(rig_finish(&rig, &loader_linux), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	segment = rig_segment(&rig, "kernel");
	assert_int_equal(segment->dest, MIB(24));
	assert_int_equal(segment->source, rig.request.kernel.blob.paddr);
	assert_int_equal(segment->file_size, CODE_SIZE);
	assert_int_equal(segment->mem_size, MIB(1));
	assert_int_equal(rig.plan.entry.mode, mode);
	assert_int_equal(rig.plan.entry.ip, MIB(24));
	params = (const struct boot_params *)rig_bytes(rig_segment(&rig, "boot parameters"));
	assert_int_equal(params->hdr.header, 0x53726448);
	assert_int_equal(params->hdr.version, 0x20f);
	assert_int_equal(params->hdr.code32_start, MIB(24));
	assert_int_equal(params->hdr.type_of_loader, 0xff);
	loader_linux.describe(&rig.request, text, sizeof(text));
	assert_non_null(strstr(text, "Linux setup and kernel 2.15"));
	assert_non_null(strstr(text, "at a fixed address"));
}

static void test_64(void **state)
{
	(void)state;
	prepare("x86_64", MIB(24), RIG_SETUP_SIZE);
	check(ENTRY_LONG);
}

/* 32-bit kernels, and the self-extracting part of any. */
static void test_32(void **state)
{
	(void)state;
	prepare("x86", MIB(24), RIG_SETUP_SIZE);
	check(ENTRY_PROTECTED);
}

static void test_mode(void **state)
{
	(void)state;
	prepare("x86", MIB(24), RIG_SETUP_SIZE);
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_LONG;
	check(ENTRY_LONG);
}

static void refused(enum err wanted, const char *message)
{
	expect_refusal(rig_place(&rig, &loader_linux), wanted, message);
	restart();
}

static void test_refused(void **state)
{
	(void)state;
	prepare("x86", MIB(24), RIG_SETUP_SIZE);
	rig.image.has_load = false;
	refused(ERR_VALUE, "load=0x0: a kernel apart from its setup code needs a load address from 0x100000 on");
	prepare("x86", 0x90000, RIG_SETUP_SIZE);
	refused(ERR_VALUE, "load=0x90000: a kernel apart from its setup code needs");
	prepare("x86", MIB(24), 0x26b);
	refused(ERR_TRUNCATED, "setup: ends inside the setup header: size=619 needs 620");
	prepare("x86", MIB(24), 0x200);
	refused(ERR_FORMAT, "setup: too short for a setup header");
	prepare("x86", GIB(3), RIG_SETUP_SIZE);
	refused(ERR_NO_ROOM, "kernel at 0xc0000000 size=0x100000 is not between");
}

static void test_probe(void **state)
{
	const char *reason;

	(void)state;
	prepare("x86", MIB(24), RIG_SETUP_SIZE);
	assert_int_equal(loader_linux.probe(&rig.request, &reason), ERR_OK);
	rig.request.setup.image = NULL;
	assert_int_equal(loader_linux.probe(&rig.request, &reason), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_64), TEST(test_32), TEST(test_mode), TEST(test_refused), TEST(test_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
