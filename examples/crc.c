/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Long mode: the CRC-32 of `size` bytes at `address`, both arguments of the call. */
#include "image.h"

#define POLYNOMIAL 0xedb88320u

uint64_t main(uint64_t address, uint64_t size);

uint64_t main(uint64_t address, uint64_t size)
{
	const volatile uint8_t *bytes = (const volatile uint8_t *)address;
	uint32_t crc = 0xffffffff;

	for (uint64_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
	}
	crc = ~crc;
	put_text("crc: 0x");
	put_hex(crc, 8);
	put_text("\n");
	return crc;
}
