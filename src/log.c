/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "log.h"

#include <string.h>

#include "arch.h"
#include "div.h"
#include "fmt.h"
#include "text_word.h"

static char first_data[4096];		/* until log_set_ring */
static struct log_ring ring = { .data = first_data, .size = sizeof(first_data) };
static u32 ring_end;			/* where the next byte goes: ring.total % ring.size */
static u32 ring_plain = sizeof(first_data);	/* bytes from there on, before the end and before ring.first */
static char passing[LOG_LINE_MAX];	/* a line that could need more than those */
/*
 * The sum is over words of four bytes in the ring's own counting, the first byte the lowest: SUM_FACTOR, an odd number, to the power of
 * the word's number is its weight, so that every byte counts. A word that is not whole yet is one with zeros. These are the weights of
 * the words around ring.first and ring.total.
 */
#define SUM_FACTOR 0x01000193u
#define SUM_WORD 4u
static u32 first_weight = 1, total_weight = 1;
typedef u32 __attribute__((may_alias, aligned(1))) sum_word;
static void (*ring_watch)(const struct log_ring *ring, u64 time_us);

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
static const char *const level_marks[LOG_WARN + 1] = { "error: ", "warning: " };

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

static u32 sum_word_at(const char *text)
{
	return *(const sum_word *)text;
}

/* Of a line that comes to lie at `at`; a word at least. */
static u32 sum_of(const char *text, u32 size, u64 at, u32 *weight)
{
	const u32 f = SUM_FACTOR;
	u32 skew = at % SUM_WORD, power = *weight, sum = 0;

	if (skew) {
		sum = (sum_word_at(text) << 8 * skew) * power;
		power *= f;
		text += SUM_WORD - skew;
		size -= SUM_WORD - skew;
	}
	for (; size >= 4 * SUM_WORD; size -= 4 * SUM_WORD, text += 4 * SUM_WORD, power *= f * f * f * f) {
		const sum_word *words = (const sum_word *)text;

		sum += (words[0] + f * (words[1] + f * (words[2] + f * words[3]))) * power;
	}
	for (; size >= SUM_WORD; size -= SUM_WORD, text += SUM_WORD, power *= f)
		sum += sum_word_at(text) * power;
	if (size)
		sum += (sum_word_at(text + size - SUM_WORD) >> 8 * (SUM_WORD - size)) * power;
	*weight = power;
	return sum;
}

static void ring_copy(const char *text, u32 size)
{
	u32 left = ring.size - ring_end, until_end = left < size ? left : size;

	ring_make_room(size);
	memcpy(ring.data + ring_end, text, until_end);
	memcpy(ring.data, text + until_end, size - until_end);
}

/* The line is in its place. */
static void ring_count(const char *text, u32 size)
{
	ring.sum += sum_of(text, size, ring.total, &total_weight);
	ring.total += size;
	ring_end += size;
	ring_plain -= size;
}

/* ring_plain anew, where a line took another way than there. */
static void ring_measure(void)
{
	u32 until_end, until_first = ring.size - (u32)(ring.total - ring.first);

	if (ring_end >= ring.size)
		ring_end -= ring.size;
	until_end = ring.size - ring_end;
	ring_plain = until_end < until_first ? until_end : until_first;
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

void log_set_watch(void (*changed)(const struct log_ring *ring, u64 time_us))
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
	div_u64_u32(ring.total, ring.size, &ring_end);
	ring_measure();
	if (ring_watch)
		ring_watch(&ring, arch_time_us());
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

#define TIME_POINT 6u			/* "[sssss.mmmmmm] " */
#define TIME_END 13u
#define TIME_LENGTH 15u
#define TIME_MAX 100000u		/* seconds that fit the columns: a day and some hours */

static size_t put_time(char line[LOG_LINE_MAX], u64 time_us)
{
	u32 micros, at = TIME_POINT - 1, left, high, low;
	u64 seconds = div_u64_u32(time_us, 1000000, &micros);

	if (seconds >= TIME_MAX)
		return fmt_snprintf(line, LOG_LINE_MAX, "[%llu.%06u] ", seconds, micros);
	__builtin_memcpy(line, "[    0.", TIME_POINT + 1);
	for (left = (u32)seconds; left; left /= 10)
		line[at--] = (char)('0' + left % 10);
	high = micros / 10000;
	low = micros % 10000;
	fmt_put_pair(line + TIME_POINT + 1, high);
	fmt_put_pair(line + TIME_POINT + 3, low / 100);
	fmt_put_pair(line + TIME_POINT + 5, low % 100);
	line[TIME_END] = ']';
	line[TIME_END + 1] = ' ';
	return TIME_LENGTH;
}

/* As much of it as leaves room for a NUL. */
static char *put_text(char *at, const char *end, const char *text)
{
	while (*text && at < end)
		*at++ = *text++;
	return at;
}

/* By words as long as there is room for them. */
static inline char *put_area(char *at, const char *end, const char *area)
{
	const char *last_word = end - TEXT_WORD;

	for (; at <= last_word; at += TEXT_WORD, area += TEXT_WORD) {
		uintptr_t word = text_word(area), found = text_find_end(word);

		*(copy_word *)at = word;
		if (found)
			return at + text_before(found);
	}
	return put_text(at, end, area);
}

/* Returns its length, the newline included. */
static u32 put_line(char line[LOG_LINE_MAX], u64 time_us, enum log_level level, const char *area, const char *fmt, va_list args)
{
	char *at = line + put_time(line, time_us), *end = line + LOG_LINE_MAX - 1;

	at = put_area(at, end - 2, area);
	*at++ = ':';
	*at++ = ' ';
	if (level <= LOG_WARN)
		at = put_text(at, end, level_marks[level]);
	at += fmt_vprintable(at, (size_t)(end - at) + 1, fmt, args);
	if (at > end) {
		at = end;
		memcpy(at - 3, "...", 3);
	}
	*at++ = '\n';
	return (u32)(at - line);
}

void log_vline(enum log_level level, const char *area, const char *fmt, va_list args)
{
	bool is_plain = ring_plain >= LOG_LINE_MAX, is_shown;
	char *line = is_plain ? ring.data + ring_end : passing;
	u64 time_us = arch_time_us();
	u32 length = put_line(line, time_us, level, area, fmt, args);

	if (!is_plain)
		ring_copy(line, length);
	ring_count(line, length);
	if (!is_plain)
		ring_measure();
	if (ring_watch)
		ring_watch(&ring, time_us);
	is_shown = level <= console_level && console_sink;
	if (early.count < EARLY_LINES)
		early.level[early.count++] = is_shown ? EARLY_SHOWN : (u8)level;
	if (is_shown)
		console_sink(line, length);
}

void log_line(enum log_level level, const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_vline(level, area, fmt, args);
	va_end(args);
}
