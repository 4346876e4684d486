/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "vt100.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "fake.h"

#define REVERSE 0x80
#define PATIENCE_US 100000000ull

u32 vt100_row, vt100_column, vt100_bells, vt100_strange, vt100_escapes;
char *vt100_sent;
u64 vt100_poll_us = 100;

static size_t sent_size, sent_room;
static u8 screen[VT100_ROWS][VT100_COLUMNS];
static u8 attribute;
static bool wrap_pending;

/* An escape sequence on its way: 0 none, 1 after ESC, 2 after ESC [. */
static int escape_state;
static u32 parameter;
static bool has_parameter;

static void blank_row(u32 row, u32 from)
{
	memset(&screen[row][from], ' ', VT100_COLUMNS - from);
}

static void line_feed(void)
{
	if (vt100_row + 1 < VT100_ROWS) {
		vt100_row++;
		return;
	}
	memmove(screen[0], screen[1], sizeof(screen) - sizeof(screen[0]));
	blank_row(VT100_ROWS - 1, 0);
}

static void put_char(u8 c)
{
	if (wrap_pending) {
		vt100_column = 0;
		line_feed();
	}
	screen[vt100_row][vt100_column] = c | attribute;
	wrap_pending = vt100_column + 1 == VT100_COLUMNS;
	if (!wrap_pending)
		vt100_column++;
}

static void control(u8 c)
{
	wrap_pending = false;
	switch (c) {
	case '\r':
		vt100_column = 0;
		break;
	case '\n':
		line_feed();
		break;
	case '\b':
		vt100_column -= vt100_column ? 1 : 0;
		break;
	case '\a':
		vt100_bells++;
		break;
	case 0x1b:
		escape_state = 1;
		parameter = 0;
		has_parameter = false;
		vt100_escapes++;
		break;
	default:
		vt100_strange++;
		break;
	}
}

static u32 smaller(u32 a, u32 b)
{
	return a < b ? a : b;
}

static void move_cursor(u8 letter, u32 count)
{
	switch (letter) {
	case 'A':
		vt100_row -= smaller(vt100_row, count);
		break;
	case 'B':
		vt100_row += smaller(VT100_ROWS - 1 - vt100_row, count);
		break;
	case 'C':
		vt100_column += smaller(VT100_COLUMNS - 1 - vt100_column, count);
		break;
	case 'D':
		vt100_column -= smaller(vt100_column, count);
		break;
	}
}

static void final_byte(u8 c)
{
	escape_state = 0;
	if (c >= 'A' && c <= 'D' && (!has_parameter || parameter))
		move_cursor(c, has_parameter ? parameter : 1);
	else if (c == 'H' && !has_parameter)
		vt100_row = vt100_column = 0;
	else if (c == 'J' && parameter == 2)
		for (u32 row = 0; row < VT100_ROWS; row++)
			blank_row(row, 0);
	else if (c == 'K' && !has_parameter)
		blank_row(vt100_row, vt100_column);
	else if (c == 'm' && (!has_parameter || parameter == 7))
		attribute = has_parameter ? REVERSE : 0;
	else
		vt100_strange++;
	/* Terminals differ in whether erasing fills with reverse video: it must be off. */
	if ((c == 'K' || c == 'J') && attribute)
		vt100_strange++;
}

static void receive(u8 c)
{
	if (escape_state == 1) {
		escape_state = c == '[' ? 2 : 0;
		vt100_strange += c == '[' ? 0 : 1;
	} else if (escape_state == 2 && c >= '0' && c <= '9') {
		has_parameter = true;
		parameter = parameter * 10 + (c - '0');
	} else if (escape_state == 2) {
		final_byte(c);
	} else if (c < ' ' || c > '~') {
		control(c);
	} else {
		put_char(c);
	}
}

static void terminal_write(const char *text, size_t size)
{
	if (sent_room < sent_size + size + 1) {
		sent_room = 2 * (sent_size + size + 1);
		vt100_sent = realloc(vt100_sent, sent_room);
		if (!vt100_sent)
			abort();
	}
	memcpy(vt100_sent + sent_size, text, size);
	sent_size += size;
	vt100_sent[sent_size] = '\0';
	for (size_t i = 0; i < size; i++)
		receive((u8)text[i]);
}

u8 vt100_cell(u32 row, u32 column)
{
	return screen[row][column];
}

static char *picture_row(char *at, const u8 *cells)
{
	u32 end = VT100_COLUMNS;
	bool reverse = false;

	while (end && cells[end - 1] == ' ')
		end--;
	for (u32 i = 0; i < end; i++) {
		if (!!(cells[i] & REVERSE) != reverse)
			*at++ = reverse ? '}' : '{';
		reverse = cells[i] & REVERSE;
		*at++ = (char)(cells[i] & ~REVERSE);
	}
	if (reverse)
		*at++ = '}';
	*at++ = '\n';
	return at;
}

void vt100_picture(char *text)
{
	char *at = text;

	for (u32 row = 0; row < VT100_ROWS; row++)
		at = picture_row(at, screen[row]);
	while (at > text + 1 && at[-1] == '\n' && at[-2] == '\n')
		at--;
	*at = '\0';
}

static const struct vt100_step *step, *steps_end;
static size_t keys_at, sent_at_step;
static bool step_begun;
static u64 step_due;

static size_t step_size(void)
{
	return step->size ? step->size : step->keys ? strlen(step->keys) : 0;
}

static void end_step(void)
{
	if (step->picture)
		vt100_picture(step->picture);
	if (step->sent)
		*step->sent = (u32)(sent_size - sent_at_step);
	sent_at_step = sent_size;
	step++;
	step_begun = false;
}

static void give_up(void)
{
	char text[VT100_TEXT_SIZE];

	vt100_picture(text);
	fprintf(stderr, "the script is over and input is awaited:\n%s", text);
	abort();
}

/* Called when all that was typed has been read: the program waits, the screen is up to date. */
static int terminal_read(void)
{
	if (!step_begun) {
		step_due = fake_time_us + (step < steps_end ? step->pause_ms * 1000ull : PATIENCE_US);
		step_begun = true;
		keys_at = 0;
	}
	if (fake_time_us < step_due) {
		fake_time_us += vt100_poll_us;
		return -1;
	}
	if (step == steps_end)
		give_up();
	if (keys_at < step_size())
		return (u8)step->keys[keys_at++];
	end_step();
	return -1;
}

void vt100_play(const struct vt100_step *steps, size_t count)
{
	static const struct console_ops ops = { .write = terminal_write, .read = terminal_read };

	memset(screen, ' ', sizeof(screen));
	vt100_row = vt100_column = vt100_bells = vt100_strange = vt100_escapes = 0;
	attribute = 0;
	wrap_pending = false;
	escape_state = 0;
	sent_size = sent_at_step = 0;
	terminal_write("", 0);
	step = steps;
	steps_end = steps + count;
	step_begun = false;
	console_set(&ops);
}
