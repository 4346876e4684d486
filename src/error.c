/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "error.h"

#define ERROR_TEXT(name, text) [name] = text,
static const char *const err_texts[ERR_COUNT] = { ERROR_LIST(ERROR_TEXT) };
#undef ERROR_TEXT

const char *err_text(enum err code)
{
	if ((unsigned int)code >= ERR_COUNT)
		return "unknown error";
	return err_texts[code];
}
