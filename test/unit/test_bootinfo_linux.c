/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The private tag: what it says is taken and kept out of the first heap's way; one that cannot be true is refused whole. */
#include "bootinfo_fixture.h"
#include "linuxtag.h"

#define PARAMS (AT + 64)		/* behind the tag, the end tag after it */
#define PLACE 0x200000
#define PLACE_END 0x2f0000
#define COPY 0xff00000
#define INITRD 0xfe00000

static const struct linux_tag good = {
	.boot_params = PARAMS + 8,
	.displaced_start = PLACE,
	.displaced_end = PLACE_END,
	.displaced_copy = COPY,
	.initrd_start = INITRD,
	.initrd_end = INITRD + 0x12345,
	.flags = LINUX_TAG_EFI,
	.rsdp = 0xf5a00,
};

static void put_tag(const struct linux_tag *tag)
{
	mb2_begin(&block, TAG_LINUX);
	mb2_bytes(&block, tag, sizeof(*tag));
	mb2_zeroes(&block, 2 * PAGE_SIZE);
	mb2_end(&block);
}

static void test_taken(void **state)
{
	(void)state;
	put_tag(&good);
	parse();
	assert_int_equal(fake_log_errors(), 0);
	assert_true(info.has_linux && info.boot_params == good.boot_params);
	assert_true(info.displaced_start == PLACE && info.displaced_end == PLACE_END && info.displaced_copy == COPY);
	assert_true(info.initrd_start == INITRD && info.initrd_end == INITRD + 0x12345 && info.linux_rsdp == 0xf5a00);
	assert_true(info.linux_is_efi && bootinfo_is_efi(&info));
	assert_int_equal(info.unknown_tags, 0);
	assert_true(fake_log_has("Linux boot_params=0x9048 displaced=0x200000..0x2f0000 copy=0xff00000 "
				 "initrd=0xfe00000..0xfe12345 flags=0x1 rsdp=0xf5a00"));
}

static void test_nothing_but_parameters(void **state)
{
	struct linux_tag tag = { .boot_params = good.boot_params };

	(void)state;
	put_tag(&tag);
	parse();
	assert_true(info.has_linux && !info.displaced_end && !info.initrd_end && !info.linux_rsdp && !bootinfo_is_efi(&info));
}

static void test_twice(void **state)
{
	struct linux_tag other = good;

	(void)state;
	other.rsdp = 1;
	put_tag(&good);
	put_tag(&other);
	parse();
	assert_true(info.linux_rsdp == good.rsdp);
	assert_true(fake_log_has("warning: Linux (tag 1481921100) is given twice"));
}

static void test_first_heap_keeps_clear(void **state)
{
	paddr_t at;

	(void)state;
	put_tag(&good);
	mb2_begin_mmap(&block);
	mb2_mmap(&block, 0x100000, 0xff00000, 1);
	mb2_end(&block);
	parse();
	assert_int_equal(early_region(&info, 0x10000, PLACE, PLACE_END, &at), ERR_OK);
	assert_true(at == 0xfff0000);
	assert_int_equal(early_region(&info, 0x20000, PLACE, PLACE_END, &at), ERR_OK);
	assert_true(at == COPY - 0x20000);
	assert_int_equal(early_region(&info, 0x100000, PLACE, PLACE_END, &at), ERR_OK);
	assert_true(at == INITRD - 0x100000);
}

struct damage {
	size_t field;
	u64 value;
	const char *line;
};

#define DAMAGE(field, value, line) { offsetof(struct linux_tag, field), value, line }
#define BLOCK "error: Linux boot_params="
#define SAVED "error: Linux displaced="
#define CARGO "error: Linux initrd="

static const struct damage damages[] = {
	DAMAGE(boot_params, 0, BLOCK "0x0 size=4096 not in the information block at=0x9000 size="),
	DAMAGE(boot_params, AT - 1, BLOCK),
	DAMAGE(boot_params, AT + 0x1051, BLOCK),
	DAMAGE(boot_params, ~0ull, BLOCK),
	DAMAGE(displaced_start, 0x200001, SAVED "0x200001..0x2f0000 copy=0xff00000: pages below 0x10000000000000, apart, wanted"),
	DAMAGE(displaced_start, PLACE_END, SAVED),
	DAMAGE(displaced_start, PLACE_END + 0x1000, SAVED),
	DAMAGE(displaced_end, 0, SAVED),
	DAMAGE(displaced_end, 0x2f0001, SAVED),
	DAMAGE(displaced_end, PADDR_LIMIT + 0x1000, SAVED),
	DAMAGE(displaced_copy, 0, SAVED),
	DAMAGE(displaced_copy, COPY + 1, SAVED),
	DAMAGE(displaced_copy, 0x111000, SAVED),
	DAMAGE(displaced_copy, 0x2ef000, SAVED),
	DAMAGE(displaced_copy, PADDR_LIMIT - 0xef000, SAVED),
	DAMAGE(displaced_copy, ~0xfffull, SAVED),
	DAMAGE(initrd_start, INITRD + 0x12346, CARGO "0xfe12346..0xfe12345: a range below 0x10000000000000 wanted"),
	DAMAGE(initrd_end, PADDR_LIMIT + 1, CARGO),
};

static void test_damaged(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(damages); i++) {
		struct linux_tag tag = good;

		setup(state);
		memcpy((u8 *)&tag + damages[i].field, &damages[i].value, 8);
		mb2_begin(&block, TAG_LINUX);
		mb2_bytes(&block, &tag, sizeof(tag));
		mb2_zeroes(&block, PAGE_SIZE - 8);
		mb2_end(&block);
		mb2_close(&block);
		assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_VALUE);
		if (fake_log_errors() != 1 || !fake_log_has(damages[i].line))
			fail_msg("%zu wanted \"%s\", got:\n%s", i, damages[i].line, fake_log_text());
		assert_false(info.has_linux || info.boot_params || info.displaced_end || info.initrd_end);
		teardown(state);
	}
}

/* The last places that are possible. */
static void test_edges(void **state)
{
	struct linux_tag tag = good;

	(void)state;
	tag.boot_params = AT + 8;
	tag.displaced_copy = PADDR_LIMIT - 0xf0000;
	tag.initrd_start = tag.initrd_end = PADDR_LIMIT;
	put_tag(&tag);
	parse();
	assert_true(info.has_linux);
	bootinfo_free(&info);
	mb2_free(&block);
	mb2_open(&block);
	tag.displaced_copy = PLACE_END;
	put_tag(&tag);
	parse();
	assert_true(info.has_linux);
}

static void test_short(void **state)
{
	(void)state;
	mb2_begin(&block, TAG_LINUX);
	mb2_bytes(&block, &good, sizeof(good) - 1);
	mb2_end(&block);
	mb2_close(&block);
	assert_int_equal(bootinfo_parse(&info, block.data, AT, block.size), ERR_VALUE);
	assert_true(fake_log_has("error: Linux (tag 1481921100) has 63 bytes: at least 64 needed"));
	assert_false(info.has_linux);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_taken),
		TEST(test_nothing_but_parameters),
		TEST(test_twice),
		TEST(test_first_heap_keeps_clear),
		cmocka_unit_test(test_damaged),
		TEST(test_edges),
		TEST(test_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
