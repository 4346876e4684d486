/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "fmt.h"

#include <string.h>

#include "div.h"

/* Width and precision saturate here, so that a slip in a format cannot print for minutes. */
#define WIDTH_MAX 65535

struct sink {
	char *at, *end;			/* where the next byte goes; where the NUL goes at the latest */
	size_t lost;			/* bytes that did not fit */
};

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

/* `body` within the field's width, blanks left or right of it. */
static void put_field(struct sink *sink, const struct spec *spec, const char *body, size_t length)
{
	size_t width = (size_t)spec->width;
	size_t blanks = width > length ? width - length : 0;

	if (!spec->left)
		put_repeated(sink, ' ', blanks);
	put_bytes(sink, body, length);
	if (spec->left)
		put_repeated(sink, ' ', blanks);
}

static void put_string(struct sink *sink, const struct spec *spec, const char *text)
{
	if (!text)
		text = "(null)";
	put_field(sink, spec, text, strnlen(text, spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision));
}

const char fmt_pairs[] =
	"00010203040506070809" "10111213141516171819" "20212223242526272829" "30313233343536373839" "40414243444546474849"
	"50515253545556575859" "60616263646566676869" "70717273747576777879" "80818283848586878889" "90919293949596979899";

#define DIGITS_MAX 20			/* 2^64 - 1 has 20 decimal digits */

/* Digits of value, the last one just before `end`; returns the first. None for 0. */
static char *decimal_digits(char *end, u64 value)
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

static char *hex_digits(char *end, u64 value, bool upper)
{
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value; value >>= 4)
		*--end = alphabet[value & 15];
	return end;
}

static void put_number(struct sink *sink, const struct spec *spec, const char *sign, u64 value, u32 base, bool upper)
{
	char buf[DIGITS_MAX], *end = buf + sizeof(buf);
	char *first = base == 16 ? hex_digits(end, value, upper) : decimal_digits(end, value);
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

/* va_list may be an array type, so it travels in a struct where a function has to advance the caller's. */
struct arguments {
	va_list list;
};

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

static void put_plain_number(struct sink *sink, u64 value, bool hex)
{
	char buf[DIGITS_MAX], *end = buf + sizeof(buf);
	char *first = hex ? hex_digits(end, value, false) : decimal_digits(end, value);

	if (first == end)
		*--first = '0';
	put_bytes(sink, first, (size_t)(end - first));
}

/*
 * What most conversions are, without a detour: %s, %u, %x, %llu, %llx. `at` is behind the '%'; returns the place behind the letter, or
 * NULL and nothing taken.
 */
static const char *put_plain(struct sink *sink, const char *at, struct arguments *args)
{
	bool is_wide = at[0] == 'l' && at[1] == 'l';
	const char *text;

	if (*at == 's') {
		text = va_arg(args->list, const char *);
		text = text ? text : "(null)";
		put_bytes(sink, text, strlen(text));
		return at + 1;
	}
	at += is_wide ? 2 : 0;
	if (*at != 'u' && *at != 'x')
		return NULL;
	put_plain_number(sink, is_wide ? va_arg(args->list, u64) : va_arg(args->list, unsigned int), *at == 'x');
	return at + 1;
}

/* Does it stand for itself? Most characters are above both that do not. */
static bool is_text(char c)
{
	return (u8)c > '%' || (c && c != '%');
}

static const char *text_end(const char *at)
{
	for (; is_text(at[0]); at += 4) {
		if (!is_text(at[1]))
			return at + 1;
		if (!is_text(at[2]))
			return at + 2;
		if (!is_text(at[3]))
			return at + 3;
	}
	return at;
}

size_t fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list list)
{
	char none[1], *start = size ? buf : none;
	struct sink sink = { .at = start, .end = start + (size ? size - 1 : 0) };
	struct arguments args;
	struct spec spec;
	const char *letter, *next;

	va_copy(args.list, list);
	while (*fmt) {
		next = text_end(fmt);
		if (next > fmt)
			put_bytes(&sink, fmt, (size_t)(next - fmt));
		fmt = next;
		if (!*fmt)
			break;
		next = put_plain(&sink, fmt + 1, &args);
		if (next) {
			fmt = next;
			continue;
		}
		letter = parse_spec(fmt + 1, &spec, &args);
		if (!convert(&sink, &spec, *letter, &args)) {
			put_bytes(&sink, fmt, (size_t)(letter - fmt));
			fmt = letter;
			continue;
		}
		fmt = letter + 1;
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

/* `bytes` in tenths of 2^shift, rounded to the nearest. */
static u32 tenths_of(u64 bytes, unsigned int shift)
{
	u64 fraction = bytes & ((1ull << shift) - 1);
	u64 half = shift ? 1ull << (shift - 1) : 0;

	return (u32)(bytes >> shift) * 10 + (u32)((fraction * 10 + half) >> shift);
}

char *fmt_size(char *buf, size_t size, u64 bytes)
{
	static const char units[][4] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int unit = 0;
	u32 tenths;

	/* In tenths, so that 1023.96 KiB becomes 1 MiB and not 1024 KiB. */
	while (unit + 1 < ARRAY_COUNT(units) && (bytes >> (10 * unit) >= 1024 || tenths_of(bytes, 10 * unit) >= 10240))
		unit++;
	tenths = tenths_of(bytes, 10 * unit);
	if (tenths % 10)
		fmt_snprintf(buf, size, "%u.%u %s", tenths / 10, tenths % 10, units[unit]);
	else
		fmt_snprintf(buf, size, "%u %s", tenths / 10, units[unit]);
	return buf;
}
