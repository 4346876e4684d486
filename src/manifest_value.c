/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The types of values that several properties have. */
#include <libfdt.h>
#include <string.h>

#include "manifest_internal.h"
#include "printable.h"

enum err manifest_check_strings(const struct manifest_item *item, u32 max_count)
{
	const char *bytes = item->value.data;
	u32 size = item->value.size, count = 0;

	if (!size || bytes[size - 1])
		return manifest_refuse(item, ERR_VALUE, "not a string");
	for (u32 i = 0; i < size; i++) {
		if (!bytes[i])
			count++;
		else if (!is_printable(bytes[i]))
			return manifest_refuse(item, ERR_VALUE, "byte %u, 0x%02x, is not printable ASCII", i,
					       (u8)bytes[i]);
	}
	if (count > max_count)
		return manifest_refuse(item, ERR_VALUE, "%u strings, at most %u", count, max_count);
	return ERR_OK;
}

const char *manifest_next_string(const struct manifest_value *value, const char *s)
{
	const char *next = s + strlen(s) + 1;

	return next < (const char *)value->data + value->size ? next : NULL;
}

struct manifest_value manifest_element(const struct manifest_value *value, const char *s)
{
	return (struct manifest_value){ value->property, s, (u32)strlen(s) + 1 };
}

static void set_given(const struct manifest_item *item)
{
	if (item->property->also)
		*(bool *)manifest_also(item) = true;
}

enum err manifest_read_string(const struct manifest_item *item)
{
	enum err err = manifest_check_strings(item, 1);

	if (!err)
		*(const char **)manifest_field(item) = item->value.data;
	return err;
}

enum err manifest_read_text(const struct manifest_item *item)
{
	enum err err = manifest_read_string(item);

	if (!err && item->value.size == 1)
		return manifest_refuse(item, ERR_VALUE, "empty");
	return err;
}

/* A cell as the property's limits have it: signed where the least is negative. */
static long long cell_value(const struct manifest_item *item)
{
	u32 cell = fdt32_ld(item->value.data);

	return item->property->min < 0 ? (long long)(s32)cell : (long long)cell;
}

enum err manifest_read_number(const struct manifest_item *item)
{
	long long number, min = item->property->min, max = (long long)item->property->max;

	if (item->value.size != sizeof(fdt32_t))
		return manifest_refuse(item, ERR_VALUE, "%u bytes, wanted one cell of 4", item->value.size);
	number = cell_value(item);
	if (number < min || number > max)
		return manifest_refuse(item, ERR_VALUE, "%lld is out of range %lld..%lld", number, min, max);
	*(u32 *)manifest_field(item) = (u32)number;
	set_given(item);
	return ERR_OK;
}

enum err manifest_read_address(const struct manifest_item *item)
{
	u64 number;

	if (item->value.size == sizeof(fdt32_t))
		number = fdt32_ld(item->value.data);
	else if (item->value.size == sizeof(fdt64_t))
		number = fdt64_ld(item->value.data);
	else
		return manifest_refuse(item, ERR_VALUE, "%u bytes, wanted one cell of 4 or two", item->value.size);
	if (number > item->property->max)
		return manifest_refuse(item, ERR_VALUE, "above the limit 0x%llx", item->property->max);
	*(u64 *)manifest_field(item) = number;
	set_given(item);
	return ERR_OK;
}

enum err manifest_read_wide(const struct manifest_item *item, u64 *numbers, u32 max, u32 *count)
{
	const fdt64_t *values = item->value.data;
	u32 size = item->value.size, given = size / sizeof(*values);

	if (size % sizeof(*values))
		return manifest_refuse(item, ERR_VALUE, "%u bytes, wanted 8 for each argument: /bits/ 64 <...>", size);
	if (given > max)
		return manifest_refuse(item, ERR_VALUE, "%u arguments, at most %u", given, max);
	for (u32 i = 0; i < given; i++)
		numbers[i] = fdt64_ld(&values[i]);
	*count = given;
	return ERR_OK;
}

enum err manifest_read_nothing(const struct manifest_item *item)
{
	(void)item;
	return ERR_OK;
}

enum err manifest_read_unused(const struct manifest_item *item)
{
	manifest_note(item->reader, &item->value, "not used on this machine; ignored");
	return ERR_OK;
}
