/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The record of what is handed over, line by line; the test payloads print the same lines. */
#ifndef TRAPEZE_RECORD_H
#define TRAPEZE_RECORD_H

#include <stdarg.h>

#include "plan.h"
#include "types.h"

struct record {
	void (*line)(void *ctx, const char *format, va_list args);
	void *ctx;
};

void record_line(const struct record *record, const char *format, ...) PRINTF_LIKE(2, 3);
/* "NAME: "..."", cut into pieces so that no line of the log is too long; "?" for what is not printable ASCII. */
void record_text(const struct record *record, const char *name, const char *text);
/* "regs: ..." of an entry. */
void record_regs(const struct record *record, const struct entry_state *entry);
/* CRC-32 as Ethernet and gzip have it. */
u32 record_crc32(const void *data, u64 size);
/* The CRC-32 after `bytes` zero bytes more. */
u32 record_crc32_zeros(u32 crc, u64 bytes);
/* Of two pieces, one behind the other, from the CRC-32 of each. */
u32 record_crc32_join(u32 first, u32 second, u64 second_size);

#endif
