/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Addresses with the image's own names. */
#include "dump_private.h"

#include "printable.h"

#define DOTS "..."
#define DOTS_WIDTH 3

struct dump_place dump_find_place(const void *symbols, u64 address, bool is_return)
{
	struct dump_place place = { .address = address };

	place.has_name = symbols && symbols_find(symbols, address - is_return, &place.hit);
	if (place.has_name)
		place.hit.offset += is_return;
	return place;
}

static u32 name_length(const struct dump_place *place)
{
	u32 n = 0;

	while (n < SYMBOLS_NAME_LIMIT && place->hit.name[n])
		n++;
	return n;
}

u32 dump_place_width(const struct dump_place *place)
{
	if (!place->has_name)
		return dump_digits_of(place->address);
	return name_length(place) + 3 + dump_digits_of(place->hit.offset);
}

void dump_put_place(struct dump_line *line, const struct dump_place *place, u32 width)
{
	u32 length, room;

	if (!place->has_name) {
		dump_put_hex_short(line, place->address);
		return;
	}
	length = name_length(place);
	room = width - min_u64(width, 3 + dump_digits_of(place->hit.offset));
	if (length > room)
		length = room - (u32)min_u64(room, DOTS_WIDTH);
	for (u32 i = 0; i < length; i++)
		dump_put_char(line, is_printable(place->hit.name[i]) ? place->hit.name[i] : '?');
	if (place->hit.name[length])
		dump_put_text(line, DOTS);
	dump_put_text(line, "+0x");
	dump_put_hex_short(line, place->hit.offset);
}

void dump_print_step(u64 number, u64 ip, const void *symbols)
{
	const struct dump_place place = dump_find_place(symbols, ip, false);
	struct dump_line line = { 0 };

	dump_put_text(&line, "---- step 0x");
	dump_put_hex_short(&line, number);
	dump_put_text(&line, " ip ");
	dump_put_hex_short(&line, ip);
	if (place.has_name) {
		dump_put_text(&line, "  ");
		dump_put_place(&line, &place, LINE_WIDTH - line.column);
	}
	dump_end_line(&line);
}
