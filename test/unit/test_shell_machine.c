/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* PCI devices, ACPI tables, the memory map and the way off, as the shell shows them. */
#include "acpi_fixture.h"
#include "shell_fixture.h"

#define AT_FADT 0x183000
#define AT_DSDT 0x184000
#define AT_SSDT 0x185000
#define AT_FACS 0x186000
#define PM1A 0x604
#define PM1B 0x608
#define SMI 0xb2

static void test_lspci(void **state)
{
	u32 *words;

	(void)state;
	assert_complaint("lspci", "lspci: this machine has no PCI (configuration mechanism 1 does not answer)\n");
	words = fake_pci_add(0, 0, 0, 0x12378086);
	words[2] = 0x06000002;
	words = fake_pci_add(0, 1, 0, 0x70008086);
	words[2] = 0x06010000;
	words[3] = 0x00800000;
	words = fake_pci_add(0, 1, 3, 0x71138086);
	words[2] = 0x06800003;
	words = fake_pci_add(0, 2, 0, 0x00011b36);
	words[1] = 0x00100007;
	words[2] = 0x06040000;
	words[3] = 0x00010000;
	words[6] = 0x00050500;
	words = fake_pci_add(5, 31, 0, 0x100e8086);
	words[1] = 0x00000002;
	words[2] = 0x02000003;
	words[4] = 0xfebc000c;
	words[5] = 0x00000008;
	words[6] = 0x0000c001;
	words[9] = 0xfeb00000;
	words[11] = 0x11001af4;
	words[15] = 0x0000020b;
	/* Function 1 of a device that has but one is not looked at. */
	fake_pci_add(5, 31, 1, 0x12345678);
	assert_answer("lspci", "00:00.0 8086:1237  class 0600, interface 00, revision 02: host bridge\n"
			       "00:01.0 8086:7000  class 0601, interface 00, revision 00: ISA bridge\n"
			       "00:01.3 8086:7113  class 0680, interface 00, revision 03: bridge\n"
			       "00:02.0 1b36:0001  class 0604, interface 00, revision 00: PCI bridge\n"
			       "05:1f.0 8086:100e  class 0200, interface 00, revision 03: Ethernet controller\n");
	assert_non_null(strstr(answer("lspci -v", true),
			       "00:02.0 1b36:0001  class 0604, interface 00, revision 00: PCI bridge\n"
			       "        enabled ports memory master\n"
			       "        leads to buses 05..05\n"
			       "05:1f.0 8086:100e  class 0200, interface 00, revision 03: Ethernet controller\n"
			       "        enabled memory\n"
			       "        subsystem 1af4:1100\n"
			       "        interrupt pin B, line 11\n"
			       "        bar 0  memory 0x8febc0000, 64 bits, prefetchable\n"
			       "        bar 2  ports  0xc000\n"
			       "        bar 5  memory 0xfeb00000\n"));
	assert_complaint("lspci -x", "lspci: \"-x\" is not known: -v is\n");
	assert_int_equal(fake_pci_writes, 0);
}

static int setup_acpi(void **state)
{
	setup_shell(state);
	setup_tables(state);
	/* Instead of the fixture's FADT, which is a header alone: one that leads on. */
	put(AT_XSDT + 36, AT_FADT, 8);
	put_header(AT_XSDT, "XSDT", 60, 1);
	put(AT_FADT + 36, AT_FACS, 4);
	put(AT_FADT + 40, 0x1234, 4);		/* the wide field counts */
	put(AT_FADT + 48, SMI, 4);
	put(AT_FADT + 52, 0xf1, 1);
	put(AT_FADT + 64, PM1A, 4);
	put(AT_FADT + 140, AT_DSDT, 8);
	memcpy(fake_ram + AT_FADT + 10, "VENDORBOARD   ", 14);
	put_header(AT_FADT, "FACP", 148, 3);
	put_header(AT_DSDT, "DSDT", 64, 2);
	memcpy(fake_ram + AT_FACS, "FACS\x40", 5);
	fake_ports[PM1A] = 1;
	fake_ports[PM1A + 1] = 0;
	machine.info = info;
	return 0;
}

static int teardown_acpi(void **state)
{
	return teardown_shell(state);
}

static void test_acpi(void **state)
{
	(void)state;
	fake_ram[AT_TABLE + 60]++;
	assert_answer("acpi", "XSDT  at 0x0000181000  size     60  revision 1                   sum ok\n"
			      "FACP  at 0x0000183000  size    148  revision 3  VENDOR BOARD     sum ok\n"
			      "FACS  at 0x0000186000  size     64  \n"
			      "DSDT  at 0x0000184000  size     64  revision 2                   sum ok\n"
			      "?     at 0x00fffffff0  out of reach\n"
			      "SPCR  at 0x0000182000  size     80  revision 2                   wrong sum\n");
	assert_non_null(strstr(answer("acpi DSDT", true), "0000000000  44 53 44 54 40 00 00 00 02 "));
	assert_non_null(strstr(answer("acpi SPCR", true), "has a wrong checksum size=80\nSPCR  at"));
	assert_complaint("acpi DMAR", "acpi: firmware gives no ACPI table \"DMAR\"\n");
	assert_complaint("acpi dsdts", "acpi: \"dsdts\" is no table's name: they have four characters, FACP for one\n");
	rsdp[8]++;
	assert_complaint("acpi", "acpi: the ACPI root pointer has a wrong signature or checksum\n");
	machine.info.rsdp_v2.data = NULL;
	machine.info.rsdp_v2.size = 0;
	assert_complaint("acpi", "acpi: this machine has no ACPI\n");
}

/* A size that no table has is not followed. */
static void test_acpi_sizes(void **state)
{
	(void)state;
	put(AT_DSDT + 4, 0xfffffff0, 4);
	assert_non_null(strstr(answer("acpi", true),
			       "DSDT  at 0x0000184000  size 4294967280  revision 2                   impossible size"));
	assert_non_null(strstr(answer("acpi DSDT", true), "has an impossible size"));
	put(AT_FADT + 4, 44, 4);
	put_header(AT_FADT, "FACP", 44, 1);
	assert_non_null(strstr(answer("acpi", true), "DSDT") == NULL ? "" : NULL);
}

static void put_aml(paddr_t table, const char *signature, const void *aml, u32 size)
{
	memset(fake_ram + table, 0, 256);
	memcpy(fake_ram + table + 36, aml, size);
	put_header(table, signature, 36 + size, 2);
}

static const char off_failed[] =
	"poweroff: ACPI's S5 was asked for (port 0x604, type 5), and the machine is still on\n";

static void test_poweroff(void **state)
{
	(void)state;
	fake_time_step = 100000;
	/* A use of the name, then its definition: Name (\_S5, Package (4) { 5, 6, 0, 0 }). */
	put_aml(AT_DSDT, "DSDT", "\x70\x0a\x01_S5_\x08\\_S5_\x12\x08\x04\x0a\x05\x0a\x06\x00\x00", 22);
	assert_complaint("poweroff", off_failed);
	assert_string_equal(fake_port_writes, "604=1401.2 604=3401.2");
	assert_true(fake_log_has("poweroff: asked for in the shell"));
	/* Two register blocks, and firmware that has to be asked for ACPI mode first. */
	fake_port_writes[0] = '\0';
	memset(fake_ports, 0, sizeof(fake_ports));
	fake_port_trigger = SMI;
	fake_port_answer = PM1A;
	fake_port_answer_bits = 1;
	put(AT_FADT + 68, PM1B, 4);
	put_header(AT_FADT, "FACP", 148, 3);
	assert_complaint("poweroff", off_failed);
	assert_string_equal(fake_port_writes, "b2=f1.1 604=1401.2 608=1800.2 604=3401.2 608=3800.2");
}

/* Small numbers have opcodes of their own, a package may hold one, its length may take two bytes; an SSDT does, too. */
static void test_poweroff_encodings(void **state)
{
	(void)state;
	fake_time_step = 100000;
	put_aml(AT_DSDT, "DSDT", "\x08_S5_\x12\x46\x00\x02\x01\x00", 12);
	assert_complaint("poweroff",
			 "poweroff: ACPI's S5 was asked for (port 0x604, type 1), and the machine is still on\n");
	assert_string_equal(fake_port_writes, "604=401.2 604=2401.2");
	put_aml(AT_DSDT, "DSDT", "\x08_S4_\x12\x04\x02\x01\x00", 10);
	put(AT_XSDT + 52, AT_SSDT, 8);
	put_header(AT_XSDT, "XSDT", 60, 1);
	put_aml(AT_SSDT, "SSDT", "\x08_S5_\x12\x05\x01\x0a\x07", 10);
	assert_complaint("poweroff",
			 "poweroff: ACPI's S5 was asked for (port 0x604, type 7), and the machine is still on\n");
}

static void test_poweroff_refused(void **state)
{
	static const char none[] = "poweroff: no DSDT or SSDT defines \\_S5 as a constant package\n";
	static const char whole[] = "\x08_S5_\x12\x06\x02\x0a\x05\x0a\x06";

	(void)state;
	assert_complaint("poweroff", none);
	/* Cut anywhere before its first number is whole, it is none. */
	for (u32 size = 0; size < 10; size++) {
		put_aml(AT_DSDT, "DSDT", whole, size);
		assert_complaint("poweroff", none);
	}
	put_aml(AT_DSDT, "DSDT", "\x08_S5_\x14\x06\x02\x0a\x05\x0a\x06", 12);
	assert_complaint("poweroff", none);
	put_aml(AT_DSDT, "DSDT", "\x08_S5_\x12\x06\x00\x0a\x05\x0a\x06", 12);
	assert_complaint("poweroff", none);
	put(AT_FADT + 112, 1u << 20, 4);
	put_header(AT_FADT, "FACP", 148, 3);
	assert_complaint("poweroff", "poweroff: this machine's ACPI has no PM1 control register\n");
	put(AT_FADT + 112, 0, 4);
	put(AT_FADT + 64, 0, 4);
	put_header(AT_FADT, "FACP", 148, 3);
	assert_complaint("poweroff", "poweroff: this machine's ACPI has no PM1 control register\n");
	assert_string_equal(fake_port_writes, "");
}

static void test_e820(void **state)
{
	(void)state;
	assert_int_equal(memory_claim(&machine.memory, 0x100000, 0x180000, OWNER_HEAP, "heap"), ERR_OK);
	assert_answer("e820", "  0x0000000000..0x000009f000     636 KiB  usable\n"
			      "  0x0000100000..0x0000200000       1 MiB  usable\n"
			      "    0x0000100000..0x0000180000     512 KiB  heap, heap\n"
			      "1.6 MiB usable\n");
}

#define acpi_test(name) cmocka_unit_test_setup_teardown(name, setup_acpi, teardown_acpi)

int main(void)
{
	const struct CMUnitTest tests[] = {
		shell_test(test_lspci),
		shell_test(test_e820),
		acpi_test(test_acpi),
		acpi_test(test_acpi_sizes),
		acpi_test(test_poweroff),
		acpi_test(test_poweroff_encodings),
		acpi_test(test_poweroff_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
