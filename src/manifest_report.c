/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The words of the manifest reader: where it is, what stands there, what is wrong with it. */
#include <libfdt.h>
#include <string.h>

#include "fmt.h"
#include "manifest_internal.h"
#include "printable.h"

#define VALUE_SHOWN 44
#define NAME_SHOWN 36
#define CELLS_SHOWN 3
#define PROPERTY_MAX (NAME_SHOWN + VALUE_SHOWN + 8)

void manifest_set_path(struct manifest_reader *r, const char *parent, const char *name)
{
	char shown[NAME_SHOWN];

	if (!name) {
		fmt_snprintf(r->path, sizeof(r->path), "%s", parent);
		return;
	}
	printable(shown, sizeof(shown), name, strlen(name));
	fmt_snprintf(r->path, sizeof(r->path), "%s/%s", parent, shown);
}

/* The strings of a list are joined by blanks. */
static void show_text(char *buf, size_t size, const struct manifest_value *value)
{
	char joined[VALUE_SHOWN * 2], shown[VALUE_SHOWN];
	size_t length = min_u64(value->size - 1, sizeof(joined));

	memcpy(joined, value->data, length);
	for (size_t i = 0; i < length; i++)
		if (!joined[i])
			joined[i] = ' ';
	fmt_snprintf(buf, size, "=\"%s\"", printable(shown, sizeof(shown), joined, length));
}

static void show_cells(char *buf, size_t size, const struct manifest_value *value)
{
	u32 count = value->size / sizeof(fdt32_t), shown = min_u64(count, CELLS_SHOWN);
	const fdt32_t *cells = value->data;
	size_t used = fmt_snprintf(buf, size, "=<");

	for (u32 i = 0; i < shown; i++)
		used += fmt_snprintf(buf + used, size - used, "%s0x%x", i ? " " : "", fdt32_ld(&cells[i]));
	fmt_snprintf(buf + used, size - used, "%s>", shown < count ? " ..." : "");
}

/* Does the value look like text rather than like numbers? */
static bool is_text(const struct manifest_value *value)
{
	const char *bytes = value->data;

	return value->size > 1 && !bytes[value->size - 1] && bytes[0];
}

static void show_value(char *buf, size_t size, const struct manifest_value *value)
{
	buf[0] = '\0';
	if (is_text(value))
		show_text(buf, size, value);
	else if (value->size == 1 && !*(const char *)value->data)
		fmt_snprintf(buf, size, "=\"\"");
	else if (value->size && value->size % sizeof(fdt32_t) == 0)
		show_cells(buf, size, value);
	else if (value->size)
		fmt_snprintf(buf, size, " (%u bytes)", value->size);
}

/* " property=value", or nothing. */
static void show_property(char *buf, size_t size, const struct manifest_value *value)
{
	char name[NAME_SHOWN], shown[VALUE_SHOWN + 8];

	buf[0] = '\0';
	if (!value)
		return;
	show_value(shown, sizeof(shown), value);
	printable(name, sizeof(name), value->property, strlen(value->property));
	fmt_snprintf(buf, size, " %s%s", name, shown);
}

static void complain(const struct manifest_reader *r, const struct manifest_value *value, const char *fmt,
		     va_list args)
{
	char property[PROPERTY_MAX], text[LOG_LINE_MAX];

	fmt_vsnprintf(text, sizeof(text), fmt, args);
	show_property(property, sizeof(property), value);
	log_err("manifest", "%s%s: %s", r->path, property, text);
}

enum err manifest_complain(const struct manifest_reader *r, const struct manifest_value *value, enum err code,
			   const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(r, value, fmt, args);
	va_end(args);
	return code;
}

enum err manifest_refuse(const struct manifest_item *item, enum err code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(item->reader, &item->value, fmt, args);
	va_end(args);
	return code;
}

void manifest_note(struct manifest_reader *r, const struct manifest_value *value, const char *text)
{
	char property[PROPERTY_MAX];

	if (r->note_count++ >= MANIFEST_NOTES_MAX)
		return;
	show_property(property, sizeof(property), value);
	log_info("manifest", "%s%s: %s", r->path, property, text);
}
