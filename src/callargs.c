/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "callargs.h"

#include <string.h>

#include "fmt.h"
#include "log.h"
#include "number.h"

#define SHOWN 24			/* of a word that is no number */

enum err callargs_parse(const char *name, const char *text, u64 args[CALLARGS_MAX], u32 *count)
{
	*count = 0;
	memset(args, 0, CALLARGS_MAX * sizeof(*args));
	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		size_t length = strcspn(text, " \t");

		if (*count == CALLARGS_MAX) {
			log_err("call", "%s: more than %u arguments", name, CALLARGS_MAX);
			return ERR_VALUE;
		}
		if (!number_word(text, length, &args[*count])) {
			log_err("call", "%s: argument %u, \"%.*s\", is no integer of 64 bits", name, *count + 1,
				(int)min_u64(length, SHOWN), text);
			return ERR_VALUE;
		}
		(*count)++;
		text += length;
	}
	return ERR_OK;
}

char *callargs_format(char *buf, size_t size, const u64 *args, u32 count)
{
	size_t used = 0;

	*buf = '\0';
	for (u32 i = 0; i < count && used < size; i++)
		used += fmt_snprintf(buf + used, size - used, "%s0x%llx", i ? " " : "", args[i]);
	return buf;
}
