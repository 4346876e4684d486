/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The one list of errors. A function that can fail returns enum err and is MUST_CHECK; the place that finds an error logs it
 * once, with the numbers that matter, and returns the code; callers pass it on.
 */
#ifndef TRAPEZE_ERROR_H
#define TRAPEZE_ERROR_H

#include "types.h"

#define ERROR_LIST(X) \
	X(ERR_OK, "ok") \
	X(ERR_TRUNCATED, "ends before its own header says") \
	X(ERR_MAGIC, "wrong magic number") \
	X(ERR_VERSION, "version not supported") \
	X(ERR_VALUE, "value out of range") \
	X(ERR_OVERFLOW, "size or address wraps around") \
	X(ERR_OVERLAP, "ranges overlap") \
	X(ERR_ALIGN, "alignment") \
	X(ERR_MEMORY, "not enough memory") \
	X(ERR_NO_ROOM, "no room at an allowed address") \
	X(ERR_RESERVED, "address in memory that is not usable") \
	X(ERR_NOT_FOUND, "not found") \
	X(ERR_DUPLICATE, "given twice") \
	X(ERR_UNKNOWN, "unknown name") \
	X(ERR_UNSUPPORTED, "not supported") \
	X(ERR_PROCESSOR, "this processor cannot do it") \
	X(ERR_HASH, "hash mismatch") \
	X(ERR_FORMAT, "no loader knows this format") \
	X(ERR_DEVICE, "device does not answer") \
	X(ERR_CANCELLED, "cancelled") \
	X(ERR_TIMEOUT, "did not come back in time")

#define ERROR_ENUM(name, text) name,
enum err { ERROR_LIST(ERROR_ENUM) ERR_COUNT };
#undef ERROR_ENUM

/* The text of a code, never NULL; static storage. */
const char *err_text(enum err code);

#endif
