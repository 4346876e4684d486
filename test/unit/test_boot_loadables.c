/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* FIT's loadables: at their addresses, or modules, or refused. */
#include "multiboot_rig.h"

#include "boot_private.h"

static struct boot boot;
static struct manifest_image images[RIG_PARTS];

static void open_boot(void)
{
	memset(&boot, 0, sizeof(boot));
	plan_init(&boot.plan);
	boot.config = &rig.config;
	boot.loader = &loader_multiboot2;
	boot.request.loadables = calloc(RIG_PARTS, sizeof(*boot.request.loadables));
}

static void close_boot(void)
{
	plan_free(&boot.plan);
	free(boot.request.loadables);
	free(boot.request.modules);
}

static void add(const char *name, bool has_load, u64 load)
{
	u32 index = boot.request.loadable_count++;

	images[index] = (struct manifest_image){ .name = name, .has_load = has_load, .load = load };
	boot.request.loadables[index] = (struct loader_part){
		.image = &images[index],
		.blob = { .name = name, .paddr = MIB(3) + index * 0x3000, .size = 100 + index },
	};
}

static void test_places(void **state)
{
	(void)state;
	open_boot();
	boot.loader = &loader_linux;
	add("one", true, MIB(5) + 7);
	add("two", true, MIB(6));
	assert_int_equal(boot_take_loadables(&boot), ERR_OK);
	assert_int_equal(boot.request.module_count, 0);
	assert_int_equal(boot_plan_loadables(&boot), ERR_OK);
	assert_int_equal(boot.plan.segment_count, 2);
	assert_int_equal(boot.plan.segments[0].dest, MIB(5) + 7);
	assert_int_equal(boot.plan.segments[0].source, MIB(3));
	assert_int_equal(boot.plan.segments[0].file_size, 100);
	assert_int_equal(boot.plan.segments[1].dest, MIB(6));
	assert_int_equal(boot.plan.segments[1].mem_size, 101);
	assert_int_equal(plan_place(&boot.plan, &rig.memory), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	close_boot();
}

static void test_modules(void **state)
{
	(void)state;
	open_boot();
	add("module", false, 0);
	add("placed", true, MIB(5));
	add("zero", true, 0);
	boot.request.modules = calloc(1, sizeof(*boot.request.modules));
	boot.request.modules[0].blob.name = "first";
	boot.request.module_count = 1;
	assert_int_equal(boot_take_loadables(&boot), ERR_OK);
	assert_int_equal(boot.request.module_count, 3);
	assert_string_equal(boot.request.modules[0].blob.name, "first");
	assert_string_equal(boot.request.modules[1].blob.name, "module");
	assert_string_equal(boot.request.modules[2].blob.name, "zero");
	assert_int_equal(boot_plan_loadables(&boot), ERR_OK);
	assert_int_equal(boot.plan.segment_count, 1);
	close_boot();
}

static void expect_bad(enum err got, enum err wanted, const char *message)
{
	if (!fake_log_has(message))
		print_error("no \"%s\" in\n%s", message, fake_log_text());
	assert_int_equal(got, wanted);
	assert_true(fake_log_has(message));
	assert_int_equal(fake_log_errors(), 1);
	fake_log_reset();
	close_boot();
}

static void test_refused(void **state)
{
	(void)state;
	open_boot();
	boot.loader = &loader_elf;
	add("lost", false, 0);
	expect_bad(boot_take_loadables(&boot), ERR_VALUE,
		   "test: loadable lost has no load address, and elf images take no modules");
	open_boot();
	add("far", true, GIB(3));
	expect_bad(boot_plan_loadables(&boot) ? : plan_place(&boot.plan, &rig.memory), ERR_NO_ROOM,
		   "far at 0xc0000000 size=0x64 is not between min=0x0 and limit=0x4000000");
	open_boot();
	add("rom", true, 0xf0000);
	expect_bad(boot_plan_loadables(&boot) ? : plan_place(&boot.plan, &rig.memory), ERR_RESERVED,
		   "rom at 0xf0000..0xf0064: 0xf0000 is not usable memory");
	open_boot();
	add("one", true, MIB(5));
	add("other", true, MIB(5) + 99);
	expect_bad(boot_plan_loadables(&boot) ? : plan_place(&boot.plan, &rig.memory), ERR_OVERLAP,
		   "other at 0x500063");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_places), TEST(test_modules), TEST(test_refused) };

	loader = &loader_multiboot2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
