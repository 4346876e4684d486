/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* BIOS calls by hand, and memory for them to work on. */
#include <string.h>

#include "bios_services.h"
#include "fmt.h"
#include "number.h"
#include "registers.h"
#include "shell_private.h"

#define BUFFERS_MAX 16u
#define BUFFER_SIZE_MAX KIB(64)
#define NAME_PREFIX "buf"
#define TEXT_SIZE 192
#define VECTOR_DISK 0x13
#define VECTOR_SYSTEM 0x15
#define LIMIT_MAX_MS 86400000u

/* buf1 is the first; size 0: free. They stay until the next boot for good, or `free`. */
static struct {
	paddr_t paddr;
	u32 size;
} buffers[BUFFERS_MAX];

static bool find_buffer(const char *name, u32 *index)
{
	size_t length = strlen(NAME_PREFIX);
	u64 number;

	if (strncmp(name, NAME_PREFIX, length) || !number_word(name + length, strlen(name + length), &number) ||
	    number < 1 || number > BUFFERS_MAX || !buffers[number - 1].size)
		return false;
	*index = (u32)number - 1;
	return true;
}

bool shell_buffer(const char *name, u64 *paddr)
{
	u32 index;

	if (!find_buffer(name, &index))
		return false;
	*paddr = buffers[index].paddr;
	return true;
}

bool shell_buffer_covers(u64 at, u64 size)
{
	for (u32 i = 0; i < BUFFERS_MAX; i++)
		if (buffers[i].size && at >= buffers[i].paddr && size <= buffers[i].size &&
		    at - buffers[i].paddr <= buffers[i].size - size)
			return true;
	return false;
}

static void show_buffer(u32 index)
{
	paddr_t at = buffers[index].paddr;

	shell_print(NAME_PREFIX "%u  at 0x%llx, in real mode %04x:%04x, %u bytes", index + 1, at, bios_segment(at),
		    bios_offset(at), buffers[index].size);
}

bool shell_buf(struct shell *shell, const struct shell_words *words)
{
	u32 index = 0;
	u64 size;

	(void)shell;
	if (words->count == 1) {
		for (; index < BUFFERS_MAX; index++)
			if (buffers[index].size)
				show_buffer(index);
		return true;
	}
	if (!shell_number(words, 1, "size", BUFFER_SIZE_MAX, &size))
		return false;
	while (index < BUFFERS_MAX && buffers[index].size)
		index++;
	if (!size || index == BUFFERS_MAX)
		return shell_complain(words,
				      size ? "there are %u buffers already: free one" : "a buffer has at least a byte",
				      BUFFERS_MAX);
	if (bios_buffer((u32)size, &buffers[index].paddr))
		return shell_complain(words, "no buffer: the log (log 1) says why");
	buffers[index].size = (u32)size;
	show_buffer(index);
	return true;
}

bool shell_free(struct shell *shell, const struct shell_words *words)
{
	u32 index;

	(void)shell;
	if (!find_buffer(words->word[1], &index))
		return shell_complain(words, "no buffer \"%s\"; buf lists them", words->word[1]);
	bios_release(buffers[index].paddr);
	buffers[index].size = 0;
	return true;
}

#define REG(name, field, at, size) { name, offsetof(struct bios_regs, field) + (at), size }
#define GENERAL(letter) REG(#letter "l", e##letter##x, 0, 1), REG(#letter "h", e##letter##x, 1, 1), \
	REG(#letter "x", e##letter##x, 0, 2), REG("e" #letter "x", e##letter##x, 0, 4)
#define INDEX(name) REG(#name, e##name, 0, 2), REG("e" #name, e##name, 0, 4)

struct reg {
	char name[7];
	u8 offset, size;
};

/* Little-endian: a register's lower parts lie at its start. */
static const struct reg regs[] = {
	GENERAL(a), GENERAL(b), GENERAL(c), GENERAL(d), INDEX(si), INDEX(di), INDEX(bp),
	REG("ds", ds, 0, 2), REG("es", es, 0, 2), REG("fs", fs, 0, 2), REG("gs", gs, 0, 2),
	REG("flags", eflags, 0, 2), REG("eflags", eflags, 0, 4),
};

static const struct reg *find_reg(const char *name, size_t length)
{
	for (u32 i = 0; i < ARRAY_COUNT(regs); i++)
		if (strlen(regs[i].name) == length && !memcmp(regs[i].name, name, length))
			return &regs[i];
	return NULL;
}

static void put_reg(struct bios_regs *r, const struct reg *reg, u64 value)
{
	memcpy((u8 *)r + reg->offset, &value, reg->size);
}

/* "es:di=buf1": a segment and an offset at once. */
static bool set_pair(const struct shell_words *words, const char *word, const char *colon, const char *equals,
		     struct bios_regs *r)
{
	const struct reg *segment = find_reg(word, colon - word), *offset = find_reg(colon + 1, equals - colon - 1);
	u64 at;

	if (!segment || !offset || segment->size != 2 || offset->size < 2)
		return shell_complain(words, "\"%s\" names no segment and offset, as es:di does", word);
	if (!shell_buffer(equals + 1, &at))
		return shell_complain(words, "no buffer \"%s\"; buf lists them", equals + 1);
	put_reg(r, segment, bios_segment(at));
	put_reg(r, offset, bios_offset(at));
	return true;
}

static bool set_reg(const struct shell_words *words, const char *word, struct bios_regs *r)
{
	const char *equals = strchr(word, '='), *colon = strchr(word, ':');
	const struct reg *reg;
	u64 value;

	if (equals && colon && colon < equals)
		return set_pair(words, word, colon, equals, r);
	reg = equals ? find_reg(word, equals - word) : NULL;
	if (!reg || !number_word(equals + 1, strlen(equals + 1), &value))
		return shell_complain(
			words, "\"%s\" is not understood: REGISTER=NUMBER, as in ax=0x1130, or es:di=BUFFER", word);
	if (value >> (8 * reg->size))
		return shell_complain(words, "%s=0x%llx does not fit %u bits", reg->name, value, 8u * reg->size);
	put_reg(r, reg, value);
	return true;
}

/* Not a part of another one; the flags have a line of their own. */
static bool is_whole(const struct reg *reg)
{
	return reg->size == 4 ? reg->offset != offsetof(struct bios_regs, eflags) :
				reg->size == 2 && reg->offset >= offsetof(struct bios_regs, ds) &&
					reg->offset < offsetof(struct bios_regs, eflags);
}

/* The whole registers that are others than before, and the flags by name. */
static void show_changes(const struct bios_regs *before, const struct bios_regs *after)
{
	char text[TEXT_SIZE] = " nothing", flags[64];
	size_t used = 0;

	for (u32 i = 0; i < ARRAY_COUNT(regs); i++) {
		const struct reg *reg = &regs[i];
		u32 value = 0;

		if (!is_whole(reg) ||
		    !memcmp((const u8 *)before + reg->offset, (const u8 *)after + reg->offset, reg->size))
			continue;
		memcpy(&value, (const u8 *)after + reg->offset, reg->size);
		used += fmt_snprintf(text + used, sizeof(text) - used, " %s=0x%0*x", reg->name, (int)(2 * reg->size),
				     value);
	}
	shell_print("changed%s", text);
	shell_print("flags %s", registers_format_flags(flags, sizeof(flags), after->eflags));
}

/* What Trapeze asks by name, as for trapeze,bios-call: the answers are log lines. */
static bool run_service(struct shell *shell, const struct shell_words *words, u32 at, int service, u32 ms)
{
	enum err err;

	if (words->count > at + 1)
		return shell_complain(words, "%s takes no registers", words->word[at]);
	bios_set_limit(ms);
	err = bios_service_run(shell->machine, service);
	bios_set_limit(0);
	return !err || shell_complain(words, "not done: the log (log 1) says why");
}

/* "-w MS" in front of the vector: how long the call may take, 0 without it; *at: the word behind it. */
static bool read_limit(const struct shell_words *words, u32 *at, u64 *ms)
{
	*ms = 0;
	*at = 1;
	if (!strcmp(words->word[1], "-w")) {
		*at = 3;
		if (words->count <= *at)
			return shell_complain(words, "-w MILLISECONDS, then a vector");
		if (!shell_number(words, 2, "limit", LIMIT_MAX_MS, ms))
			return false;
		if (!*ms)
			return shell_complain(words, "a limit is at least 1 millisecond");
	}
	return true;
}

bool shell_bios(struct shell *shell, const struct shell_words *words)
{
	struct bios_regs before = { 0 }, after;
	const char *why;
	int service;
	u64 vector, ms;
	enum err err;
	u32 at;

	if (!bios_present(&why))
		return shell_complain(words, "there is no BIOS: %s", why);
	if (!read_limit(words, &at, &ms))
		return false;
	service = bios_service_find(words->word[at]);
	if (service >= 0)
		return run_service(shell, words, at, service, (u32)ms);
	if (!shell_number(words, at, "vector", 0xff, &vector))
		return false;
	for (u32 i = at + 1; i < words->count; i++)
		if (!set_reg(words, words->word[i], &before))
			return false;
	after = before;
	bios_set_limit((u32)ms);
	err = bios_int((u8)vector, &after);
	bios_set_limit(0);
	if (err)
		return shell_complain(words, "not done: the log (log 1) says why");
	show_changes(&before, &after);
	if (!bios_carry(&after))
		return true;
	if (vector != VECTOR_DISK && vector != VECTOR_SYSTEM)
		return shell_complain(words, "came back with carry set");
	return shell_complain(words, "error ah=0x%02x: %s", bios_ah(&after),
			      bios_error_text((u8)vector, bios_ah(&after)));
}
