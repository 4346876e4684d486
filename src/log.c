/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "log.h"

#include <string.h>

#include "arch.h"
#include "copy.h"
#include "div.h"
#include "fmt.h"
#include "printable.h"

static char first_data[4096];		/* until log_set_ring */
static struct log_ring ring = { .data = first_data, .size = sizeof(first_data) };
/* The weights of the bytes at ring.first and ring.total: powers of an odd number, so that every byte counts. */
#define SUM_FACTOR 0x01000193u
static u32 first_weight = 1, total_weight = 1;
static void (*ring_watch)(const struct log_ring *ring);

static enum log_level console_level = LOG_INFO;
static void (*console_sink)(const char *text, size_t size);

/* The levels of the first lines, which come before options are read and can have been hidden by mistake. */
#define EARLY_LINES 120
#define EARLY_SHOWN LOG_LEVEL_COUNT
static struct early {
	u8 level[EARLY_LINES];		/* or EARLY_SHOWN */
	u32 count;
	u32 lost;			/* lines that have left the ring */
} early;

static const char *const level_names[LOG_LEVEL_COUNT] = { "err", "warn", "info", "debug", "step" };
static const char *const level_marks[LOG_LEVEL_COUNT] = { "error: ", "warning: ", "", "", "" };

void log_set_console(void (*write)(const char *text, size_t size))
{
	console_sink = write;
}

void log_set_level(enum log_level level)
{
	console_level = level;
}

enum log_level log_level(void)
{
	return console_level;
}

bool log_parse_level(const char *text, enum log_level *level)
{
	for (unsigned int i = 0; i < LOG_LEVEL_COUNT; i++) {
		bool is_digit = text[0] == (char)('0' + i) && !text[1];

		if (is_digit || !strcmp(text, level_names[i])) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static char *ring_byte(u64 at)
{
	u32 offset;

	div_u64_u32(at, ring.size, &offset);
	return &ring.data[offset];
}

/* The first line start after the line at `at`; ring.total when that line is the last. */
static u64 line_after(u64 at)
{
	while (at < ring.total && *ring_byte(at) != '\n')
		at++;
	return at < ring.total ? at + 1 : at;
}

static void ring_drop_line(void)
{
	u64 next = line_after(ring.first);

	for (; ring.first < next; ring.first++, first_weight *= SUM_FACTOR)
		ring.sum -= (u8)*ring_byte(ring.first) * first_weight;
	early.lost++;
}

/* Give up the oldest lines until `size` bytes are free. */
static void ring_make_room(u32 size)
{
	while (ring.size - (ring.total - ring.first) < size)
		ring_drop_line();
}

/* Its bytes by their weights, from *weight on, which goes on behind them. */
static u32 sum_of(const char *text, u32 size, u32 *weight)
{
	const u32 f = SUM_FACTOR, f4 = f * f * f * f;
	const u8 *at = (const u8 *)text;
	u32 sum = 0, w = *weight;

	for (; size >= 4; size -= 4, at += 4, w *= f4)
		sum += (at[0] + f * (at[1] + f * (at[2] + f * at[3]))) * w;
	for (; size; size--, w *= f)
		sum += *at++ * w;
	*weight = w;
	return sum;
}

static void ring_append(const char *text, u32 size)
{
	u32 offset, until_end;

	ring_make_room(size);
	div_u64_u32(ring.total, ring.size, &offset);
	until_end = ring.size - offset < size ? ring.size - offset : size;
	memcpy(ring.data + offset, text, until_end);
	memcpy(ring.data, text + until_end, size - until_end);
	ring.total += size;
	ring.sum += sum_of(text, size, &total_weight);
}

static u32 weight_of(u64 at)
{
	u32 weight = 1, power = SUM_FACTOR;

	for (; at; at >>= 1, power *= power)
		weight *= at & 1 ? power : 1;
	return weight;
}

u32 log_ring_sum(const struct log_ring *of)
{
	u32 sum = 0, weight = weight_of(of->first), offset;

	for (u64 at = of->first; at < of->total; at++, weight *= SUM_FACTOR) {
		div_u64_u32(at, of->size, &offset);
		sum += (u8)of->data[offset] * weight;
	}
	return sum;
}

void log_set_watch(void (*changed)(const struct log_ring *ring))
{
	ring_watch = changed;
}

void log_set_ring(char *data, u32 size)
{
	struct log_ring moved;
	u32 offset;

	if (size < LOG_LINE_MAX)
		return;
	while (ring.total - ring.first > size)
		ring_drop_line();
	moved = (struct log_ring){ .data = data, .size = size, .total = ring.total, .first = ring.first, .sum = ring.sum };
	for (u64 at = ring.first; at < ring.total; at++) {
		div_u64_u32(at, size, &offset);
		data[offset] = *ring_byte(at);
	}
	ring = moved;
	if (ring_watch)
		ring_watch(&ring);
}

const struct log_ring *log_get_ring(void)
{
	return &ring;
}

bool log_read_line(u64 *at, char *line, size_t size)
{
	size_t length = 0;

	if (*at < ring.first)
		*at = ring.first;
	if (*at >= ring.total)
		return false;
	for (; *at < ring.total && *ring_byte(*at) != '\n'; ++*at) {
		if (length + 1 < size)
			line[length++] = *ring_byte(*at);
	}
	if (*at < ring.total)
		++*at;
	if (size)
		line[length] = '\0';
	return true;
}

void log_show_hidden(void)
{
	char line[LOG_LINE_MAX + 1];
	u64 at = 0;

	for (u32 i = early.lost; console_sink && i < early.count && log_read_line(&at, line, LOG_LINE_MAX); i++) {
		size_t length = strlen(line);

		if (early.level[i] > console_level)
			continue;
		line[length++] = '\n';
		console_sink(line, length);
		early.level[i] = EARLY_SHOWN;
	}
}

#define EVERY_BYTE(value) (~(uintptr_t)0 / 0xff * (value))

/* By words: a byte below ' ' or above '~' sets its top bit in one of the three, and none does where there is no such byte. */
static bool all_printable(const char *text, size_t length)
{
	size_t i = 0;

	for (; length - i >= sizeof(copy_word); i += sizeof(copy_word)) {
		copy_word word = *(const copy_word *)(text + i);

		if ((word | (word - EVERY_BYTE(' ')) | (word + EVERY_BYTE(1))) & EVERY_BYTE(0x80))
			return false;
	}
	while (i < length && is_printable(text[i]))
		i++;
	return i == length;
}

/* Text in a log line may come from files: no byte of it may steer a terminal or start a line of its own. */
static void make_printable(char *text, size_t length)
{
	if (all_printable(text, length))
		return;
	for (size_t i = 0; i < length; i++) {
		if (!is_printable(text[i]))
			text[i] = '?';
	}
}

/* The last digits of `value`, as many as there are columns; `fill` for zeros in front, but the last is always a digit. */
static void put_columns(char *to, u32 columns, u32 value, char fill)
{
	to[--columns] = (char)('0' + value % 10);
	while (columns--) {
		value /= 10;
		to[columns] = value ? (char)('0' + value % 10) : fill;
	}
}

#define TIME_SECONDS 1u			/* "[sssss.mmmmmm] " */
#define TIME_POINT 6u
#define TIME_MICROS 7u
#define TIME_END 13u
#define TIME_LENGTH 15u
#define TIME_MAX 100000u		/* seconds that fit the columns: a day and some hours */

static size_t put_time(char *line, size_t size)
{
	u32 micros;
	u64 seconds = div_u64_u32(arch_time_us(), 1000000, &micros);

	if (seconds >= TIME_MAX)
		return fmt_snprintf(line, size, "[%llu.%06u] ", seconds, micros);
	line[0] = '[';
	put_columns(line + TIME_SECONDS, TIME_POINT - TIME_SECONDS, (u32)seconds, ' ');
	line[TIME_POINT] = '.';
	put_columns(line + TIME_MICROS, TIME_END - TIME_MICROS, micros, '0');
	line[TIME_END] = ']';
	line[TIME_END + 1] = ' ';
	return TIME_LENGTH;
}

void log_line(enum log_level level, const char *area, const char *fmt, ...)
{
	bool is_shown = level <= console_level && console_sink;
	char line[LOG_LINE_MAX];
	size_t length = put_time(line, sizeof(line));
	va_list args;

	length += fmt_snprintf(line + length, sizeof(line) - length, "%s: %s", area, level_marks[level]);
	if (length >= sizeof(line))
		length = sizeof(line) - 1;
	va_start(args, fmt);
	length += fmt_vsnprintf(line + length, sizeof(line) - length, fmt, args);
	va_end(args);
	if (length >= sizeof(line)) {
		length = sizeof(line) - 1;
		memcpy(line + length - 3, "...", 3);
	}
	make_printable(line, length);
	line[length++] = '\n';
	ring_append(line, (u32)length);
	if (ring_watch)
		ring_watch(&ring);
	if (early.count < EARLY_LINES)
		early.level[early.count++] = is_shown ? EARLY_SHOWN : (u8)level;
	if (is_shown)
		console_sink(line, length);
}
