/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* USB controllers and AHCI: taken from firmware that gives up or does not, stopped, or left to a keyboard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "devices.h"
#include "fake.h"
#include "processor.h"
#include "quiet.h"

#define RAM MIB(2)
#define HC 0x100000u
#define MASTER 0x4u
#define BIOS_OWNS 0x10000u
#define OS_OWNS 0x1000000u

static struct bootinfo info;
static u32 *function;
static bool is_deaf;			/* firmware and devices do not react */
static paddr_t owner, halts;		/* the register of the semaphore, and of command and status */
static u32 halted;

static int setup(void **state)
{
	(void)state;
	fake_devices_reset();
	fake_processor_reset();
	fake_ram_init(RAM);
	fake_log_reset();
	info = (struct bootinfo){ .command_line = "", .loader_name = "" };
	is_deaf = false;
	owner = halts = 0;
	fake_time_step = 1000;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_time_step = 1;
	fake_ram_free();
	return 0;
}

static u32 word(paddr_t at)
{
	u32 value;

	memcpy(&value, fake_ram + at, 4);
	return value;
}

static void put(paddr_t at, u32 value)
{
	memcpy(fake_ram + at, &value, 4);
}

static void add(u32 class, u32 bar, u32 where)
{
	function = fake_pci_add(0, 2, 0, 0x12348086);
	function[1] = 7;
	function[2] = class << 8;
	function[4 + bar] = where;
}

static void react(paddr_t at)
{
	u32 value = word(at);

	if (is_deaf)
		return;
	if (at == owner && (value & OS_OWNS))
		put(at, value & ~BIOS_OWNS);
	if (at == halts && !(value & 1))
		put(at + 4, word(at + 4) | halted);
}

static void react_pci(u32 *words, u32 offset)
{
	if (!is_deaf && offset == owner && (words[offset / 4] & OS_OWNS))
		words[offset / 4] &= ~BIOS_OWNS;
}

static bool has_master(void)
{
	return function[1] & MASTER;
}

#define SAID(text) fake_log_has("quiet: PCI 00:02.0 " text)

/* Capabilities at 0x400: another one, then the semaphore. */
static void add_xhci(bool owned)
{
	add(0x0c0330, 0, HC | 4);
	put(HC, 0x01000040);
	put(HC + 0x10, 0x100u << 16);
	put(HC + 0x400, 0x02000402);
	put(HC + 0x410, 0x1 | (owned ? BIOS_OWNS : 0));
	put(HC + 0x414, 0xe011 | 0x20);
	put(HC + 0x40, 0x5);
	fake_memory_written = react;
	owner = HC + 0x410;
	halts = HC + 0x40;
	halted = 1;
}

static void test_xhci(void **state)
{
	(void)state;
	add_xhci(false);
	quiet_machine(&info, QUIET_DEVICES);
	assert_true(SAID("USB controller: stopped"));
	assert_int_equal(word(HC + 0x40), 0);
	assert_int_equal(word(HC + 0x414), 0xe031);
	assert_false(has_master());
	assert_true(fake_mapped_start == HC && fake_mapped_end == HC + 0x10000);
}

static void test_xhci_owned(void **state)
{
	(void)state;
	add_xhci(true);
	quiet_machine(&info, QUIET_DEVICES);
	assert_true(SAID("USB controller: stays firmware's, for its keyboard"));
	assert_true(word(HC + 0x40) == 5 && word(HC + 0x410) == (BIOS_OWNS | 1));
	assert_true(has_master());
	quiet_machine(&info, QUIET_ALL);
	assert_true(SAID("USB controller: taken from firmware, stopped"));
	assert_true(word(HC + 0x40) == 0 && word(HC + 0x410) == (OS_OWNS | 1));
	assert_int_equal(word(HC + 0x414), 0xe0000020);
	assert_false(has_master());
	assert_int_equal(fake_log_errors(), 0);
	assert_false(fake_log_has("did not answer"));
}

static void test_xhci_deaf(void **state)
{
	u64 start = fake_time_us;

	(void)state;
	add_xhci(true);
	is_deaf = true;
	quiet_machine(&info, QUIET_ALL);
	assert_true(fake_log_has("PCI 00:02.0 USB controller: taken from firmware, stopped, but it did not answer in time"));
	/* It is taken all the same. */
	assert_int_equal(word(HC + 0x410), OS_OWNS | 1);
	assert_false(has_master());
	assert_in_range(fake_time_us - start, 1000000, 1200000);
}

/* Chains that lead nowhere, out of the registers or in a circle, and registers that are not there. */
static void test_bad_capabilities(void **state)
{
	(void)state;
	add_xhci(true);
	put(HC + 0x400, 0x0000ff02);
	put(HC + 0x400 + 0x3fc, 0x0000ff02);
	quiet_machine(&info, QUIET_ALL);
	assert_true(SAID("USB controller: stopped"));
	put(HC + 0x10, 0xffffu << 16);
	put(HC + 0x40, 1);
	quiet_machine(&info, QUIET_ALL);
	assert_int_equal(word(HC + 0x40), 0);
	fake_devices_reset();
	fake_log_reset();
	add(0x0c0320, 0, HC);
	put(HC, 0x20);
	put(HC + 8, 0x60 << 8);
	function[0x60 / 4] = 0x6002;
	quiet_machine(&info, QUIET_ALL);
	assert_false(has_master());
	assert_false(fake_log_has("USB controller: t"));
}

static void test_unreachable(void **state)
{
	static const u32 classes[] = { 0x0c0310, 0x0c0320, 0x0c0330, 0x010601, 0x0c03fe };

	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(classes); i++) {
		fake_devices_reset();
		add(classes[i], 0, 0xfebc0000);
		function[9] = RAM - 4;
		quiet_machine(&info, QUIET_ALL);
		assert_false(has_master());
		/* Switched off, or no address. */
		function[1] = 4;
		function[4] = HC;
		quiet_machine(&info, QUIET_ALL);
		assert_int_equal(function[1], 0);
	}
	assert_false(fake_log_has("stopped"));
}

static void add_ehci(bool owned)
{
	add(0x0c0320, 0, HC);
	put(HC, 0x01000020);
	put(HC + 8, 0x6800);
	put(HC + 0x20, 0x80031);
	put(HC + 0x28, 0x3f);
	function[0x68 / 4] = 0x1 | (owned ? BIOS_OWNS : 0);
	function[0x6c / 4] = 0x2001;
	fake_memory_written = react;
	fake_pci_written = react_pci;
	owner = 0x68;
	halts = HC + 0x20;
	halted = 0x1000;
}

static void test_ehci(void **state)
{
	(void)state;
	add_ehci(true);
	quiet_machine(&info, QUIET_DEVICES);
	assert_true(SAID("USB controller: stays firmware's, for its keyboard"));
	assert_true(has_master() && word(HC + 0x20) == 0x80031 && word(HC + 0x28) == 0x3f);
	quiet_machine(&info, QUIET_ALL);
	assert_true(SAID("USB controller: taken from firmware, stopped"));
	assert_int_equal(function[0x68 / 4], OS_OWNS | 1);
	assert_int_equal(function[0x6c / 4], 0);
	assert_true(word(HC + 0x20) == 0x80030 && word(HC + 0x28) == 0);
	assert_false(has_master());
	assert_false(fake_log_has("did not answer"));
}

static void test_ehci_deaf(void **state)
{
	(void)state;
	add_ehci(true);
	is_deaf = true;
	quiet_machine(&info, QUIET_ALL);
	assert_true(fake_log_has("PCI 00:02.0 USB controller: taken from firmware, stopped, but it did not answer in time"));
	assert_int_equal(function[0x68 / 4], OS_OWNS | 1);
	assert_false(has_master());
}

static void react_ohci(paddr_t at)
{
	if (at == HC + 8 && word(at) & 8)
		put(HC + 4, word(HC + 4) & ~0x100u);
}

static void test_ohci(void **state)
{
	(void)state;
	add(0x0c0310, 0, HC);
	put(HC, 0x110);
	put(HC + 4, 0x3bf);
	fake_memory_written = react_ohci;
	quiet_machine(&info, QUIET_DEVICES);
	assert_true(SAID("USB controller: stays firmware's, for its keyboard"));
	assert_true(has_master() && word(HC + 4) == 0x3bf);
	quiet_machine(&info, QUIET_ALL);
	assert_true(SAID("USB controller: taken from firmware, stopped"));
	assert_true(word(HC + 4) == 0x200 && word(HC + 0x14) == 0xc000007f);
	assert_false(has_master());
}

static void test_uhci(void **state)
{
	(void)state;
	add(0x0c0300, 4, 0xc041);
	function[0xc0 / 4] = 0xabcd2010;
	memset(fake_ports + 0xc040, 0, 32);
	fake_ports[0xc040] = 0xc1;
	fake_port_trigger = 0xc040;
	fake_port_answer = 0xc042;
	fake_port_answer_bits = 0x20;
	quiet_machine(&info, QUIET_DEVICES);
	assert_true(SAID("USB controller: stays firmware's, for its keyboard"));
	assert_true(has_master());
	assert_string_equal(fake_port_writes, "");
	quiet_machine(&info, QUIET_ALL);
	assert_true(SAID("USB controller: taken from firmware, stopped"));
	assert_int_equal(function[0xc0 / 4], 0xabcdaf00);
	assert_string_equal(fake_port_writes, "c044=0.2 c040=0.2");
	assert_false(has_master());
}

#define PORT(n, reg) (HC + 0x100 + 0x80 * (n) + (reg))

static void react_ahci(paddr_t at)
{
	if (is_deaf)
		return;
	if (at == HC + 0x28 && word(at) & 2)
		put(at, word(at) & ~1u);
	if ((at & 0x7f) == 0x18 && !(word(at) & 1))
		put(at, word(at) & ~0x8000u);
	if ((at & 0x7f) == 0x18 && !(word(at) & 0x10))
		put(at, word(at) & ~0x4000u);
}

static void add_ahci(void)
{
	add(0x010601, 5, HC);
	put(HC, 0xc0141f05);
	put(HC + 4, 0x80000002);
	put(HC + 0xc, 0x80000005);
	put(HC + 0x10, 0x10300);
	put(HC + 0x24, 1);
	put(HC + 0x28, 1);
	put(PORT(0, 0x18), 0xc017);
	put(PORT(1, 0x18), 0xc017);	/* there is no such port */
	put(PORT(31, 0x18), 0x4012);
	fake_memory_written = react_ahci;
}

static void test_ahci(void **state)
{
	(void)state;
	add_ahci();
	quiet_machine(&info, QUIET_DEVICES);
	assert_true(SAID("SATA controller: taken from firmware, stopped"));
	assert_int_equal(word(HC + 0x28), 2);
	assert_int_equal(word(HC + 4), 0x80000000);
	assert_int_equal(word(PORT(0, 0x18)), 0x6);
	assert_int_equal(word(PORT(1, 0x18)), 0xc017);
	assert_int_equal(word(PORT(31, 0x18)), 0x2);
	assert_false(has_master());
	assert_false(fake_log_has("did not answer"));
	fake_log_reset();
	quiet_machine(&info, QUIET_DEVICES);
	assert_true(fake_log_has("quiet: nothing was on"));
}

/* Before 1.2 there was no hand-off, and what plays an IDE controller has no ports that run. */
static void test_old_ahci(void **state)
{
	(void)state;
	add_ahci();
	put(HC + 0x10, 0x10100);
	put(HC + 4, 0);
	quiet_machine(&info, QUIET_ALL);
	assert_int_equal(word(HC + 0x28), 1);
	assert_int_equal(word(PORT(0, 0x18)), 0xc017);
	assert_false(has_master());
}

static void test_ahci_deaf(void **state)
{
	(void)state;
	add_ahci();
	is_deaf = true;
	quiet_machine(&info, QUIET_ALL);
	assert_true(fake_log_has("PCI 00:02.0 SATA controller: taken from firmware, stopped, but it did not answer in time"));
	assert_false(has_master());
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_xhci), EACH(test_xhci_owned), EACH(test_xhci_deaf), EACH(test_bad_capabilities), EACH(test_unreachable),
		EACH(test_ehci), EACH(test_ehci_deaf), EACH(test_ohci), EACH(test_uhci), EACH(test_ahci), EACH(test_old_ahci),
		EACH(test_ahci_deaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
