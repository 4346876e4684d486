/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What an entry would hand over by kexec handover, as source that dtc reads. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "boot_private.h"
#include "fmt.h"
#include "kho.h"
#include "menu_private.h"
#include "printable.h"
#include "recorder.h"
#include "shell_private.h"
#include "term.h"

#define ROW_BYTES 16u
#define INDENT 2u
#define INDENT_MAX 12u
#define NAME_ROOM 64u
#define SUB_TREE_MAX KIB(64)

static const char *indent(u32 depth)
{
	static const char blanks[INDENT_MAX + 1] = "            ";

	return blanks + INDENT_MAX - (u32)min_u64(INDENT * depth, INDENT_MAX);
}

/* One string or more, none of them empty, that need no escapes. */
static bool is_text(const char *data, u32 size)
{
	if (!size || data[size - 1])
		return false;
	for (u32 i = 0; i < size; i++) {
		if (!data[i] && (!i || !data[i - 1]))
			return false;
		if (data[i] && (!is_printable(data[i]) || data[i] == '"' || data[i] == '\\'))
			return false;
	}
	return true;
}

static bool print_text(u32 depth, const char *name, const char *data, u32 size)
{
	char line[TERM_COLUMNS + 1];
	size_t used = 0;

	for (u32 at = 0; at < size; at += (u32)strlen(data + at) + 1)
		used += fmt_snprintf(line + used, sizeof(line) - used, "%s\"%s\"", at ? ", " : "", data + at);
	return shell_print("%s%s = %s;", indent(depth), name, line);
}

static const char *row_text(char *row, size_t room, const u8 *data, u32 size)
{
	size_t used = 0;

	for (u32 i = 0; i < size && i < ROW_BYTES; i++)
		used += fmt_snprintf(row + used, room - used, "%s%02x", i ? " " : "", data[i]);
	return row;
}

static bool print_bytes(u32 depth, const char *name, const u8 *data, u32 size)
{
	char row[3 * ROW_BYTES];

	if (size <= ROW_BYTES / 2)
		return shell_print("%s%s = [%s];", indent(depth), name, row_text(row, sizeof(row), data, size));
	if (!shell_print("%s%s = [", indent(depth), name))
		return false;
	for (u32 at = 0; at < size; at += ROW_BYTES)
		if (!shell_print("%s%s", indent(depth + 1), row_text(row, sizeof(row), data + at, size - at)))
			return false;
	return shell_print("%s];", indent(depth));
}

/* Longer lines would be wrapped, which dtc does not understand. */
static bool print_property(const void *tree, int offset, u32 depth)
{
	const char *raw;
	char name[NAME_ROOM];
	int size;
	const void *data = fdt_getprop_by_offset(tree, offset, &raw, &size);
	u32 strings = 0;

	if (data)
		printable(name, sizeof(name), raw, strlen(raw));
	if (!data || !size)
		return !data || shell_print("%s%s;", indent(depth), name);
	for (int i = 0; i < size; i++)
		strings += !((const char *)data)[i];
	if (is_text(data, (u32)size) && INDENT * depth + strlen(name) + 4 + (u32)size + 4 * strings < TERM_COLUMNS)
		return print_text(depth, name, data, (u32)size);
	return print_bytes(depth, name, data, (u32)size);
}

/* A tree of our own making, or one that has been checked. */
static bool print_tree(const void *tree)
{
	int offset = 0, next;
	bool more = shell_print("/dts-v1/;");
	u32 depth = 0;

	for (u32 tag = 0; more && tag != FDT_END; offset = next) {
		tag = fdt_next_tag(tree, offset, &next);
		if (tag == FDT_BEGIN_NODE) {
			const char *raw = fdt_get_name(tree, offset, NULL);
			char name[NAME_ROOM];

			printable(name, sizeof(name), raw, strlen(raw));
			more = shell_print("%s%s {", indent(depth), *name ? name : "/");
			depth++;
		} else if (tag == FDT_END_NODE) {
			depth--;
			more = shell_print("%s};", indent(depth));
		} else if (tag == FDT_PROP) {
			more = print_property(tree, offset, depth);
		}
	}
	return more;
}

static bool print_handover(const struct kho *kho)
{
	static const char *const names[KHO_TREES] = { "root", "memblock", "trapeze" };

	for (u32 i = 0; i < KHO_TREES; i++)
		if (!shell_print("/* %s */", names[i]) || !print_tree(kho_tree(kho, i)))
			return false;
	for (u32 i = 0; i < kho->preserved_count; i++)
		if (!shell_print("/* preserved 0x%llx..0x%llx */", kho->preserved[i].start, kho->preserved[i].end))
			return false;
	return true;
}

/* A copy, checked to be a tree; NULL: it is something else, or too large. */
static void *copy_tree(const struct kho_in *in, const struct kho_in_tree *tree)
{
	void *copy = tree->size >= KHO_IN_TREE_MIN && tree->size <= SUB_TREE_MAX ? malloc((size_t)tree->size) : NULL;

	if (copy && (!kho_in_read(in, tree->start, copy, tree->size) || fdt_check_full(copy, (size_t)tree->size))) {
		free(copy);
		return NULL;
	}
	return copy;
}

static bool print_incoming_tree(const struct kho_in *in, const struct kho_in_tree *tree)
{
	void *copy = copy_tree(in, tree);
	bool more;

	if (!copy)
		return shell_print("/* %s: %llu bytes at 0x%llx */", tree->name, tree->size, tree->start);
	more = shell_print("/* %s */", tree->name) && print_tree(copy);
	free(copy);
	return more;
}

static bool print_incoming(const struct kho_in *in, const struct shell_words *words)
{
	const struct kho_in_tree root = { .name = "root", .start = in->places.tree, .size = in->places.tree_size };
	struct kho_in_tree tree;
	bool more;

	if (!in->version)
		return shell_complain(words, "nothing was handed over to Trapeze");
	more = print_incoming_tree(in, &root);
	for (u32 i = 0; i < in->tree_count && more; i++)
		more = !kho_in_tree(in, i, &tree) || print_incoming_tree(in, &tree);
	for (u32 i = 0; i < in->kept.count && more; i++)
		more = shell_print("/* preserved 0x%llx..0x%llx */", in->kept.items[i].start, in->kept.items[i].end);
	return true;
}

static bool prepare_and_print(struct shell *shell, const struct shell_words *words, struct boot *boot, u32 config)
{
	enum err err = boot_open(boot, shell->machine, config, menu_bootargs(&shell->machine->menu, config));

	if (!err)
		err = boot_make_ready(boot);
	if (err)
		return shell_complain(words, "the entry cannot be started: %s", err_text(err));
	return boot->request.kho ? print_handover(boot->request.kho) :
				   shell_complain(words, "\"%s\" makes no trees to hand over: no trapeze,kho", words->word[1]);
}

bool shell_kho(struct shell *shell, const struct shell_words *words)
{
	struct boot *boot;
	bool fine;
	u32 config;

	if (words->count == 1)
		return print_incoming(&shell->machine->kho_in, words);
	if (!shell_find_config(shell, words, &config))
		return false;
	boot = malloc(sizeof(*boot));
	if (!boot)
		return shell_complain(words, "heap is full");
	arch_swing_forget(&shell->machine->memory);
	fine = prepare_and_print(shell, words, boot, config);
	boot_delete(boot);
	recorder_step(FLIGHT_SHELL);
	return fine;
}
