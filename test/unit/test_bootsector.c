/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Boot sectors and El Torito images: where they go, what they are entered with, what is refused. */
#include "elf_rig.h"

#include "bios.h"
#include "fake_bios.h"

static void bios(bool is_there)
{
	memset(fake_ram, 0, 0x400);
	if (is_there)
		fake_bios_vectors();
	bios_start(&rig.memory, !is_there);
	rig.claims = rig.memory.claim_count;
	fake_log_reset();
}

static void sign(void)
{
	image[510] = 0x55;
	image[511] = 0xaa;
}

static const struct loader *prepare(const char *os, u64 size)
{
	bios(true);
	memset(image, 0, sizeof(image));
	sign();
	rig.image.os = os;
	rig_kernel(&rig, image, size);
	rig.claims = rig.memory.claim_count;
	return strcmp(os, "eltorito") ? &loader_bootsector : &loader_eltorito;
}

static void good(const struct loader *loader, paddr_t dest, u64 size)
{
	assert_int_equal(rig_finish(&rig, loader), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	assert_int_equal(rig.plan.segment_count, 1);
	assert_int_equal(rig.plan.segments[0].dest, dest);
	assert_int_equal(rig.plan.segments[0].file_size, size);
	assert_int_equal(rig.plan.entry.mode, ENTRY_REAL);
	assert_int_equal(rig.plan.entry.flags, 0x202);
	assert_int_equal(rig.plan.entry.ss, 0);
	assert_int_equal(rig.plan.entry.sp, 0x7c00);
}

static void test_sector(void **state)
{
	char *record, text[100];

	(void)state;
	good(prepare("bootsector", 512), 0x7c00, 512);
	assert_int_equal(rig.plan.entry.cs, 0);
	assert_int_equal(rig.plan.entry.ip, 0x7c00);
	assert_int_equal(rig.plan.entry.dx, 0x80);
	record = rig_record(&rig, &loader_bootsector);
	assert_string_equal(record, "real: cs=0x0 ip=0x7c00 ss=0x0 sp=0x7bfc\n"
			    "regs: ax=0x0 bx=0x0 cx=0x0 dx=0x80 si=0x0 di=0x0 bp=0x0 ds=0x0 es=0x0 "
			    "flags=0x202 [IF]\nend\n");
	free(record);
	loader_bootsector.describe(&rig.request, text, sizeof(text));
	assert_string_equal(text, "boot sector, 512 bytes at 0x7c00, drive 0x80");
}

/* Of a disk's image the first sector, or as many as were asked for. */
static void test_longer(void **state)
{
	(void)state;
	good(prepare("bootsector", 4096), 0x7c00, 512);
	restart();
	prepare("bootsector", 4096);
	rig.image.sectors = 8;
	rig.image.has_load = true;
	rig.image.load = 0x8000;
	good(&loader_bootsector, 0x8000, 4096);
	assert_int_equal(rig.plan.entry.ip, 0x8000);
}

static void test_drive(void **state)
{
	(void)state;
	prepare("bootsector", 512);
	rig.info.has_boot_device = true;
	rig.info.boot_device = 0xe0;
	good(&loader_bootsector, 0x7c00, 512);
	assert_int_equal(rig.plan.entry.dx, 0xe0);
	restart();
	prepare("bootsector", 512);
	rig.config.has_drive = true;
	rig.config.drive = 0x81;
	rig.config.registers = "si=0x7be es=0xf000 di=0x1234";
	good(&loader_bootsector, 0x7c00, 512);
	assert_int_equal(rig.plan.entry.dx, 0x81);
	assert_int_equal(rig.plan.entry.si, 0x7be);
	assert_int_equal(rig.plan.entry.es, 0xf000);
}

static void test_eltorito(void **state)
{
	(void)state;
	good(prepare("eltorito", 8000), 0x7c00, 2048);
	assert_int_equal(rig.plan.entry.cs, 0x7c0);
	assert_int_equal(rig.plan.entry.ip, 0);
	restart();
	good(prepare("eltorito", 700), 0x7c00, 700);
	restart();
	prepare("eltorito", 8000);
	rig.image.sectors = 2;
	rig.image.has_load = true;
	rig.image.load = 0x20000;
	good(&loader_eltorito, 0x20000, 1024);
	assert_int_equal(rig.plan.entry.cs, 0x2000);
}

static void test_probe(void **state)
{
	const char *reason;

	(void)state;
	prepare("", 512);
	assert_int_equal(loader_bootsector.probe(&rig.request, &reason), ERR_OK);
	assert_int_equal(loader_eltorito.probe(&rig.request, &reason), ERR_FORMAT);
	prepare("", 1024);
	assert_int_equal(loader_bootsector.probe(&rig.request, &reason), ERR_FORMAT);
	prepare("bootsector", 1024);
	assert_int_equal(loader_bootsector.probe(&rig.request, &reason), ERR_OK);
	prepare("", 512);
	fake_ram[rig.request.kernel.blob.paddr + 510] = 0;
	assert_int_equal(loader_bootsector.probe(&rig.request, &reason), ERR_FORMAT);
}

static void bad(const struct loader *loader, enum err wanted, const char *message)
{
	expect_refusal(rig_place(&rig, loader), wanted, message);
	restart();
}

static void load_at(paddr_t load, u32 sectors)
{
	rig.image.has_load = true;
	rig.image.load = load;
	rig.image.sectors = sectors;
}

static void test_refused_bytes(void **state)
{
	(void)state;
	bad(prepare("bootsector", 511), ERR_TRUNCATED, "vmlinuz: bytes=511, but 512 are to be loaded");
	bad(prepare("eltorito", 0), ERR_TRUNCATED, "vmlinuz: bytes=0, but 1 are to be loaded");
	prepare("eltorito", 1000);
	rig.image.sectors = 2;
	bad(&loader_eltorito, ERR_TRUNCATED, "vmlinuz: bytes=1000, but 1024 are to be loaded");
	prepare("bootsector", 1000);
	rig.image.sectors = 1272;
	bad(&loader_bootsector, ERR_TRUNCATED, "vmlinuz: bytes=1000, but 651264 are to be loaded");
	prepare("bootsector", 512);
	fake_ram[rig.request.kernel.blob.paddr + 511] = 0;
	bad(&loader_bootsector, ERR_MAGIC, "vmlinuz: no 0xaa55 at 510: a BIOS would not start it");
}

static void test_refused_places(void **state)
{
	(void)state;
	prepare("bootsector", 512);
	load_at(0x600, 0);
	bad(&loader_bootsector, ERR_VALUE,
	    "vmlinuz: load=0x600 bytes=512: wanted from 0x1000 to below 0x10000, with its end up to 0xa0000");
	prepare("bootsector", 512);
	load_at(0x10000, 0);
	bad(&loader_bootsector, ERR_VALUE, "load=0x10000 bytes=512: wanted from 0x1000");
	prepare("eltorito", 2048);
	load_at(0x7c08, 0);
	bad(&loader_eltorito, ERR_VALUE,
	    "load=0x7c08 bytes=2048: wanted from 0x1000 to below 0xa0000, a multiple of 16, with");
	prepare("eltorito", 2048);
	load_at(0x9fc00, 0);
	bad(&loader_eltorito, ERR_VALUE, "load=0x9fc00 bytes=2048");
	prepare("eltorito", 2048);
	load_at(0xffffffffffff0, 0);
	bad(&loader_eltorito, ERR_VALUE, "load=0xffffffffffff0");
	prepare("eltorito", 1024);
	load_at(0x9f000, 0);
	bad(&loader_eltorito, ERR_RESERVED, "vmlinuz at 0x9f000..0x9f400: 0x9f000 is not usable memory");
}

static void test_refused_worlds(void **state)
{
	(void)state;
	prepare("bootsector", 512);
	bios(false);
	bad(&loader_bootsector, ERR_UNSUPPORTED,
	    "vmlinuz: needs a BIOS: the firmware is UEFI, without a BIOS beside it");
	prepare("bootsector", 512);
	rig.config.has_mode = true;
	rig.config.mode = ENTRY_PROTECTED;
	bad(&loader_bootsector, ERR_UNSUPPORTED,
	    "vmlinuz: trapeze,mode=protected: boot sectors are entered in real mode");
	prepare("bootsector", 512);
	fake_cannot_enter[ENTRY_REAL] = "no";
	bad(&loader_bootsector, ERR_PROCESSOR, "vmlinuz: no");
	prepare("bootsector", 512);
	rig.config.registers = "dl=5";
	bad(&loader_bootsector, ERR_VALUE, "\"dl=5\" is not understood");
	assert_false(loader_bootsector.can_call || loader_eltorito.can_call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sector), TEST(test_longer), TEST(test_drive), TEST(test_eltorito), TEST(test_probe),
		TEST(test_refused_bytes), TEST(test_refused_places), TEST(test_refused_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
