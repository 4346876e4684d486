/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "fmt.h"

/* `bytes` in tenths of 2^shift, rounded to the nearest. */
static u32 tenths_of(u64 bytes, unsigned int shift)
{
	u64 fraction = bytes & ((1ull << shift) - 1);
	u64 half = shift ? 1ull << (shift - 1) : 0;

	return (u32)(bytes >> shift) * 10 + (u32)((fraction * 10 + half) >> shift);
}

char *fmt_size(char *buf, size_t size, u64 bytes)
{
	static const char units[][4] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int unit = 0;
	u32 tenths;

	/* In tenths, so that 1023.96 KiB becomes 1 MiB and not 1024 KiB. */
	while (unit + 1 < ARRAY_COUNT(units) && (bytes >> (10 * unit) >= 1024 || tenths_of(bytes, 10 * unit) >= 10240))
		unit++;
	tenths = tenths_of(bytes, 10 * unit);
	if (tenths % 10)
		fmt_snprintf(buf, size, "%u.%u %s", tenths / 10, tenths % 10, units[unit]);
	else
		fmt_snprintf(buf, size, "%u %s", tenths / 10, units[unit]);
	return buf;
}
