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
/*
 * The sum is over words of four bytes in the ring's own counting, the first byte the lowest: SUM_FACTOR, an odd number, to the power of
 * the word's number is its weight, so that every byte counts. A word that is not whole yet is one with zeros. These are the weights of
 * the words around ring.first and ring.total.
 */
#define SUM_FACTOR 0x01000193u
#define SUM_WORD 4u
static u32 first_weight = 1, total_weight = 1;
typedef u32 __attribute__((may_alias, aligned(1))) sum_word;
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

/* Of the byte at `at`, with its word's weight; then *weight is that of the byte behind it. */
static u32 sum_of_byte(char byte, u64 at, u32 *weight)
{
	u32 sum = ((u32)(u8)byte << 8 * (at % SUM_WORD)) * *weight;

	if (at % SUM_WORD == SUM_WORD - 1)
		*weight *= SUM_FACTOR;
	return sum;
}

static void ring_drop_line(void)
{
	u64 next = line_after(ring.first);

	for (; ring.first < next; ring.first++)
		ring.sum -= sum_of_byte(*ring_byte(ring.first), ring.first, &first_weight);
	early.lost++;
}

/* Give up the oldest lines until `size` bytes are free. */
static void ring_make_room(u32 size)
{
	while (ring.size - (ring.total - ring.first) < size)
		ring_drop_line();
}

/* Of the text that comes to lie at `at`. */
static u32 sum_of(const char *text, u32 size, u64 at, u32 *weight)
{
	const u32 f = SUM_FACTOR;
	u32 sum = 0;

	for (; size && at % SUM_WORD; size--)
		sum += sum_of_byte(*text++, at++, weight);
	for (; size >= 4 * SUM_WORD; size -= 4 * SUM_WORD, text += 4 * SUM_WORD, *weight *= f * f * f * f) {
		const sum_word *words = (const sum_word *)text;

		sum += (words[0] + f * (words[1] + f * (words[2] + f * words[3]))) * *weight;
	}
	for (; size >= SUM_WORD; size -= SUM_WORD, text += SUM_WORD, *weight *= f)
		sum += *(const sum_word *)text * *weight;
	for (at = 0; at < size; at++)
		sum += sum_of_byte(text[at], at, weight);
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
	ring.sum += sum_of(text, size, ring.total, &total_weight);
	ring.total += size;
}

static u32 weight_of(u64 at)
{
	u32 weight = 1, power = SUM_FACTOR;

	for (at /= SUM_WORD; at; at >>= 1, power *= power)
		weight *= at & 1 ? power : 1;
	return weight;
}

u32 log_ring_sum(const struct log_ring *of)
{
	u32 sum = 0, weight = weight_of(of->first), offset;

	for (u64 at = of->first; at < of->total; at++) {
		div_u64_u32(at, of->size, &offset);
		sum += sum_of_byte(of->data[offset], at, &weight);
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

#define TIME_POINT 6u			/* "[sssss.mmmmmm] " */
#define TIME_END 13u
#define TIME_LENGTH 15u
#define TIME_MAX 100000u		/* seconds that fit the columns: a day and some hours */

static size_t put_time(char *line, size_t size)
{
	u32 micros, at = TIME_POINT - 1;
	u64 seconds = div_u64_u32(arch_time_us(), 1000000, &micros);
	u32 left = (u32)seconds;

	if (seconds >= TIME_MAX)
		return fmt_snprintf(line, size, "[%llu.%06u] ", seconds, micros);
	line[0] = '[';
	for (line[at] = (char)('0' + left % 10); (left /= 10);)
		line[--at] = (char)('0' + left % 10);
	while (--at)
		line[at] = ' ';
	line[TIME_POINT] = '.';
	fmt_put_pair(line + TIME_POINT + 1, micros / 10000);
	fmt_put_pair(line + TIME_POINT + 3, micros / 100 % 100);
	fmt_put_pair(line + TIME_POINT + 5, micros % 100);
	line[TIME_END] = ']';
	line[TIME_END + 1] = ' ';
	return TIME_LENGTH;
}

/* As much of it as leaves room for a NUL. */
static size_t put_text(char line[LOG_LINE_MAX], size_t length, const char *text)
{
	while (*text && length < LOG_LINE_MAX - 1)
		line[length++] = *text++;
	return length;
}

void log_line(enum log_level level, const char *area, const char *fmt, ...)
{
	bool is_shown = level <= console_level && console_sink;
	char line[LOG_LINE_MAX];
	size_t length = put_time(line, sizeof(line)), own;
	va_list args;

	length = put_text(line, length, area);
	length = put_text(line, length, ": ");
	own = length = put_text(line, length, level_marks[level]);
	va_start(args, fmt);
	length += fmt_vsnprintf(line + length, sizeof(line) - length, fmt, args);
	va_end(args);
	if (length >= sizeof(line)) {
		length = sizeof(line) - 1;
		memcpy(line + length - 3, "...", 3);
	}
	make_printable(line + own, length - own);
	line[length++] = '\n';
	ring_append(line, (u32)length);
	if (ring_watch)
		ring_watch(&ring);
	if (early.count < EARLY_LINES)
		early.level[early.count++] = is_shown ? EARLY_SHOWN : (u8)level;
	if (is_shown)
		console_sink(line, length);
}
