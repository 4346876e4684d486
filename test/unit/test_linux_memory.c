/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map that a kernel is handed, in the zero page and behind it, and the list of setup_data. */
#include "linux_rig.h"

static void expect_entry(const struct boot_e820_entry *entry, u64 start, u64 end, u32 type)
{
	assert_int_equal(entry->addr, start);
	assert_int_equal(entry->addr + entry->size, end);
	assert_int_equal(entry->type, type);
}

static void test_memory_map(void **state)
{
	const struct boot_params *bp;

	(void)state;
	assert_int_equal(memmap_add(&rig.memory.map, GIB(1), MIB(1), MEM_ACPI), ERR_OK);
	assert_int_equal(memmap_add(&rig.memory.map, GIB(2), MIB(1), MEM_NVS), ERR_OK);
	assert_int_equal(memmap_add(&rig.memory.map, GIB(3), MIB(1), MEM_BAD), ERR_OK);
	assert_int_equal(memmap_add(&rig.memory.map, GIB(5), GIB(300), 0xf00d), ERR_OK);
	bp = finish_version(0x20f);
	assert_int_equal(bp->e820_entries, 7);
	expect_entry(&bp->e820_table[0], 0, 0x9f000, 1);
	expect_entry(&bp->e820_table[1], 0x9f000, 0x100000, 2);
	expect_entry(&bp->e820_table[2], 0x100000, MIB(64), 1);
	expect_entry(&bp->e820_table[3], GIB(1), GIB(1) + MIB(1), 3);
	expect_entry(&bp->e820_table[4], GIB(2), GIB(2) + MIB(1), 4);
	expect_entry(&bp->e820_table[5], GIB(3), GIB(3) + MIB(1), 5);
	expect_entry(&bp->e820_table[6], GIB(5), GIB(305), 0xf00d);
	assert_int_equal(bp->alt_mem_k, 63 * 1024);
	assert_int_equal(bp->screen_info.ext_mem_k, 0xfc00);
}

/* Up to the first hole, and no more than the old call could tell. */
static void test_memory_sizes(void **state)
{
	const struct boot_params *bp;

	(void)state;
	assert_int_equal(memmap_mark(&rig.memory.map, MIB(48), MIB(49), MEM_RESERVED), ERR_OK);
	bp = finish_version(0x200);
	assert_int_equal(bp->alt_mem_k, 47 * 1024);
	assert_int_equal(bp->screen_info.ext_mem_k, 47 * 1024);
	restart();
	assert_int_equal(memmap_add(&rig.memory.map, SMALL_RAM, GIB(1), MEM_USABLE), ERR_OK);
	assert_int_equal(memmap_sanitise(&rig.memory.map), ERR_OK);
	bp = finish_version(0x20f);
	assert_int_equal(bp->alt_mem_k, (1024 + 63) * 1024);
	assert_int_equal(bp->screen_info.ext_mem_k, 0xfc00);
}

static void test_net_is_reserved(void **state)
{
	const struct boot_params *bp;

	(void)state;
	loader_keep(&rig.request, MIB(3), MIB(3) + 0x5000);
	bp = finish_version(0x20f);
	assert_int_equal(bp->e820_entries, 5);
	expect_entry(&bp->e820_table[2], MIB(1), MIB(3), 1);
	expect_entry(&bp->e820_table[3], MIB(3), MIB(3) + 0x5000, 2);
	expect_entry(&bp->e820_table[4], MIB(3) + 0x5000, MIB(64), 1);
	assert_int_equal(rig.memory.map.count, 3);
}

static void test_memory_map_of_128(void **state)
{
	const struct boot_params *bp;

	(void)state;
	fill_map(128);
	bp = finish_version(0x20f);
	assert_int_equal(bp->e820_entries, 128);
	assert_int_equal(bp->hdr.setup_data, 0);
	expect_entry(&bp->e820_table[127], GIB(8) + 127 * 0x2000ull, GIB(8) + 127 * 0x2000ull + 0x1000, 1);
}

static void test_memory_map_goes_on(void **state)
{
	const struct boot_params *bp;
	const struct setup_data *node;
	struct boot_e820_entry entry;

	(void)state;
	fill_map(300);
	bp = finish_version(0x20f);
	assert_int_equal(bp->e820_entries, 128);
	node = delivered(bp->hdr.setup_data);
	assert_int_equal(node->type, SETUP_E820_EXT);
	assert_int_equal(node->next, 0);
	assert_int_equal(node->len, 172 * 20);
	for (u32 i = 0; i < 40; i++)
		assert_int_equal(node->data[172 * 20 + i], 0);
	for (u32 i = 128; i < 300; i++) {
		memcpy(&entry, node->data + 20 * (i - 128), sizeof(entry));
		expect_entry(&entry, GIB(8) + i * 0x2000ull, GIB(8) + i * 0x2000ull + 0x1000, i % 2 ? 1 : 2);
	}
}

/* The net's range makes two entries more, here just beyond what the zero page takes. */
static void test_net_makes_the_map_go_on(void **state)
{
	const struct boot_params *bp;
	const struct setup_data *node;

	(void)state;
	fill_map(127);
	loader_keep(&rig.request, MIB(3), MIB(4));
	bp = finish_version(0x20f);
	assert_int_equal(bp->e820_entries, 128);
	node = delivered(bp->hdr.setup_data);
	assert_int_equal(node->len, 20);
}

static void test_old_kernels_take_less(void **state)
{
	static const struct {
		u16 version;
		u8 entries;
	} cases[] = { { 0x208, 128 }, { 0x204, 128 }, { 0x203, 32 }, { 0x202, 32 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		fill_map(200);
		assert_int_equal(finish_version(cases[i].version)->e820_entries, cases[i].entries);
		assert_true(fake_log_has("entries of the memory map of 200, the last ones are lost"));
		restart();
	}
}

/* --- setup data --- */

static void test_seed(void **state)
{
	const struct boot_params *bp;
	const struct setup_data *node;
	u8 seed[32];

	(void)state;
	fake_random = 0x5a;
	memset(seed, 0x5a, sizeof(seed));
	bp = finish_version(0x209);
	node = delivered(bp->hdr.setup_data);
	assert_int_equal(node->type, SETUP_RNG_SEED);
	assert_int_equal(node->len, 32);
	assert_int_equal(node->next, 0);
	assert_memory_equal(node->data, seed, 32);
	restart();
	fake_random = 0x5a;
	finish_version(0x208);
	assert_null(rig_segment(&rig, "setup data"));
}

static void test_seed_and_map(void **state)
{
	const struct boot_params *bp;
	const struct setup_data *node;

	(void)state;
	fake_random = 1;
	fill_map(130);
	bp = finish_version(0x20f);
	node = delivered(bp->hdr.setup_data);
	assert_int_equal(node->type, SETUP_RNG_SEED);
	node = delivered(node->next);
	assert_int_equal(node->type, SETUP_E820_EXT);
	assert_int_equal(node->len, 40);
	assert_int_equal(node->next, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_memory_map),
		TEST(test_memory_sizes),
		TEST(test_net_is_reserved),
		TEST(test_memory_map_of_128),
		TEST(test_memory_map_goes_on),
		TEST(test_net_makes_the_map_go_on),
		TEST(test_old_kernels_take_less),
		TEST(test_seed),
		TEST(test_seed_and_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
