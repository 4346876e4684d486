/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A monitor's description, block by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "edid.h"

static u8 block[EDID_SIZE];

static void sum(void)
{
	u8 total = 0;

	for (u32 i = 0; i < EDID_SIZE - 1; i++)
		total = (u8)(total + block[i]);
	block[EDID_SIZE - 1] = (u8)-total;
}

static int setup(void **state)
{
	/* 1920x1080 at 60 Hz: 148.5 MHz, blanking 280 and 45. */
	static const u8 timing[] = { 0x02, 0x3a, 0x80, 0x18, 0x71, 0x38, 0x2d, 0x40 };

	(void)state;
	memset(block, 0, sizeof(block));
	memset(block + 1, 0xff, 6);
	block[8] = 0x10;		/* DEL: 4, 5, 12 */
	block[9] = 0xac;
	block[10] = 0x34;
	block[11] = 0x12;
	memcpy(block + 12, "\x78\x56\x34\x12", 4);
	block[17] = 30;
	block[18] = 1;
	block[19] = 4;
	block[21] = 53;
	block[22] = 30;
	memcpy(block + 54, timing, sizeof(timing));
	memcpy(block + 72, "\0\0\0\xfc\0Lab U24\n     ", 18);
	block[126] = 1;
	sum();
	return 0;
}

static void test_good(void **state)
{
	struct edid e;

	(void)state;
	assert_int_equal(edid_parse(block, &e), ERR_OK);
	assert_string_equal(e.maker, "DEL");
	assert_string_equal(e.name, "Lab U24");
	assert_true(e.product == 0x1234 && e.serial == 0x12345678 && e.year == 2020 && e.version == 1 && e.revision == 4);
	assert_true(e.width_cm == 53 && e.height_cm == 30 && e.extensions == 1);
	assert_true(e.width == 1920 && e.height == 1080 && e.pixel_khz == 148500 && e.refresh_hz == 60);
}

static void test_odd(void **state)
{
	struct edid e;

	(void)state;
	/* A name of all 13 characters, with one that is none; a preferred timing of nothing; a maker of no letters. */
	memcpy(block + 77, "1234567890\x01""23", 13);
	memset(block + 54, 0, 18);
	block[54] = 1;
	block[8] = 0;
	block[9] = 0;
	sum();
	assert_int_equal(edid_parse(block, &e), ERR_OK);
	assert_string_equal(e.name, "1234567890\\x0123");
	assert_string_equal(e.maker, "???");
	assert_true(e.width == 0 && e.height == 0 && e.refresh_hz == 0);
}

static void test_bad(void **state)
{
	struct edid e;

	(void)state;
	block[30]++;
	assert_int_equal(edid_parse(block, &e), ERR_HASH);
	block[0] = 1;
	assert_int_equal(edid_parse(block, &e), ERR_MAGIC);
	memset(block, 0xff, sizeof(block));
	assert_int_equal(edid_parse(block, &e), ERR_MAGIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_good, setup), cmocka_unit_test_setup(test_odd, setup), cmocka_unit_test_setup(test_bad, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
