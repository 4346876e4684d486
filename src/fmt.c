/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "fmt.h"

#include <string.h>

#include "div.h"
#include "fmt_private.h"
#include "text_word.h"

/*
 * Text by words, as long as there is room for them: up to a '%' or NUL, or, of an argument, up to what is not printable, the NUL too, or
 * to the end of its page. Returns where the first byte stands that was not put.
 */
static inline const char *put_words(struct sink *sink, const char *text, bool is_argument)
{
	const char *last = text_last_word(text);
	char *at = sink->at;

	while ((!is_argument || text <= last) && at <= sink->last_word) {
		uintptr_t word = text_word(text), found = is_argument ? text_find_unprintable(word) : text_find_percent(word);

		*(copy_word *)at = word;
		if (found) {
			text += text_before(found);
			at += text_before(found);
			break;
		}
		text += TEXT_WORD;
		at += TEXT_WORD;
	}
	sink->at = at;
	return text;
}

static inline void put_argument(struct sink *sink, const char *text)
{
	for (;; fmt_put_foreign(sink, text++, 1)) {
		text = put_words(sink, text, true);
		if (!*text)
			return;
	}
}

const char fmt_pairs[] =
	"00010203040506070809" "10111213141516171819" "20212223242526272829" "30313233343536373839" "40414243444546474849"
	"50515253545556575859" "60616263646566676869" "70717273747576777879" "80818283848586878889" "90919293949596979899";

char *fmt_decimal_digits(char *end, u64 value)
{
	u32 low, digit;

	for (; value >> 32; *--end = (char)('0' + digit))
		value = div_u64_u32(value, 10, &digit);
	for (low = (u32)value; low >= 100; low /= 100)
		fmt_put_pair(end -= 2, low % 100);
	if (low >= 10)
		fmt_put_pair(end -= 2, low);
	else if (low)
		*--end = (char)('0' + low);
	return end;
}

char *fmt_hex_digits(char *end, u64 value, bool upper)
{
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	uintptr_t word;

	for (; value != (uintptr_t)value; value >>= 4)
		*--end = alphabet[value & 15];
	for (word = (uintptr_t)value; word; word >>= 4)
		*--end = alphabet[word & 15];
	return end;
}

/* Digits straight to where they go, by words; the value is not 0. Returns the place behind them. */
static char *put_hex(char *at, u32 value)
{
	u32 zero_bits = (u32)__builtin_clz(value) & ~3u;

	value <<= zero_bits;
#pragma GCC unroll 2
	for (u32 i = 0; i < 8; i += TEXT_WORD)
		*(copy_word *)(at + i) = text_hex_digits(value >> (32 - 4 * (i + TEXT_WORD)));
	return at + (32 - zero_bits) / 4;
}

/* A number takes DIGITS_MAX bytes at most: where there is room for those they are copied without counting. */
static void put_digits(struct sink *sink, u64 value, bool hex)
{
	char buf[2 * DIGITS_MAX], *end = buf + DIGITS_MAX, *to = sink->at;
	char *first = hex ? fmt_hex_digits(end, value, false) : fmt_decimal_digits(end, value);

	if (sink->end - to < DIGITS_MAX) {
		while (first < end)
			put_char(sink, *first++);
		return;
	}
	sink->at += end - first;
	for (; first < end; first += TEXT_WORD, to += TEXT_WORD)
		*(copy_word *)to = *(const copy_word *)first;
}

static inline void put_plain_number(struct sink *sink, u64 value, bool hex)
{
	if (!(value >> 32) && (u32)value < 10)
		put_char(sink, (char)('0' + (u32)value));
	else if (hex && !(value >> 32) && sink->end - sink->at >= DIGITS_MAX)
		sink->at = put_hex(sink->at, (u32)value);
	else
		put_digits(sink, value, hex);
}

/* The first three bytes of a text, with a byte of zeros before them. */
#define THREE(a, b, c) ((u32)(a) << 8 | (u32)(b) << 16 | (u32)(c) << 24)

/*
 * What most conversions are, without a detour: %s, %u, %x, %llu, %llx. `at` is behind the '%'; returns the place behind the letter, or
 * NULL and nothing taken.
 */
static inline const char *put_plain(struct sink *sink, const char *at, struct arguments *args)
{
	u32 letters = (u32)text_word(at);
	const char *text;

	if ((u8)letters == 's') {
		text = va_arg(args->list, const char *);
		put_argument(sink, text ? text : "(null)");
		return at + 1;
	}
	switch (letters << 8) {
	case THREE('l', 'l', 'x'):
		put_plain_number(sink, va_arg(args->list, u64), true);
		return at + 3;
	case THREE('l', 'l', 'u'):
		put_plain_number(sink, va_arg(args->list, u64), false);
		return at + 3;
	}
	switch ((u8)letters) {
	case 'x':
		put_plain_number(sink, va_arg(args->list, unsigned int), true);
		return at + 1;
	case 'u':
		put_plain_number(sink, va_arg(args->list, unsigned int), false);
		return at + 1;
	}
	return NULL;
}

size_t fmt_vput(char *buf, size_t size, bool is_printable_only, const char *fmt, va_list list)
{
	char none[1], *start = size ? buf : none, *end = start + (size ? size - 1 : 0);
	struct sink sink = { .at = start, .end = end, .last_word = end - TEXT_WORD, .is_printable = is_printable_only };
	struct arguments args;
	const char *next;

	va_copy(args.list, list);
	for (;;) {
		fmt = put_words(&sink, fmt, false);
		if (*fmt == '%') {
			next = put_plain(&sink, fmt + 1, &args);
			fmt = next ? next : fmt_conversion(&sink, fmt, &args);
		} else if (*fmt) {
			fmt_put_foreign(&sink, fmt++, 1);
		} else {
			break;
		}
	}
	va_end(args.list);
	*sink.at = '\0';
	return (size_t)(sink.at - start) + sink.lost;
}

size_t fmt_text(char *buf, size_t size, const char *text)
{
	size_t length = strlen(text), fits = length < size ? length : size - 1;

	memcpy(buf, text, fits);
	buf[fits] = '\0';
	return length;
}

size_t fmt_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = fmt_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return length;
}
