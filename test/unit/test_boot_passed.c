/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* trapeze,pass-modules: GRUB's modules that no image names go on, the others do not. */
#include "multiboot_rig.h"

#include "boot_private.h"

static struct machine machine;
static struct boot boot;
static struct manifest_image named;
static struct boot_module given[5];

static void open_boot(void)
{
	static const struct boot_module all[] = {
		{ MIB(3), MIB(3) + 500, "manifest" },
		{ MIB(4), MIB(4) + 7, "extra with words" },
		{ MIB(5), MIB(5) + 9, "named its string" },
		{ MIB(6), MIB(6), "empty" },
		{ MIB(7), MIB(7) + 1, "" },
	};

	memset(&machine, 0, sizeof(machine));
	memset(&boot, 0, sizeof(boot));
	memcpy(given, all, sizeof(given));
	named = (struct manifest_image){ .name = "kernel", .path = "named" };
	machine.info.modules = given;
	machine.info.module_count = 5;
	machine.manifest.images = &named;
	machine.manifest.image_count = 1;
	machine.manifest_at = MIB(3);
	source_init_modules(&machine.modules, &machine.info);
	boot.machine = &machine;
	boot.config = &rig.config;
	boot.loader = &loader_multiboot2;
	rig.config.pass_modules = true;
	fake_log_reset();
}

static void close_boot(void)
{
	free(boot.request.modules);
	free(boot.passed);
}

static void expect_module(u32 index, const char *string, paddr_t at, u64 size)
{
	const struct loader_part *part = &boot.request.modules[index];

	assert_string_equal(part->image->bootargs, string);
	assert_int_equal(part->blob.paddr, at);
	assert_int_equal(part->blob.size, size);
	assert_ptr_equal(part->blob.data, fake_ram + at);
	/* Nothing to load, nothing to give back. */
	assert_null(part->blob.source);
}

static void test_unnamed_ones_follow(void **state)
{
	(void)state;
	open_boot();
	boot.request.modules = calloc(1, sizeof(*boot.request.modules));
	boot.request.modules[0].blob.name = "first";
	boot.request.module_count = 1;
	assert_int_equal(boot_take_passed(&boot), ERR_OK);
	assert_int_equal(boot.request.module_count, 3);
	assert_string_equal(boot.request.modules[0].blob.name, "first");
	expect_module(1, "extra with words", MIB(4), 7);
	expect_module(2, "", MIB(7), 1);
	assert_true(fake_log_has("extra with words: passed on bytes=7"));
	assert_int_equal(fake_log_errors(), 0);
	close_boot();
}

static void test_only_where_wanted(void **state)
{
	(void)state;
	open_boot();
	rig.config.pass_modules = false;
	assert_int_equal(boot_take_passed(&boot), ERR_OK);
	assert_int_equal(boot.request.module_count, 0);
	close_boot();
	/* A manifest that was read from the boot medium is no module, and one that names all leaves none. */
	open_boot();
	machine.manifest_at = 0;
	machine.info.module_count = 1;
	given[0].string = "named";
	assert_int_equal(boot_take_passed(&boot), ERR_OK);
	assert_int_equal(boot.request.module_count, 0);
	assert_null(boot.passed);
	close_boot();
}

static void test_kernels_without_modules_are_refused(void **state)
{
	(void)state;
	open_boot();
	boot.loader = &loader_linux;
	assert_int_equal(boot_take_passed(&boot), ERR_UNSUPPORTED);
	assert_true(fake_log_has("test: trapeze,pass-modules: linux images take no modules"));
	assert_int_equal(fake_log_errors(), 1);
	close_boot();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unnamed_ones_follow), TEST(test_only_where_wanted), TEST(test_kernels_without_modules_are_refused),
	};

	loader = &loader_multiboot2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
