/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The flight recorder: what one flight writes the next one finds, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "log.h"
#include "memory.h"
#include "random.h"
#include "recorder_private.h"
#include "swing_step.h"

#define RAM MIB(16)
#define BLOCK MIB(8)
#define MUST(call) assert_int_equal(call, ERR_OK)

static char parking[4096];
static struct memory memory;

/* A reset: from here on what lies in memory is nobody's, and the test may change it. */
static void reset(void)
{
	log_set_watch(NULL);
	log_set_ring(parking, sizeof(parking));
}

/* A machine after power-on: its memory, and nothing of ours in it. */
static int setup(void **state)
{
	(void)state;
	reset();
	fake_ram_init(RAM);
	memory_init(&memory);
	MUST(memmap_add(&memory.map, 0, RAM, MEM_USABLE));
	MUST(memmap_sanitise(&memory.map));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	reset();
	memory_free(&memory);
	fake_ram_free();
	return 0;
}

static void fly(void)
{
	reset();
	memory_free(&memory);
	memory_init(&memory);
	MUST(memmap_add(&memory.map, 0, RAM, MEM_USABLE));
	MUST(memmap_sanitise(&memory.map));
	fake_log_reset();
	recorder_start(&memory);
}

static struct recorder_block *block(void)
{
	return (struct recorder_block *)(fake_ram + BLOCK);
}

static void test_first_flight(void **state)
{
	paddr_t start, end;

	(void)state;
	fly();
	recorder_range(&start, &end);
	assert_int_equal(start, BLOCK);
	assert_int_equal(end, BLOCK + RECORDER_SIZE);
	assert_int_equal(recorder_zone(), BLOCK + PAGE_SIZE);
	assert_false(recorder_last()->found);
	assert_false(fake_log_has("recorder: "));
	assert_int_equal(memory_find_claim(&memory, start, end)->owner, OWNER_LOG);
}

static void test_what_the_next_one_finds(void **state)
{
	const struct recorder_last *last = recorder_last();

	(void)state;
	fly();
	recorder_step(FLIGHT_VERIFY);
	log_info("test", "the last word");
	fly();
	assert_true(last->found);
	assert_int_equal(last->end, RECORDER_FLYING);
	assert_string_equal(last->step, "verify");
	assert_non_null(last->text);
	assert_int_equal(last->size, strlen(last->text));
	assert_non_null(strstr(last->text, "] test: the last word\n"));
	assert_true(fake_log_has("recorder: warning: flight"));
	assert_true(fake_log_has("at this step: verify"));
	assert_true(fake_log_has("recorder: | ["));
	assert_true(fake_log_has("] test: the last word"));
	/* It is told once, and found once. */
	reset();
	memset(fake_ram, 0, RAM);
	fly();
	assert_false(last->found);
}

static void test_ends(void **state)
{
	const struct recorder_last *last = recorder_last();

	(void)state;
	fly();
	recorder_title("Debian", false);
	recorder_step(FLIGHT_EXECUTE);
	recorder_end(RECORDER_HANDED_OVER);
	block()->header.swing_step = CONTROL_ENTERING + 1;
	fly();
	assert_int_equal(last->end, RECORDER_HANDED_OVER);
	assert_string_equal(last->step, "swing, entered, \"Debian\"");
	assert_true(fake_log_has("handed over after"));
	assert_false(fake_log_has("recorder: |"));

	/* It never got there. */
	recorder_title("Debian", false);
	recorder_step(FLIGHT_EXECUTE);
	recorder_end(RECORDER_HANDED_OVER);
	block()->header.swing_step = CONTROL_MOVING + 1;
	fly();
	assert_int_equal(last->end, RECORDER_FLYING);
	assert_string_equal(last->step, "swing, pages moving, \"Debian\"");

	/* Steps of the shim's own take the word back. */
	recorder_title("probe", true);
	recorder_step(FLIGHT_EXECUTE);
	block()->header.swing_step = CONTROL_ENTERING + 1;
	recorder_end(RECORDER_FLYING);
	fly();
	assert_string_equal(last->step, "swing, inside the call of \"probe\"");
	recorder_title("probe", true);
	block()->header.swing_step = CONTROL_AT_END + 1;
	recorder_step(FLIGHT_MENU);
	recorder_end(RECORDER_ASKED);
	fly();
	assert_int_equal(last->end, RECORDER_ASKED);
	assert_string_equal(last->step, "menu, \"probe\"");
	assert_int_equal(fake_log_errors(), 0);
	assert_false(fake_log_has("warning"));
	/* A number that no step has. */
	recorder_title("probe", true);
	recorder_step(FLIGHT_EXECUTE);
	block()->header.swing_step = 1000;
	fly();
	assert_non_null(strstr(last->step, "probe"));
}

/* One bit of what was written, anywhere: either the header is refused or the text, or the older slot speaks. */
static void test_damage(void **state)
{
	struct random random = { 1 };
	u32 first, used;
	static u8 saved[RECORDER_SIZE];

	(void)state;
	fly();
	recorder_title("probe", true);
	recorder_step(FLIGHT_VERIFY);
	for (int i = 0; i < 100; i++)
		log_info("test", "line %d", i);
	memcpy(saved, block(), sizeof(saved));
	first = (u32)log_get_ring()->first;
	used = (u32)(log_get_ring()->total - first);
	reset();
	for (u32 round = 0; round < 2000; round++) {
		bool in_text = random_below(&random, 2);
		u32 at = in_text ? offsetof(struct recorder_block, zone.text) + first + random_below(&random, used) :
				   random_below(&random, sizeof(struct recorder_slot) * 2);

		memset(fake_ram, 0, RAM);
		memcpy(block(), saved, sizeof(saved));
		((u8 *)block())[at] ^= (u8)(1u << random_below(&random, 8));
		struct recorder_last found = { 0 };

		memory_free(&memory);
		memory_init(&memory);
		MUST(memmap_add(&memory.map, 0, RAM, MEM_USABLE));
		MUST(memmap_sanitise(&memory.map));
		recorder_read(&memory, &found);
		if (in_text) {
			assert_true(found.found);
			assert_null(found.text);
		} else if (found.found) {
			assert_string_equal(found.step, "verify, \"probe\"");
		}
		free(found.text);
		/* What was looked at is no record any more. */
		assert_true(recorder_newest(block(), BLOCK) == NULL || !found.found);
	}
}

static void test_refused(void **state)
{
	const struct recorder_last *last = recorder_last();
	u64 at;

	(void)state;
	fly();
	log_info("test", "one");
	reset();
	block()->header.slots[0].sum++;
	block()->header.slots[1].sum++;
	fly();
	assert_false(last->found);
	assert_true(fake_log_has("recorder: warning: a record of an earlier flight at 0x800000 is damaged and refused"));
	log_info("test", "two");
	at = log_get_ring()->total - 3;
	reset();
	block()->zone.text[at % RECORDER_TEXT_SIZE] ^= 1;
	fly();
	assert_true(last->found);
	assert_null(last->text);
	assert_true(fake_log_has("is damaged and refused"));
	assert_false(fake_log_has("recorder: |"));
}

/*
 * What the slots say while one of them is written: its words, in any order of the stores, some new and some old. `before` is what lay
 * there, and now lies there whole is what the newest has to be.
 */
static void check_cuts(const struct recorder_header *before, struct random *random)
{
	struct recorder_header after = block()->header;
	const u32 *old = (const u32 *)before, *new = (const u32 *)&after;
	u32 order[sizeof(before->slots) / (sizeof(u32))], *now = (u32 *)&block()->header, count = 0;
	u32 sequence = recorder_newest(block(), BLOCK)->sequence;
	const struct recorder_slot *found;

	for (u32 i = 0; i < ARRAY_COUNT(order); i++)
		if (old[i] != new[i])
			order[count++] = i;
	for (u32 way = 0; way < 3; way++) {
		for (u32 i = 0; i < count; i++) {
			u32 other = way == 2 ? random_below(random, count) : way ? count - 1 - i : i, kept = order[i];

			if (way == 2 || i < other) {
				order[i] = order[other];
				order[other] = kept;
			}
		}
		block()->header.slots[0] = before->slots[0];
		block()->header.slots[1] = before->slots[1];
		for (u32 i = 0; i < count; i++) {
			found = recorder_newest(block(), BLOCK);
			assert_non_null(found);
			assert_int_equal(found->sequence, sequence - 1);
			now[order[i]] = new[order[i]];
		}
		found = recorder_newest(block(), BLOCK);
		assert_non_null(found);
		assert_int_equal(found->sequence, sequence);
	}
	assert_memory_equal(&block()->header, &after, sizeof(after));
}

static void change_something(struct random *random, u32 number)
{
	switch (random_below(random, 5)) {
	case 0:
		recorder_step((enum flight_step)random_below(random, FLIGHT_STEP_COUNT));
		break;
	case 1:
		recorder_end((enum recorder_end)random_below(random, RECORDER_ASKED + 1));
		break;
	case 2:
		/* This alone waits for what comes next. */
		recorder_title(number % 3 ? "probe" : "Debian, and a title that goes on and on beyond its sixty-three characters", number % 2);
		log_info("test", "title %u", number);
		break;
	default:
		log_info("test", "%s %u", number % 7 ? "line" : "a longer line, which goes on for quite some time, of number", number);
	}
}

/* At each store of each change one slot is whole, and it is the newest that can be; each says all, though few words are written. */
static void test_cut_at_every_store(void **state)
{
	const struct log_ring *ring = log_get_ring();
	struct random random = { 7 };

	(void)state;
	fly();
	log_info("test", "both slots are written");
	for (u32 i = 0; i < 600; i++) {
		struct recorder_header before = block()->header;
		const struct recorder_slot *newest;

		fake_time_us += random_below(&random, 3) * 1000;
		change_something(&random, i);
		check_cuts(&before, &random);
		newest = recorder_newest(block(), BLOCK);
		assert_int_equal(newest->total, ring->total);
		assert_int_equal(newest->first, ring->first);
		assert_int_equal(newest->text_sum, log_ring_sum(ring));
	}
}

/* Whoever was called may have written on the block: the words that did not change since are written again, too. */
static void test_written_on(void **state)
{
	struct random random = { 9 };

	(void)state;
	fly();
	recorder_title("probe", true);
	recorder_step(FLIGHT_EXECUTE);
	for (u32 round = 0; round < 100; round++) {
		for (u32 i = 0; i < 1 + round % 40; i++)
			((u8 *)block())[random_below(&random, 2 * sizeof(struct recorder_slot))] ^= (u8)(1 + random_below(&random, 255));
		recorder_end(RECORDER_FLYING);
		assert_non_null(recorder_newest(block(), BLOCK));
		log_info("test", "one more");
		for (u32 i = 0; i < ARRAY_COUNT(block()->header.slots); i++) {
			const struct recorder_slot *slot = &block()->header.slots[i];

			assert_int_equal(slot->sum, recorder_slot_sum(slot));
			assert_string_equal(slot->title, "probe");
			assert_int_equal(slot->step, FLIGHT_EXECUTE);
		}
	}
}

/* A copy somewhere else is none: a module may hold one. */
static void test_other_places(void **state)
{
	(void)state;
	fly();
	reset();
	memmove(fake_ram + MIB(4), block(), RECORDER_SIZE);
	memset(block(), 0, RECORDER_SIZE);
	fly();
	assert_false(recorder_last()->found);
}

static void test_text_cannot_steer(void **state)
{
	static const char nasty[] = "\x1b[2J\r";

	(void)state;
	fly();
	recorder_title("\x1b[2J", true);
	recorder_step(FLIGHT_MENU);
	log_info("test", "whatever");
	reset();
	/* Somebody else wrote it, with a right sum. */
	memcpy(block()->zone.text, nasty, sizeof(nasty) - 1);
	for (u32 i = 0; i < 2; i++) {
		struct recorder_slot *slot = &block()->header.slots[i];
		const struct log_ring ring = {
			.data = block()->zone.text, .size = slot->ring_size, .total = slot->total, .first = slot->first,
		};

		slot->text_sum = log_ring_sum(&ring);
		slot->step = i ? FLIGHT_STEP_COUNT : ~0u;
		slot->sum = recorder_slot_sum(slot);
	}
	fly();
	assert_true(recorder_last()->found);
	assert_non_null(recorder_last()->text);
	assert_true(!strncmp(recorder_last()->step, "unknown", 7));
	assert_null(strchr(recorder_last()->text, '\x1b'));
	assert_null(strchr(recorder_last()->text, '\r'));
	assert_null(strchr(recorder_last()->step, '\x1b'));
}

/* ramoops reads `size` bytes: those up to `start` are the newest (fs/pstore/ram_core.c, persistent_ram_save_old). */
static void test_zone(void **state)
{
	static char text[RECORDER_TEXT_SIZE + 1], line[LOG_LINE_MAX];
	u64 at = 0;
	u32 newest = 0;

	(void)state;
	fly();
	for (int round = 0; round < 6000; round++) {
		struct ramoops_zone *zone = &block()->zone;

		log_info("test", "round %d of many, so that the ring goes round", round);
		assert_int_equal(zone->signature, RAMOOPS_SIGNATURE);
		assert_true(zone->size <= RECORDER_TEXT_SIZE && zone->start <= zone->size);
	}
	memcpy(text, block()->zone.text + block()->zone.start, block()->zone.size - block()->zone.start);
	memcpy(text + block()->zone.size - block()->zone.start, block()->zone.text, block()->zone.start);
	while (log_read_line(&at, line, sizeof(line))) {
		char *found = strstr(text + newest, line);

		assert_non_null(found);
		newest = (u32)(found - text) + (u32)strlen(line);
	}
	assert_int_equal(newest + 1, block()->zone.size);
	assert_int_equal(log_ring_sum(log_get_ring()), log_get_ring()->sum);
}

static void test_make_way(void **state)
{
	const struct recorder_last *last = recorder_last();
	struct plan plan;
	paddr_t start, end;

	(void)state;
	fly();
	plan_init(&plan);
	MUST(plan_add(&plan, &(struct plan_segment){ .name = "kernel", .dest = BLOCK + 0x1000, .mem_size = MIB(2), .zero_size = 1 }, NULL));
	assert_int_equal(recorder_swing_word(&plan), BLOCK + offsetof(struct recorder_header, swing_step));
	log_info("test", "before");
	MUST(recorder_make_way(&memory, &plan));
	recorder_range(&start, &end);
	assert_true(plan_range_is_clear(&plan, start, end));
	assert_null(memory_find_claim(&memory, BLOCK, BLOCK + RECORDER_SIZE));
	log_info("test", "after");
	MUST(recorder_make_way(&memory, &plan));
	fly();
	assert_true(last->found);
	assert_non_null(strstr(last->text, "test: before"));
	assert_non_null(strstr(last->text, "test: after"));
	plan_free(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_flight, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_the_next_one_finds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_at_every_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_written_on, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_cannot_steer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_zone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_make_way, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
