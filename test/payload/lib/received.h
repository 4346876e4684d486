/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* How the test kernels read what they were handed: by raw offsets, with nothing of the loaders' own code. */
#ifndef PAYLOAD_RECEIVED_H
#define PAYLOAD_RECEIVED_H

#include "payload.h"

/* Bytes in one line of a string. */
#define RECEIVED_PIECE 96u

/* A little-endian field of up to 8 bytes. */
static inline u64 get(const u8 *at, u32 offset, u32 bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | at[offset + bytes];
	return value;
}

static inline const u8 *pointer(u64 address)
{
	return (const u8 *)(unsigned long)address;
}

/* One nibble at a time: small, and fast enough for a test's ramdisk. */
static inline u32 crc32(const u8 *data, u64 size)
{
	u32 table[16], crc = 0xffffffff;

	for (u32 i = 0; i < 16; i++) {
		table[i] = i;
		for (u32 bit = 0; bit < 4; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320u : table[i] >> 1;
	}
	for (; size; size--) {
		crc ^= *data++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

/* The string at an address, in pieces; nothing for address 0. */
static inline void print_text(const char *name, u64 at)
{
	const char *text = (const char *)pointer(at);

	for (u32 i = 0; at && text[i]; i++) {
		if (i % RECEIVED_PIECE == 0)
			print("got: %s: \"", name);
		print("%c", text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?');
		if (i % RECEIVED_PIECE == RECEIVED_PIECE - 1 || !text[i + 1])
			print("\"\n");
	}
}

#endif
