/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "console.h"
#include "fake.h"

static void check_parse(const char *text, const struct console_config *wanted, const char *formatted)
{
	struct console_config config, again;
	char out[CONSOLE_TEXT_MAX];

	memset(&config, 0xaa, sizeof(config));
	fake_log_reset();
	assert_int_equal(console_parse(text, &config), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	assert_int_equal(config.kind, wanted->kind);
	assert_int_equal(config.access, wanted->access);
	assert_true(config.addr == wanted->addr);
	assert_int_equal(config.baud, wanted->baud);
	assert_int_equal(config.parity, wanted->parity ? wanted->parity : 'n');
	assert_int_equal(config.bits, wanted->bits ? wanted->bits : 8);
	assert_int_equal(config.has_pci, wanted->has_pci);
	assert_int_equal(config.force, wanted->force);
	assert_int_equal(config.clock, wanted->clock);
	assert_int_equal(config.pci_bus, wanted->pci_bus);
	assert_int_equal(config.pci_device, wanted->pci_device);
	assert_int_equal(config.pci_function, wanted->pci_function);
	console_format(&config, out, sizeof(out));
	assert_string_equal(out, formatted);
	assert_int_equal(console_parse(out, &again), ERR_OK);
	assert_memory_equal(&again, &config, sizeof(config));
}

#define check(text, formatted, ...) check_parse(text, &(struct console_config){ __VA_ARGS__ }, formatted)

static void test_ports(void **state)
{
	(void)state;
	check("ttyS0", "ttyS0", .addr = 0x3f8);
	check("ttyS1,115200n8", "ttyS1,115200n8", .addr = 0x2f8, .baud = 115200);
	check("ttyS2,9600e7", "ttyS2,9600e7", .addr = 0x3e8, .baud = 9600, .parity = 'e', .bits = 7);
	check("ttyS3,38400o", "ttyS3,38400o8", .addr = 0x2e8, .baud = 38400, .parity = 'o');
	check("ttyS0,50", "ttyS0,50n8", .addr = 0x3f8, .baud = 50);
	check("ttyS0,4000000", "ttyS0,4000000n8", .addr = 0x3f8, .baud = 4000000);
}

static void test_addresses(void **state)
{
	(void)state;
	check("uart8250,io,0x3f8", "ttyS0", .addr = 0x3f8);
	check("uart8250,io,1016,115200n8", "ttyS0,115200n8", .addr = 0x3f8, .baud = 115200);
	check("uart,io,0xfff8", "uart8250,io,0xfff8", .addr = 0xfff8);
	check("uart8250,mmio,0x3f8", "uart8250,mmio,0x3f8", .access = CONSOLE_MMIO, .addr = 0x3f8);
	check("uart8250,mmio,0xfedc9000,57600", "uart8250,mmio,0xfedc9000,57600n8", .access = CONSOLE_MMIO,
	      .addr = 0xfedc9000, .baud = 57600);
	check("uart8250,mmio32,0xFFFFFFFFFFFE0", "uart8250,mmio32,0xfffffffffffe0", .access = CONSOLE_MMIO32,
	      .addr = 0xfffffffffffe0);
	check("uart8250,mmio,0XFFFFFFFFFFFF8,4000000o7", "uart8250,mmio,0xffffffffffff8,4000000o7",
	      .access = CONSOLE_MMIO, .addr = 0xffffffffffff8, .baud = 4000000, .parity = 'o', .bits = 7);
}

static void test_others(void **state)
{
	(void)state;
	check("pciserial", "pciserial", .kind = CONSOLE_PCISERIAL);
	check("pciserial,0:3.0", "pciserial,00:03.0", .kind = CONSOLE_PCISERIAL, .has_pci = true, .pci_device = 3);
	check("pciserial,fF:1f.7,115200", "pciserial,ff:1f.7,115200n8", .kind = CONSOLE_PCISERIAL, .has_pci = true,
	      .pci_bus = 0xff, .pci_device = 0x1f, .pci_function = 7, .baud = 115200);
	check("pciserial,force,1:2.3", "pciserial,force,01:02.3", .kind = CONSOLE_PCISERIAL, .has_pci = true, .force = true,
	      .pci_bus = 1, .pci_device = 2, .pci_function = 3);
	check("pciserial,ff:1f.7,9600,48000000", "pciserial,ff:1f.7,9600n8,48000000", .kind = CONSOLE_PCISERIAL, .has_pci = true,
	      .pci_bus = 0xff, .pci_device = 0x1f, .pci_function = 7, .baud = 9600, .clock = 48000000);
	check("pciserial,force,ff:1f.7,4000000o7,1000000000", "pciserial,force,ff:1f.7,4000000o7,1000000000",
	      .kind = CONSOLE_PCISERIAL, .has_pci = true, .force = true, .pci_bus = 0xff, .pci_device = 0x1f,
	      .pci_function = 7, .baud = 4000000, .parity = 'o', .bits = 7, .clock = 1000000000);
	check("ttyS0,115200n8,16", "ttyS0,115200n8,16", .addr = 0x3f8, .baud = 115200, .clock = 16);
	check("spcr", "spcr", .kind = CONSOLE_SPCR);
	check("none", "none", .kind = CONSOLE_NONE);
}

/* Each is refused with one line that quotes it, and the configuration stays what it was. */
static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		",",
		"ttyS",
		"ttyS4",
		"ttyS00000000000000000000004",
		"ttyS0x",
		"ttyS0,",
		"ttyS0,n8",
		"ttyS0,115200x8",
		"ttyS0,115200n9",
		"ttyS0,115200n88",
		"ttyS0,115200n8,",
		"ttyS0,49",
		"ttyS0,4000001",
		"ttyS0,-9600",
		"ttyS0,99999999999999999999999",
		"ttyS0 ",
		" ttyS0",
		"TTYS0",
		"ttys0",
		"uart8250",
		"uart8250,",
		"uart8250,io",
		"uart8250,io,",
		"uart8250,io,0x",
		"uart8250,io,0xfff9",
		"uart8250,io,65529",
		"uart8250,io,3f8",
		"uart8250,io,0x3f8n",
		"uart8250,iox,0x3f8",
		"uart8250,mmio16,0x1000",
		"uart8250,mmio,0xffffffffffff9",
		"uart8250,mmio,0x10000000000000",
		"uart8250,mmio,0x10000000000000000",
		"uart8250,mmio32,0x1002",
		"uart8250,mmio32,0xfffffffffffe4",
		"uart8251,io,0x3f8",
		"uart8250x",
		"pciserial,",
		"pciserial,1",
		"pciserial,1:2",
		"pciserial,1:2.",
		"pciserial,1:2.8",
		"pciserial,1:20.0",
		"pciserial,100:0.0",
		"pciserial,:.",
		"pciserial,1:2.3x",
		"pciserial,1:2.3,",
		"pciserialx",
		"pciserial,force",
		"pciserial,force,",
		"pciserial,forced,1:2.3",
		"ttyS0,115200n8,15",
		"ttyS0,115200n8,1000000001",
		"ttyS0,115200n8,48000000,",
		"ttyS0,115200n8,48e6",
		"pciserial,115200",
		"spcr,115200",
		"spcrx",
		"none,",
		"nonesuch",
		"tty0",
	};
	struct console_config config;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		memset(&config, 0x5a, sizeof(config));
		fake_log_reset();
		assert_int_equal(console_parse(bad[i], &config), ERR_VALUE);
		assert_int_equal(fake_log_errors(), 1);
		assert_true(fake_log_has("console: error: console=\""));
		assert_true(fake_log_has(bad[i]));
		assert_int_equal(config.baud, 0x5a5a5a5a);
	}
}

static void test_newlines(void **state)
{
	(void)state;
	fake_console_init("", 0);
	console_puts("a\nb\n\nc");
	console_puts("");
	console_write("\n", 1);
	console_write("x\0y", 3);
	console_printf("%s=%d\n", "n", 5);
	assert_memory_equal(fake_output, "a\r\nb\r\n\r\nc\r\nx\0yn=5\r\n", fake_output_size);
	assert_int_equal(fake_output_size, 19);
	fake_console_free();
}

static void test_printf_cut(void **state)
{
	char text[400];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fake_console_init("", 0);
	console_printf("%s", text);
	assert_int_equal(fake_output_size, CONSOLE_PRINTF_MAX - 1);
	fake_console_free();
}

static void test_input(void **state)
{
	u64 start;

	(void)state;
	fake_time_step = 10;
	fake_console_init("a\xff", 2);
	assert_int_equal(console_getc(), 'a');
	assert_int_equal(console_wait(0), 0xff);
	assert_int_equal(console_getc(), -1);
	start = fake_time_us;
	assert_int_equal(console_wait(50000), -1);
	assert_in_range(fake_time_us - start, 50000, 50050);
	fake_console_init("z", 1);
	start = fake_time_us;
	assert_int_equal(console_wait(1), 'z');
	assert_true(fake_time_us - start < 50);
	fake_time_step = 1;
	fake_console_free();
}

static void test_no_device(void **state)
{
	(void)state;
	console_set(NULL);
	console_puts("nobody\nlistens\n");
	assert_int_equal(console_getc(), -1);
	assert_int_equal(console_wait(100), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_newlines),
		cmocka_unit_test(test_printf_cut),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_no_device),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
