/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Taking pages, held against a model that tries every place. */
#include "memory_rig.h"

#define UNIT 512			/* what the model knows of the map */
#define UNITS (PAGE_SIZE / UNIT)

struct world {
	bool usable[PAGES * UNITS], claimed[PAGES], blocked[PAGES];
};

static bool is_not_blocked(const void *ctx, paddr_t start, paddr_t end)
{
	const struct world *w = ctx;

	for (paddr_t page = start / PAGE_SIZE; page < end / PAGE_SIZE; page++) {
		if (w->blocked[page])
			return false;
	}
	return true;
}

static void random_world(struct random *random, struct world *w)
{
	memset(w, 0, sizeof(*w));
	for (u32 n = 1 + random_below(random, 4); n--;) {
		u32 start = random_below(random, PAGES * UNITS), size = random_below(random, PAGES * UNITS - start + 1);
		bool is_usable = n != 1 || random_below(random, 2);

		MUST(memmap_add(&memory.map, start * UNIT, size * UNIT, is_usable ? MEM_USABLE : MEM_NVS));
	}
	MUST(memmap_sanitise(&memory.map));
	for (u32 i = 0; i < memory.map.count; i++) {
		const struct mem_range *r = &memory.map.ranges[i];

		for (paddr_t at = r->start; at < r->end; at += UNIT)
			w->usable[at / UNIT] = r->type == MEM_USABLE;
	}
	for (u32 n = random_below(random, 8); n--;) {
		u32 page = random_below(random, PAGES), count = random_below(random, 5);

		MUST(memory_claim(&memory, AT(page), AT(page + count), OWNER_MODULE, "some"));
		for (u32 i = page; i < page + count && i < PAGES; i++)
			w->claimed[i] = true;
	}
	for (u32 n = random_below(random, 3); n--;)
		w->blocked[random_below(random, PAGES)] = true;
}

static bool fits(const struct world *w, const struct memory_where *where, u32 page, u32 pages)
{
	paddr_t max = min_u64(where->max ? where->max : fake_phys_limit, fake_phys_limit);

	if (!page || AT(page) < where->min || AT(page + pages) > max || AT(page) % max_u64(where->align, PAGE_SIZE))
		return false;
	for (u32 i = page; i < page + pages; i++) {
		if (w->claimed[i] || (where->is_clear && w->blocked[i]))
			return false;
		for (u32 j = 0; j < UNITS; j++) {
			if (!w->usable[i * UNITS + j])
				return false;
		}
	}
	return true;
}

static bool best_place(const struct world *w, const struct memory_where *where, u32 pages, paddr_t *place)
{
	bool found = false;

	for (u32 page = 0; page + pages <= PAGES; page++) {
		if (fits(w, where, page, pages) && !(found && where->lowest_first)) {
			*place = AT(page);
			found = true;
		}
	}
	return found;
}

static void random_where(struct random *random, struct memory_where *where, const struct world *w)
{
	*where = (struct memory_where){
		.min = random_below(random, 2) ? random_below(random, (u32)AT(PAGES / 2)) : 0,
		.max = random_below(random, 2) ? 1 + random_below(random, (u32)AT(PAGES)) : 0,
		.align = random_below(random, 2) ? PAGE_SIZE << random_below(random, 5) : 0,
		.lowest_first = random_below(random, 2),
		.is_clear = random_below(random, 2) ? is_not_blocked : NULL,
		.ctx = w,
	};
	fake_phys_limit = random_below(random, 4) ? PADDR_LIMIT : random_below(random, (u32)AT(PAGES));
}

static void require_claimed(paddr_t start, paddr_t end)
{
	const struct mem_claim *c = memory_find_claim(&memory, start, start + 1);

	assert_true(c && c->start == start && c->end == end && c->owner == OWNER_STAGE);
	for (u32 i = 1; i < memory.claim_count; i++)
		assert_true(memory.claims[i - 1].end <= memory.claims[i].start);
}

static void test_alloc_random(void **state)
{
	struct random random = { 42 };
	u32 found = 0;

	for (int round = 0; round < 20000; round++) {
		u32 pages = 1 + random_below(&random, 5);
		paddr_t want = 0, got = 0;
		struct memory_where where;
		u64 size;
		struct world w;
		bool is_there;
		enum err err;

		setup(state);
		random_world(&random, &w);
		random_where(&random, &where, &w);
		is_there = best_place(&w, &where, pages, &want);
		size = AT(pages) - random_below(&random, PAGE_SIZE);
		err = memory_alloc(&memory, size, &where, OWNER_STAGE, "it", &got);
		assert_int_equal(err, is_there ? ERR_OK : ERR_NO_ROOM);
		assert_true(got == want);
		if (is_there)
			require_claimed(got, got + AT(pages));
		found += is_there;
		assert_int_equal(fake_log_errors(), 0);
		teardown(state);
	}
	assert_in_range(found, 5000, 19000);
}

static enum err take(u64 size, struct memory_where where, paddr_t *out)
{
	return memory_alloc(&memory, size, &where, OWNER_STAGE, "it", out);
}

static void refuse(enum err want, u64 size, struct memory_where where)
{
	paddr_t at = 7;

	assert_int_equal(take(size, where, &at), want);
	assert_true(at == 7);
}

static void test_alignment(void **state)
{
	paddr_t at;

	(void)state;
	MUST(memmap_add(&memory.map, MIB(1), GIB(6), MEM_USABLE));
	for (u64 align = PAGE_SIZE; align <= GIB(1); align *= 2) {
		for (int low = 0; low <= 1; low++) {
			MUST(take(PAGE_SIZE, (struct memory_where){ .align = align, .lowest_first = low }, &at));
			assert_true(at % align == 0 && at >= MIB(1) && at + PAGE_SIZE <= GIB(6) + MIB(1));
		}
	}
	/* Of whole GiB the pages taken so far leave this one as the highest. */
	MUST(take(GIB(1), (struct memory_where){ .align = GIB(1) }, &at));
	assert_true(at == GIB(4));
	refuse(ERR_NO_ROOM, GIB(7), (struct memory_where){ .align = GIB(1) });
	refuse(ERR_NO_ROOM, PAGE_SIZE, (struct memory_where){ .align = GIB(8) });
	refuse(ERR_NO_ROOM, PAGE_SIZE, (struct memory_where){ .align = GIB(8), .lowest_first = true });
	refuse(ERR_NO_ROOM, PAGE_SIZE, (struct memory_where){ .align = 1ull << 63 });
	refuse(ERR_NO_ROOM, PAGE_SIZE, (struct memory_where){ .align = 1ull << 63, .lowest_first = true });
	assert_int_equal(fake_log_errors(), 0);
	refuse(ERR_ALIGN, PAGE_SIZE, (struct memory_where){ .align = 0x3000 });
	assert_true(fake_log_has("memory: error: it: alignment 0x3000 is no power of two"));
}

static void test_extremes(void **state)
{
	paddr_t at;

	MUST(memmap_add(&memory.map, 0, ~0ull, MEM_USABLE));
	for (int low = 0; low <= 1; low++) {
		refuse(ERR_VALUE, 0, (struct memory_where){ .lowest_first = low });
		refuse(ERR_VALUE, ~0ull, (struct memory_where){ .lowest_first = low });
		refuse(ERR_VALUE, PADDR_LIMIT + 1, (struct memory_where){ .lowest_first = low });
		refuse(ERR_NO_ROOM, PADDR_LIMIT, (struct memory_where){ .lowest_first = low });
		refuse(ERR_NO_ROOM, 1, (struct memory_where){ .min = ~0ull, .lowest_first = low });
		refuse(ERR_NO_ROOM, 1, (struct memory_where){ .min = PADDR_LIMIT, .lowest_first = low });
		refuse(ERR_NO_ROOM, 1, (struct memory_where){ .max = 1, .lowest_first = low });
		refuse(ERR_NO_ROOM, 1, (struct memory_where){ .max = PAGE_SIZE, .lowest_first = low });
		refuse(ERR_NO_ROOM, 1, (struct memory_where){ .min = 2, .max = 1, .lowest_first = low });
	}
	MUST(take(PADDR_LIMIT - PAGE_SIZE, (struct memory_where){ .max = ~0ull }, &at));
	assert_true(at == PAGE_SIZE);
	teardown(state);
	setup(state);
	MUST(memmap_add(&memory.map, 0, ~0ull, MEM_USABLE));
	MUST(take(1, (struct memory_where){ .max = ~0ull }, &at));
	assert_true(at == PADDR_LIMIT - PAGE_SIZE);
	fake_phys_limit = GIB(4);
	MUST(take(1, (struct memory_where){ .max = ~0ull }, &at));
	assert_true(at == GIB(4) - PAGE_SIZE);
	MUST(take(1, (struct memory_where){ .lowest_first = true }, &at));
	assert_true(at == PAGE_SIZE);
}

static u32 asked;

static bool never_clear(const void *ctx, paddr_t start, paddr_t end)
{
	(void)ctx, (void)start, (void)end;
	asked++;
	return false;
}

/* The step says how often is_clear is asked; one beyond all memory ends the search. */
static void test_step(void **state)
{
	(void)state;
	MUST(memmap_add(&memory.map, 0, MIB(16), MEM_USABLE));
	for (int low = 0; low <= 1; low++) {
		struct memory_where where = { .is_clear = never_clear, .lowest_first = low };

		asked = 0;
		refuse(ERR_NO_ROOM, PAGE_SIZE, where);
		assert_int_equal(asked, 4095);
		where.ctx_step = MIB(1);
		asked = 0;
		refuse(ERR_NO_ROOM, PAGE_SIZE, where);
		assert_int_equal(asked, 16);
		where.ctx_step = ~0ull;
		asked = 0;
		refuse(ERR_NO_ROOM, PAGE_SIZE, where);
		assert_int_equal(asked, 1);
	}
}

/* Claims are passed as wholes, and nobody is asked about a place that is taken. */
static void test_many_claims(void **state)
{
	const u32 count = 20000;
	paddr_t at;

	(void)state;
	MUST(memmap_add(&memory.map, 0, GIB(64), MEM_USABLE));
	for (u32 i = 1; i <= count; i++) {
		paddr_t start = i * MIB(2), end = start + MIB(2) - AT(i == count / 2 ? 2 : 1);

		MUST(memory_claim(&memory, start, end, OWNER_MODULE, "m"));
	}
	assert_int_equal(memory.claim_count, count);
	for (int low = 0; low <= 1; low++) {
		struct memory_where where = {
			.min = MIB(2), .max = count * MIB(2), .is_clear = never_clear, .lowest_first = low
		};

		asked = 0;
		refuse(ERR_NO_ROOM, AT(2), where);
		assert_int_equal(asked, 1);
		where.is_clear = NULL;
		MUST(take(AT(2), where, &at));
		assert_true(at == count / 2 * MIB(2) + MIB(2) - AT(2));
		memory_release(&memory, at);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc_random), TEST(test_alignment), TEST(test_extremes), TEST(test_step),
		TEST(test_many_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
