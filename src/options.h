/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The words of the shim's own command line (docs/manifest.md lists them; they win over the manifest). */
#ifndef TRAPEZE_OPTIONS_H
#define TRAPEZE_OPTIONS_H

#include "log.h"
#include "types.h"

struct options {
	char *console;			/* console=; NULL: not given. malloc'd, as `manifest` */
	char *manifest;			/* manifest=NAME of the module; NULL: "manifest" */
	bool has_log_level;
	enum log_level log_level;
	bool plain_menu;		/* menu=plain */
	bool has_timeout;
	s32 timeout;			/* seconds, -1: never */
	int trap;			/* trap=N: raise this vector on purpose; -1: none */
};

/* Read the command line. A word that is not understood, or a value out of range, is a warning and left out. */
void options_parse(struct options *options, const char *command_line);
/*
 * The next word of the command line that is none of the shim's and no path, without its quotes, malloc'd; NULL at the end. *at
 * moves behind it; *raw and *length are the word as it stands there.
 */
char *options_next_foreign(const char **at, const char **raw, size_t *length);

#endif
