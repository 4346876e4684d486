/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "record.h"

#include <string.h>

#include "verify.h"

#define PIECE_SIZE 96u

void record_line(const struct record *record, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record->line(record->ctx, format, args);
	va_end(args);
}

void record_text(const struct record *record, const char *name, const char *text)
{
	char piece[PIECE_SIZE + 1];
	size_t left = strlen(text);

	for (size_t step; left; left -= step, text += step) {
		step = left < PIECE_SIZE ? left : PIECE_SIZE;
		for (size_t i = 0; i < step; i++)
			piece[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
		piece[step] = '\0';
		record_line(record, "%s: \"%s\"", name, piece);
	}
}

void record_regs(const struct record *record, const struct entry_state *entry)
{
	record_line(record, "regs: ax=0x%llx bx=0x%llx cx=0x%llx dx=0x%llx si=0x%llx di=0x%llx bp=0x%llx", entry->ax,
		    entry->bx, entry->cx, entry->dx, entry->si, entry->di, entry->bp);
}

u32 record_crc32(const void *data, u64 size)
{
	u8 value[HASH_MAX_SIZE];

	hash_compute(HASH_CRC32, data, size, value, NULL, NULL);
	return (u32)value[0] << 24 | (u32)value[1] << 16 | (u32)value[2] << 8 | value[3];
}

/* CRC-32 is arithmetic on polynomials over GF(2), lowest power in the highest bit: a * b modulo the generator. */
static u32 multiply(u32 a, u32 b)
{
	u32 product = 0;

	for (; a; a <<= 1) {
		if (a & 0x80000000u)
			product ^= b;
		b = b & 1 ? b >> 1 ^ 0xedb88320u : b >> 1;
	}
	return product;
}

/* The register after `bytes` zero bytes: multiplied by x^8 as often. */
static u32 advance(u32 crc, u64 bytes)
{
	u32 power = 0x00800000u;

	for (; bytes; bytes >>= 1) {
		if (bytes & 1)
			crc = multiply(crc, power);
		power = multiply(power, power);
	}
	return crc;
}

u32 record_crc32_zeros(u32 crc, u64 bytes)
{
	return ~advance(~crc, bytes);
}

u32 record_crc32_join(u32 first, u32 second, u64 second_size)
{
	return advance(first, second_size) ^ second;
}
