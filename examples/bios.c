/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Real mode: asks the BIOS for the size of conventional memory and for its clock. The result is the size in KiB. */
#include "image.h"

#define TICKS_PER_HOUR 65543		/* 1193182 Hz / 65536, for 3600 s */

uint32_t main(void);

static uint16_t bios_memory_size(void)
{
	uint16_t kib;

	__asm__ volatile("int $0x12" : "=a"(kib) : : "cc", "memory");
	return kib;
}

static uint32_t bios_ticks(void)
{
	uint16_t ax = 0, high, low;

	__asm__ volatile("int $0x1a" : "+a"(ax), "=c"(high), "=d"(low) : : "cc", "memory");
	return (uint32_t)high << 16 | low;
}

uint32_t main(void)
{
	uint16_t kib = bios_memory_size();

	put_text("bios: conventional memory ");
	put_decimal(kib, 1);
	put_text(" KiB, hours since midnight ");
	put_decimal(bios_ticks() / TICKS_PER_HOUR, 1);
	put_text("\n");
	return kib;
}
