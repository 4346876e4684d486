/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map, held against a painter that goes byte by byte. */
#include "memmap_fixture.h"
#include "random.h"

#define BYTES 48

/* From the mildest to the strictest; 9, 77 and the specific purpose are numbers that nobody knows here. */
static const u32 by_strictness[] = {
	MEM_USABLE, MEM_PERSISTENT, MEM_ACPI, MEM_NVS, 9, 77, MEM_SOFT_RESERVED, MEM_RESERVED, MEM_BAD
};

static unsigned int strictness(u32 type)
{
	for (unsigned int i = 0; i < ARRAY_COUNT(by_strictness); i++) {
		if (by_strictness[i] == type)
			return i + 1;
	}
	return 0;
}

/* [base, base + BYTES), one type a byte; 0: a hole. */
struct painting {
	paddr_t base;
	u32 type[BYTES];
};

static void paint(struct painting *p, u32 start, u32 size, u32 type, bool always)
{
	for (u32 i = start; i < start + size; i++) {
		if (always || strictness(type) > strictness(p->type[i]))
			p->type[i] = type;
	}
}


static void require_painting(const struct memmap *map, const struct painting *p)
{
	u64 covered = 0, painted = 0;

	require_sanitised(map);
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *r = &map->ranges[i];

		assert_true(r->start >= p->base && r->end <= p->base + BYTES);
		for (paddr_t at = r->start; at < r->end; at++)
			assert_int_equal(p->type[at - p->base], r->type);
		covered += r->end - r->start;
	}
	for (u32 i = 0; i < BYTES; i++)
		painted += p->type[i] != 0;
	assert_true(covered == painted);
}

static u32 random_type(struct random *random)
{
	return by_strictness[random_below(random, ARRAY_COUNT(by_strictness))];
}

static void random_map(struct random *random, struct memmap *map, struct painting *p)
{
	u32 count = random_below(random, 14);

	*p = (struct painting){ .base = random_below(random, 2) ? PADDR_LIMIT - BYTES : random_below(random, 1000) };
	memmap_init(map);
	for (u32 i = 0; i < count; i++) {
		u32 start = random_below(random, BYTES + 1);
		u32 size = random_below(random, BYTES + 1 - start);
		u32 type = random_type(random);

		paint(p, start, size, type, false);
		MUST(memmap_add(map, p->base + start, size, type));
	}
}

static void test_sanitise_random(void **state)
{
	struct random random = { 11 };

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct painting p;
		struct memmap map;

		random_map(&random, &map, &p);
		MUST(memmap_sanitise(&map));
		require_painting(&map, &p);
		memmap_free(&map);
	}
}

static bool same(const struct memmap *a, const struct memmap *b)
{
	for (u32 i = 0; i < a->count && i < b->count; i++) {
		const struct mem_range *x = &a->ranges[i], *y = &b->ranges[i];

		if (x->start != y->start || x->end != y->end || x->type != y->type)
			return false;
	}
	return a->count == b->count;
}

static void test_sanitise_again_and_in_any_order(void **state)
{
	struct random random = { 12 };

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct memmap map, other;
		struct painting p;

		random_map(&random, &map, &p);
		MUST(memmap_copy(&other, &map));
		for (u32 i = other.count; i > 1; i--) {
			u32 j = random_below(&random, i);
			struct mem_range range = other.ranges[i - 1];

			other.ranges[i - 1] = other.ranges[j];
			other.ranges[j] = range;
		}
		MUST(memmap_sanitise(&map));
		MUST(memmap_sanitise(&other));
		assert_true(same(&map, &other));
		MUST(memmap_sanitise(&map));
		assert_true(same(&map, &other));
		memmap_free(&map);
		memmap_free(&other);
	}
}

static void test_mark_random(void **state)
{
	struct random random = { 13 };

	(void)state;
	for (int round = 0; round < 10000; round++) {
		struct memmap map;
		struct painting p;

		random_map(&random, &map, &p);
		MUST(memmap_sanitise(&map));
		for (int i = 0; i < 3; i++) {
			u32 start = random_below(&random, BYTES + 1);
			u32 size = random_below(&random, BYTES + 1 - start);
			u32 type = random_type(&random);

			paint(&p, start, size, type, true);
			MUST(memmap_mark(&map, p.base + start, p.base + start + size, type));
			require_painting(&map, &p);
		}
		memmap_free(&map);
	}
}

static void test_mark_beyond(void **state)
{
	struct memmap map;

	(void)state;
	memmap_init(&map);
	MUST(memmap_mark(&map, 9, 9, MEM_BAD));
	MUST(memmap_mark(&map, 10, 9, MEM_BAD));
	MUST(memmap_mark(&map, ~0ull - 1, ~0ull, MEM_BAD));
	assert_int_equal(map.count, 0);
	MUST(memmap_mark(&map, PADDR_LIMIT - 1, ~0ull, MEM_BAD));
	assert_int_equal(map.count, 1);
	assert_true(map.ranges[0].start == PADDR_LIMIT - 1 && map.ranges[0].end == PADDR_LIMIT);
	memmap_free(&map);
}

/* A range split in two and one put between, for maps of every size around those at which arrays grow. */
static void test_mark_makes_room(void **state)
{
	(void)state;
	for (u32 count = 1; count < 300; count++) {
		struct memmap map;

		memmap_init(&map);
		for (u32 i = 0; i < count; i++)
			MUST(memmap_add(&map, i * 16, 8, MEM_USABLE));
		MUST(memmap_sanitise(&map));
		MUST(memmap_mark(&map, 2, 4, MEM_RESERVED));
		require_sanitised(&map);
		assert_int_equal(map.count, count + 2);
		assert_true(memmap_covers(&map, 4, 8, MEM_USABLE));
		memmap_free(&map);
	}
}

/* Every range of the painted part, and of its edges, against the painting. */
static void require_covers(const struct memmap *map, const struct painting *p, u32 type)
{
	for (u32 start = 0; start < BYTES; start++) {
		bool all = true;

		for (u32 end = start; end <= BYTES; end++) {
			all = all && (end == start || p->type[end - 1] == type);
			assert_int_equal(memmap_covers(map, p->base + start, p->base + end, type),
					 all && p->type[start] == type);
		}
		assert_false(memmap_covers(map, p->base + start, p->base + BYTES + 1, type));
		assert_false(start && memmap_covers(map, p->base + start, p->base + start - 1, type));
	}
	assert_false(memmap_covers(map, p->base + BYTES, p->base + BYTES + 1, type));
}

static void test_covers(void **state)
{
	struct random random = { 14 };

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct memmap map;
		struct painting p;

		random_map(&random, &map, &p);
		MUST(memmap_sanitise(&map));
		for (u32 i = 0; i < ARRAY_COUNT(by_strictness); i++)
			require_covers(&map, &p, by_strictness[i]);
		memmap_free(&map);
	}
}

/* All pairs of ranges on small numbers: the predicate, and what becomes of the two. */
static void test_pairs_exhaustive(void **state)
{
	(void)state;
	for (u32 n = 0; n < 8 * 8 * 8 * 8; n++) {
		u32 a = n & 7, a_end = n >> 3 & 7, b = n >> 6 & 7, b_end = n >> 9 & 7;
		struct painting p = { 0 };
		struct memmap map;
		bool shared = false;

		for (u32 i = 0; i < 8; i++)
			shared |= i >= a && i < a_end && i >= b && i < b_end;
		assert_int_equal(ranges_overlap(a, a_end, b, b_end), shared);
		if (a > a_end || b > b_end)
			continue;
		memmap_init(&map);
		paint(&p, a, a_end - a, MEM_ACPI, false);
		paint(&p, b, b_end - b, MEM_RESERVED, false);
		MUST(memmap_add(&map, a, a_end - a, MEM_ACPI));
		MUST(memmap_add(&map, b, b_end - b, MEM_RESERVED));
		MUST(memmap_sanitise(&map));
		require_painting(&map, &p);
		memmap_free(&map);
	}
}

/* Every pair of types at one place: the stricter wins whichever comes first. */
static void test_types(void **state)
{
	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(by_strictness); i++) {
		for (u32 j = 0; j < ARRAY_COUNT(by_strictness); j++) {
			struct memmap map;

			memmap_init(&map);
			MUST(memmap_add(&map, 0x1000, 0x1000, by_strictness[i]));
			MUST(memmap_add(&map, 0x1000, 0x1000, by_strictness[j]));
			MUST(memmap_sanitise(&map));
			assert_int_equal(map.count, 1);
			assert_int_equal(map.ranges[0].type, by_strictness[i > j ? i : j]);
			memmap_free(&map);
		}
	}
}

static void test_names(void **state)
{
	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(by_strictness); i++) {
		bool is_known = by_strictness[i] != 9 && by_strictness[i] != 77;

		assert_int_equal(strcmp(memmap_type_name(by_strictness[i]), "unknown") != 0, is_known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sanitise_random),
		cmocka_unit_test(test_sanitise_again_and_in_any_order),
		cmocka_unit_test(test_mark_random),
		cmocka_unit_test(test_mark_beyond),
		cmocka_unit_test(test_mark_makes_room),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_pairs_exhaustive),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
