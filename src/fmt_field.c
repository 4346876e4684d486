/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Conversions with flags, width, precision and size. */
#include "fmt_private.h"

#include <string.h>

#include "printable.h"

/* Width and precision saturate here, so that a slip in a format cannot print for minutes. */
#define WIDTH_MAX 65535

/* One conversion: what stands between '%' and its letter. */
struct spec {
	bool left, zero, plus;
	int width;
	int precision;			/* -1: none given */
	char size;			/* 0, 'H' for hh, 'h', 'l', 'L' for ll, 'z', 't' */
};

/* How many of `count` bytes fit. The others are lost. */
static size_t take_room(struct sink *sink, size_t count)
{
	size_t room = (size_t)(sink->end - sink->at);

	if (count <= room)
		return count;
	sink->lost += count - room;
	return room;
}

static void put_repeated(struct sink *sink, char c, size_t count)
{
	size_t fits = take_room(sink, count);

	memset(sink->at, c, fits);
	sink->at += fits;
}

static void put_bytes(struct sink *sink, const char *text, size_t length)
{
	size_t fits = take_room(sink, length);

	memcpy(sink->at, text, fits);
	sink->at += fits;
}

void fmt_put_foreign(struct sink *sink, const char *text, size_t length)
{
	for (; length; length--, text++)
		put_char(sink, sink->is_printable && !is_printable(*text) ? '?' : *text);
}

/* `body` within the field's width, blanks left or right of it. */
static void put_field(struct sink *sink, const struct spec *spec, const char *body, size_t length)
{
	size_t width = (size_t)spec->width;
	size_t blanks = width > length ? width - length : 0;

	if (!spec->left)
		put_repeated(sink, ' ', blanks);
	fmt_put_foreign(sink, body, length);
	if (spec->left)
		put_repeated(sink, ' ', blanks);
}

static void put_string(struct sink *sink, const struct spec *spec, const char *text)
{
	if (!text)
		text = "(null)";
	put_field(sink, spec, text, strnlen(text, spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision));
}

static void put_number(struct sink *sink, const struct spec *spec, const char *sign, u64 value, u32 base, bool upper)
{
	char buf[DIGITS_MAX], *end = buf + sizeof(buf);
	char *first = base == 16 ? fmt_hex_digits(end, value, upper) : fmt_decimal_digits(end, value);
	size_t count = (size_t)(end - first), sign_length = strlen(sign);
	size_t wanted = spec->precision < 0 ? 1 : (size_t)spec->precision;
	size_t width = (size_t)spec->width, zeros, blanks, length;

	if (spec->zero && !spec->left && spec->precision < 0 && width > sign_length + 1)
		wanted = width - sign_length;
	zeros = wanted > count ? wanted - count : 0;
	length = sign_length + zeros + count;
	blanks = width > length ? width - length : 0;
	if (!spec->left)
		put_repeated(sink, ' ', blanks);
	put_bytes(sink, sign, sign_length);
	put_repeated(sink, '0', zeros);
	put_bytes(sink, first, count);
	if (spec->left)
		put_repeated(sink, ' ', blanks);
}

static long long next_signed(const struct spec *spec, struct arguments *args)
{
	switch (spec->size) {
	case 'L':
		return va_arg(args->list, long long);
	case 'l':
		return va_arg(args->list, long);
	case 'z':
	case 't':
		return va_arg(args->list, ptrdiff_t);
	case 'h':
		return (short)va_arg(args->list, int);
	case 'H':
		return (signed char)va_arg(args->list, int);
	default:
		return va_arg(args->list, int);
	}
}

static u64 next_unsigned(const struct spec *spec, struct arguments *args)
{
	switch (spec->size) {
	case 'L':
		return va_arg(args->list, unsigned long long);
	case 'l':
		return va_arg(args->list, unsigned long);
	case 'z':
	case 't':
		return va_arg(args->list, size_t);
	case 'h':
		return (unsigned short)va_arg(args->list, unsigned int);
	case 'H':
		return (unsigned char)va_arg(args->list, unsigned int);
	default:
		return va_arg(args->list, unsigned int);
	}
}

static void put_signed(struct sink *sink, const struct spec *spec, long long value)
{
	u64 magnitude = value < 0 ? -(u64)value : (u64)value;

	put_number(sink, spec, value < 0 ? "-" : spec->plus ? "+" : "", magnitude, 10, false);
}

static const char *parse_flags(const char *at, struct spec *spec)
{
	for (;; at++) {
		if (*at == '-')
			spec->left = true;
		else if (*at == '0')
			spec->zero = true;
		else if (*at == '+')
			spec->plus = true;
		else
			return at;
	}
}

/* Decimal digits or '*'; nothing there counts as 0, as C99 has it for a precision. */
static const char *parse_count(const char *at, int *count, struct arguments *args)
{
	*count = 0;
	if (*at == '*') {
		*count = va_arg(args->list, int);
		return at + 1;
	}
	for (; *at >= '0' && *at <= '9'; at++)
		*count = *count < WIDTH_MAX ? *count * 10 + (*at - '0') : WIDTH_MAX;
	return at;
}

static const char *parse_size(const char *at, struct spec *spec)
{
	if (*at != 'h' && *at != 'l' && *at != 'z' && *at != 't')
		return at;
	spec->size = *at++;
	if ((spec->size == 'h' || spec->size == 'l') && *at == spec->size) {
		spec->size = spec->size == 'h' ? 'H' : 'L';
		at++;
	}
	return at;
}

/* Everything between '%' and the conversion's letter; returns where the letter stands. */
static const char *parse_spec(const char *at, struct spec *spec, struct arguments *args)
{
	*spec = (struct spec){ .precision = -1 };
	at = parse_flags(at, spec);
	at = parse_count(at, &spec->width, args);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = spec->width < -WIDTH_MAX ? WIDTH_MAX : -spec->width;
	}
	if (*at == '.')
		at = parse_count(at + 1, &spec->precision, args);
	if (spec->width > WIDTH_MAX)
		spec->width = WIDTH_MAX;
	if (spec->precision > WIDTH_MAX)
		spec->precision = WIDTH_MAX;
	return parse_size(at, spec);
}

/* Returns false, nothing printed and no argument taken, when the letter is unknown. */
static bool convert(struct sink *sink, const struct spec *spec, char letter, struct arguments *args)
{
	char c;

	switch (letter) {
	case '%':
		put_bytes(sink, "%", 1);
		return true;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_field(sink, spec, &c, 1);
		return true;
	case 's':
		put_string(sink, spec, va_arg(args->list, const char *));
		return true;
	case 'd':
	case 'i':
		put_signed(sink, spec, next_signed(spec, args));
		return true;
	case 'u':
		put_number(sink, spec, "", next_unsigned(spec, args), 10, false);
		return true;
	case 'x':
	case 'X':
		put_number(sink, spec, "", next_unsigned(spec, args), 16, letter == 'X');
		return true;
	case 'p':
		put_number(sink, spec, "0x", (uintptr_t)va_arg(args->list, void *), 16, false);
		return true;
	default:
		return false;
	}
}

const char *fmt_conversion(struct sink *sink, const char *at, struct arguments *args)
{
	struct spec spec;
	const char *letter = parse_spec(at + 1, &spec, args);

	if (convert(sink, &spec, *letter, args))
		return letter + 1;
	put_bytes(sink, at, (size_t)(letter - at));
	return letter;
}

