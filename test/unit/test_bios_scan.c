/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Structures in a BIOS's ROM: found, damaged, cut, and used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bios_rig.h"
#include "bios_scan.h"

#define DIRECTORY 0xfd260
#define PCI 0xfd180
#define PNP_ENTRY 0xd113

static struct arch_bios_target last;
static u16 words[BIOS_STACK_WORDS];

static void bios(const struct arch_bios_target *target, struct bios_regs *regs)
{
	last = *target;
	if (target->kind == ARCH_BIOS_CALL32 && target->address == DIRECTORY) {
		bool is_pci = regs->eax == 0x49435024;

		regs->eax = is_pci ? 0 : 0x80;
		regs->ebx = 0xf0000;
		regs->edx = PCI - 0xf0000;
	} else if (target->kind == ARCH_BIOS_FAR) {
		memcpy(words, target->words, target->word_count * sizeof(words[0]));
		regs->eax = 0;
		memcpy(fake_ram + bios_linear(words[2], words[1]), "\3\0", 2);
		memcpy(fake_ram + bios_linear(words[4], words[3]), "\x40\0", 2);
	} else if ((regs->eax & 0xffff) == 0xb101) {
		*regs = (struct bios_regs){ .ebx = 0x210, .ecx = 5, .edx = 0x20494350 };
	} else {
		*regs = (struct bios_regs){ .ecx = 0x8086 };
	}
}

static u8 *put(u32 at, const char *signature, u32 size, u32 sum_at)
{
	u8 *p = fake_ram + at, sum = 0;

	memcpy(p, signature, strlen(signature));
	p[sum_at] = 0;
	for (u32 i = 0; i < size; i++)
		sum = (u8)(sum + p[i]);
	p[sum_at] = (u8)-sum;
	return p;
}

static void put_bios32(u32 at)
{
	u8 *p = fake_ram + at;

	memcpy(p + 4, &(u32){ DIRECTORY }, 4);
	p[9] = 1;
	put(at, "_32_", 16, 10);
}

static void put_pnp(u32 at)
{
	u8 *p = fake_ram + at;

	p[4] = 0x10;
	p[5] = 0x21;
	memcpy(p + 0x0d, &(u16){ PNP_ENTRY }, 2);
	memcpy(p + 0x0f, &(u16){ 0xf000 }, 2);
	memcpy(p + 0x1b, &(u16){ 0x40 }, 2);
	put(at, "$PnP", 0x21, 8);
}

static int setup(void **state)
{
	(void)state;
	bios_rig_init(bios);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bios_rig_free();
	return 0;
}

static void test_directory(void **state)
{
	(void)state;
	assert_int_equal(bios32_directory(), 0);
	/* Not at a 16th byte, damaged, too short, beyond the end. */
	put_bios32(0xf1008);
	put_bios32(0xf2000);
	fake_ram[0xf2005]++;
	put_bios32(0xf3000);
	fake_ram[0xf3009] = 0;
	fake_ram[0xf300a]++;
	memcpy(fake_ram + 0xffff0, "_32_\0\0\0\0\0\2\0\0\0\0\0", 15);
	assert_int_equal(bios32_directory(), 0);
	put_bios32(0xfffe0);
	assert_int_equal(bios32_directory(), DIRECTORY);
	assert_int_equal(bios32_find_service(DIRECTORY, "$PCI"), PCI);
	assert_int_equal(bios32_find_service(DIRECTORY, "$NOT"), 0);
}

static void test_pci(void **state)
{
	(void)state;
	put_bios32(0xf4000);
	bios_rig_run("bios32");
	assert_true(fake_log_has("bios32: directory=0xfd260 pci=0xfd180"));
	assert_true(fake_log_has("PCI BIOS by the directory version=2.10 last_bus=5 vendor=0x8086"));
	assert_true(fake_log_has("PCI BIOS by int 0x1a version=2.10 last_bus=5 vendor=0x8086"));
}

static void test_pnp(void **state)
{
	struct pnp_bios pnp;

	(void)state;
	assert_false(pnp_find(&pnp));
	put_pnp(0xf6060);
	fake_ram[0xf6070]++;
	assert_false(pnp_find(&pnp));
	put_pnp(0xf7000);
	assert_true(pnp_find(&pnp));
	assert_true(pnp.paddr == 0xf7000 && pnp.version == 0x10 && pnp.real_segment == 0xf000 && pnp.real_offset == PNP_ENTRY);
	bios_rig_run("pnp");
	assert_true(last.kind == ARCH_BIOS_FAR && last.address == (0xf000u << 16 | PNP_ENTRY) && last.word_count == 6);
	assert_true(words[0] == 0 && words[5] == 0x40 && words[3] == words[1] + 2);
	assert_true(fake_log_has("pnp: nodes=3 largest=64"));
}

static const char strings[] =
	"\0\6\0\0\1\2Vendor\0V 1\0\0"
	"\1\6\1\0\1\0Maker\0\0"
	"\2\4\2\0\0\0"
	"\1\6\3\0\3\3only one\0\0"
	"\x7f\4\4\0\0\0";

static void put_smbios(u32 size)
{
	u8 *p = fake_ram + 0xf8000;

	memcpy(fake_ram + 0xf9000, strings, sizeof(strings));
	memset(p, 0, 31);
	p[5] = 31;
	p[6] = 2;
	p[7] = 8;
	p[22] = (u8)size;
	memcpy(p + 24, &(u32){ 0xf9000 }, 4);
	put(0xf8000, "_SM_", 31, 4);
}

static void test_smbios(void **state)
{
	(void)state;
	put_smbios(sizeof(strings) - 1);
	bios_rig_run("smbios");
	assert_true(fake_log_has("smbios: bios vendor=\"Vendor\" version=\"V 1\""));
	assert_true(fake_log_has("smbios: system maker=\"Maker\" product=\"\""));
	assert_true(fake_log_has("smbios: system maker=\"\" product=\"\""));
	assert_true(fake_log_has("smbios: structures=4"));
	/* Cut anywhere: fewer structures, and no read behind the end (the copy at the end of memory has no byte behind it). */
	for (u32 size = 0; size < sizeof(strings); size++) {
		put_smbios(size);
		memcpy(fake_ram + fake_ram_size - size, strings, size);
		memcpy(fake_ram + 0xf8000 + 24, &(u32){ (u32)(fake_ram_size - size) }, 4);
		put(0xf8000, "_SM_", 31, 4);
		bios_rig_run("smbios");
		assert_true(fake_log_has("smbios: structures="));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_directory), TEST(test_pci), TEST(test_pnp), TEST(test_smbios) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
