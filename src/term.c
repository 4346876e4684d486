/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Keys: what a VT100, an xterm, a Linux console and their kin send (ECMA-48, 5.4; the VT100 User Guide, chapter 3). */
#include "term.h"

#include "arch.h"
#include "console.h"
#include "printable.h"

#define ESC 0x1b
#define DEL 0x7f
#define ESCAPE_TIMEOUT_US 50000

/*
 * There is one console, and what was read of it too far is kept here: a byte that ended a broken sequence, a decoded
 * key.
 */
static int unread_byte = -1;
static int unread_key = KEY_NONE;
static bool after_cr;

static int read_byte(u64 timeout_us)
{
	int c = unread_byte;

	unread_byte = -1;
	return c >= 0 ? c : console_wait(timeout_us);
}

/* Of a byte, or -1 for none. */
static bool is_text(int c)
{
	return is_printable((char)c);
}

static int letter_key(int letter)
{
	switch (letter) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	default:
		return KEY_UNKNOWN;
	}
}

static int number_key(u32 number)
{
	static const u16 keys[] = {
		KEY_UNKNOWN, KEY_HOME, KEY_UNKNOWN, KEY_DELETE, KEY_END, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END,
	};

	return number < ARRAY_COUNT(keys) ? keys[number] : KEY_UNKNOWN;
}

/* Something that belongs in no sequence: drop the sequence, keep a control character, which may be a key of its own. */
static int broken_sequence(int c)
{
	if (c >= 0 && c < ' ')
		unread_byte = c;
	return KEY_NONE;
}

/*
 * After ESC [: parameters, intermediate bytes, a final byte. Only the first parameter matters; the others are
 * modifiers.
 */
static int decode_csi(void)
{
	u32 number = 0;
	bool in_first = true;
	int c = read_byte(ESCAPE_TIMEOUT_US);

	if (c < 0)
		return KEY_ALT | '[';
	for (; c >= ' ' && c < '@'; c = read_byte(ESCAPE_TIMEOUT_US)) {
		in_first = in_first && c >= '0' && c <= '9';
		if (in_first && number < 1000)
			number = number * 10 + (u32)(c - '0');
	}
	if (!is_text(c))
		return broken_sequence(c);
	if (c == '~')
		return number_key(number);
	if (c != '[')
		return letter_key(c);
	/* A Linux console's F1 to F5 are ESC [ [ and a letter. */
	c = read_byte(ESCAPE_TIMEOUT_US);
	return is_text(c) ? KEY_UNKNOWN : broken_sequence(c);
}

/* After ESC O: cursor keys and keypad in their application modes. */
static int decode_ss3(void)
{
	int c = read_byte(ESCAPE_TIMEOUT_US);

	if (c < 0)
		return KEY_ALT | 'O';
	if (!is_text(c))
		return broken_sequence(c);
	if (c == 'M')
		return KEY_ENTER;
	if (c >= 'p' && c <= 'y')
		return '0' + (c - 'p');
	return letter_key(c);
}

static int decode_escape(void)
{
	int c = read_byte(ESCAPE_TIMEOUT_US);

	if (c < 0)
		return KEY_ESCAPE;
	if (c == '[')
		return decode_csi();
	if (c == 'O')
		return decode_ss3();
	if (is_text(c))
		return KEY_ALT | c;
	if (c < ' ' && c != ESC) {
		unread_byte = c;
		return KEY_ESCAPE;
	}
	return broken_sequence(c);
}

/* KEY_NONE: the byte means nothing. */
static int decode(int c)
{
	bool second_of_two = after_cr && c == '\n';

	after_cr = c == '\r';
	if (second_of_two)
		return KEY_NONE;
	if (c == '\r' || c == '\n')
		return KEY_ENTER;
	if (c == ESC)
		return decode_escape();
	if (c == '\b' || c == DEL)
		return KEY_BACKSPACE;
	if (c >= 0xc0)
		return KEY_FOREIGN;
	return c && c < DEL ? c : KEY_NONE;
}

/* What is left of a timeout, at least a look; 0 (for ever) stays 0. */
static u64 time_left(u64 start, u64 timeout_us)
{
	u64 elapsed = arch_time_us() - start;

	if (!timeout_us)
		return 0;
	return elapsed < timeout_us ? timeout_us - elapsed : 1;
}

int term_read_key(u64 timeout_us)
{
	u64 start = arch_time_us();
	int key = unread_key, c;

	unread_key = KEY_NONE;
	while (key == KEY_NONE) {
		c = read_byte(time_left(start, timeout_us));
		if (c < 0)
			return console_take_disturbance() ? KEY_DISTURBED : KEY_NONE;
		key = decode(c);
	}
	return key;
}

bool term_wait_key(u64 timeout_us)
{
	u64 start = arch_time_us();
	bool disturbed = false;
	int key;

	do {
		key = term_read_key(time_left(start, timeout_us));
		disturbed = disturbed || key == KEY_DISTURBED;
	} while (key == KEY_FOREIGN || key == KEY_DISTURBED);
	if (disturbed)
		console_disturb();
	unread_key = key;
	return key != KEY_NONE;
}
