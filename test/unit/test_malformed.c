/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Malformed images of every format, out of tables: each is refused with the one line that it deserves, nothing that was
 * there before has changed, and all that was taken is given back. The manifests are in test_manifest_errors.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bios.h"
#include "fake_bios.h"
#include "malformed.h"
#include "malformed_linux.h"
#include "malformed_elf.h"
#include "malformed_multiboot.h"
#include "malformed_raw.h"
#include "rig.h"

#define RAM MIB(24)
#define CODE_SIZE 20000u
#define FLAT_SIZE 0x2000u
/* Below the images and what loaders compose; destinations lie here. */
#define KEPT_SIZE RIG_IMAGES

static struct rig rig;
static u8 image[RIG_KERNEL_MAX] __attribute__((aligned(16)));
static u8 *kept;
static u32 case_count;

static void put(u32 at, u32 size, u64 value)
{
	rig_patch(image, at, size, value);
}

static u32 make_pvh(void)
{
	u32 size = rig_make_elf(image, false, MALFORMED_BASE);

	put(0x2c, 2, 3);
	put(P32(2), 4, 4);
	put(P32(2) + 4, 4, MALFORMED_HEADER);
	put(P32(2) + 16, 4, 20);
	put(P32(2) + 20, 4, 20);
	put(MALFORMED_HEADER, 8, 4ull << 32 | 4);
	put(MALFORMED_HEADER + 8, 8, 0x6e6558ull << 32 | 18);
	put(MALFORMED_HEADER + 16, 4, MALFORMED_BASE);
	return size;
}

static u32 make_pie(void)
{
	u32 size = rig_make_elf(image, true, 0);

	put(0x10, 2, 3);
	return size;
}

static u32 make_multiboot1(bool is_flat)
{
	u32 size = is_flat ? FLAT_SIZE : rig_make_elf(image, false, MALFORMED_BASE);

	memset(image + MALFORMED_HEADER, 0, 48);
	put(H(0), 4, 0x1badb002);
	put(H(4), 4, is_flat ? 1 << 16 : 3);
	if (!is_flat)
		return size;
	put(H(12), 4, MALFORMED_BASE + MALFORMED_HEADER);
	put(H(16), 4, MALFORMED_BASE);
	put(H(20), 4, MALFORMED_BASE + FLAT_SIZE);
	put(H(24), 4, MALFORMED_BASE + 2 * FLAT_SIZE);
	put(H(28), 4, MALFORMED_BASE);
	return size;
}

static u32 make_multiboot2(bool is_flat)
{
	u32 size = is_flat ? FLAT_SIZE : rig_make_elf(image, false, MALFORMED_BASE);

	memset(image + MALFORMED_HEADER, 0, 0x50);
	put(H(0), 4, 0xe85250d6);
	put(H(8), 4, 0x40);
	if (is_flat) {
		put(H(0x10), 8, 24ull << 32 | 2);
		put(H(0x18), 8, (u64)MALFORMED_BASE << 32 | (MALFORMED_BASE + MALFORMED_HEADER));
		put(H(0x20), 8, (u64)(MALFORMED_BASE + 2 * FLAT_SIZE) << 32 | (MALFORMED_BASE + FLAT_SIZE));
		put(H(0x28), 8, 12ull << 32 | 3);
		put(H(0x30), 8, MALFORMED_BASE);
		put(H(0x38), 8, 8ull << 32);
		return size;
	}
	put(H(0x10), 8, 16ull << 32 | 1);
	put(H(0x18), 8, 6ull << 32 | 4);
	put(H(0x20), 8, 12ull << 32 | 3);
	put(H(0x28), 8, MALFORMED_BASE);
	put(H(0x30), 8, 8ull << 32 | 6);
	put(H(0x38), 8, 8ull << 32);
	return size;
}

static u32 make_zimage(void)
{
	u32 size = rig_make_kernel(image, 0x202, CODE_SIZE);

	put(0x211, 1, 0);
	put(0x214, 4, 0x1000);
	return size;
}

static u32 make_sector(u32 size)
{
	put(510, 2, 0xaa55);
	return size;
}

static u32 make(enum malformed_kind kind)
{
	memset(image, 0, sizeof(image));
	switch (kind) {
	case MAL_LINUX:
		return rig_make_kernel(image, 0x20f, CODE_SIZE);
	case MAL_ZIMAGE:
		return make_zimage();
	case MAL_ELF32:
	case MAL_ELF64:
		return rig_make_elf(image, kind == MAL_ELF64, MALFORMED_BASE);
	case MAL_PIE:
		return make_pie();
	case MAL_PVH:
		return make_pvh();
	case MAL_MULTIBOOT1:
	case MAL_MULTIBOOT1_FLAT:
		return make_multiboot1(kind == MAL_MULTIBOOT1_FLAT);
	case MAL_MULTIBOOT2:
	case MAL_MULTIBOOT2_FLAT:
		return make_multiboot2(kind == MAL_MULTIBOOT2_FLAT);
	default:
		return make_sector(kind == MAL_ELTORITO ? 2048 : 512);
	}
}

static const char *loader_name(enum malformed_kind kind)
{
	static const char *const names[MAL_KINDS] = {
		"linux", "linux", "elf", "elf", "elf", "pvh", "multiboot", "multiboot", "multiboot2", "multiboot2",
		"bootsector", "eltorito",
	};

	return names[kind];
}

/* Right whatever was changed: a wrong one only makes the header none. */
static void sum_header(enum malformed_kind kind)
{
	u32 words[3];

	memcpy(words, image + MALFORMED_HEADER, sizeof(words));
	if (kind == MAL_MULTIBOOT1 || kind == MAL_MULTIBOOT1_FLAT)
		put(H(8), 4, -(words[0] + words[1]));
	if (kind == MAL_MULTIBOOT2 || kind == MAL_MULTIBOOT2_FLAT)
		put(H(12), 4, -(words[0] + words[1] + words[2]));
}

/* The image as a case wants it, all the way to where everything would be moved. */
static enum err boot(const struct malformed *m)
{
	const struct loader *loader = NULL;
	u32 size = make(m->kind), claims;
	enum err err;

	rig_init(&rig, RAM);
	fake_bios_vectors();
	bios_start(&rig.memory, false);
	fake_log_reset();
	for (u32 i = 0; i < MALFORMED_PATCHES; i++)
		put(m->patches[i].at, m->patches[i].size, m->patches[i].value);
	sum_header(m->kind);
	rig.image.os = loader_name(m->kind);
	rig_kernel(&rig, image, m->keep ? m->keep : size);
	claims = rig.memory.claim_count;
	memcpy(kept, fake_ram, KEPT_SIZE);
	err = loader_find(&rig.request, &loader);
	if (!err)
		err = rig_place(&rig, loader);
	if (loader)
		loader->release(&rig.request);
	assert_int_equal(rig.memory.claim_count, claims);
	assert_memory_equal(kept, fake_ram, KEPT_SIZE);
	assert_memory_equal(arch_phys(rig.request.kernel.blob.paddr, rig.request.kernel.blob.size), image,
			    rig.request.kernel.blob.size);
	return err;
}

static void check(const struct malformed *m)
{
	enum err err = boot(m);
	bool is_good = err && fake_log_has(m->says) && fake_log_errors() == 1;

	if (!is_good)
		print_error("%s: %s: wanted \"%s\", got %s and:\n%s\n", loader_name(m->kind), m->name, m->says,
			    err_text(err),
			    fake_log_text());
	assert_true(is_good);
	rig_free(&rig);
	case_count++;
}

#define CHECK_ALL(table) for (u32 i = 0; i < ARRAY_COUNT(table); i++) check(&(table)[i])

/* What the cases change is all that is wrong with them. */
static void test_sound(void **state)
{
	(void)state;
	for (u32 kind = 0; kind < MAL_KINDS; kind++) {
		const struct malformed sound = { .kind = (enum malformed_kind)kind };

		if (boot(&sound) || fake_log_errors())
			fail_msg("%s: kind %u: %s", loader_name(sound.kind), kind, fake_log_text());
		rig_free(&rig);
	}
}

static void test_linux(void **state)
{
	(void)state;
	CHECK_ALL(malformed_linux);
}

static void test_elf(void **state)
{
	(void)state;
	CHECK_ALL(malformed_elf);
}

static void test_multiboot(void **state)
{
	(void)state;
	CHECK_ALL(malformed_multiboot);
}

static void test_raw(void **state)
{
	(void)state;
	CHECK_ALL(malformed_raw);
}

static void test_count(void **state)
{
	(void)state;
	print_message("malformed: %u images, one line each: linux %zu, elf and pvh %zu, multiboot %zu, "
		      "boot sectors %zu\n", case_count, ARRAY_COUNT(malformed_linux), ARRAY_COUNT(malformed_elf),
		      ARRAY_COUNT(malformed_multiboot), ARRAY_COUNT(malformed_raw));
	assert_true(case_count >= 150);
}

static int setup(void **state)
{
	(void)state;
	kept = malloc(KEPT_SIZE);
	return !kept;
}

static int teardown(void **state)
{
	(void)state;
	free(kept);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound), cmocka_unit_test(test_linux), cmocka_unit_test(test_elf),
		cmocka_unit_test(test_multiboot), cmocka_unit_test(test_raw), cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
