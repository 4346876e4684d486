/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A VT100 at the other end of the console: keys decoded from bytes, and blocks of lines of which only what changed is
 * sent. Printable ASCII only, in both directions.
 */
#ifndef TRAPEZE_TERM_H
#define TRAPEZE_TERM_H

#include "types.h"

/* The last of the 80 columns stays free: terminals differ in when they wrap. */
#define TERM_ROWS 24
#define TERM_COLUMNS 79

/* Printable ASCII stands for itself, Ctrl with a letter for KEY_CTRL of it; Alt (an ESC right before) adds KEY_ALT. */
#define KEY_CTRL(letter) ((letter) & 0x1f)
#define KEY_ALT 0x200
enum term_key {
	KEY_NONE = -1,
	KEY_ENTER = 0x100, KEY_ESCAPE, KEY_BACKSPACE, KEY_DELETE,
	KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_PAGE_UP, KEY_PAGE_DOWN,
	KEY_UNKNOWN,			/* a whole escape sequence of some other key */
	KEY_FOREIGN,			/* a byte that begins a character outside ASCII, or noise */
	KEY_DISTURBED,			/* no key: something was printed meanwhile (console_disturb), the cursor is on a new line */
};

/*
 * The next key within timeout_us (0: for ever), or KEY_NONE. CR, LF and CR LF are one Enter; an ESC that nothing
 * follows within 50 ms is the Escape key. NUL, stray bytes above 0x7f and broken sequences are skipped.
 */
int term_read_key(u64 timeout_us);
/*
 * Wait for a real key, not KEY_FOREIGN or KEY_DISTURBED, without taking it: the next term_read_key gives it at once.
 * False: none came in time.
 */
bool term_wait_key(u64 timeout_us);

void term_bell(void);

/* '?' for what is not printable ASCII. */
char term_clean_char(char c);

/*
 * `text` as it may go to a terminal: '?' for what is not printable ASCII, one for a whole UTF-8 character. Returns the
 * length of the whole, of which size - 1 characters and a NUL are written.
 */
size_t term_clean(char *buf, size_t size, const char *text);

/* Send cleaned text of any length. */
void term_puts(const char *text);
/*
 * Cleaned text in at most `width` characters and a NUL; longer text ends in "...". Returns the length of what was
 * written.
 */
u32 term_fit(char *buf, u32 width, const char *text);

/*
 * Take from text[length] what fits on a line of `columns`, broken after a word where possible: cleaned into
 * line[columns + 1], without blanks at the end. Returns how many bytes of text are used up: at least one unless length
 * is 0.
 */
size_t term_wrap(const char *text, size_t length, char *line, u32 columns);

/* A cell of a block: an ASCII character, with this bit in reverse video. */
#define TERM_REVERSE 0x80

/*
 * A block of lines on the screen. It begins where the cursor is and moves the screen up when it needs room, so what was
 * printed before stays in sight. `next` is composed, then term_block_show sends the difference to `shown`.
 */
struct term_block {
	u32 rows;
	u32 row, column;		/* where the terminal's cursor is */
	u8 (*shown)[TERM_COLUMNS];
	u8 (*next)[TERM_COLUMNS];
};

/* Two times `rows` lines of cells are the caller's to give, for as long as the block lives. 1 <= rows <= TERM_ROWS. */
void term_block_begin(struct term_block *block, u8 (*cells)[TERM_COLUMNS], u32 rows);
/* The same on an empty screen: for a terminal that was connected late. */
void term_block_begin_clear(struct term_block *block, u8 (*cells)[TERM_COLUMNS], u32 rows);
/* Make `next` blank. */
void term_block_wipe(struct term_block *block);
/*
 * Put cleaned text into `next`, at most `width` columns of it; longer text ends in "...". attribute: 0 or
 * TERM_REVERSE.
 */
void term_block_put(struct term_block *block, u32 row, u32 column, u32 width, const char *text, u8 attribute);
/* Send what changed; the cursor ends at row, column. */
void term_block_show(struct term_block *block, u32 row, u32 column);
/*
 * Somebody else wrote on the row that the cursor is on: its contents and the cursor's column are unknown from here on.
 */
void term_block_forget_row(struct term_block *block);
/* Go on below the block. */
void term_block_end(struct term_block *block);

#endif
