/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The UART driver against registers that behave as the data sheet says, as an empty slot does, or not at all. */
#include "uart8250_fixture.h"

/* --- probe --- */

static void test_probe_finds_all_kinds(void **state)
{
	(void)state;
	for (enum kind kind = UART_8250; kind <= UART_16550A; kind++) {
		plug(kind);
		assert_true(uart8250_probe(&uart));
		assert_int_equal(bus.ier, 0x0f);
		assert_int_equal(bus.lcr, 0x03);
		assert_int_equal(bus.mcr, 0x0b);
		assert_int_equal(bus.fcr, 0);
		assert_int_equal(bus.scr, 0x77);
		assert_int_equal(bus.dll, 12);
		assert_int_equal(bus.line_used, 0);
	}
}

static void test_probe_by_scratch_alone(void **state)
{
	(void)state;
	for (enum kind kind = UART_8250; kind <= UART_16550A; kind++) {
		plug(kind);
		bus.no_loopback = true;
		assert_int_equal(uart8250_probe(&uart), kind != UART_8250);
	}
}

static void test_probe_empty_slot(void **state)
{
	(void)state;
	plug(ABSENT);
	assert_false(uart8250_probe(&uart));
}

/* A bus that answers zeros, and one that gives back what was written last: neither has a UART on it. */
static uint8_t bus_value;

static uint8_t echo_read(const struct uart8250 *u, unsigned int reg)
{
	(void)u;
	(void)reg;
	return bus_value;
}

static void zero_write(const struct uart8250 *u, unsigned int reg, uint8_t value)
{
	(void)u;
	(void)reg;
	(void)value;
}

static void test_probe_zeros(void **state)
{
	static const struct uart8250_io zeros = { .read = echo_read, .write = zero_write };
	struct uart8250 nothing = { .io = &zeros };

	(void)state;
	bus_value = 0;
	assert_false(uart8250_probe(&nothing));
	bus_value = 0x5a;
	assert_false(uart8250_probe(&nothing));
}

/* --- setup --- */

static void test_setup_keeps_rate(void **state)
{
	(void)state;
	plug(UART_16550A);
	bus.lcr = 0x1a;
	assert_int_equal(uart8250_setup(&uart, 0, 8, 'n'), 9600);
	assert_int_equal(bus.lcr, 0x1a);
	assert_int_equal(bus.dll, 12);
	assert_int_equal(bus.dlm, 0);
	assert_int_equal(bus.ier, 0);
	assert_int_equal(bus.mcr, MCR_DTR | MCR_RTS | MCR_OUT2);
	assert_int_equal(uart.fifo_size, 16);
}

static void test_setup_rates(void **state)
{
	static const struct {
		uint32_t baud, divisor, in_force;
	} rates[] = {
		{ 115200, 1, 115200 }, { 57600, 2, 57600 }, { 38400, 3, 38400 }, { 9600, 12, 9600 }, { 300, 384, 300 },
		{ 50, 2304, 50 }, { 1000000, 1, 115200 }, { 100000, 1, 115200 }, { 2, 57600, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		plug(UART_16550A);
		assert_int_equal(uart8250_setup(&uart, rates[i].baud, 8, 'n'), rates[i].in_force);
		assert_int_equal(bus.dll | bus.dlm << 8, rates[i].divisor);
		assert_int_equal(bus.lcr, LCR_8_BITS);
	}
}

/* The divisor has 16 bits: a rate below 115200 / 65535 is as slow as it gets, not some other rate. */
static void test_setup_slowest(void **state)
{
	(void)state;
	plug(UART_16550A);
	assert_int_equal(uart8250_setup(&uart, 1, 8, 'n'), UART8250_MAX_BAUD / 65535);
	assert_int_equal(bus.dll | bus.dlm << 8, 65535);
}

static void test_setup_formats(void **state)
{
	static const struct {
		unsigned int bits;
		char parity;
		uint8_t lcr;
	} formats[] = {
		{ 8, 'n', 0x03 }, { 7, 'n', 0x02 }, { 8, 'e', 0x1b }, { 7, 'e', 0x1a }, { 8, 'o', 0x0b },
		{ 7, 'o', 0x0a },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		plug(UART_16450);
		bus.lcr = 0xff;
		assert_int_equal(uart8250_setup(&uart, 19200, formats[i].bits, formats[i].parity), 19200);
		assert_int_equal(bus.lcr, formats[i].lcr);
	}
}

/* Firmware that left the divisor latch open: data must not go into the divisor. */
static void test_setup_closes_latch(void **state)
{
	(void)state;
	plug(UART_16550A);
	bus.lcr = LCR_DLAB | 0x03;
	assert_int_equal(uart8250_setup(&uart, 0, 8, 'n'), 9600);
	assert_int_equal(bus.lcr, 0x03);
	assert_int_equal(bus.ier, 0);
	uart8250_write(&uart, "x", 1);
	check_sent("x");
	assert_int_equal(bus.dll, 12);
	assert_int_equal(bus.dlm, 0);
}

static void test_setup_without_divisor(void **state)
{
	(void)state;
	plug(UART_16550A);
	bus.dll = 0;
	assert_int_equal(uart8250_setup(&uart, 0, 8, 'n'), 0);
}

/* The FIFO of the 16550 without A loses bytes: both bits must be there. */
static void test_setup_fifo(void **state)
{
	static const unsigned int sizes[] = { [UART_8250] = 1, [UART_16450] = 1, [UART_16550] = 1, [UART_16550A] = 16 };

	(void)state;
	for (enum kind kind = UART_8250; kind <= UART_16550A; kind++) {
		plug(kind);
		uart8250_setup(&uart, 115200, 8, 'n');
		assert_int_equal(uart.fifo_size, sizes[kind]);
	}
}

/* --- write --- */

static void test_write_arrives(void **state)
{
	char text[LINE_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < LINE_SIZE; i++)
		text[i] = (char)('!' + i % 90);
	text[LINE_SIZE] = '\0';
	for (enum kind kind = UART_8250; kind <= UART_16550A; kind++) {
		plug(kind);
		uart8250_setup(&uart, 115200, 8, 'n');
		for (size_t at = 0, part = 0; at < LINE_SIZE; at += part, part++)
			uart8250_write(&uart, text + at, part < LINE_SIZE - at ? part : LINE_SIZE - at);
		check_sent(text);
		assert_false(uart.stalled);
	}
}

/* One wait per FIFO, not per character. */
static void test_write_uses_fifo(void **state)
{
	char text[160];

	(void)state;
	memset(text, 'x', sizeof(text));
	plug(UART_16550A);
	bus.reads_per_char = 1;
	uart8250_setup(&uart, 0, 8, 'n');
	bus.lsr_reads = 0;
	uart8250_write(&uart, text, sizeof(text));
	assert_int_equal(bus.line_used, sizeof(text));
	/* The first block finds an empty FIFO, nine wait for 16 characters each. */
	assert_int_equal(bus.lsr_reads, 1 + 9 * 16);
}

static void test_write_slow_line(void **state)
{
	(void)state;
	plug(UART_16450);
	uart8250_setup(&uart, 0, 8, 'n');
	bus.reads_per_char = WAIT_POLLS - 1;
	uart8250_write(&uart, "slow", 4);
	check_sent("slow");
}

static void test_write_nothing(void **state)
{
	(void)state;
	plug(UART_16550A);
	uart8250_setup(&uart, 0, 8, 'n');
	bus.lsr_reads = 0;
	uart8250_write(&uart, "x", 0);
	assert_int_equal(bus.lsr_reads, 0);
}

/* A stuck line costs one full wait, then one poll per block, and is used again as soon as it moves. */
static void test_write_stuck_line(void **state)
{
	char text[1600];

	(void)state;
	memset(text, 'x', sizeof(text));
	plug(UART_16550A);
	uart8250_setup(&uart, 0, 8, 'n');
	uart8250_write(&uart, "a", 1);
	bus.stuck = true;
	bus.lsr_reads = 0;
	uart8250_write(&uart, text, sizeof(text));
	assert_true(uart.stalled);
	assert_int_equal(bus.lsr_reads, WAIT_POLLS + sizeof(text) / 16 - 1);
	uart8250_write(&uart, text, sizeof(text));
	assert_int_equal(bus.lsr_reads, WAIT_POLLS + 2 * sizeof(text) / 16 - 1);
	check_sent("a");
	bus.stuck = false;
	bus.reads_left = 1;
	uart8250_write(&uart, "b", 1);
	check_sent("ab");
	assert_false(uart.stalled);
}

/* With a clock the bound is a time, however many polls it takes: twice a FIFO's time, between 100 ms and a second. */
static void test_wait_is_a_time(void **state)
{
	static const struct {
		enum kind kind;
		uint32_t baud, wait_us, block_size;
	} lines[] = {
		{ UART_16550A, 115200, 100000, 16 }, { UART_16450, 115200, 100000, 1 }, { UART_16550A, 2400, 160000, 16 },
		{ UART_16550A, 1200, 320000, 16 }, { UART_16550A, 300, 960000, 12 }, { UART_16550A, 110, 872720, 4 },
		{ UART_16550A, 50, 960000, 2 }, { UART_16450, 300, 100000, 1 }, { UART_16450, 50, 480000, 1 },
	};
	static const unsigned int speeds[] = { 1, 7, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		for (size_t speed = 0; speed < sizeof(speeds) / sizeof(speeds[0]); speed++) {
			uint64_t before;

			plug_with_clock(lines[i].kind);
			bus.us_per_read = speeds[speed];
			uart8250_setup(&uart, lines[i].baud, 8, 'n');
			assert_int_equal(uart.wait_us, lines[i].wait_us);
			assert_int_equal(uart.block_size, lines[i].block_size);
			bus.stuck = true;
			bus.waiting = 1;
			before = bus.now;
			uart8250_write(&uart, "x", 1);
			assert_true(uart.stalled);
			assert_in_range(bus.now - before, lines[i].wait_us, lines[i].wait_us + 2 * speeds[speed]);
			before = bus.now;
			uart8250_write(&uart, "x", 1);
			assert_int_equal(bus.now - before, speeds[speed]);
		}
	}
}

/* A line that is slow, but within its rate, loses nothing. */
static void test_write_within_the_rate(void **state)
{
	static const uint32_t rates[] = { 50, 110, 300, 9600, 115200 };
	char text[101];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		for (enum kind kind = UART_8250; kind <= UART_16550A; kind++) {
			plug_with_clock(kind);
			bus.us_per_read = 5;
			bus.reads_per_char = CHAR_BITS_MAX * 1000000u / rates[i] / 5 + 1;
			uart8250_setup(&uart, rates[i], 8, 'n');
			uart8250_write(&uart, text, strlen(text));
			check_sent(text);
			assert_false(uart.stalled);
		}
	}
}

/* A clock of the UART other than a PC's. */
static void test_base_rate(void **state)
{
	(void)state;
	plug(UART_16550A);
	uart.base_baud = 3000000;
	assert_int_equal(uart8250_setup(&uart, 115200, 8, 'n'), 3000000 / 26);
	assert_int_equal(bus.dll | bus.dlm << 8, 26);
	assert_int_equal(uart8250_setup(&uart, 0, 8, 'n'), 3000000 / 26);
	uart.base_baud = 0;
	assert_int_equal(uart8250_setup(&uart, 0, 8, 'n'), 115200 / 26);
}

/* Nobody there reads as "empty": everything is swallowed at once. */
static void test_write_absent(void **state)
{
	(void)state;
	plug(ABSENT);
	assert_int_equal(uart8250_setup(&uart, 0, 8, 'n'), UART8250_MAX_BAUD / 0xffff);
	uart8250_write(&uart, "hello", 5);
	assert_int_equal(uart8250_read(&uart), -1);
	assert_false(uart.stalled);
}

/* Without a setup the driver still makes progress. */
static void test_write_before_setup(void **state)
{
	(void)state;
	plug(UART_16550A);
	uart8250_write(&uart, "early", 5);
	check_sent("early");
}

/* --- read --- */

static void test_read(void **state)
{
	(void)state;
	plug(UART_16550A);
	assert_int_equal(uart8250_read(&uart), -1);
	bus.input = "a\xff\0";
	bus.input_left = 3;
	assert_int_equal(uart8250_read(&uart), 'a');
	assert_int_equal(uart8250_read(&uart), 0xff);
	assert_int_equal(uart8250_read(&uart), 0);
	assert_int_equal(uart8250_read(&uart), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probe_finds_all_kinds), cmocka_unit_test(test_probe_by_scratch_alone),
		cmocka_unit_test(test_probe_empty_slot), cmocka_unit_test(test_probe_zeros),
		cmocka_unit_test(test_setup_keeps_rate), cmocka_unit_test(test_setup_rates),
		cmocka_unit_test(test_setup_slowest), cmocka_unit_test(test_setup_formats),
		cmocka_unit_test(test_setup_closes_latch), cmocka_unit_test(test_setup_without_divisor),
		cmocka_unit_test(test_setup_fifo), cmocka_unit_test(test_write_arrives),
		cmocka_unit_test(test_write_uses_fifo), cmocka_unit_test(test_write_slow_line),
		cmocka_unit_test(test_write_nothing), cmocka_unit_test(test_write_stuck_line),
		cmocka_unit_test(test_wait_is_a_time),
		cmocka_unit_test(test_write_within_the_rate), cmocka_unit_test(test_base_rate),
		cmocka_unit_test(test_write_absent), cmocka_unit_test(test_write_before_setup),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
