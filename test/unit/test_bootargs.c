/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Names in a command line, filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bootargs.h"
#include "core.h"
#include "fake.h"

#define OWN "/boot/trapeze.elf loglevel=debug root=/dev/sda1 console=ttyS1 \"dyndbg=file a.c +p\" timeout=5 ro trap=3"
#define FOREIGN "root=/dev/sda1 \"dyndbg=file a.c +p\" ro"

static int setup(void **state)
{
	(void)state;
	fake_log_reset();
	fake_console = (struct console_config){ .addr = 0x3f8, .baud = 115200, .parity = 'n', .bits = 8 };
	fake_has_console = true;
	return 0;
}

static void check(const char *text, const char *own, bool reuse, const char *wanted)
{
	const struct manifest_config config = { .name = "it", .reuse_bootargs = reuse };
	char *out;

	assert_int_equal(bootargs_expand(&config, text, own, &out), ERR_OK);
	assert_string_equal(out, wanted);
	assert_int_equal(fake_log_errors(), 0);
	free(out);
}

static void test_untouched(void **state)
{
	static const char *const texts[] = { "", "a b", "$", "a$b $console $$ $(x) $ {console} }" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		check(texts[i], OWN, false, texts[i]);
}

static void test_names(void **state)
{
	(void)state;
	check("${console}", "", false, "console=ttyS0,115200n8");
	check("quiet ${console} x=$1${console}", "", false, "quiet console=ttyS0,115200n8 x=$1console=ttyS0,115200n8");
	check("${bootargs}", OWN, false, FOREIGN);
	check("a ${bootargs} b", "", false, "a  b");
	check("$${console}", "", false, "$console=ttyS0,115200n8");
	fake_console = (struct console_config){
		.kind = CONSOLE_PCISERIAL, .access = CONSOLE_MMIO32, .addr = 0xfe000000, .baud = 9600, .parity = 'e', .bits = 7,
		.has_pci = true, .pci_device = 5,
	};
	check("${console}", "", false, "console=uart8250,mmio32,0xfe000000,9600e7");
	fake_has_console = false;
	check("a ${console} b", "", false, "a  b");
	check("${elfcorehdr} quiet", "", false, " quiet");
	core_set_address(0x1fdff000);
	check("${elfcorehdr} quiet", "", false, "elfcorehdr=0x1fdff000 quiet");
	core_set_address(0);
}

static void test_reuse(void **state)
{
	(void)state;
	check("", OWN, true, FOREIGN);
	check("quiet", OWN, true, "quiet " FOREIGN);
	check("quiet", "loglevel=debug", true, "quiet");
	check("${bootargs} quiet", OWN, true, FOREIGN " quiet");
	check("", "", true, "");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "a ${consol} b", "it: ${consol} is not known; known: ${console}, ${bootargs}, ${ramoops}, ${elfcorehdr}" },
		{ "${}", "it: ${} is not known" },
		{ "${console ", "it: \"${console \" has no \"}\"" },
		{ "a ${", "it: \"${\" has no \"}\"" },
		{ "${Console}", "it: ${Console} is not known" },
		{ "${console2}", "it: ${console2} is not known" },
		{ "${ console}", "it: ${ console} is not known" },
		{ "${${console}}", "it: ${${console} is not known" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		char *out;

		setup(NULL);
		assert_int_equal(bootargs_expand(&(struct manifest_config){ .name = "it" }, cases[i].text, OWN, &out), ERR_UNKNOWN);
		assert_null(out);
		assert_true(fake_log_has(cases[i].message));
		assert_int_equal(fake_log_errors(), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_untouched, setup),
		cmocka_unit_test_setup(test_names, setup),
		cmocka_unit_test_setup(test_reuse, setup),
		cmocka_unit_test_setup(test_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
