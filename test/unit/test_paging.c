/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Page tables in every format, read back as the processor would read them, against what was asked for. */
#include "paging_fixture.h"

#define OPERATIONS 40

/* --- the model: what was asked for, the last word counts --- */

static struct {
	u64 start, end;
	u32 attributes;
} operations[OPERATIONS];
static unsigned int operation_count;

static void model_map(u64 from, u64 to, u32 attributes)
{
	operations[operation_count].start = from & ~PAGE_MASK;
	operations[operation_count].end = (to + PAGE_MASK) & ~PAGE_MASK;
	operations[operation_count++].attributes = attributes;
}

static u32 model_at(u64 address)
{
	for (unsigned int i = operation_count; i--;) {
		if (address >= operations[i].start && address < operations[i].end)
			return operations[i].attributes;
	}
	return PAGING_NONE;
}

static void check_address(const struct way *way, const struct paging *paging, u64 address)
{
	struct translation t = walk(way, paging, address);
	u32 wanted = model_at(address);

	if (t.present == !!(wanted & PAGING_NONE))
		fail_msg("%s: 0x%llx present=%d attributes=0x%x", way->name, address, t.present, wanted);
	assert_int_equal(paging_is_mapped(paging, address, address + 1), t.present);
	if (!t.present)
		return;
	if (t.address != address || t.write != !!(wanted & PAGING_WRITE) ||
	    t.execute != (!way->nx || wanted & PAGING_EXECUTE) || t.uncached != !!(wanted & PAGING_UNCACHED))
		fail_msg("%s: 0x%llx leads to 0x%llx write=%d execute=%d uncached=%d attributes=0x%x", way->name, address,
			 t.address, t.write, t.execute, t.uncached, wanted);
}

static void check_around(const struct way *way, const struct paging *paging, u64 address)
{
	static const s32 offsets[] = {
		-(s32)MIB(4), -(s32)MIB(2), -(s32)PAGE_SIZE, -1, 0, 1, PAGE_SIZE - 1, PAGE_SIZE, MIB(2), MIB(4),
	};

	for (unsigned int i = 0; i < ARRAY_COUNT(offsets); i++) {
		u64 at = address + (u64)(long long)offsets[i];

		if (at < way->limit)
			check_address(way, paging, at);
	}
}

/* Are all pages of the range mapped? One look for each stretch between two edges. */
static bool model_is_mapped(u64 from, u64 to)
{
	if (from < to && (model_at(from) & PAGING_NONE))
		return false;
	for (unsigned int i = 0; i < 2 * operation_count; i++) {
		u64 edge = i & 1 ? operations[i / 2].end : operations[i / 2].start;

		if (edge > from && edge < to && (model_at(edge) & PAGING_NONE))
			return false;
	}
	return true;
}

/* --- random layouts --- */

static u64 any(u64 limit)
{
	u64 value = (u64)random() << 42 ^ (u64)random() << 21 ^ (u64)random();

	return value % limit;
}

/* Near the places where a table, a large page or a whole directory ends. */
static u64 any_address(const struct way *way)
{
	static const unsigned int shifts[] = { 12, 21, 22, 30, 32, 39 };
	u64 base = any(min_u64(way->limit, GIB(600))) & ~((1ull << shifts[any(ARRAY_COUNT(shifts))]) - 1);

	return min_u64(base + any(6) * PAGE_SIZE + any(PAGE_SIZE), way->limit - 1);
}

static u64 any_size(const struct way *way)
{
	switch (any(4)) {
	case 0:
		return 1 + any(PAGE_SIZE * 3);
	case 1:
		return any(MIB(1));
	case 2:
		return any(MIB(9));
	default:
		return any(way->gib ? GIB(700) : way->large ? GIB(5) : MIB(200));
	}
}

static void map_any(const struct way *way, struct paging *paging)
{
	static const u32 attributes[] = {
		0, PAGING_WRITE, PAGING_EXECUTE, PAGING_WRITE | PAGING_EXECUTE, PAGING_WRITE | PAGING_UNCACHED, PAGING_NONE,
	};
	u64 from = any_address(way), to = min_u64(from + any_size(way), way->limit);
	u32 how = attributes[any(ARRAY_COUNT(attributes))];

	model_map(from, to, how);
	assert_int_equal(paging_map(paging, from, to, how), ERR_OK);
}

/* Whatever the processor's own bits are (accessed, dirty): they may be anywhere by the time tables are changed. */
static void set_accessed(const struct way *way, const struct paging *paging)
{
	u64 table = POOL_START + any((paging->pool.next - POOL_START) / PAGE_SIZE) * PAGE_SIZE;
	u32 index = (u32)any(way->format == PAGING_PLAIN ? 1024 : 512);
	bool is_pdpt = way->format == PAGING_PAE && table == paging->root;
	u64 entry = fetch(way, table, index);

	if ((entry & 1) && !is_pdpt)
		entry_write(paging, table, index, entry | 0x20 | (entry & 0x80 ? 0x40 : 0));
}

static void try_layout(const struct way *way)
{
	struct paging paging = start(way, POOL_PAGES);

	operation_count = 0;
	for (unsigned int i = 0; i < OPERATIONS; i++) {
		map_any(way, &paging);
		set_accessed(way, &paging);
	}
	for (unsigned int i = 0; i < operation_count; i++) {
		check_around(way, &paging, operations[i].start);
		check_around(way, &paging, operations[i].end);
		check_address(way, &paging, any(way->limit));
	}
	for (unsigned int i = 0; i < 40; i++) {
		u64 from = any_address(way), to = min_u64(from + any_size(way), way->limit);

		assert_int_equal(paging_is_mapped(&paging, from, to), model_is_mapped(from, to));
	}
}

static void test_random_layouts(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned int w = 0; w < ARRAY_COUNT(ways); w++) {
		for (unsigned int round = 0; round < 60; round++)
			try_layout(&ways[w]);
	}
}

/* --- single cases --- */

/* The largest pages that fit are used, and no table more than they need. */
static void test_large_pages(void **state)
{
	(void)state;
	for (unsigned int w = 0; w < ARRAY_COUNT(ways); w++) {
		const struct way *way = &ways[w];
		struct paging paging = start(way, POOL_PAGES);
		u64 tables;

		assert_int_equal(paging_map(&paging, GIB(1), GIB(3), PAGING_WRITE), ERR_OK);
		tables = (paging.pool.next - POOL_START) / PAGE_SIZE;
		switch (way->format) {
		case PAGING_LONG:
			assert_int_equal(walk(way, &paging, GIB(2)).page_size, way->gib ? GIB(1) : MIB(2));
			assert_int_equal(tables, way->gib ? 2 : 4);
			break;
		case PAGING_PAE:
			assert_int_equal(walk(way, &paging, GIB(2)).page_size, MIB(2));
			assert_int_equal(tables, 3);
			break;
		case PAGING_PLAIN:
			assert_int_equal(walk(way, &paging, GIB(2)).page_size, way->large ? MIB(4) : PAGE_SIZE);
			assert_int_equal(tables, way->large ? 1 : 513);
			break;
		}
	}
}

/* A page taken out of a large one leaves its neighbours as they were. */
static void test_split(void **state)
{
	(void)state;
	for (unsigned int w = 0; w < ARRAY_COUNT(ways); w++) {
		const struct way *way = &ways[w];
		struct paging paging = start(way, POOL_PAGES);
		const u64 hole = GIB(1) + MIB(6) + 5 * PAGE_SIZE;

		operation_count = 0;
		model_map(0, GIB(3), PAGING_WRITE);
		model_map(hole, hole + PAGE_SIZE, PAGING_NONE);
		model_map(hole + PAGE_SIZE, hole + 2 * PAGE_SIZE, PAGING_EXECUTE);
		for (unsigned int i = 0; i < operation_count; i++)
			assert_int_equal(paging_map(&paging, operations[i].start, operations[i].end,
						    operations[i].attributes), ERR_OK);
		for (u64 at = GIB(1); at < GIB(1) + MIB(16); at += PAGE_SIZE)
			check_address(way, &paging, at);
		check_address(way, &paging, GIB(1) - 1);
		check_address(way, &paging, GIB(2));
		assert_true(paging_is_mapped(&paging, 0, hole));
		assert_false(paging_is_mapped(&paging, 0, hole + 1));
		assert_false(paging_is_mapped(&paging, hole + PAGE_SIZE - 1, GIB(3)));
		assert_true(paging_is_mapped(&paging, hole + PAGE_SIZE, GIB(3)));
		assert_false(paging_is_mapped(&paging, hole + PAGE_SIZE, GIB(3) + 1));
	}
}

/* Of the largest stretches the tables are not asked; of what was taken out of them, they are. */
static void test_what_is_known(void **state)
{
	(void)state;
	for (unsigned int w = 0; w < ARRAY_COUNT(ways); w++) {
		struct paging paging = start(&ways[w], POOL_PAGES);

		assert_false(paging_knows(&paging, 0, 0));
		assert_int_equal(paging_map(&paging, MIB(1), MIB(64), PAGING_WRITE), ERR_OK);
		assert_int_equal(paging_map(&paging, 0, MIB(1), PAGING_WRITE), ERR_OK);
		assert_int_equal(paging_map(&paging, GIB(1), GIB(1) + PAGE_SIZE, PAGING_WRITE), ERR_OK);
		assert_true(paging_knows(&paging, 0, MIB(64)));
		assert_true(paging_knows(&paging, GIB(1), PAGE_SIZE));
		assert_int_equal(paging_map(&paging, MIB(3), MIB(3) + 1, PAGING_NONE), ERR_OK);
		assert_int_equal(paging_map(&paging, 0, 1, PAGING_NONE), ERR_OK);
		assert_true(paging_knows(&paging, PAGE_SIZE, MIB(3) - PAGE_SIZE));
		assert_true(paging_knows(&paging, MIB(3) + PAGE_SIZE, MIB(61) - PAGE_SIZE));
		assert_false(paging_knows(&paging, PAGE_SIZE - 1, 1));
		assert_false(paging_knows(&paging, MIB(3), 1));
		assert_false(paging_knows(&paging, MIB(64) - 1, 2));
		assert_false(paging_knows(&paging, MIB(64) - 1, UINTPTR_MAX));
		assert_false(paging_knows(&paging, UINTPTR_MAX, UINTPTR_MAX));
		assert_false(paging_is_mapped(&paging, 0, MIB(1)));
		assert_int_equal(paging_map(&paging, 0, 1, PAGING_WRITE), ERR_OK);
		assert_true(paging_knows(&paging, 0, MIB(3)));
	}
}

static void test_edges_of_address_space(void **state)
{
	(void)state;
	for (unsigned int w = 0; w < ARRAY_COUNT(ways); w++) {
		const struct way *way = &ways[w];
		struct paging paging = start(way, POOL_PAGES);
		u64 end;

		assert_int_equal(paging_map(&paging, BUILD_PADDR_LIMIT, ~0ull, PAGING_WRITE), ERR_OK);
		assert_int_equal(paging_map(&paging, 5, 5, PAGING_WRITE), ERR_OK);
		assert_int_equal(paging_map(&paging, 9 * PAGE_SIZE, 8 * PAGE_SIZE, PAGING_WRITE), ERR_OK);
		assert_int_equal(paging.pool.next, POOL_START + PAGE_SIZE);
		end = way->limit == BUILD_PADDR_LIMIT ? ~0ull : way->limit;
		assert_int_equal(paging_map(&paging, way->limit - 1, end, PAGING_WRITE), ERR_OK);
		assert_true(paging_is_mapped(&paging, way->limit - PAGE_SIZE, way->limit));
		assert_false(paging_is_mapped(&paging, way->limit - PAGE_SIZE - 1, way->limit));
		assert_false(paging_is_mapped(&paging, way->limit - 1, BUILD_PADDR_LIMIT + 1));
		assert_false(paging_is_mapped(&paging, 2, 1));
		assert_true(paging_is_mapped(&paging, 1, 1));
	}
}

/* Without a page for a table: one line, and what was mapped before still is. */
static void test_pool_is_empty(void **state)
{
	struct paging none;

	(void)state;
	for (unsigned int w = 0; w < ARRAY_COUNT(ways); w++) {
		const struct way *way = &ways[w];
		u32 pages = way->format == PAGING_LONG ? 4 : way->format == PAGING_PAE ? 3 : 2;
		struct paging paging = start(way, pages);

		assert_int_equal(paging_map(&paging, MIB(8), MIB(8) + PAGE_SIZE, PAGING_WRITE), ERR_OK);
		assert_int_equal(paging.pool.next, paging.pool.end);
		fake_log_reset();
		assert_int_equal(paging_map(&paging, MIB(16) - PAGE_SIZE, MIB(16), PAGING_WRITE), ERR_MEMORY);
		assert_true(fake_log_has("paging: error: no page left for a page table"));
		assert_int_equal(fake_log_errors(), 1);
		assert_true(paging_is_mapped(&paging, MIB(8), MIB(8) + PAGE_SIZE));
		assert_false(paging_is_mapped(&paging, MIB(16) - PAGE_SIZE, MIB(16)));
	}
	fake_log_reset();
	assert_int_equal(paging_init(&none, (struct paging_pool){ POOL_START, POOL_START }), ERR_MEMORY);
	assert_int_equal(fake_log_errors(), 1);
}

/* What the control pages do: one big range, and rights for pieces of it; the bound holds, and is not absurd. */
static void test_pages_needed(void **state)
{
	(void)state;
	srandom(2);
	for (unsigned int round = 0; round < 400; round++) {
		const struct way *way = &ways[round % ARRAY_COUNT(ways)];
		u64 limit = min_u64(GIB(1) + any(way->large ? GIB(40) : GIB(3)), way->limit) & ~PAGE_MASK;
		u32 pieces = (u32)any(5);
		struct paging paging;
		u64 bound, used;

		cpu_features.has_pse = way->large;
		arch_features.has_pae = way->format != PAGING_PLAIN;
		/* Each piece has two edges, and the whole has one. */
		bound = paging_pages_needed(limit, 2 * pieces + 1);
		paging = start(way, POOL_PAGES);
		assert_int_equal(paging_map(&paging, 0, limit, PAGING_WRITE), ERR_OK);
		for (u32 i = 0; i < pieces; i++) {
			u64 from = any(limit);

			assert_int_equal(paging_map(&paging, from, from + any(MIB(3)), PAGING_EXECUTE), ERR_OK);
		}
		used = (paging.pool.next - POOL_START) / PAGE_SIZE;
		/* A build meets the formats of its own processors. */
		if ((way->format == PAGING_LONG) == BUILD_IS_64 && used > bound)
			fail_msg("%s: limit=0x%llx pieces=%u took %llu pages, bound %llu", way->name, limit, pieces,
				 used, bound);
	}
}

/* Ranges of any size, in order, as a sanitised memory map has them. */
static u32 any_ranges(struct mem_range *ranges, u32 count, u64 limit)
{
	u64 at = any(MIB(4)) & ~PAGE_MASK;
	u32 used = 0;

	for (; used < count && at < limit; used++) {
		u64 size = (1 + any(any(2) ? MIB(16) : limit / 2)) & ~PAGE_MASK;

		ranges[used] = (struct mem_range){ at, at + size + PAGE_SIZE, MEM_USABLE };
		at = ranges[used].end + (any(2) ? 0 : any(GIB(2)) & ~PAGE_MASK);
	}
	return used;
}

/* What the shim does: each range of the memory map by itself. Also on a processor without large pages. */
static void test_pages_for_map(void **state)
{
	struct mem_range ranges[12];

	(void)state;
	srandom(3);
	for (unsigned int round = 0; round < 400; round++) {
		const struct way *way = &ways[round % ARRAY_COUNT(ways)];
		u64 limit = min_u64(way->large ? GIB(40) : GIB(3), way->limit);
		const struct memmap map = { .ranges = ranges, .count = any_ranges(ranges, ARRAY_COUNT(ranges), limit) };
		struct paging paging;
		u64 bound;

		if ((way->format == PAGING_LONG) != BUILD_IS_64)
			continue;
		cpu_features.has_pse = way->large;
		arch_features.has_pae = way->format != PAGING_PLAIN;
		arch_features.has_gib_pages = way->gib;
		bound = paging_pages_for_map(&map, 0);
		assert_in_range(bound, 1, POOL_PAGES);
		paging = start(way, (u32)bound);
		for (u32 i = 0; i < map.count; i++)
			assert_int_equal(paging_map(&paging, ranges[i].start, ranges[i].end, PAGING_WRITE), ERR_OK);
	}
}

/* The best format that build and processor have. */
static void test_init_chooses(void **state)
{
	(void)state;
	for (unsigned int bits = 0; bits < 16; bits++) {
		bool pae = bits & 1, nx = bits & 2, gib = bits & 4, pse = bits & 8;
		struct paging paging;

		arch_features.has_pae = pae;
		arch_features.has_nx = nx;
		arch_features.has_gib_pages = gib;
		cpu_features.has_pse = pse;
		assert_int_equal(paging_init(&paging, (struct paging_pool){ POOL_START, POOL_END }), ERR_OK);
		assert_int_equal(paging.format, BUILD_IS_64 ? PAGING_LONG : pae ? PAGING_PAE : PAGING_PLAIN);
		assert_int_equal(paging.large_pages, BUILD_IS_64 || pae || pse);
		assert_int_equal(paging.no_execute, nx && (BUILD_IS_64 || pae));
		assert_int_equal(paging.gib_pages, gib);
		assert_int_equal(paging.root, POOL_START);
		assert_false(paging_is_mapped(&paging, 0, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_layouts), cmocka_unit_test(test_large_pages), cmocka_unit_test(test_split),
		cmocka_unit_test(test_what_is_known),
		cmocka_unit_test(test_edges_of_address_space), cmocka_unit_test(test_pool_is_empty),
		cmocka_unit_test(test_pages_needed), cmocka_unit_test(test_pages_for_map), cmocka_unit_test(test_init_chooses),
	};

	return cmocka_run_group_tests(tests, map_pool, NULL);
}
