/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What is in the control pages when a swing begins. */
#ifndef TRAPEZE_SWING_BUILD_H
#define TRAPEZE_SWING_BUILD_H

#include "control/control.h"
#include "memory.h"
#include "paging.h"
#include "swing.h"
#include "x86.h"

struct arch_swing {
	paddr_t code, data, stack, tables, symbols, end;
	paddr_t sums_page;		/* of a call, for its checksums and, at the end, for struct control's low_kept; else 0 */
	paddr_t long_tables;		/* i386, where an image may be entered in long mode: two pages; else 0 */
	u64 symbols_room;		/* bytes at `symbols` */
	struct control *control;
	struct paging paging;
	paddr_t real16;			/* real-mode pages; 0: none */
	paddr_t sums;			/* struct control_sum[]: the page, or staging memory; 0: none */
	u8 *template;			/* what swing_template_save found; malloc'd, or NULL */
	u32 made_at;			/* swing_flights() when the pages were made: no image can have written to them while it is the same */
};

#define SWING_SUMS_SIZE (PAGE_SIZE - CONTROL_LOW_SIZE)

static inline const struct control_header *blob_header(void)
{
	return (const struct control_header *)control_blob_start;
}

/* One past the highest byte that the control pages' tables map: 4 GiB, or where memory ends. */
paddr_t swing_map_limit(const struct memory *memory);
/* Fill the pages of `a`, whose addresses are set: code, tables, the worlds under an image. */
enum err swing_build(struct arch_swing *a, const struct memory *memory) MUST_CHECK;
/* The console may be another one by now. */
void swing_set_uart(struct control *control);

/*
 * The data pages as swing_build made them, before a swing says anything of itself: kept in the heap (where there is room), and
 * put back for another call. Code and page tables stay as they are.
 */
void swing_template_save(struct arch_swing *a);
bool swing_template_restore(const struct arch_swing *a) MUST_CHECK;

/* New pages, clear of the swing's plan; swing NULL: for the first call that they fit. On an error nothing is left. */
enum err swing_pages_make(struct arch_swing **out, const struct swing *swing, struct memory *memory) MUST_CHECK;
/* Room for the swing's checksums at a->sums. */
enum err swing_pages_take_sums(struct arch_swing *a, const struct swing *swing, struct memory *memory) MUST_CHECK;
/* is_sound: a call used them and left them as it should. */
void swing_pages_give_back(struct arch_swing *a, struct memory *memory, bool is_sound);
/* The pages that are kept, as new, when they fit; else NULL. */
struct arch_swing *swing_spare_take(const struct swing *swing);

/* Into the control pages of `a`, interrupts off. Comes back when the image was called. */
void swing_fly(struct arch_swing *a);
/* How often that was done. */
u32 swing_flights(void);

#endif
