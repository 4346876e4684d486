/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Memory as a person asks for it: nothing is touched that is not mapped, and a fault is an answer. */
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "shell_private.h"

#define ROW_SIZE 16u
#define SHOWN_AT_FIRST 128u
#define SHOWN_MAX KIB(64)		/* at one go: nobody stops a plain console */
#define MAPPED_MAX MIB(16)

bool shell_dump_row(u64 address, const u8 *bytes, u32 count, u32 width)
{
	char line[96];
	size_t used = fmt_snprintf(line, sizeof(line), "%010llx  ", address);

	for (u32 at = 0; at < ROW_SIZE; at += width) {
		u64 unit = 0;

		memcpy(&unit, bytes + (at < count ? at : 0), width);
		used += at < count ? fmt_snprintf(line + used, sizeof(line) - used, "%0*llx ", (int)(2 * width), unit) :
				     fmt_snprintf(line + used, sizeof(line) - used, "%*s ", (int)(2 * width), "");
	}
	line[used++] = ' ';
	for (u32 at = 0; at < count; at++)
		line[used++] = bytes[at] >= ' ' && bytes[at] <= '~' ? (char)bytes[at] : '.';
	line[used] = '\0';
	return shell_print("%s", line);
}

bool shell_dump(u64 address, const u8 *bytes, u64 size)
{
	for (u64 at = 0; at < size; at += ROW_SIZE)
		if (!shell_dump_row(address + at, bytes + at, (u32)min_u64(size - at, ROW_SIZE), 1))
			return false;
	return true;
}

static bool complain_of_access(const struct shell_words *words, const char *what, u64 at, enum err err)
{
	if (err == ERR_RESERVED)
		return shell_complain(words, "nothing is mapped at 0x%llx", at);
	return shell_complain(words, "the processor refuses to %s 0x%llx (a fault, caught)", what, at);
}

/* [at, at + size), shown as far as it can be read. */
static bool show(const struct shell_words *words, u64 at, u64 size, u32 width)
{
	u8 row[ROW_SIZE];
	enum err err = ERR_OK;
	bool go_on = true;

	while (size && go_on && !err) {
		u32 wanted = (u32)min_u64(size, ROW_SIZE), got = 0;

		while (got < wanted && !err) {
			u64 unit;

			err = arch_memory_read(at + got, width, &unit);
			if (!err) {
				memcpy(row + got, &unit, width);
				got += width;
			}
		}
		if (got)
			go_on = shell_dump_row(at, row, got, width);
		at += got;
		size -= got;
	}
	return !err || complain_of_access(words, "read", at, err);
}

/* The address in word `index`, or a buffer's; behind it is room for the most that any command takes. */
static bool get_address(const struct shell_words *words, u32 index, u64 *at)
{
	return shell_buffer(words->word[index], at) ||
	       shell_number(words, index, "address", PADDR_LIMIT - SHOWN_MAX - MAPPED_MAX, at);
}

bool shell_md(struct shell *shell, const struct shell_words *words)
{
	u32 width = shell_width(words);
	u64 at, count;

	(void)shell;
	return get_address(words, 1, &at) &&
	       shell_number_or(words, 2, "count", SHOWN_MAX / width, SHOWN_AT_FIRST / width, &count) &&
	       show(words, at, count * width, width);
}

bool shell_hexdump(struct shell *shell, const struct shell_words *words)
{
	u64 at, size;

	(void)shell;
	return get_address(words, 1, &at) && shell_number(words, 2, "length", SHOWN_MAX, &size) &&
	       show(words, at, size, 1);
}

/* What the shim lives on is not to be written by a slip. Modules, page 0 and the user's buffers are not its own. */
static bool may_write(struct shell *shell, const struct shell_words *words, u64 at, u64 size)
{
	const struct mem_claim *claim = memory_find_claim(&shell->machine->memory, at, at + size);

	if (!claim || shell_buffer_covers(at, size) || claim->owner == OWNER_MODULE || claim->owner == OWNER_LOW)
		return true;
	return shell_complain(words, "0x%llx is in Trapeze's own memory (%s): -f writes all the same", at, claim->name);
}

static bool write_unit(const struct shell_words *words, u64 at, u32 width, u64 value)
{
	enum err err = arch_memory_write(at, width, value);

	return !err || complain_of_access(words, "write", at, err);
}

/* The words behind -f, which is optional; at least `min` of them. */
static bool take_force(const struct shell_words *words, u32 min, u32 *first, bool *force)
{
	*force = !strcmp(words->word[1], "-f");
	*first = *force ? 2 : 1;
	return words->count >= *first + min || shell_complain(words, "an address and a value are needed");
}

bool shell_mw(struct shell *shell, const struct shell_words *words)
{
	u32 width = shell_width(words), first;
	u64 at, value, count;
	bool force;

	if (!take_force(words, 2, &first, &force) || !get_address(words, first, &at) ||
	    !shell_number(words, first + 1, "value", UINT64_MAX >> (64 - 8 * width), &value) ||
	    !shell_number_or(words, first + 2, "count", MAPPED_MAX / width, 1, &count) ||
	    (!force && !may_write(shell, words, at, count * width)))
		return false;
	for (u64 i = 0; i < count; i++)
		if (!write_unit(words, at + i * width, width, value))
			return false;
	return true;
}

bool shell_poke(struct shell *shell, const struct shell_words *words)
{
	u8 bytes[SHELL_WORDS_MAX];
	u32 first, count;
	bool force;
	u64 at;

	if (!take_force(words, 2, &first, &force) || !get_address(words, first, &at))
		return false;
	count = words->count - ++first;
	for (u32 i = 0; i < count; i++) {
		u64 byte;

		if (!shell_number(words, first + i, "byte", 0xff, &byte))
			return false;
		bytes[i] = (u8)byte;
	}
	if (!force && !may_write(shell, words, at, count))
		return false;
	for (u32 i = 0; i < count; i++)
		if (!write_unit(words, at + i, 1, bytes[i]))
			return false;
	return true;
}

/* What is mapped already keeps its attributes: it may be what the shim runs from. */
bool shell_map(struct shell *shell, const struct shell_words *words)
{
	u64 at, size, end;

	(void)shell;
	if (!get_address(words, 1, &at) || !shell_number(words, 2, "length", MAPPED_MAX, &size))
		return false;
	if (!size)
		return shell_complain(words, "a length of 0 brings nothing into reach");
	end = align_up(at + size, PAGE_SIZE);
	at = align_down(at, PAGE_SIZE);
	for (u64 page = at; page < end; page += PAGE_SIZE)
		if (arch_phys(page, 1))
			return shell_complain(words, "0x%llx is mapped already", page);
	if (arch_map_device(at, end))
		return shell_complain(words, "0x%llx..0x%llx cannot be mapped: the log (log 1) says why", at, end);
	shell_print("0x%llx..0x%llx is in reach, uncached", at, end);
	return true;
}
