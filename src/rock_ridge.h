/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The system use entries of a directory record that matter here. */
#ifndef TRAPEZE_ROCK_RIDGE_H
#define TRAPEZE_ROCK_RIDGE_H

#include "volume.h"

#define ROCK_RIDGE_TEXT 256

struct rock_ridge {
	char name[ROCK_RIDGE_TEXT];	/* NM; "" when there is none */
	char target[ROCK_RIDGE_TEXT];	/* SL: where a symbolic link leads; "" when it is none */
	bool is_name_cut, is_target_cut;	/* they do not fit */
	bool is_relocated;		/* RE: listed elsewhere, by CL */
	bool is_packed;			/* ZF: zisofs */
	u32 child;			/* CL: the block of the directory that this stands for; 0: none */
};

/* Does the area of a root's "." begin with SP? Then *skip is what SUSP wants to be left out in all others. */
bool rock_ridge_begins(const u8 *area, u32 size, u8 *skip);
/* Read the entries of an area and of its continuations. */
enum err rock_ridge_read(struct volume *volume, const u8 *area, u32 size, struct rock_ridge *out) MUST_CHECK;

#endif
