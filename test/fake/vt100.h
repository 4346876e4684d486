/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A terminal for host tests: a screen of 24 lines of 80 that understands what a VT100 does of what we send, and a user
 * who types a script with pauses and takes pictures of the screen.
 */
#ifndef TRAPEZE_VT100_H
#define TRAPEZE_VT100_H

#include "types.h"

#define VT100_ROWS 24
#define VT100_COLUMNS 80
#define VT100_TEXT_SIZE (VT100_ROWS * (VT100_COLUMNS * 2 + 1) + 1)

/*
 * What the user does next: wait, type, and look at the screen as it is once all was read. `size` is 0 for a string.
 * Text in reverse video stands in {} in a picture, the cursor's place is in vt100_row and vt100_column.
 */
struct vt100_step {
	u32 pause_ms;
	const char *keys;
	size_t size;
	char *picture;			/* VT100_TEXT_SIZE, or NULL */
	u32 *sent;			/* bytes that came since the last step, or NULL */
};

/* A blank screen, wired to the console; plays the steps. Input that is awaited beyond the last for 100 s aborts. */
void vt100_play(const struct vt100_step *steps, size_t count);
/* The screen: lines without blanks at their end, no blank lines at the end. */
void vt100_picture(char *text);

/* How much time a look takes for a byte that is not there. */
extern u64 vt100_poll_us;

/* A character, with 0x80 where it stands in reverse video. */
u8 vt100_cell(u32 row, u32 column);

extern u32 vt100_row, vt100_column;	/* from 0 */
extern u32 vt100_bells;
/* Bytes and sequences outside what a VT100 and the test know; 0 in any good test. */
extern u32 vt100_strange;
/* Escape sequences since vt100_play. */
extern u32 vt100_escapes;
/* All that was sent since vt100_play, NUL-terminated. */
extern char *vt100_sent;

#endif
