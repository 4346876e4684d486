/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What is asked of a BIOS by name, and calls in a manifest's own words, against a BIOS of the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bios_rig.h"

struct e820 {
	u64 start, size;
	u32 type;
} PACKED;

static const struct e820 map[] = { { 0, 0x9fc00, 1 }, { 0x9fc00, 0x400, 2 }, { MIB(1), MIB(15), 1 }, { MIB(16), MIB(1), 3 } };
static struct e820 loader_map[4];
static u32 map_ends_with_carry, map_is_endless, entry_size = sizeof(struct e820);
static struct bios_regs seen;
static u32 calls;

static void memory_bios(const struct arch_bios_target *target, struct bios_regs *regs)
{
	u32 number = regs->ebx, last = ARRAY_COUNT(map) - 1;

	if (target->address != 0x15 || (regs->eax & 0xffff) != 0xe820) {
		bios_rig_refuse(regs, 0x86);
		return;
	}
	if (number > last && map_ends_with_carry) {
		bios_rig_refuse(regs, 0);
		return;
	}
	memcpy(bios_rig_buffer(regs), &map[number % ARRAY_COUNT(map)], sizeof(map[0]));
	regs->eax = 0x534d4150;
	regs->ecx = entry_size;
	regs->ebx = number < last || map_ends_with_carry || map_is_endless ? number + 1 : 0;
}

static void set_loader_map(void)
{
	static struct { u64 base, length; u32 type, zero; } entries[ARRAY_COUNT(loader_map)];

	for (u32 i = 0; i < ARRAY_COUNT(entries); i++) {
		entries[i].base = loader_map[i].start;
		entries[i].length = loader_map[i].size;
		entries[i].type = loader_map[i].type;
	}
	machine.info.mmap = (struct boot_blob){ .data = entries, .size = sizeof(entries) };
	machine.info.mmap_entry_size = sizeof(entries[0]);
}

static int setup(void **state)
{
	(void)state;
	memcpy(loader_map, map, sizeof(map));
	map_ends_with_carry = map_is_endless = 0;
	entry_size = sizeof(struct e820);
	bios_rig_init(memory_bios);
	set_loader_map();
	calls = 0;
	fake_state[0] = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bios_rig_free();
	return 0;
}

static void test_memory_map(void **state)
{
	(void)state;
	bios_rig_run("memory-map");
	assert_true(fake_log_has("bios: memory-map: 0x9fc00..0xa0000 reserved type=2"));
	assert_true(fake_log_has("bios: memory-map: the boot loader's is the same ranges=4"));
	assert_true(fake_log_has("bios: memory-map: int 0x15 refused ax=0xe801 ah=0x86 \"function not supported\""));
	map_ends_with_carry = 1;
	bios_rig_run("memory-map");
	assert_true(fake_log_has("the boot loader's is the same ranges=4"));
	assert_false(fake_log_has("ax=0xe820"));
	loader_map[2].size = MIB(14);
	set_loader_map();
	bios_rig_run("memory-map");
	assert_true(fake_log_has("bios: warning: memory-map: only the BIOS says 0x100000..0x1000000 usable"));
	loader_map[3].type = 4;
	set_loader_map();
	bios_rig_run("memory-map");
	assert_true(fake_log_has("bios: warning: memory-map: only the boot loader says 0x1000000..0x1100000 ACPI NVS"));
	assert_false(fake_log_has("is the same"));
}

static void test_bad_memory_map(void **state)
{
	(void)state;
	entry_size = 19;
	bios_rig_run("memory-map");
	assert_true(fake_log_has("memory-map: not understood eax=0x534d4150 ecx=0x13"));
	assert_false(fake_log_has("0x9fc00..0xa0000"));
	entry_size = 20;
	map_is_endless = 1;
	fake_bios_calls = 0;
	bios_rig_run("memory-map");
	assert_in_range(fake_bios_calls, 1024, 1030);
}

/* Disk 0x80 of 20 MiB with EDD and a device path; a CD at 0xe0; nothing else. */
static void disk_bios(const struct arch_bios_target *target, struct bios_regs *regs)
{
	u8 drive = (u8)regs->edx, *b = fake_ram + bios_linear(regs->ds, (u16)regs->esi);

	if (target->address != 0x13 || (drive != 0x80 && drive != 0xe0) || (drive == 0xe0 && bios_ah(regs) == 8)) {
		bios_rig_refuse(regs, 1);
		return;
	}
	switch (bios_ah(regs)) {
	case 0x08:
		regs->ecx = 0x263f;
		regs->edx = 0x0f01;
		break;
	case 0x41:
		regs->ebx = 0xaa55;
		regs->eax = 0x3000;
		regs->ecx = 7;
		break;
	case 0x48:
		assert_int_equal(b[0], 74);
		memset(b + 16, drive == 0x80 ? 0 : 0xff, 8);
		b[17] = drive == 0x80 ? 0xa0 : 0xff;
		b[25] = 2;
		b[30] = 0xdd;
		b[31] = 0xbe;
		memcpy(b + 36, "PCI ATA     ", 12);
		break;
	}
}

static void test_disks(void **state)
{
	(void)state;
	fake_bios = disk_bios;
	fake_ram[0x475] = 2;
	fake_ram[0x410] = 0x41;
	bios_rig_run("disks");
	assert_true(fake_log_has("disks: floppies=2 disks=2"));
	assert_true(fake_log_has("disks: int 0x13 refused ax=0x0800 ah=0x01 \"invalid function or parameter\""));
	assert_true(fake_log_has("disks: drive=0x80 cylinders=39 heads=16 sectors=63"));
	assert_true(fake_log_has("disks: drive=0x80 edd=0x30 support=0x7 sectors=40960 bytes_per_sector=512"));
	assert_true(fake_log_has("disks: drive=0x80 bus=\"PCI \" interface=\"ATA     \""));
	assert_true(fake_log_has("disks: drive=0xe0 edd=0x30 support=0x7 sectors=unknown"));
	assert_false(fake_log_has("drive=0x81"));
}

/* All are asked of a BIOS that knows nothing: each says so, none fails. */
static void ignorant_bios(const struct arch_bios_target *target, struct bios_regs *regs)
{
	(void)target;
	bios_rig_refuse(regs, 0x86);
}

static void test_ignorant(void **state)
{
	static const char names[] = "memory-map\0vbe\0edid\0disks\0smbios\0system\0keyboard\0apm\0time\0bios32\0pnp";
	char listed[128] = "";

	(void)state;
	fake_bios = ignorant_bios;
	for (const char *name = names; name < names + sizeof(names); name += strlen(name) + 1) {
		u32 claims = machine.memory.claim_count;

		bios_rig_run(name);
		assert_int_equal(machine.memory.claim_count, claims);
		assert_int_equal(fake_log_errors(), 0);
		assert_true(fake_log_has(name));
		strcat(strcat(listed, *listed ? ", " : ""), name);
	}
	assert_string_equal(listed, bios_service_names());
	assert_int_equal(bios_service_find("none"), -1);
}

static void custom_bios(const struct arch_bios_target *target, struct bios_regs *regs)
{
	seen = *regs;
	calls++;
	assert_true(target->address == 0x13 || target->address == 0xc0000003);
	if (regs->edx == 0x9f)
		bios_rig_refuse(regs, 0x80);
	else if (calls == 5)
		fake_state[0]++;
	fake_ram[bios_linear(regs->es, (u16)regs->ebx) + 20] = 0x5a;
}

static const struct manifest_bios_call sector = {
	.name = "sector", .has_vector = true, .target = 0x13, .registers = "ax=0x201 cx=1 fs=7", .buffer_size = 40, .pointer = 1,
	.data = "\1\2", .data_size = 2, .rounds = 1,
};

static void test_custom(void **state)
{
	struct manifest_bios_call call = sector;
	u32 claims = machine.memory.claim_count;

	(void)state;
	fake_bios = custom_bios;
	fake_log_reset();
	assert_int_equal(bios_custom_run(&machine, &call), ERR_OK);
	assert_true(seen.eax == 0x201 && seen.ecx == 1 && seen.fs == 7 && seen.ebx == 0 && seen.es);
	assert_true(fake_log_has("bios: sector: in  ax=0x201"));
	assert_true(fake_log_has("bios: sector: buffer 0000: 01 02 00"));
	assert_true(fake_log_has("bios: sector: buffer 0010: 00 00 00 00 5a"));
	assert_false(fake_log_has("buffer 0020"));
	assert_int_equal(machine.memory.claim_count, claims);
	call.registers = "dx=0x9f";
	assert_int_equal(bios_custom_run(&machine, &call), ERR_DEVICE);
	assert_true(fake_log_has("bios: error: sector: int 0x13 failed ah=0x80 \"drive does not answer\""));
	call.registers = "cs=1";
	assert_int_equal(bios_custom_run(&machine, &call), ERR_VALUE);
	call.registers = "xx=1";
	assert_int_equal(bios_custom_run(&machine, &call), ERR_VALUE);
	assert_int_equal(calls, 2);
	call = (struct manifest_bios_call){ .name = "far", .has_far = true, .target = 0xc0000003, .registers = "dx=0x9f", .rounds = 1 };
	assert_int_equal(bios_custom_run(&machine, &call), ERR_DEVICE);
	assert_true(fake_log_has("bios: error: far: c000:0003 came back with carry"));
	assert_int_equal(machine.memory.claim_count, claims);
}

/* In memory that nobody works in, in the vectors, in the registers: nothing may change in many calls. */
static void spoil_memory(const struct arch_bios_target *target, struct bios_regs *regs)
{
	(void)target;
	(void)regs;
	if (++calls == 3)
		fake_ram[MIB(1) + 12345]++;
}

static void spoil_vectors(const struct arch_bios_target *target, struct bios_regs *regs)
{
	(void)target;
	(void)regs;
	if (++calls == 3)
		fake_ram[4]++;
}

static void test_repeat(void **state)
{
	struct manifest_bios_call call = sector;

	(void)state;
	call.rounds = 1000;
	call.registers = "";
	fake_bios = spoil_memory;
	calls = 1000;
	fake_log_reset();
	assert_int_equal(bios_custom_run(&machine, &call), ERR_OK);
	assert_int_equal(calls, 2001);
	assert_true(fake_log_has("there=1 bios=2 back=3 unit=cycles/round"));
	assert_true(fake_log_has("bios: sector: memory, vectors and processor as before"));
	calls = 0;
	assert_int_equal(bios_custom_run(&machine, &call), ERR_HASH);
	assert_true(fake_log_has("bios: error: sector: memory changed"));
	calls = 0;
	fake_bios = spoil_vectors;
	assert_int_equal(bios_custom_run(&machine, &call), ERR_HASH);
	assert_true(fake_log_has("bios: error: sector: interrupt vectors changed"));
	calls = 0;
	fake_bios = custom_bios;
	assert_int_equal(bios_custom_run(&machine, &call), ERR_HASH);
	assert_true(fake_log_has("bios: error: sector: first changed before=0x0 after=0x1"));
	fake_self_changed = true;
	calls = 10;
	assert_int_equal(bios_custom_run(&machine, &call), ERR_HASH);
	assert_true(fake_log_has("Trapeze's own code changed"));
}

static void test_config(void **state)
{
	static const char names[] = "keyboard\0sector\0time";
	struct manifest_bios_call call = sector;
	const struct manifest_config config = { .name = "c", .bios_calls = names, .bios_calls_size = sizeof(names) };

	(void)state;
	machine.manifest.bios_calls = &call;
	machine.manifest.bios_call_count = 1;
	fake_bios = ignorant_bios;
	fake_log_reset();
	assert_int_equal(bios_calls_run(&machine, &config), ERR_DEVICE);
	assert_true(fake_log_has("keyboard: int 0x16 refused"));
	assert_true(fake_log_has("bios: error: sector: int 0x13 failed"));
	assert_true(fake_log_has("time: int 0x1a refused"));
	assert_int_equal(bios_calls_run(&machine, &(struct manifest_config){ .name = "none" }), ERR_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_memory_map), TEST(test_bad_memory_map), TEST(test_disks), TEST(test_ignorant), TEST(test_custom), TEST(test_repeat),
		TEST(test_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
