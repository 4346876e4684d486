/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A hash that the library could not compute is never taken for a good one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <mbedtls/sha256.h>

#include "fake.h"

static int failing_update(mbedtls_sha256_context *context, const unsigned char *data, size_t size)
{
	(void)context;
	(void)data;
	return size ? MBEDTLS_ERR_SHA256_BAD_INPUT_DATA : 0;
}

#define mbedtls_sha256_update_ret failing_update
#include "../../src/verify.c"

static void test_failure(void **state)
{
	u8 value[HASH_MAX_SIZE], zeros[HASH_MAX_SIZE] = { 0 };
	const struct hash_want want = { HASH_SHA256, value, "hash-1" };

	(void)state;
	memset(value, 0xa5, sizeof(value));
	fake_log_reset();
	assert_int_equal(verify_part("x", "abc", 3, &want, 1, NULL, NULL), ERR_HASH);
	assert_true(fake_log_has("verify: error: sha256: Mbed TLS reports error -116"));
	assert_int_equal(fake_log_errors(), 1);
	hash_compute(HASH_SHA256, "abc", 3, value, NULL, NULL);
	assert_memory_equal(value, zeros, hash_size(HASH_SHA256));
	assert_int_equal(fake_log_errors(), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_failure) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
