/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The real-mode pages on the shim's side: filled in before a swing, read after it. */
#ifndef TRAPEZE_REAL16_BUILD_H
#define TRAPEZE_REAL16_BUILD_H

#include "plan.h"
#include "real16.h"

struct control;

struct real16_config {
	struct control *control;	/* its gap table gets the real-mode vector; gap_idtr is filled in already */
	const void *code;		/* real16_start in the blob */
	u32 code_size;
	u32 back;			/* address of real16_back */
	u16 gdt_limit;			/* a table whose 16-bit selectors have the page as their base */
	u32 gdt_base;
};

/* REAL16_SIZE bytes at `page`, below REAL16_MEMORY_END and page aligned. */
void real16_build(paddr_t page, const struct real16_config *config);
/* What the image finds in its registers. sp and ss zero: a stack in the real-mode pages. */
void real16_set_entry(paddr_t page, const struct entry_state *entry);
/* What it left in them. */
void real16_read_state(paddr_t page, struct entry_state *state);

#endif
