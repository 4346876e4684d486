/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Unpacking: what comes out, where it lies, and that no damage goes unnoticed. */
#include "unpack_fixture.h"

#define RAM MIB(32)

static void unpacks(const struct maker *maker, struct bytes plain, struct unpack_wish wish)
{
	struct bytes packed = maker->make(plain);
	struct outcome o;

	machine_make(RAM, packed);
	o = unpack_now(maker->method, wish);
	if (o.err)
		print_message("%s, %zu bytes: %s\n", maker->label, plain.size, fake_log_text());
	assert_int_equal(o.err, ERR_OK);
	assert_int_equal(o.blob.size, plain.size);
	assert_memory_equal(o.blob.data, plain.data, plain.size);
	assert_true(o.blob.paddr % PAGE_SIZE == 0 && o.blob.data == arch_phys(o.blob.paddr, plain.size));
	assert_string_equal(o.blob.name, "vmlinuz");
	assert_true(fake_log_has(" ok bytes="));
	source_release(&o.blob);
	assert_int_equal(rig.memory.claim_count, o.claims);
	free(packed.data);
	rig_free(&rig);
}

static void test_every_kind(void **state)
{
	static const size_t sizes[] = { 1, 100, 4095, 4096, 65536, 200001, 1500000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		struct bytes plain = plain_make(sizes[i]);

		for (size_t k = 0; k < ARRAY_COUNT(makers); k++) {
			/* Parts of nothing are none. */
			if (sizes[i] < 100 && makers[k].make != make_gzip && makers[k].make != make_xz && makers[k].make != make_zstd)
				continue;
			unpacks(&makers[k], plain, (struct unpack_wish){ 0 });
			unpacks(&makers[k], plain, (struct unpack_wish){ .size = plain.size });
		}
		free(plain.data);
	}
}

static void test_known_by_its_first_bytes(void **state)
{
	struct bytes plain = plain_make(1000);

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(makers); i++) {
		struct bytes packed = makers[i].make(plain);

		assert_string_equal(unpack_name(unpack_probe(packed.data, packed.size)), makers[i].method);
		assert_ptr_equal(unpack_probe(packed.data, packed.size), unpack_find(makers[i].method));
		assert_null(unpack_probe(packed.data, 1));
		assert_null(unpack_probe_foreign(packed.data, packed.size));
		assert_non_null(strstr(unpack_known(), makers[i].method));
		free(packed.data);
	}
	assert_null(unpack_probe(plain.data, plain.size));
	assert_null(unpack_find("none"));
	assert_null(unpack_find("lzma"));
	assert_string_equal(unpack_probe_foreign("BZh91AY&SY", 10), "bzip2");
	assert_string_equal(unpack_probe_foreign("\x5d\0\0\x80\0", 5), "lzma");
	assert_null(unpack_probe_foreign("BZ", 2));
	free(plain.data);
}

/* The result lies where it was wished for when that is free, and elsewhere when it is not. */
static void test_place(void **state)
{
	struct bytes plain = plain_make(100000), packed = make_zstd(plain);
	struct outcome o, second;

	(void)state;
	machine_make(RAM, packed);
	o = unpack_now("zstd", (struct unpack_wish){ .load = MIB(5) });
	assert_int_equal(o.err, ERR_OK);
	assert_int_equal(o.blob.paddr, MIB(5));
	second = unpack_now("zstd", (struct unpack_wish){ .load = MIB(5) });
	assert_int_equal(second.err, ERR_OK);
	assert_true(second.blob.paddr > MIB(6));
	assert_memory_equal(o.blob.data, second.blob.data, plain.size);
	second = unpack_now("zstd", (struct unpack_wish){ .load = GIB(64) });
	assert_int_equal(second.err, ERR_OK);
	free(packed.data);
	free(plain.data);
	rig_free(&rig);
}

struct seen {
	u64 done, total;
	u32 calls;
};

static void see(void *ctx, u64 done, u64 total)
{
	struct seen *seen = ctx;

	assert_true(done > seen->done && done <= total && (!seen->total || seen->total == total));
	*seen = (struct seen){ done, total, seen->calls + 1 };
}

static void test_progress_ends_at_the_end(void **state)
{
	struct bytes plain = plain_make(3000000);

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(makers); i++) {
		struct bytes packed = makers[i].make(plain);
		struct seen seen = { 0 };

		/* Room that grows begins again from the start. */
		machine_make(MIB(64), packed);
		assert_int_equal(unpack_now(makers[i].method, (struct unpack_wish){ .size = plain.size, .progress = see, .ctx = &seen }).err,
				 ERR_OK);
		assert_true(seen.calls && seen.done == seen.total && seen.total == packed.size);
		free(packed.data);
		rig_free(&rig);
	}
	free(plain.data);
}

/* What came out is the beginning of what went in. */
static bool is_right(const struct outcome *o, struct bytes plain)
{
	return o->blob.size <= plain.size && !memcmp(o->blob.data, plain.data, (size_t)o->blob.size);
}

/* A file that was cut anywhere is refused; unless exactly a frame, a member or a stream with its padding was left out. */
static void cut_everywhere(const struct maker *maker, struct bytes plain)
{
	struct bytes packed = maker->make(plain);

	bool has_parts = strstr(maker->label, "streams") || strstr(maker->label, "frames") || strstr(maker->label, "members");

	for (size_t size = 0; size < packed.size; size++) {
		/* Exactly as large as its bytes, so that reading behind them is noticed. */
		struct bytes cut = bytes_copy((struct bytes){ packed.data, size });
		struct outcome o;

		machine_give(cut);
		o = unpack_now(maker->method, (struct unpack_wish){ .size = plain.size });
		/* Without its last padding an xz file is whole. */
		if (o.err)
			assert_refused(&o);
		else
			assert_true(has_parts && is_right(&o, plain) && o.blob.size == plain.size);
		source_release(&o.blob);
		o = unpack_now(maker->method, (struct unpack_wish){ 0 });
		if (o.err)
			assert_refused(&o);
		else
			assert_true(has_parts && is_right(&o, plain));
		source_release(&o.blob);
		free(cut.data);
	}
	free(packed.data);
}

static void test_cut_at_every_byte(void **state)
{
	struct bytes plain = plain_make(700);

	(void)state;
	rig_init(&rig, MIB(24));
	for (size_t i = 0; i < ARRAY_COUNT(makers); i++)
		cut_everywhere(&makers[i], plain);
	rig_free(&rig);
	free(plain.data);
}

/* One bit flipped: refused, or what comes out is right (headers have bits that mean nothing: a time, a name). */
static void flip_everywhere(const struct maker *maker, struct bytes plain)
{
	struct bytes packed = maker->make(plain);

	for (size_t bit = 0; bit < packed.size * 8; bit++) {
		struct outcome o;

		packed.data[bit / 8] ^= (u8)(1 << bit % 8);
		machine_give(packed);
		o = unpack_now(maker->method, (struct unpack_wish){ 0 });
		if (o.err)
			assert_refused(&o);
		else if (maker->is_checked)
			assert_true(is_right(&o, plain));
		source_release(&o.blob);
		packed.data[bit / 8] ^= (u8)(1 << bit % 8);
	}
	free(packed.data);
}

static void test_every_bit_flipped(void **state)
{
	struct bytes plain = plain_make(300);

	(void)state;
	rig_init(&rig, MIB(24));
	for (size_t i = 0; i < ARRAY_COUNT(makers); i++)
		flip_everywhere(&makers[i], plain);
	rig_free(&rig);
	free(plain.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_known_by_its_first_bytes),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_progress_ends_at_the_end),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_every_bit_flipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
