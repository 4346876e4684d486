/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The note that makes an ELF file a PVH kernel. It is looked for before anything else of the file is believed, so every
 * offset is checked here; what is wrong with the rest is the ELF parser's to say.
 */
#include "pvh.h"

#include <string.h>

#include "cursor.h"

#define SEGMENT_NOTE 4			/* PT_NOTE */
#define NAME "Xen"
#define NOTE_HEADER 12u

/* An ELF header's and a program header's fields, by class (gABI 4.1). */
struct layout {
	u8 word;			/* bytes of an address */
	u8 phoff, phentsize;
	u8 size, offset, filesz, align;
};

static const struct layout layouts[] = {
	[ELF_CLASS_32] = { 4, 0x1c, 0x2a, 32, 4, 16, 28 },
	[ELF_CLASS_64] = { 8, 0x20, 0x36, 56, 8, 32, 48 },
};

static u64 word_at(struct cursor *c, const struct layout *layout, u64 at)
{
	cursor_seek(c, at);
	return layout->word == 8 ? cursor_u64(c) : cursor_u32(c);
}

/* gABI 4.1, "Note Section": namesz, descsz, type, then name and descriptor, each padded. False: cut, or the end. */
static bool read_note(struct cursor *notes, u64 align, struct pvh_note *note, bool *matches)
{
	u32 name_size = cursor_u32(notes), size = cursor_u32(notes), type = cursor_u32(notes);
	const char *name = cursor_bytes(notes, name_size);
	u64 padded = align_up((u64)NOTE_HEADER + name_size, align) - NOTE_HEADER - name_size;

	cursor_skip(notes, padded);
	note->at = notes->at;
	note->size = size;
	if (!cursor_bytes(notes, size) || notes->failed)
		return false;
	/* The last one need not be padded. */
	cursor_skip(notes, min_u64(align_up((u64)size, align) - size, cursor_left(notes)));
	*matches = type == PVH_NOTE_TYPE && name_size == sizeof(NAME) && !memcmp(name, NAME, sizeof(NAME));
	return true;
}

static u64 value_of(const struct cursor *notes, const struct pvh_note *note)
{
	struct cursor c = *notes;

	cursor_seek(&c, note->at);
	return note->size == 8 ? cursor_u64(&c) : note->size == 4 ? cursor_u32(&c) : 0;
}

static const char *search(const u8 *data, u64 size, u64 at, u64 length, u64 align, struct pvh_note *note)
{
	struct cursor notes;
	bool matches;

	if (at > size || size - at < length)
		return "its notes end beyond the file";
	cursor_init(&notes, data + at, length);
	while (cursor_left(&notes)) {
		if (!read_note(&notes, align, note, &matches))
			return "a note ends beyond its segment";
		if (!matches)
			continue;
		note->entry = value_of(&notes, note);
		note->at += at;
		return NULL;
	}
	return "no note of type 18 named \"Xen\" (PVH entry)";
}

const char *pvh_find_note(const void *data, u64 size, struct pvh_note *note)
{
	const char *reason = elf_probe_bytes(data, size), *found = "no notes, so no PVH entry";
	const struct layout *layout;
	struct cursor c;
	u64 table, count;

	if (reason)
		return reason;
	cursor_init(&c, data, size);
	cursor_seek(&c, 4);
	table = cursor_u8(&c);
	if (table != ELF_CLASS_32 && table != ELF_CLASS_64)
		return "neither a 32-bit nor a 64-bit ELF file";
	layout = &layouts[table];
	table = word_at(&c, layout, layout->phoff);
	cursor_seek(&c, layout->phentsize);
	if (cursor_u16(&c) != layout->size)
		return "no program headers of the usual size";
	count = cursor_u16(&c);
	if (table > size || size - table < count * layout->size)
		return "its program headers end beyond the file";
	for (; count; count--, table += layout->size) {
		cursor_seek(&c, table);
		if (cursor_u32(&c) != SEGMENT_NOTE)
			continue;
		found = search(data, size, word_at(&c, layout, table + layout->offset),
			       word_at(&c, layout, table + layout->filesz),
			       word_at(&c, layout, table + layout->align) == 8 ? 8 : 4, note);
		if (!found)
			return NULL;
	}
	return found;
}
