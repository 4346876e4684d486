/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A boot prepared ahead: what is refused, what is copied, what is let in; and that all memory comes back where it
 * cannot be done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot_ahead.h"
#include "boot_private.h"
#include "fake.h"
#include "rescue.h"

#define RAM MIB(64)
#define MODULE MIB(4)
#define WINDOW_MIB 8
#define WINDOW_AT (RAM - MIB(WINDOW_MIB))
#define MUST(call) assert_int_equal(call, ERR_OK)

static struct machine machine;
static struct manifest_config config;
static struct manifest_image image;
static struct boot boot;
static struct memory whole;
/* Of the loader, which counts what it is asked. */
static struct plan_segment segments[4];
static u32 segment_count, plans, releases;

static void make_memory(struct memory *memory)
{
	memory_init(memory);
	MUST(memmap_add(&memory->map, 0, KIB(639), MEM_USABLE));
	MUST(memmap_add(&memory->map, MIB(1), RAM - MIB(1), MEM_USABLE));
	MUST(memmap_sanitise(&memory->map));
	MUST(memory_claim(memory, 0, PAGE_SIZE, OWNER_LOW, "BIOS data"));
	MUST(memory_claim(memory, MODULE, MODULE + KIB(64), OWNER_MODULE, "module"));
}

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	log_set_level(LOG_INFO);
	fake_ram_init(RAM);
	make_memory(&machine.memory);
	make_memory(&whole);
	image = (struct manifest_image){
		.name = "image", .type = "", .os = "", .compression = "", .data = fake_ram + MODULE, .data_size = 100,
	};
	config = (struct manifest_config){
		.name = "help", .description = "", .has_kernel = true, .rescue = true, .rescue_memory = WINDOW_MIB, .keep_net = true,
	};
	machine.info.command_line = "";
	machine.has_manifest = true;
	machine.manifest = (struct manifest){ .images = &image, .configs = &config, .image_count = 1, .config_count = 1 };
	boot = (struct boot){ .machine = &machine, .config = &config, .whole = &whole };
	plan_init(&boot.plan);
	segment_count = plans = releases = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plan_free(&boot.plan);
	memory_free(&machine.memory);
	memory_free(&whole);
	fake_ram_free();
	return 0;
}

static void test_refused(void **state)
{
	static const struct { struct manifest_config config; const char *why; } cases[] = {
		{ { .bios_calls = "edid", .has_kernel = false }, "help: it has no kernel to enter" },
		{ { .bios_calls = "edid", .has_kernel = true }, "help: trapeze,bios-call: after a fault nobody vouches for the BIOS" },
		{ { .has_video_mode = true, .has_kernel = true }, "help: trapeze,video-mode: after a fault" },
		{ { .has_mode = true, .mode = ENTRY_REAL, .has_kernel = true }, "help: trapeze,mode=real: after a fault" },
		{ { .kho = "kho-v4", .has_kernel = true }, "help: trapeze,kho: a rescue image is handed the fault record alone" },
		{ { .arg_count = 6, .has_kernel = true }, "help: trapeze,args: one argument less" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct manifest_config c = cases[i].config;

		fake_log_reset();
		c.name = "help";
		assert_int_equal(boot_ahead_check(&c), ERR_UNSUPPORTED);
		assert_true(fake_log_has(cases[i].why));
		assert_int_equal(fake_log_errors(), 1);
	}
	MUST(boot_ahead_check(&config));
}

static void test_arguments(void **state)
{
	(void)state;
	boot.request.args[0] = 7;
	boot.request.args[4] = 9;
	boot.request.arg_count = 5;
	MUST(boot_ahead_begin(&boot, &whole, 0x1234000));
	assert_int_equal(boot.request.arg_count, 6);
	assert_int_equal(boot.request.args[0], 0x1234000);
	assert_int_equal(boot.request.args[1], 7);
	assert_int_equal(boot.request.args[5], 9);
	assert_ptr_equal(boot.whole, &whole);
}

/* A part that lies elsewhere comes into the boot's memory, and goes with source_release; one that is there stays. */
static void test_parts(void **state)
{
	struct load_request *r = &boot.request;
	struct loader_part ramdisk = { .image = &image };
	u32 claims = machine.memory.claim_count;
	paddr_t there;

	(void)state;
	for (u32 i = 0; i < 100; i++)
		fake_ram[MIB(5) + 3 + i] = (u8)(i + 1);
	r->kernel = (struct loader_part){
		.image = &image,
		.blob = { .name = "kernel", .origin = "module", .paddr = MIB(5) + 3, .size = 100, .data = fake_ram + MIB(5) + 3 },
	};
	MUST(memory_alloc(&machine.memory, 50, &(struct memory_where){ .min = MIB(1) }, OWNER_STAGE, "unpacked", &there));
	ramdisk.blob = (struct blob){ .name = "ramdisk", .paddr = there, .size = 50, .data = fake_ram + there };
	r->ramdisks = &ramdisk;
	r->ramdisk_count = 1;
	MUST(boot_ahead_take_parts(&boot));
	assert_int_equal(ramdisk.blob.paddr, there);
	assert_int_not_equal(r->kernel.blob.paddr, MIB(5) + 3);
	assert_ptr_equal(r->kernel.blob.data, fake_ram + r->kernel.blob.paddr);
	assert_memory_equal(r->kernel.blob.data, fake_ram + MIB(5) + 3, 100);
	assert_string_equal(r->kernel.blob.name, "kernel");
	assert_int_equal(machine.memory.claim_count, claims + 2);
	source_release(&r->kernel.blob);
	assert_int_equal(machine.memory.claim_count, claims + 1);
}

static void test_parts_without_room(void **state)
{
	(void)state;
	boot.request.kernel = (struct loader_part){
		.image = &image, .blob = { .name = "kernel", .paddr = MIB(5), .size = RAM, .data = fake_ram + MIB(5) },
	};
	assert_int_equal(boot_ahead_take_parts(&boot), ERR_NO_ROOM);
	assert_true(fake_log_has("kernel: 67108864 bytes do not fit what is left of trapeze,rescue-memory"));
}

static enum err plan(struct load_request *request)
{
	enum err err = ERR_OK;

	assert_null(request->state);
	request->state = segments;
	plans++;
	for (u32 i = 0; i < segment_count && !err; i++)
		err = plan_add(request->plan, &segments[i], NULL);
	return err;
}

static void release(struct load_request *request)
{
	assert_ptr_equal(request->state, segments);
	releases++;
}

static const struct loader loader = { .name = "test", .plan = plan, .release = release };

static void add(enum plan_where where, paddr_t dest, u64 size)
{
	segments[segment_count++] = (struct plan_segment){
		.name = "s", .mem_size = size, .where = where, .dest = dest, .align = where == PLAN_FIXED ? 1 : PAGE_SIZE,
	};
}

static enum err open_fixed(void)
{
	boot.loader = &loader;
	boot.request.plan = &boot.plan;
	return boot_ahead_open_fixed(&boot);
}

/*
 * The boot's own memory is the upper half; what has a fixed place below is let in there, by whole pages, and nothing
 * else is.
 */
static void test_fixed(void **state)
{
	struct memmap *own = &machine.memory.map;

	(void)state;
	MUST(memmap_mark(own, 0, RAM / 2, MEM_RESERVED));
	add(PLAN_FIXED, MIB(2) + 5, PAGE_SIZE);
	add(PLAN_FOLLOW, 0, 3 * PAGE_SIZE);
	add(PLAN_BOTTOM, 0, PAGE_SIZE);
	add(PLAN_FIXED, MIB(8), 10);
	MUST(open_fixed());
	assert_true(memmap_covers(own, MIB(2), MIB(2) + 5 * PAGE_SIZE, MEM_USABLE));
	assert_true(memmap_covers(own, MIB(2) + 5 * PAGE_SIZE, MIB(8), MEM_RESERVED));
	assert_true(memmap_covers(own, MIB(8), MIB(8) + PAGE_SIZE, MEM_USABLE));
	assert_true(memmap_covers(own, MIB(8) + PAGE_SIZE, RAM / 2, MEM_RESERVED));
	assert_true(memmap_covers(own, 0, MIB(2), MEM_RESERVED));
	/* Nothing is left of that plan; the one that counts finds the map as it stays. */
	assert_int_equal(boot.plan.segment_count, 0);
	assert_int_equal(plans, 1);
	assert_int_equal(releases, 1);
	MUST(boot_plan_segments(&boot));
	MUST(plan_place(&boot.plan, &machine.memory));
	assert_int_equal(boot.plan.segments[1].dest, MIB(2) + 2 * PAGE_SIZE);
	assert_true(boot.plan.segments[2].dest >= RAM / 2);
}

/* Where there is no memory at all it stays so, for plan_place to complain of. */
static void test_fixed_nowhere(void **state)
{
	struct memmap *own = &machine.memory.map;

	(void)state;
	add(PLAN_FIXED, KIB(636), 2 * PAGE_SIZE);
	MUST(open_fixed());
	assert_false(memmap_covers(own, KIB(640), KIB(641), MEM_USABLE));
	MUST(boot_plan_segments(&boot));
	assert_int_equal(plan_place(&boot.plan, &machine.memory), ERR_RESERVED);
}

/* The host cannot swing: prepared up to there, and all of it is given back. */
static void test_nothing_is_kept(void **state)
{
	u32 claims = machine.memory.claim_count;

	(void)state;
	image.os = "flat";
	image.is_flat = true;
	image.has_load = true;
	image.load = WINDOW_AT;
	config.has_mode = true;
	config.mode = ENTRY_PROTECTED;
	rescue_prepare(&machine);
	assert_true(fake_log_has("rescue: warning: help is not ready: there is no rescue image"));
	assert_int_equal(machine.memory.claim_count, claims);
	assert_false(rescue_is(0));
	rescue_keep(&boot.request);
	assert_int_equal(boot.request.kept_count, 0);
}

/* Of the window's upper end a part is the record's, which no image may lie on. */
static bool window_ends_at(paddr_t end)
{
	fake_log_reset();
	image.os = "flat";
	image.is_flat = true;
	image.has_load = true;
	image.load = end - PAGE_SIZE;
	config.has_mode = true;
	config.mode = ENTRY_PROTECTED;
	rescue_prepare(&machine);
	return fake_log_has("overlaps fault record at 0x");
}

/* An image that sleeps has no claim on its place, and will lie there again. */
static void test_not_where_somebody_sleeps(void **state)
{
	struct boot first = { 0 }, second = { .next = &first };
	u32 claims = machine.memory.claim_count;

	(void)state;
	plan_init(&first.plan);
	plan_init(&second.plan);
	assert_true(window_ends_at(RAM));
	assert_false(window_ends_at(WINDOW_AT));
	MUST(plan_add(&first.plan, &(struct plan_segment){
		.name = "s", .mem_size = 1, .where = PLAN_FIXED, .dest = WINDOW_AT + MIB(1), .align = 1 }, NULL));
	machine.asleep = &second;
	assert_false(window_ends_at(RAM));
	assert_true(window_ends_at(WINDOW_AT));
	MUST(plan_add(&second.plan, &(struct plan_segment){
		.name = "s", .mem_size = WINDOW_AT - MIB(18), .where = PLAN_FIXED, .dest = MIB(18), .align = 1 }, NULL));
	assert_false(window_ends_at(WINDOW_AT));
	assert_true(fake_log_has("help: no 8 MiB of free memory in a piece"));
	assert_int_equal(machine.memory.claim_count, claims);
	machine.asleep = NULL;
	plan_free(&first.plan);
	plan_free(&second.plan);
}

static void test_no_window(void **state)
{
	u32 claims = machine.memory.claim_count;

	(void)state;
	config.rescue_memory = 60;
	rescue_prepare(&machine);
	assert_true(fake_log_has("help: no 60 MiB of free memory in a piece between 0x1000000 and 0x4000000: trapeze,rescue-memory"));
	assert_true(fake_log_has("help is not ready"));
	assert_int_equal(machine.memory.claim_count, claims);
}

static void test_none(void **state)
{
	(void)state;
	config.rescue = false;
	rescue_prepare(&machine);
	machine.has_manifest = false;
	rescue_prepare(&machine);
	assert_string_equal(fake_log_text(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parts_without_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fixed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fixed_nowhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_where_somebody_sleeps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_window, setup, teardown),
		cmocka_unit_test_setup_teardown(test_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
