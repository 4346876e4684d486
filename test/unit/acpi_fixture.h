/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* ACPI tables in simulated memory, with right checksums. Once per program. */
#ifndef TEST_ACPI_FIXTURE_H
#define TEST_ACPI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acpi.h"
#include "bootinfo.h"
#include "fake.h"

#define RAM MIB(2)
#define AT_RSDT 0x180000
#define AT_XSDT 0x181000
#define AT_TABLE 0x182000
#define SPCR_BYTES 80

static struct bootinfo info;
static u8 rsdp[36];

static inline void put(paddr_t at, u64 value, u32 size)
{
	memcpy(fake_ram + at, &value, size);
}

static inline void fix_sum(u8 *bytes, u32 size, u32 at)
{
	u8 sum = 0;

	bytes[at] = 0;
	for (u32 i = 0; i < size; i++)
		sum += bytes[i];
	bytes[at] = (u8)-sum;
}

static inline void put_header(paddr_t at, const char *signature, u32 size, u8 revision)
{
	memcpy(fake_ram + at, signature, 4);
	put(at + 4, size, 4);
	fake_ram[at + 8] = revision;
	fix_sum(fake_ram + at, size, 9);
}

/* RSDT (entries of 4 bytes) or XSDT, of other tables' headers and one at `table`. */
static inline void put_root(paddr_t at, u32 entry_size, paddr_t table)
{
	memset(fake_ram + at, 0, 256);
	put(at + 36, AT_RSDT + 0x800, entry_size);
	put(at + 36 + entry_size, 0xfffffff0, entry_size);	/* out of reach */
	put(at + 36 + 2 * entry_size, table, entry_size);
	put_header(at, entry_size == 8 ? "XSDT" : "RSDT", 36 + 3 * entry_size, 1);
	put_header(AT_RSDT + 0x800, "FACP", 36, 1);
}

static inline void put_rsdp(u8 revision)
{
	memset(rsdp, 0, sizeof(rsdp));
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = revision;
	memcpy(rsdp + 16, &(u32){ AT_RSDT }, 4);
	memcpy(rsdp + 20, &(u32){ 36 }, 4);
	memcpy(rsdp + 24, &(u64){ AT_XSDT }, 8);
	fix_sum(rsdp, 20, 8);
	fix_sum(rsdp, 36, 32);
	info.rsdp_v1 = revision < 2 ? (struct boot_blob){ rsdp, 20 } : (struct boot_blob){ 0 };
	info.rsdp_v2 = revision < 2 ? (struct boot_blob){ 0 } : (struct boot_blob){ rsdp, 36 };
}

/* COM3 at 9600 baud, by port. */
static inline void put_spcr(u8 revision)
{
	memset(fake_ram + AT_TABLE, 0, 256);
	fake_ram[AT_TABLE + 40] = 1;
	fake_ram[AT_TABLE + 41] = 8;
	fake_ram[AT_TABLE + 43] = 1;
	put(AT_TABLE + 44, 0x3e8, 8);
	fake_ram[AT_TABLE + 58] = 3;
	put(AT_TABLE + 64, 0xffffffff, 4);
	put_header(AT_TABLE, "SPCR", SPCR_BYTES, revision);
}

static inline int setup_tables(void **state)
{
	(void)state;
	fake_ram_init(RAM);
	fake_log_reset();
	info = (struct bootinfo){ .command_line = "", .loader_name = "" };
	put_root(AT_RSDT, 4, AT_TABLE);
	put_root(AT_XSDT, 8, AT_TABLE);
	put_rsdp(2);
	put_spcr(2);
	return 0;
}

static inline int teardown_tables(void **state)
{
	(void)state;
	fake_ram_free();
	return 0;
}

#endif
