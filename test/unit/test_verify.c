/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "verify.h"

static u8 digit(char c)
{
	return (u8)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static const u8 *bytes_of(const char *hex)
{
	static u8 bytes[HASH_MAX_SIZE];

	for (size_t i = 0; hex[2 * i]; i++)
		bytes[i] = (u8)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	return bytes;
}

/* "abc" and nothing: FIPS 180-4 examples; CRC-32 by the polynomial of ISO 3309; MD5: RFC 1321, A.5. */
static const struct {
	enum hash_algo algo;
	const char *text, *hex;
} known[] = {
	{ HASH_CRC32, "123456789", "cbf43926" },
	{ HASH_CRC32, "", "00000000" },
	{ HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ HASH_SHA384, "abc", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	  "8086072ba1e7cc2358baeca134c825a7" },
	{ HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ HASH_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ HASH_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ HASH_SHA512, "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void test_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		u8 got[HASH_MAX_SIZE];

		hash_compute(known[i].algo, known[i].text, strlen(known[i].text), got, NULL, NULL);
		assert_int_equal(hash_size(known[i].algo), strlen(known[i].hex) / 2);
		assert_memory_equal(got, bytes_of(known[i].hex), hash_size(known[i].algo));
	}
}

static void test_names(void **state)
{
	static const char *const names[HASH_ALGO_COUNT] = { "crc32", "md5", "sha1", "sha256", "sha384", "sha512" };
	enum hash_algo algo = HASH_SHA1;

	(void)state;
	assert_false(hash_parse("md4", &algo) || hash_parse("", &algo) || hash_parse("SHA256", &algo) ||
		     hash_parse("sha2567", &algo));
	assert_int_equal(algo, HASH_SHA1);
	for (u32 i = 0; i < HASH_ALGO_COUNT; i++) {
		assert_string_equal(hash_name((enum hash_algo)i), names[i]);
		assert_true(hash_parse(names[i], &algo) && algo == i);
	}
}

#define BIG (2 * 1024 * 1024 + 12345)

static u8 *big_part(void)
{
	u8 *data = malloc(BIG);

	for (u32 i = 0; i < BIG; i++)
		data[i] = (u8)(i * 7 + (i >> 8));
	return data;
}

struct seen {
	u32 calls;
	u64 last, total;
};

static void note_progress(void *ctx, u64 done, u64 total)
{
	struct seen *seen = ctx;

	assert_true(done > seen->last && done <= total);
	seen->calls++;
	seen->last = done;
	seen->total = total;
}

/* Taken in steps it is the same hash as taken at once, and any bit that differs shows. */
static void test_steps(void **state)
{
	u8 *data = big_part(), whole[HASH_MAX_SIZE], changed[HASH_MAX_SIZE];

	(void)state;
	for (u32 i = 0; i < HASH_ALGO_COUNT; i++) {
		struct seen seen = { 0 };
		u32 size = hash_size((enum hash_algo)i);

		hash_compute((enum hash_algo)i, data, BIG, whole, note_progress, &seen);
		assert_int_equal(seen.calls, 3);
		assert_true(seen.last == BIG && seen.total == BIG);
		data[BIG - 1] ^= 1;
		hash_compute((enum hash_algo)i, data, BIG, changed, NULL, NULL);
		assert_memory_not_equal(whole, changed, size);
		data[BIG - 1] ^= 1;
		data[1024 * 1024] ^= 0x80;
		hash_compute((enum hash_algo)i, data, BIG, changed, NULL, NULL);
		assert_memory_not_equal(whole, changed, size);
		data[1024 * 1024] ^= 0x80;
	}
	free(data);
}

static void test_ok(void **state)
{
	u8 *data = big_part(), sha256[HASH_MAX_SIZE], crc32[HASH_MAX_SIZE];
	const struct hash_want want[] = { { HASH_SHA256, sha256, "hash-1" }, { HASH_CRC32, crc32, "hash-2" } };
	struct seen seen = { 0 };

	(void)state;
	hash_compute(HASH_SHA256, data, BIG, sha256, NULL, NULL);
	hash_compute(HASH_CRC32, data, BIG, crc32, NULL, NULL);
	fake_log_reset();
	fake_time_step = 1500;
	assert_int_equal(verify_part("kernel", data, BIG, want, 2, note_progress, &seen), ERR_OK);
	fake_time_step = 1;
	assert_true(fake_log_has("verify: kernel sha256 ok bytes=2109497 us="));
	assert_true(fake_log_has("verify: kernel crc32 ok bytes=2109497 us="));
	assert_int_equal(fake_log_errors(), 0);
	assert_int_equal(seen.calls, 6);
	assert_true(seen.last == 2 * BIG && seen.total == 2 * BIG);
	free(data);
}

static void test_mismatch(void **state)
{
	const struct hash_want sha256 = { HASH_SHA256, bytes_of("ba7816bf8f01cfea414140de5dae2223"
							       "b00361a396177a9cb410ff61f20015ad"), "hash-1" };
	static const u8 crc[4] = { 0xcb, 0xf4, 0x39, 0x26 };
	const struct hash_want crc32 = { HASH_CRC32, crc, "hash-2" };

	(void)state;
	fake_log_reset();
	assert_int_equal(verify_part("initrd", "abd", 3, &sha256, 1, NULL, NULL), ERR_HASH);
	assert_true(fake_log_has("verify: error: initrd sha256 mismatch want=ba7816bf8f01cfea.. got=a52d159f262b2c6d.. "
				 "bytes=3"));
	assert_false(fake_log_has("zeros"));
	assert_int_equal(fake_log_errors(), 1);
	fake_log_reset();
	assert_int_equal(verify_part("initrd", "12345678", 8, &crc32, 1, NULL, NULL), ERR_HASH);
	assert_true(fake_log_has("verify: error: initrd crc32 mismatch want=cbf43926 got=9ae0daaf bytes=8"));
	assert_int_equal(fake_log_errors(), 1);
}

/* Each byte of each hash counts. */
static void test_every_byte(void **state)
{
	(void)state;
	for (u32 algo = 0; algo < HASH_ALGO_COUNT; algo++) {
		u8 value[HASH_MAX_SIZE];
		const struct hash_want want = { (enum hash_algo)algo, value, "hash-1" };

		hash_compute(want.algo, "abc", 3, value, NULL, NULL);
		for (u32 i = 0; i < hash_size(want.algo); i++) {
			value[i] ^= 1;
			assert_int_equal(verify_part("x", "abc", 3, &want, 1, NULL, NULL), ERR_HASH);
			value[i] ^= 1;
		}
		assert_int_equal(verify_part("x", "abc", 3, &want, 1, NULL, NULL), ERR_OK);
	}
}

/* The first wrong hash ends it: nobody reads "ok" behind a mismatch. */
static void test_first_wrong_ends(void **state)
{
	static const u8 wrong[4] = { 1, 2, 3, 4 }, right[4] = { 0xcb, 0xf4, 0x39, 0x26 };
	const struct hash_want want[] = { { HASH_CRC32, wrong, "hash-1" }, { HASH_CRC32, right, "hash-2" } };

	(void)state;
	fake_log_reset();
	assert_int_equal(verify_part("x", "123456789", 9, want, 2, NULL, NULL), ERR_HASH);
	assert_false(fake_log_has(" ok "));
	assert_int_equal(verify_part("x", "123456789", 9, want + 1, 1, NULL, NULL), ERR_OK);
}

static void test_zeros(void **state)
{
	static const u8 want_crc[4] = { 1, 2, 3, 4 };
	const struct hash_want want = { HASH_CRC32, want_crc, "hash-1" };
	u8 part[64] = { 0 };

	(void)state;
	fake_log_reset();
	assert_int_equal(verify_part("kernel", part, sizeof(part), &want, 1, NULL, NULL), ERR_HASH);
	assert_true(fake_log_has("kernel is nothing but zeros: the boot loader failed to unpack it"));
	fake_log_reset();
	assert_int_equal(verify_part("kernel", part, 1, &want, 1, NULL, NULL), ERR_HASH);
	assert_true(fake_log_has("nothing but zeros"));
	for (size_t i = 0; i < sizeof(part); i++) {
		part[i] = 1;
		fake_log_reset();
		assert_int_equal(verify_part("kernel", part, sizeof(part), &want, 1, NULL, NULL), ERR_HASH);
		assert_false(fake_log_has("zeros"));
		part[i] = 0;
	}
	fake_log_reset();
	assert_int_equal(verify_part("kernel", part, 0, &want, 1, NULL, NULL), ERR_HASH);
	assert_true(fake_log_has("got=00000000 bytes=0"));
	assert_false(fake_log_has("zeros"));
}

static void test_no_hash(void **state)
{
	(void)state;
	fake_log_reset();
	assert_int_equal(verify_part("module", "abc", 3, NULL, 0, NULL, NULL), ERR_OK);
	assert_true(fake_log_has("verify: module has no hash, taken as it is bytes=3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known), cmocka_unit_test(test_names), cmocka_unit_test(test_steps),
		cmocka_unit_test(test_ok), cmocka_unit_test(test_mismatch), cmocka_unit_test(test_first_wrong_ends),
		cmocka_unit_test(test_every_byte), cmocka_unit_test(test_zeros), cmocka_unit_test(test_no_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
