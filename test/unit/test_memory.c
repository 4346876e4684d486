/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Claims, held against a model that knows every page. */
#include "memory_rig.h"

static void require_claims_sound(void)
{
	for (u32 i = 0; i < memory.claim_count; i++) {
		const struct mem_claim *c = &memory.claims[i];

		assert_true(c->start < c->end && c->start % PAGE_SIZE == 0 && c->end % PAGE_SIZE == 0);
		assert_true(!i || c[-1].end <= c->start);
	}
}

/* Claims as asked for, first come first served, page by page; -1: free. */
struct owners {
	int page[PAGES];
};

static void require_owners(const struct owners *owners)
{
	require_claims_sound();
	for (u32 page = 0; page < PAGES; page++) {
		const struct mem_claim *c = memory_find_claim(&memory, AT(page), AT(page + 1));

		assert_int_equal(c ? (int)c->owner : -1, owners->page[page]);
	}
}

static void test_claims_random(void **state)
{
	struct random random = { 41 };

	for (int round = 0; round < 2000; round++) {
		struct owners owners;

		setup(state);
		memset(&owners, 0xff, sizeof(owners));
		for (u32 i = 0; i < 20; i++) {
			paddr_t start = random_below(&random, AT(PAGES));
			u32 longest = (u32)(AT(PAGES) - start) / (1 + random_below(&random, 8));
			paddr_t end = start + random_below(&random, longest + 1);
			enum mem_owner owner = (enum mem_owner)random_below(&random, OWNER_COUNT);

			MUST(memory_claim(&memory, start, end, owner, "some"));
			for (u32 page = (u32)(start / PAGE_SIZE); AT(page) < end && start < end; page++) {
				if (owners.page[page] < 0)
					owners.page[page] = (int)owner;
			}
			require_owners(&owners);
		}
		teardown(state);
	}
}

/* find_claim gives the first one that meets the range, for every range. */
static void test_find_claim(void **state)
{
	(void)state;
	MUST(memory_claim(&memory, AT(2), AT(4), OWNER_SHIM, "a"));
	MUST(memory_claim(&memory, AT(4), AT(5), OWNER_HEAP, "b"));
	MUST(memory_claim(&memory, AT(7), AT(9), OWNER_LOG, "c"));
	for (u32 start = 0; start < 11; start++) {
		for (u32 end = 0; end < 11; end++) {
			const struct mem_claim *want = NULL, *got = memory_find_claim(&memory, AT(start), AT(end));

			for (u32 i = memory.claim_count; i--;) {
				if (ranges_overlap(AT(start), AT(end), memory.claims[i].start, memory.claims[i].end))
					want = &memory.claims[i];
			}
			assert_ptr_equal(got, want);
		}
	}
	assert_ptr_equal(memory_find_claim(&memory, AT(5) - 1, AT(7) + 1), &memory.claims[1]);
	assert_ptr_equal(memory_find_claim(&memory, AT(5), AT(7) + 1), &memory.claims[2]);
}

static void test_claim_edges(void **state)
{
	(void)state;
	MUST(memory_claim(&memory, 5, 5, OWNER_SHIM, "empty"));
	MUST(memory_claim(&memory, AT(3), AT(2), OWNER_SHIM, "turned round"));
	MUST(memory_claim(&memory, PADDR_LIMIT, ~0ull, OWNER_SHIM, "beyond"));
	MUST(memory_claim(&memory, ~0ull, ~0ull, OWNER_SHIM, "far beyond"));
	MUST(memory_claim(&memory, PADDR_LIMIT - 1, ~0ull, OWNER_SHIM, "the last page"));
	MUST(memory_claim(&memory, 5, 6, OWNER_SHIM, "one byte"));
	assert_int_equal(memory.claim_count, 2);
	assert_true(memory.claims[0].start == 0 && memory.claims[0].end == PAGE_SIZE);
	assert_true(memory.claims[1].start == PADDR_LIMIT - PAGE_SIZE && memory.claims[1].end == PADDR_LIMIT);
}

/* Taking and giving back in any order ends with what there was. */
static void test_release(void **state)
{
	struct random random = { 43 };
	paddr_t taken[64];
	u32 count = 0, total = 0;

	(void)state;
	MUST(memmap_add(&memory.map, 0, MIB(1), MEM_USABLE));
	MUST(memory_claim(&memory, AT(3), AT(5), OWNER_SHIM, "shim"));
	for (int step = 0; step < 5000; step++) {
		if (count < ARRAY_COUNT(taken) && random_below(&random, 2)) {
			struct memory_where where = { .lowest_first = random_below(&random, 2) };

			u64 size = AT(1 + random_below(&random, 4));

			total += !memory_alloc(&memory, size, &where, OWNER_STAGE, "s", &taken[count]);
			count++;
		} else if (count) {
			u32 i = random_below(&random, count);

			memory_release(&memory, taken[i]);
			taken[i] = taken[--count];
		}
		require_claims_sound();
		assert_int_equal(memory.claim_count, count + 1);
	}
	assert_true(total > 2000);
	while (count)
		memory_release(&memory, taken[--count]);
	assert_int_equal(memory.claim_count, 1);
	assert_true(memory.claims[0].start == AT(3));
	assert_int_equal(fake_log_errors(), 0);
	memory_release(&memory, AT(4));
	memory_release(&memory, AT(9));
	assert_int_equal(memory.claim_count, 1);
	assert_int_equal(fake_log_errors(), 2);
	assert_true(fake_log_has("memory: error: release of 0x4000, which nothing begins at"));
}

/* Page 0 is never given, so it cannot be given back: a field that was never set does not drop the claim on it. */
static void test_release_page_0(void **state)
{
	(void)state;
	MUST(memory_claim(&memory, 0, PAGE_SIZE, OWNER_LOW, "BIOS data"));
	memory_release(&memory, 0);
	assert_int_equal(memory.claim_count, 1);
	assert_true(fake_log_has("memory: error: release of 0x0, which nothing begins at"));
}

static void test_usable(void **state)
{
	(void)state;
	MUST(memmap_add(&memory.map, AT(1), AT(2), MEM_USABLE));
	MUST(memmap_add(&memory.map, AT(3), AT(1), MEM_ACPI));
	MUST(memory_claim(&memory, AT(1), AT(2), OWNER_HEAP, "heap"));
	assert_true(memory_is_usable(&memory, AT(1), AT(3)));
	assert_false(memory_is_usable(&memory, AT(1), AT(3) + 1));
	assert_false(memory_is_usable(&memory, AT(1) - 1, AT(3)));
	assert_false(memory_is_usable(&memory, AT(3), AT(4)));
}

static void test_owner_names(void **state)
{
	const char *names[OWNER_COUNT];

	(void)state;
	for (int i = 0; i < OWNER_COUNT; i++) {
		names[i] = memory_owner_name((enum mem_owner)i);
		assert_string_not_equal(names[i], "unknown");
		for (int j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
	assert_string_equal(memory_owner_name(OWNER_COUNT), "unknown");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims_random), TEST(test_find_claim), TEST(test_claim_edges), TEST(test_release),
		TEST(test_release_page_0), TEST(test_usable), TEST(test_owner_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
