/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* From console= to a UART: what is tried, in which order, what is switched on, and what is said when nothing comes of it. */
#include "acpi_fixture.h"
#include "console.h"
#include "devices.h"

#define ID 0x00021b36u
#define SERIAL_16550 0x07000201u
#define COMMAND 1			/* words of configuration space */
#define CLASS 2
#define HEADER 3
#define BAR0 4
#define MULTI 0x00800000u

static int setup(void **state)
{
	fake_devices_reset();
	return setup_tables(state);
}

static int teardown(void **state)
{
	fake_devices_reset();
	return teardown_tables(state);
}

/* A serial card whose command register is off and whose status has bits that ones would clear. */
static u32 *card(u8 bus, u8 device, u8 function, u32 bar0)
{
	u32 *words = fake_pci_add(bus, device, function, ID);

	words[COMMAND] = 0x02900000;
	words[CLASS] = SERIAL_16550;
	words[BAR0] = bar0;
	return words;
}

static void check_opened(const char *text, enum console_access access, paddr_t addr)
{
	assert_int_equal(console_open(text, &info), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	assert_int_equal(fake_uart_open.access, access);
	assert_true(fake_uart_open.addr == addr);
	assert_true(console_is_open());
}

/* One error line, with this in it. */
static void check_refused(const char *text, enum err wanted, const char *sentence)
{
	fake_log_reset();
	assert_int_equal(console_open(text, &info), wanted);
	assert_int_equal(fake_log_errors(), 1);
	if (!fake_log_has(sentence))
		fail_msg("\"%s\" does not say \"%s\"", fake_log_text(), sentence);
}

/* --- by name --- */

static void test_by_address(void **state)
{
	(void)state;
	fake_uart_add(CONSOLE_IO, 0x4e8);
	fake_uart_add(CONSOLE_MMIO32, 0xfedc0000);
	check_opened("uart8250,io,0x4e8,9600e7", CONSOLE_IO, 0x4e8);
	assert_int_equal(fake_uart_open.baud, 9600);
	assert_int_equal(fake_uart_open.bits, 7);
	check_opened("uart,mmio32,0xfedc0000,115200n8,48000000", CONSOLE_MMIO32, 0xfedc0000);
	assert_int_equal(fake_uart_open.clock, 48000000);
	/* An address is meant as it is written: no other stride is tried. The console stays what it was. */
	check_refused("uart8250,mmio,0xfedc0000", ERR_DEVICE,
		      "console=uart8250,mmio,0xfedc0000: no UART answers at address 0xfedc0000");
	check_refused("ttyS0", ERR_DEVICE, "console=ttyS0: no UART answers at port 0x3f8");
	assert_string_equal(fake_uart_tried(), "io 0x4e8, mmio32 0xfedc0000, mmio 0xfedc0000, io 0x3f8");
	assert_true(fake_uart_open.addr == 0xfedc0000);
	check_refused("ttyS9", ERR_VALUE, "bad port number");
}

static void test_none(void **state)
{
	(void)state;
	fake_uart_add(CONSOLE_IO, 0x3f8);
	check_opened("ttyS0", CONSOLE_IO, 0x3f8);
	assert_int_equal(console_open("none", &info), ERR_OK);
	assert_false(console_is_open());
}

/* A probe writes: never into memory that the loader calls usable. */
static void test_memory_is_no_uart(void **state)
{
	static const struct {
		u64 start, size;
		u32 type, zero;
	} map[] = { { 0, 0x9fc00, 1, 0 }, { MIB(1), MIB(63), 1, 0 }, { 0xfed00000, 0x1000, 2, 0 }, { GIB(4), ~0ull, 1, 0 } };

	(void)state;
	info.mmap = (struct boot_blob){ map, sizeof(map) };
	info.mmap_entry_size = sizeof(map[0]);
	fake_uart_add(CONSOLE_MMIO, 0xfed00000);
	fake_uart_add(CONSOLE_MMIO, 0xb0000);
	check_opened("uart8250,mmio,0xfed00000", CONSOLE_MMIO, 0xfed00000);
	check_opened("uart8250,mmio,0xb0000", CONSOLE_MMIO, 0xb0000);
	check_refused("uart8250,mmio,0x100000", ERR_RESERVED,
		      "console=uart8250,mmio,0x100000: 0x100000 is memory, no UART's registers");
	check_refused("uart8250,mmio32,0xfffe0", ERR_DEVICE, "no UART answers");
	check_refused("uart8250,mmio32,0xfffe4", ERR_RESERVED, "0xfffe4 is memory");
	check_refused("uart8250,mmio,0x3ffffff", ERR_RESERVED, "0x3ffffff is memory");
	check_refused("uart8250,mmio,0x100000000", ERR_RESERVED, "is memory");
	check_refused("uart8250,mmio,0xff00000000000", ERR_RESERVED, "is memory");
}

/* --- without a name --- */

static void test_default_order_on_bios(void **state)
{
	(void)state;
	put(0x400, 0xfff9000004e803f8, 8);
	assert_int_equal(console_open(NULL, &info), ERR_DEVICE);
	assert_int_equal(fake_log_errors(), 0);
	assert_true(fake_log_has("warning: no UART answers at COM1 to COM4, and firmware names no other"));
	assert_string_equal(fake_uart_tried(), "io 0x3f8, io 0x4e8, io 0x3f8, io 0x2f8, io 0x3e8, io 0x2e8, io 0x3e8");
	fake_uart_add(CONSOLE_IO, 0x4e8);
	check_opened(NULL, CONSOLE_IO, 0x4e8);
	assert_int_equal(fake_uart_open.baud, 0);
}

static void test_default_usual_port(void **state)
{
	(void)state;
	fake_uart_add(CONSOLE_IO, 0x2f8);
	check_opened(NULL, CONSOLE_IO, 0x2f8);
	assert_string_equal(fake_uart_tried(), "io 0x3f8, io 0x2f8");
}

/* No BIOS data area there: SPCR first, in silence where there is none, then the usual ports. */
static void test_default_on_uefi(void **state)
{
	(void)state;
	info.has_efi64_table = true;
	put(0x400, 0x04e8, 8);
	fake_uart_add(CONSOLE_IO, 0x3f8);
	fake_uart_add(CONSOLE_IO, 0x3e8);
	check_opened(NULL, CONSOLE_IO, 0x3e8);
	assert_int_equal(fake_uart_open.baud, 9600);
	memcpy(fake_ram + AT_TABLE, "SPCS", 4);
	check_opened(NULL, CONSOLE_IO, 0x3f8);
	assert_string_equal(fake_uart_tried(), "io 0x3e8, io 0x3f8");
	assert_false(fake_log_has("warning"));
}

static void test_default_falls_to_spcr(void **state)
{
	(void)state;
	fake_ram[AT_TABLE + 40] = 0;
	put(AT_TABLE + 44, 0xfedc9000, 8);
	put_header(AT_TABLE, "SPCR", SPCR_BYTES, 2);
	fake_uart_add(CONSOLE_MMIO32, 0xfedc9000);
	check_opened(NULL, CONSOLE_MMIO32, 0xfedc9000);
	assert_string_equal(fake_uart_tried(), "io 0x3f8, io 0x2f8, io 0x3e8, io 0x2e8, mmio 0xfedc9000, mmio32 0xfedc9000");
}

/* Something that does not work leaves a machine without a console only when nothing else answers. */
static void test_default_after_a_mistake(void **state)
{
	(void)state;
	fake_uart_add(CONSOLE_IO, 0x3f8);
	check_refused("pciserial", ERR_NOT_FOUND, "this machine has no PCI");
	assert_true(console_is_open());
	assert_true(fake_uart_open.addr == 0x3f8);
}

/* --- SPCR by name --- */

static void test_spcr(void **state)
{
	(void)state;
	fake_uart_add(CONSOLE_IO, 0x3e8);
	check_opened("spcr", CONSOLE_IO, 0x3e8);
	assert_int_equal(fake_uart_open.kind, CONSOLE_UART);
	fake_ram[AT_TABLE + 36] = 3;
	put_header(AT_TABLE, "SPCR", SPCR_BYTES, 2);
	check_refused("spcr", ERR_UNSUPPORTED, "console=spcr: SPCR names interface type 3, which is no 16550");
	memcpy(fake_ram + AT_TABLE, "SPCS", 4);
	check_refused("spcr", ERR_NOT_FOUND, "console=spcr: firmware gives no ACPI table \"SPCR\"");
	put_spcr(2);
	put(AT_TABLE + 44, 0x2e8, 8);
	put_header(AT_TABLE, "SPCR", SPCR_BYTES, 2);
	check_refused("spcr", ERR_DEVICE, "console=spcr: no UART answers at port 0x2e8");
}

static void spcr_on_pci(u64 address)
{
	fake_ram[AT_TABLE + 40] = 0;
	put(AT_TABLE + 44, address, 8);
	put(AT_TABLE + 64, 0x0002, 2);
	put(AT_TABLE + 66, 0x1b36, 2);
	put(AT_TABLE + 68, 0x010302, 3);
	put_header(AT_TABLE, "SPCR", SPCR_BYTES, 2);
}

static void test_spcr_on_pci(void **state)
{
	u32 *words = card(2, 3, 1, 0xfe000000);

	(void)state;
	fake_uart_add(CONSOLE_MMIO, 0xfe000100);
	fake_uart_add(CONSOLE_MMIO32, 0xfe000000);
	spcr_on_pci(0xfe000100);
	check_opened("spcr", CONSOLE_MMIO, 0xfe000100);
	assert_int_equal(words[COMMAND], 0x2);
	spcr_on_pci(0);
	check_opened("spcr", CONSOLE_MMIO32, 0xfe000000);
	words[0] ^= 0x10000;
	check_refused("spcr", ERR_NOT_FOUND, "console=spcr: SPCR names PCI 02:03.1 id=0x00021b36, which is not there");
}

/* --- PCI --- */

static void test_pci_first(void **state)
{
	u32 *modem = card(0, 1, 0, 0xc001), *odd = card(0, 2, 0, 0xc101), *hidden = card(0, 3, 1, 0xc201), *words;

	(void)state;
	modem[CLASS] = 0x07030200;
	odd[CLASS] = 0x07000700;
	/* Function 1 of a device that has one function only. */
	fake_pci_add(0, 3, 0, 0x11112222);
	hidden[HEADER] = 0;
	fake_pci_add(7, 30, 0, 0x11112222)[HEADER] = MULTI;
	words = card(7, 30, 5, 0xc301);
	card(7, 31, 0, 0xc401);
	fake_uart_add(CONSOLE_IO, 0xc300);
	check_opened("pciserial", CONSOLE_IO, 0xc300);
	assert_int_equal(fake_uart_open.kind, CONSOLE_PCISERIAL);
	assert_true(fake_uart_open.has_pci);
	assert_int_equal(fake_uart_open.pci_bus, 7);
	assert_int_equal(fake_uart_open.pci_device, 30);
	assert_int_equal(fake_uart_open.pci_function, 5);
	assert_true(fake_log_has("PCI 00:02.0 is a serial port, but class=0x070007 is no 16550: left out"));
	assert_int_equal(words[COMMAND], 0x1);
	assert_int_equal(modem[COMMAND], 0x02900000);
	/* What is on already is not written again. */
	fake_pci_writes = 0;
	check_opened("pciserial", CONSOLE_IO, 0xc300);
	assert_int_equal(fake_pci_writes, 0);
}

static void test_pci_named(void **state)
{
	u32 *words = card(1, 2, 3, 0xc001);

	(void)state;
	fake_uart_add(CONSOLE_IO, 0xc000);
	check_opened("pciserial,01:02.3,57600", CONSOLE_IO, 0xc000);
	assert_int_equal(fake_uart_open.baud, 57600);
	words[CLASS] = 0x07030400;
	check_opened("pciserial,1:2.3", CONSOLE_IO, 0xc000);
	check_refused("pciserial,1:2.4", ERR_NOT_FOUND, "there is no PCI device 01:02.4");
	words[CLASS] = 0x07030000;
	check_refused("pciserial,1:2.3", ERR_UNSUPPORTED,
		      "PCI 01:02.3 id=0x00021b36 class=0x070300 is no 16550; pciserial,force,... takes it all the same");
	words[CLASS] = 0xff000000;
	check_refused("pciserial,1:2.3", ERR_UNSUPPORTED, "class=0xff0000");
	fake_log_reset();
	check_opened("pciserial,force,1:2.3", CONSOLE_IO, 0xc000);
	words[HEADER] = 0x10000;
	check_refused("pciserial,force,1:2.3", ERR_UNSUPPORTED, "PCI 01:02.3 id=0x00021b36 is a bridge header=1");
	words[CLASS] = 0x02000000;
	check_refused("pciserial", ERR_NOT_FOUND, "no PCI device is a serial port");
}

static void test_pci_bases(void **state)
{
	static const struct {
		u32 bars[6];
		enum console_access access;
		paddr_t addr;
	} cards[] = {
		{ { 0xc001 }, CONSOLE_IO, 0xc000 },
		{ { 0xfe000008 }, CONSOLE_MMIO32, 0xfe000000 },
		{ { 0xfe000004, 0x12 }, CONSOLE_MMIO32, 0x12fe000000 },
		{ { 0x0000000c, 0x12 }, CONSOLE_MMIO32, 0x1200000000 },
		{ { 0, 0, 0xd009, 0xe001 }, CONSOLE_IO, 0xd008 },
		/* Several ports: the first; a base that nobody assigned is none. */
		{ { 0xc001, 0xc101, 0xfe000000 }, CONSOLE_IO, 0xc000 },
		{ { 0x1, 0xfe000010 }, CONSOLE_MMIO32, 0xfe000010 },
		{ { 0x4, 0, 0xc201 }, CONSOLE_IO, 0xc200 },
		{ { 0, 0, 0, 0, 0, 0xfe000000 }, CONSOLE_MMIO32, 0xfe000000 },
		/* The last one has no room for an upper half: what follows it is no base. */
		{ { 0, 0, 0, 0, 0, 0xfe000004 }, CONSOLE_MMIO32, 0xfe000000 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cards); i++) {
		u32 *words;

		setup(state);
		words = card(0, 4, 0, 0);
		memcpy(words + BAR0, cards[i].bars, sizeof(cards[i].bars));
		words[BAR0 + 6] = 0x77;
		fake_uart_add(cards[i].access, cards[i].addr);
		check_opened("pciserial", cards[i].access, cards[i].addr);
		assert_int_equal(words[COMMAND], cards[i].access == CONSOLE_IO ? 1 : 2);
		teardown(state);
	}
	setup(state);
}

static void test_pci_without_base(void **state)
{
	u32 *words = card(0, 4, 0, 0x1);

	(void)state;
	check_refused("pciserial", ERR_DEVICE, "PCI 00:04.0 id=0x00021b36: firmware has assigned none of its base addresses");
	words[BAR0] = 0x10001;
	check_refused("pciserial", ERR_VALUE, "PCI 00:04.0: base address 0x10000 leads nowhere");
	words[BAR0] = 0xfe000004;
	words[BAR0 + 1] = 0xffffffff;
	check_refused("pciserial", ERR_VALUE, "PCI 00:04.0: base address 0xfffffffffe000000 leads nowhere");
	assert_int_equal(words[COMMAND], 0x02900000);
	words[BAR0] = 0xc001;
	check_refused("pciserial,0:4.0", ERR_DEVICE, "console=pciserial,0:4.0: no UART answers at port 0xc000");
}

/* Registers in memory: four bytes apart, as Linux takes them, then one. */
static void test_pci_stride(void **state)
{
	(void)state;
	card(0, 4, 0, 0xfe000000);
	fake_uart_add(CONSOLE_MMIO, 0xfe000000);
	check_opened("pciserial", CONSOLE_MMIO, 0xfe000000);
	assert_string_equal(fake_uart_tried(), "mmio32 0xfe000000, mmio 0xfe000000");
}

int main(void)
{
#define open_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		open_test(test_by_address), open_test(test_none), open_test(test_memory_is_no_uart),
		open_test(test_default_order_on_bios), open_test(test_default_usual_port), open_test(test_default_on_uefi),
		open_test(test_default_falls_to_spcr), open_test(test_default_after_a_mistake), open_test(test_spcr),
		open_test(test_spcr_on_pci), open_test(test_pci_first), open_test(test_pci_named), open_test(test_pci_bases),
		open_test(test_pci_without_base), open_test(test_pci_stride),
	};

	return cmocka_run_group_tests_name("console_open", tests, NULL, NULL);
}
