/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Which loader an image gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

static struct rig rig;
static u8 bytes[RIG_KERNEL_MAX];
static const struct loader *found;

static int setup(void **state)
{
	(void)state;
	rig_init(&rig, MIB(64));
	found = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(&rig);
	return 0;
}

static enum err find(u32 size)
{
	rig_kernel(&rig, bytes, size);
	return loader_find(&rig.request, &found);
}

static void test_order(void **state)
{
	(void)state;
	assert_ptr_equal(loaders[0], &loader_linux);
	assert_ptr_equal(loaders[1], &loader_multiboot2);
	assert_ptr_equal(loaders[2], &loader_multiboot1);
	assert_ptr_equal(loaders[3], &loader_pvh);
	assert_ptr_equal(loaders[4], &loader_elf);
	assert_ptr_equal(loaders[5], &loader_bootsector);
	assert_ptr_equal(loaders[6], &loader_eltorito);
	assert_ptr_equal(loaders[7], &loader_flat);
	assert_null(loaders[8]);
}

static void test_probing(void **state)
{
	(void)state;
	assert_int_equal(find(rig_make_kernel(bytes, 0x20f, 5000)), ERR_OK);
	assert_ptr_equal(found, &loader_linux);
	assert_int_equal(find(rig_make_elf(bytes, false, MIB(2))), ERR_OK);
	assert_ptr_equal(found, &loader_elf);
	assert_int_equal(fake_log_errors(), 0);
}

/* A bzImage that starts as an ELF file does is a bzImage. */
static void test_both(void **state)
{
	u32 size = rig_make_kernel(bytes, 0x20f, 5000);

	(void)state;
	memcpy(bytes, "\177ELF", 4);
	assert_int_equal(find(size), ERR_OK);
	assert_ptr_equal(found, &loader_linux);
}

static void test_none(void **state)
{
	(void)state;
	memset(bytes, 0, 4096);
	assert_int_equal(find(4096), ERR_FORMAT);
	assert_null(found);
	assert_true(fake_log_has("vmlinuz: not linux: no 0xaa55 at 0x1fe"));
	assert_true(fake_log_has("vmlinuz: not multiboot2: no 0xe85250d6 at a multiple of 8 in the first 32 KiB"));
	assert_true(fake_log_has("vmlinuz: not multiboot: no 0x1badb002 at a multiple of 4 in the first 8 KiB"));
	assert_true(fake_log_has("vmlinuz: not pvh: no 0x7f \"ELF\" at 0"));
	assert_true(fake_log_has("vmlinuz: not elf: no 0x7f \"ELF\" at 0"));
	assert_true(fake_log_has("vmlinuz: not bootsector: not 512 bytes with 0xaa55 at 510"));
	assert_true(fake_log_has("vmlinuz: not eltorito: a CD's boot image is known by os = \"eltorito\" alone"));
	assert_true(fake_log_has("vmlinuz: not flat: a flat binary is known by os = \"flat\" alone"));
	assert_int_equal(fake_log_errors(), 8);
}

static void test_empty(void **state)
{
	(void)state;
	assert_int_equal(find(0), ERR_FORMAT);
	assert_true(fake_log_has("not linux: too short for a boot sector"));
	assert_true(fake_log_has("not elf: too short for an ELF header"));
}

static void test_named(void **state)
{
	(void)state;
	rig.image.os = "elf";
	rig.image.type = "linux";
	assert_int_equal(find(rig_make_kernel(bytes, 0x20f, 5000)), ERR_FORMAT);
	assert_true(fake_log_has("vmlinuz: not elf: no 0x7f \"ELF\" at 0"));
	assert_int_equal(fake_log_errors(), 1);
	rig.image.os = "freebsd";
	rig.image.type = "elf";
	assert_int_equal(find(rig_make_elf(bytes, true, MIB(2))), ERR_OK);
	assert_ptr_equal(found, &loader_elf);
	rig.request.kernel.image = NULL;
	assert_int_equal(find(rig_make_kernel(bytes, 0x20f, 5000)), ERR_OK);
	assert_ptr_equal(found, &loader_linux);
}

/* A note "Xen", 18 in an ELF file makes it a PVH kernel, also where the manifest says that it is Linux. */
static void test_vmlinux(void **state)
{
	(void)state;
	rig_make_elf(bytes, false, MIB(2));
	rig.image.os = "linux";
	assert_int_equal(find(RIG_ELF_SIZE), ERR_FORMAT);
	assert_true(fake_log_has("vmlinuz: not linux: no 0xaa55 at 0x1fe"));
	assert_int_equal(fake_log_errors(), 1);
	rig_patch(bytes + 0x34 + 32, 0, 4, 4);
	rig_patch(bytes + 0x34 + 32, 4, 4, 0x200);
	rig_patch(bytes + 0x34 + 32, 16, 4, 20);
	memcpy(bytes + 0x200, "\4\0\0\0\4\0\0\0\22\0\0\0Xen\0\0\0\40\0", 20);
	assert_int_equal(find(RIG_ELF_SIZE), ERR_OK);
	assert_ptr_equal(found, &loader_pvh);
	rig.image.os = "";
	assert_int_equal(find(RIG_ELF_SIZE), ERR_OK);
	assert_ptr_equal(found, &loader_pvh);
	rig.image.os = "elf";
	assert_int_equal(find(RIG_ELF_SIZE), ERR_OK);
	assert_ptr_equal(found, &loader_elf);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order), TEST(test_probing), TEST(test_both),
		TEST(test_none),  TEST(test_empty),   TEST(test_named), TEST(test_vmlinux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
