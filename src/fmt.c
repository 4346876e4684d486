/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "fmt.h"

#include <string.h>

#include "div.h"
#include "fmt_private.h"
#include "text_word.h"

/*
 * Text by words, as long as there is room for them and `last` is not passed: up to a '%' or NUL, or, of an argument, up to what is not
 * printable, the NUL too. Returns where the first byte stands that was not put.
 */
static inline const char *put_words(struct sink *sink, const char *text, const char *last, bool is_argument)
{
	char *at = sink->at;

	while (text <= last && at <= sink->last_word) {
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
		text = put_words(sink, text, text_last_word(text), true);
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

/* In both a number takes DIGITS_MAX bytes at most: where there is room for those they are copied without counting. */
static void put_plain_number(struct sink *sink, u64 value, bool hex)
{
	char buf[2 * DIGITS_MAX], *end = buf + DIGITS_MAX, *first;
	size_t length;

	first = hex ? fmt_hex_digits(end, value, false) : fmt_decimal_digits(end, value);
	length = (size_t)(end - first);
	if ((size_t)(sink->end - sink->at) < DIGITS_MAX) {
		while (first < end)
			put_char(sink, *first++);
		return;
	}
	for (u32 i = 0; i < length; i += TEXT_WORD)
		*(copy_word *)(sink->at + i) = *(const copy_word *)(first + i);
	sink->at += length;
}

/*
 * What most conversions are, without a detour: %s, %u, %x, %llu, %llx. `at` is behind the '%'; returns the place behind the letter, or
 * NULL and nothing taken.
 */
static inline const char *put_plain(struct sink *sink, const char *at, struct arguments *args)
{
	bool is_wide = at[0] == 'l' && at[1] == 'l';
	const char *text;
	u64 value;

	if (*at == 's') {
		text = va_arg(args->list, const char *);
		put_argument(sink, text ? text : "(null)");
		return at + 1;
	}
	at += is_wide ? 2 : 0;
	if (*at != 'u' && *at != 'x')
		return NULL;
	value = is_wide ? va_arg(args->list, u64) : va_arg(args->list, unsigned int);
	if (!(value >> 32) && (u32)value < 10)
		put_char(sink, (char)('0' + value));
	else
		put_plain_number(sink, value, *at == 'x');
	return at + 1;
}

static size_t format(char *buf, size_t size, bool is_printable_only, const char *fmt, va_list list)
{
	char none[1], *start = size ? buf : none, *end = start + (size ? size - 1 : 0);
	struct sink sink = { .at = start, .end = end, .last_word = end - TEXT_WORD, .is_printable = is_printable_only };
	const char *last = text_last_word(fmt), *next;
	struct arguments args;

	va_copy(args.list, list);
	for (;;) {
		fmt = put_words(&sink, fmt, last, false);
		if (*fmt == '%') {
			next = put_plain(&sink, fmt + 1, &args);
			fmt = next ? next : fmt_conversion(&sink, fmt, &args);
		} else if (*fmt) {
			fmt_put_foreign(&sink, fmt++, 1);
			last = text_last_word(fmt);
		} else {
			break;
		}
	}
	va_end(args.list);
	*sink.at = '\0';
	return (size_t)(sink.at - start) + sink.lost;
}

size_t fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	return format(buf, size, false, fmt, args);
}

size_t fmt_vprintable(char *buf, size_t size, const char *fmt, va_list args)
{
	return format(buf, size, true, fmt, args);
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
