/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The first look at a configuration for the menu: which format, which sizes, what is missing. */
#include "multiboot_rig.h"

#include "boot.h"

static struct machine machine;
static struct manifest_image images[2];
static struct manifest_config config;
static u32 ramdisk = 1;

static void put_checked(u32 at, u32 magic, u32 a, u32 b)
{
	put32(at, magic);
	put32(at + 4, a);
	put32(at + 8, b);
}

/* An ELF file with headers of both multiboot formats, as Xen is. */
static void make_kernel(void)
{
	image_size = rig_make_elf(image, false, BASE);
	put_checked(HEADER_AT, 0x1badb002, 0, -0x1badb002u);
	put_checked(HEADER_AT + 16, 0xe85250d6, 0, 24);
	put32(HEADER_AT + 28, -(0xe85250d6u + 24));
	put32(HEADER_AT + 36, 8);
	memcpy(fake_ram + BASE, image, image_size);
}

static const char *peek(const char *os, const char *type)
{
	u64 kernel_size = 0, ramdisk_size = 0;
	const char *format;

	make_kernel();
	images[0] = (struct manifest_image){
		.name = "kernel", .os = os, .type = type, .compression = "", .data = fake_ram + BASE, .data_size = image_size
	};
	images[1] = (struct manifest_image){ .name = "initrd", .os = "", .type = "", .compression = "", .data = fake_ram,
		.data_size = 77 };
	config = (struct manifest_config){ .name = "test", .has_kernel = true, .ramdisks = &ramdisk, .ramdisk_count = 1 };
	machine.manifest = (struct manifest){ .images = images, .configs = &config, .image_count = 2,
		.config_count = 1 };
	format = boot_peek(&machine, 0, &kernel_size, &ramdisk_size);
	assert_int_equal(kernel_size, image_size);
	assert_int_equal(ramdisk_size, 77);
	assert_int_equal(fake_log_errors(), 0);
	return format;
}

static void test_formats(void **state)
{
	(void)state;
	assert_string_equal(peek("", ""), "multiboot2");
	assert_string_equal(peek("linux-or-so", "kernel"), "multiboot2");
}

/* The note says what the boot will do: what is named counts, and nothing else. */
static void test_named(void **state)
{
	(void)state;
	assert_string_equal(peek("multiboot", ""), "multiboot");
	assert_string_equal(peek("elf", "multiboot"), "elf");
	assert_string_equal(peek("", "multiboot"), "multiboot");
	assert_string_equal(peek("linux", ""), "unknown format");
}

static void test_missing(void **state)
{
	u64 kernel_size = 0, ramdisk_size = 0;

	(void)state;
	peek("", "");
	images[1].path = "not there";
	assert_string_equal(boot_peek(&machine, 0, &kernel_size, &ramdisk_size), "ramdisk missing");
	images[0].path = "nor there";
	assert_string_equal(boot_peek(&machine, 0, &kernel_size, &ramdisk_size), "kernel missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_formats), TEST(test_named), TEST(test_missing) };

	loader = &loader_multiboot2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
