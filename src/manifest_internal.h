/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the files of the manifest reader share. Each kind of node has a table of properties: a new one is a new line. */
#ifndef TRAPEZE_MANIFEST_INTERNAL_H
#define TRAPEZE_MANIFEST_INTERNAL_H

#include "manifest.h"

/* Longer paths are cut in messages; nothing else depends on it. */
#define MANIFEST_PATH_MAX 56
/* Notes beyond this number are counted only: a tree full of foreign properties must not fill the screen. */
#define MANIFEST_NOTES_MAX 20

struct manifest_reader {
	struct manifest *manifest;
	const void *fdt;		/* checked by fdt_check_full */
	u64 size;			/* of all bytes that are there, from `fdt` on */
	char path[MANIFEST_PATH_MAX];	/* of the node at hand, printable */
	u32 note_count;
};

/* A property as it stands in the tree, or one string of a list. */
struct manifest_value {
	const char *property;
	const void *data;
	u32 size;
};

struct manifest_item;

struct manifest_property {
	const char *name;
	/* Check the value and store it in the struct that the node fills. */
	enum err (*read)(const struct manifest_item *item);
	size_t field;			/* where in the struct */
	size_t also;			/* a second field: the bool that says it was given, a list's count; 0: none */
	s32 min;
	u64 max;
	bool required;
};

/* Every table ends in an entry without name and has no more than this many: one bit each says what was seen. */
#define MANIFEST_PROPERTIES_MAX 64

/* A property to be read. */
struct manifest_item {
	struct manifest_reader *reader;
	const struct manifest_property *property;	/* its line in the table */
	struct manifest_value value;
	void *target;			/* the struct that the node fills */
};

static inline void *manifest_field(const struct manifest_item *item)
{
	return (char *)item->target + item->property->field;
}

static inline void *manifest_also(const struct manifest_item *item)
{
	return (char *)item->target + item->property->also;
}

/* --- manifest_report.c --- */
/* The node at hand is "parent/name"; NULL: the parent itself. */
void manifest_set_path(struct manifest_reader *r, const char *parent, const char *name);
/* One line: path, property and value (unless NULL), the text. Returns code. */
enum err manifest_complain(const struct manifest_reader *r, const struct manifest_value *value, enum err code,
			   const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The same for a property that is being read. */
enum err manifest_refuse(const struct manifest_item *item, enum err code, const char *fmt, ...) PRINTF_LIKE(3, 4);
void manifest_note(struct manifest_reader *r, const struct manifest_value *value, const char *text);

/* --- manifest_node.c --- */
/* Read all properties of a node into target; what the table does not know is refused or noted. */
enum err manifest_read_node(struct manifest_reader *r, int node, const struct manifest_property *table,
			    void *target) MUST_CHECK;
/*
 * A node that means nothing to us: noted. In it and in all nodes below (named in messages without those between)
 * `trapeze,` properties are refused.
 */
enum err manifest_read_foreign(struct manifest_reader *r, int node, const char *parent) MUST_CHECK;
/* How many nodes lie in this one; at least one, their names printable and each there once. */
enum err manifest_count_nodes(const struct manifest_reader *r, int node, u32 *count) MUST_CHECK;
/* Is a node's name "word", "word-..." or "word@..."? */
bool manifest_is_node_of(const char *name, const char *word);

/* --- manifest_value.c --- */
/* Is the value one or more strings of printable characters, no more than max_count? */
enum err manifest_check_strings(const struct manifest_item *item, u32 max_count) MUST_CHECK;
/* Walk the strings of a checked list: `for (s = value->data; s; s = manifest_next_string(value, s))`. */
const char *manifest_next_string(const struct manifest_value *value, const char *s);
/* One string of a list as a value of its own, for messages. */
struct manifest_value manifest_element(const struct manifest_value *value, const char *s);

enum err manifest_read_string(const struct manifest_item *item);	/* const char * */
enum err manifest_read_text(const struct manifest_item *item);		/* the same, not empty */
enum err manifest_read_number(const struct manifest_item *item);	/* u32, s32 where min is negative; also: bool */
enum err manifest_read_address(const struct manifest_item *item);	/* u64 of one or two cells; also: bool */
/* Numbers of two cells each, as `/bits/ 64 <...>` makes them: how many there are never has to be guessed. */
enum err manifest_read_wide(const struct manifest_item *item, u64 *numbers, u32 max, u32 *count) MUST_CHECK;
enum err manifest_read_nothing(const struct manifest_item *item);	/* known, without meaning here */
enum err manifest_read_unused(const struct manifest_item *item);	/* the same, with a note */

/* --- manifest_data.c: an image's bytes --- */
enum err manifest_read_data(const struct manifest_item *item);
enum err manifest_read_disk(const struct manifest_item *item);
/* All properties have been read: the bytes come from one place, are there, and as many as was said. */
enum err manifest_find_data(const struct manifest_reader *r, struct manifest_image *image) MUST_CHECK;

/* --- manifest_bios.c --- */
/* /bios-calls; node -1: there is none. */
enum err manifest_read_bios_calls(struct manifest_reader *r, int node) MUST_CHECK;
/* trapeze,bios-call of a configuration: names of such nodes, or of what Trapeze knows by itself. */
enum err manifest_read_wanted_calls(const struct manifest_item *item);

/* --- manifest_video.c --- */
enum err manifest_read_video_mode(const struct manifest_item *item);

/* --- manifest_kho.c: of a configuration --- */
enum err manifest_read_kho(const struct manifest_item *item);
enum err manifest_read_kho_scratch(const struct manifest_item *item);
enum err manifest_read_kho_memory(const struct manifest_item *item);

/* --- manifest_image.c, manifest_config.c --- */
/* /images, then /configurations, which refers to it. */
enum err manifest_read_images(struct manifest_reader *r, int node) MUST_CHECK;
enum err manifest_read_configs(struct manifest_reader *r, int node) MUST_CHECK;

#endif
