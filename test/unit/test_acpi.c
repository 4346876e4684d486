/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The way from the root pointer to a table, and the serial console table: all its variants, and damage of every kind. */
#include "acpi_fixture.h"
#include "random.h"
#include "spcr.h"

static struct acpi_why why;

static void check_found(void)
{
	struct boot_blob table = { 0 };

	assert_int_equal(acpi_find_table(&info, "SPCR", &table, &why), ERR_OK);
	assert_ptr_equal(table.data, fake_ram + AT_TABLE);
	assert_int_equal(table.size, SPCR_BYTES);
}

static void check_not_found(enum err wanted, const char *sentence)
{
	struct boot_blob table;

	why.text[0] = '\0';
	assert_int_equal(acpi_find_table(&info, "SPCR", &table, &why), wanted);
	if (!strstr(why.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", why.text, sentence);
}

/* --- root pointer and root tables --- */

static void test_xsdt_first(void **state)
{
	(void)state;
	memset(fake_ram + AT_RSDT, 0xff, 36);
	check_found();
}

static void test_rsdt(void **state)
{
	(void)state;
	memset(fake_ram + AT_XSDT, 0xff, 36);
	put_rsdp(0);
	check_found();
	/* Revision 2 without an XSDT. */
	put_rsdp(2);
	memset(rsdp + 24, 0, 8);
	fix_sum(rsdp, 36, 32);
	check_found();
}

static void test_rsdp_by_search(void **state)
{
	(void)state;
	for (u8 revision = 0; revision <= 2; revision += 2) {
		setup_tables(state);
		put_rsdp(revision);
		memcpy(fake_ram + 0xf0000, rsdp, sizeof(rsdp));
		info.rsdp_v1.data = info.rsdp_v2.data = NULL;
		check_found();
		teardown_tables(state);
	}
	setup_tables(state);
	info.rsdp_v2.data = NULL;
	check_not_found(ERR_NOT_FOUND, "this machine has no ACPI");
}

static void test_damaged_root(void **state)
{
	(void)state;
	rsdp[10] ^= 1;
	check_not_found(ERR_HASH, "the ACPI root pointer has a wrong signature or checksum");
	put_rsdp(2);
	memcpy(rsdp, "RSD ptr ", 8);
	fix_sum(rsdp, 20, 8);
	check_not_found(ERR_HASH, "the ACPI root pointer has a wrong signature");
	put_rsdp(2);
	info.rsdp_v2.size = 19;
	check_not_found(ERR_NOT_FOUND, "this machine has no ACPI");
	put_rsdp(2);
	fake_ram[AT_XSDT + 40] ^= 4;
	check_not_found(ERR_HASH, "the ACPI table \"XSDT\" at 0x181000 has a wrong checksum size=60");
	memcpy(rsdp + 24, &(u64){ RAM - 8 }, 8);
	check_not_found(ERR_RESERVED, "an ACPI table at 0x1ffff8 is out of reach");
	memcpy(rsdp + 24, &(u64){ ~0ull - 4 }, 8);
	check_not_found(ERR_RESERVED, "out of reach");
}

static void test_sizes(void **state)
{
	static const u32 sizes[] = { 0, 8, 35, MIB(2), 0x01000001, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		put(AT_TABLE + 4, sizes[i], 4);
		check_not_found(ERR_VALUE, "the ACPI table \"SPCR\" at 0x182000 has an impossible size=");
	}
	put(AT_TABLE + 4, SPCR_BYTES, 4);
	fake_ram[AT_TABLE + 50] ^= 0x80;
	check_not_found(ERR_HASH, "the ACPI table \"SPCR\" at 0x182000 has a wrong checksum size=80");
}

static void test_absent(void **state)
{
	(void)state;
	memcpy(fake_ram + AT_TABLE, "SPCS", 4);
	check_not_found(ERR_NOT_FOUND, "firmware gives no ACPI table \"SPCR\"");
	/* Entries that do not fill their last place. */
	put(AT_XSDT + 4, 36 + 7, 4);
	fix_sum(fake_ram + AT_XSDT, 43, 9);
	check_not_found(ERR_NOT_FOUND, "firmware gives no ACPI table");
}

/* --- the serial console table --- */

static struct console_config config;
static u32 pci_id;

static enum err parse(u8 revision)
{
	struct boot_blob table = { fake_ram + AT_TABLE, SPCR_BYTES };

	fake_ram[AT_TABLE + 8] = revision;
	memset(&config, 0x55, sizeof(config));
	return spcr_parse(&table, &config, &pci_id, &why);
}

static void address(u8 space, u8 width, u8 access, u64 at)
{
	fake_ram[AT_TABLE + 40] = space;
	fake_ram[AT_TABLE + 41] = width;
	fake_ram[AT_TABLE + 43] = access;
	put(AT_TABLE + 44, at, 8);
}

static void check_access(enum console_access wanted, u64 at)
{
	assert_int_equal(parse(2), ERR_OK);
	assert_int_equal(config.kind, CONSOLE_UART);
	assert_int_equal(config.access, wanted);
	assert_true(config.addr == at);
	assert_false(config.has_pci);
	assert_int_equal(config.parity, 'n');
	assert_int_equal(config.bits, 8);
}

static void test_addresses(void **state)
{
	static const struct {
		u8 width, access;
		enum console_access wanted;
	} memory[] = {
		{ 8, 1, CONSOLE_MMIO }, { 32, 1, CONSOLE_MMIO }, { 8, 0, CONSOLE_MMIO }, { 0, 0, CONSOLE_MMIO },
		{ 32, 0, CONSOLE_MMIO32 }, { 32, 3, CONSOLE_MMIO32 }, { 8, 3, CONSOLE_MMIO32 },
	};

	(void)state;
	check_access(CONSOLE_IO, 0x3e8);
	address(1, 8, 0, 0xfff8);
	check_access(CONSOLE_IO, 0xfff8);
	for (size_t i = 0; i < ARRAY_COUNT(memory); i++) {
		address(0, memory[i].width, memory[i].access, 0xfedc9000);
		check_access(memory[i].wanted, 0xfedc9000);
	}
	address(0, 32, 3, PADDR_LIMIT - 36);
	check_access(CONSOLE_MMIO32, PADDR_LIMIT - 36);
}

static void check_refused(u8 revision, const char *sentence)
{
	assert_int_equal(parse(revision), ERR_UNSUPPORTED);
	assert_int_equal(config.baud, 0x55555555);
	if (!strstr(why.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", why.text, sentence);
}

static void test_refused_addresses(void **state)
{
	(void)state;
	address(1, 8, 1, 0xfff9);
	check_refused(2, "SPCR names port 0xfff9, above the limit 0xfff8");
	address(2, 8, 1, 0x3f8);
	check_refused(2, "SPCR names address space 2, neither memory (0) nor ports (1)");
	address(0, 16, 2, 0x1000);
	check_refused(2, "SPCR names access size 2, neither bytes (1) nor 32 bits (3)");
	address(0, 8, 4, 0x1000);
	check_refused(2, "SPCR names access size 4");
	address(0, 32, 3, 0x1002);
	check_refused(2, "SPCR names address 0x1002, not 4-aligned below 52 bits");
	address(0, 32, 3, PADDR_LIMIT);
	check_refused(2, "not 4-aligned below 52 bits");
	address(1, 8, 1, 0);
	check_refused(2, "SPCR says that redirection is off (address 0)");
	address(1, 8, 1, 0x3f8);
	fake_ram[AT_TABLE + 42] = 3;
	check_refused(2, "SPCR names registers at bit offset 3");
}

static void test_types(void **state)
{
	(void)state;
	for (u32 type = 0; type < 256; type++) {
		fake_ram[AT_TABLE + 36] = (u8)type;
		if (type == 0 || type == 1 || type == 0x12)
			assert_int_equal(parse(2), ERR_OK);
		else
			check_refused(2, "which is no 16550");
	}
}

static void test_rates(void **state)
{
	static const u32 rates[] = { 0, 0, 0, 9600, 19200, 0, 57600, 115200, 0 };

	(void)state;
	put(AT_TABLE + 76, 48000000, 4);
	put(AT_TABLE + 80, 1500000, 4);
	for (u8 code = 0; code < ARRAY_COUNT(rates); code++) {
		fake_ram[AT_TABLE + 58] = code;
		assert_int_equal(parse(2), ERR_OK);
		assert_int_equal(config.baud, rates[code]);
		assert_int_equal(config.clock, 0);
		assert_int_equal(parse(3), ERR_OK);
		assert_int_equal(config.baud, rates[code]);
		assert_int_equal(config.clock, 48000000);
		/* A table of revision 4 that is cut before the precise rate. */
		assert_int_equal(parse(4), ERR_OK);
		assert_int_equal(config.baud, rates[code]);
	}
	assert_int_equal(spcr_parse(&(struct boot_blob){ fake_ram + AT_TABLE, 88 }, &config, &pci_id, &why), ERR_OK);
	assert_int_equal(config.baud, 1500000);
}

static void test_pci(void **state)
{
	(void)state;
	put(AT_TABLE + 64, 0x4321, 2);
	put(AT_TABLE + 66, 0x8765, 2);
	put(AT_TABLE + 68, 0x071f02, 3);
	assert_int_equal(parse(2), ERR_OK);
	assert_true(config.has_pci);
	assert_int_equal(pci_id, 0x43218765);
	assert_int_equal(config.pci_bus, 2);
	assert_int_equal(config.pci_device, 0x1f);
	assert_int_equal(config.pci_function, 7);
	address(0, 8, 1, 0);
	assert_int_equal(parse(2), ERR_OK);
	put(AT_TABLE + 68, 0x072002, 3);
	check_refused(2, "SPCR names PCI device 02:20.7");
	put(AT_TABLE + 68, 0x081f02, 3);
	check_refused(2, "SPCR names PCI device 02:1f.8");
	put(AT_TABLE + 68, 0x071f02, 3);
	fake_ram[AT_TABLE + 75] = 1;
	check_refused(2, "SPCR names a PCI device of segment 1, out of reach");
	/* All ones or all zeros: none. */
	put(AT_TABLE + 64, 0, 4);
	address(1, 8, 1, 0x3f8);
	assert_int_equal(parse(2), ERR_OK);
	assert_false(config.has_pci);
}

static void test_short_tables(void **state)
{
	(void)state;
	for (u32 size = 36; size < SPCR_BYTES; size++) {
		/* The memory behind the table is poisoned by the sanitizer. */
		u8 *copy = malloc(size);

		memcpy(copy, fake_ram + AT_TABLE, size);
		assert_int_equal(spcr_parse(&(struct boot_blob){ copy, size }, &config, &pci_id, &why), ERR_UNSUPPORTED);
		assert_non_null(strstr(why.text, "bytes of 80"));
		free(copy);
	}
}

/* Whatever the bytes are: an answer, and what is taken is a place where a UART can be. */
static void test_random(void **state)
{
	struct random r = { 7 };

	(void)state;
	for (u32 round = 0; round < 20000; round++) {
		struct boot_blob table;

		put_root(AT_XSDT, 8, AT_TABLE);
		put_spcr((u8)random_below(&r, 6));
		for (u32 i = random_below(&r, 6); i--;)
			fake_ram[AT_TABLE + 8 + random_below(&r, 80)] = (u8)random_next(&r);
		if (random_below(&r, 8))
			fix_sum(fake_ram + AT_TABLE, SPCR_BYTES, 9);
		if (acpi_find_table(&info, "SPCR", &table, &why) || spcr_parse(&table, &config, &pci_id, &why)) {
			assert_true(why.text[0]);
			continue;
		}
		assert_true(config.addr || config.has_pci);
		assert_true(config.addr < (config.access == CONSOLE_IO ? 0xfff9 : PADDR_LIMIT - 32));
	}
}

int main(void)
{
#define tables_test(f) cmocka_unit_test_setup_teardown(f, setup_tables, teardown_tables)
	const struct CMUnitTest tests[] = {
		tables_test(test_xsdt_first), tables_test(test_rsdt), tables_test(test_rsdp_by_search),
		tables_test(test_damaged_root), tables_test(test_sizes), tables_test(test_absent),
		tables_test(test_addresses), tables_test(test_refused_addresses), tables_test(test_types),
		tables_test(test_rates), tables_test(test_pci), tables_test(test_short_tables), tables_test(test_random),
	};

	return cmocka_run_group_tests_name("acpi", tests, NULL, NULL);
}
