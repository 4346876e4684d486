/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "registers.h"

#include <string.h>

#include "fmt.h"
#include "log.h"
#include "number.h"

#define SHOWN 24			/* of a word that is not understood */
#define NAME_SIZE 8

enum kind { GENERAL, POINTER, SEGMENT, LONG_ONLY, FLAGS };

struct reg {
	const char *name;
	enum kind kind;
	u16 offset;
	u8 size;
};

#define REG(name, kind) { #name, kind, offsetof(struct entry_state, name), sizeof(((struct entry_state *)0)->name) }

static const struct reg regs[] = {
	REG(ax, GENERAL), REG(bx, GENERAL), REG(cx, GENERAL), REG(dx, GENERAL), REG(si, GENERAL), REG(di, GENERAL),
	REG(bp, GENERAL), REG(sp, GENERAL), REG(ip, POINTER), REG(r8, LONG_ONLY), REG(r9, LONG_ONLY),
	REG(cs, SEGMENT), REG(ds, SEGMENT), REG(es, SEGMENT), REG(fs, SEGMENT), REG(gs, SEGMENT), REG(ss, SEGMENT),
	REG(flags, FLAGS),
};

/* "ax", "eax" and "rax" are one register; segments and r8, r9 have no other names. */
static const struct reg *find(const char *name)
{
	bool prefixed = *name == 'e' || *name == 'r';

	for (u32 i = 0; i < ARRAY_COUNT(regs); i++) {
		bool has_wide_names = regs[i].kind != SEGMENT && regs[i].kind != LONG_ONLY;

		if (!strcmp(regs[i].name, name) || (prefixed && has_wide_names && !strcmp(regs[i].name, name + 1)))
			return &regs[i];
	}
	return NULL;
}

/* The largest number that the register takes in that mode; 0: it cannot be set there. */
static u64 limit_of(const struct reg *reg, enum entry_mode mode)
{
	bool real = mode == ENTRY_REAL;

	switch (reg->kind) {
	case SEGMENT:
		return real ? 0xffff : 0;
	case FLAGS:
		return real ? 0xffffffff : 0;
	case LONG_ONLY:
		return mode == ENTRY_LONG ? UINT64_MAX : 0;
	case POINTER:
		return real ? 0xffff : mode == ENTRY_LONG ? UINT64_MAX : 0xffffffff;
	default:
		return mode == ENTRY_LONG ? UINT64_MAX : 0xffffffff;
	}
}

static enum err set(const char *name, const struct reg *reg, u64 value, struct entry_state *entry)
{
	u64 limit = limit_of(reg, entry->mode);

	if (!limit) {
		log_err("registers", "%s: %s cannot be given in %s mode", name, reg->name, plan_mode_name(entry->mode));
		return ERR_VALUE;
	}
	if (value > limit) {
		log_err("registers", "%s: %s=0x%llx, at most 0x%llx in %s mode", name, reg->name, value, limit,
			plan_mode_name(entry->mode));
		return ERR_VALUE;
	}
	/* Little-endian, as everything here. */
	memcpy((u8 *)entry + reg->offset, &value, reg->size);
	return ERR_OK;
}

static enum err parse_word(const char *name, const char *word, size_t length, struct entry_state *entry)
{
	const char *equals = memchr(word, '=', length);
	char reg_name[NAME_SIZE] = "";
	const struct reg *reg = NULL;
	u64 value;

	if (equals && (size_t)(equals - word) < sizeof(reg_name)) {
		memcpy(reg_name, word, equals - word);
		reg = find(reg_name);
	}
	if (!reg || !number_word(equals + 1, length - (equals + 1 - word), &value)) {
		log_err("registers", "%s: \"%.*s\" is not understood: REGISTER=NUMBER, as in cs=0x1000", name,
			(int)min_u64(length, SHOWN), word);
		return ERR_VALUE;
	}
	return set(name, reg, value, entry);
}

enum err registers_parse(const char *name, const char *text, struct entry_state *entry)
{
	enum err err = ERR_OK;

	for (text += strspn(text, " \t"); *text && !err; text += strspn(text, " \t")) {
		size_t length = strcspn(text, " \t");

		err = parse_word(name, text, length, entry);
		text += length;
	}
	return err;
}

static const struct { u32 bit; char name[3]; } flag_names[] = {
	{ 0x1, "CF" }, { 0x4, "PF" }, { 0x10, "AF" }, { 0x40, "ZF" }, { 0x80, "SF" }, { 0x200, "IF" }, { 0x400, "DF" }, { 0x800, "OF" },
};

char *registers_format_flags(char *buf, size_t size, u32 flags)
{
	size_t used = fmt_snprintf(buf, size, "0x%x [", flags);
	const char *blank = "";

	for (u32 i = 0; i < ARRAY_COUNT(flag_names) && used < size; i++) {
		if (!(flags & flag_names[i].bit))
			continue;
		used += fmt_snprintf(buf + used, size - used, "%s%s", blank, flag_names[i].name);
		blank = " ";
	}
	if (used < size)
		fmt_snprintf(buf + used, size - used, "]");
	return buf;
}

char *registers_format(char *buf, size_t size, const struct entry_state *s)
{
	size_t used = fmt_snprintf(buf, size, "ax=0x%llx bx=0x%llx cx=0x%llx dx=0x%llx si=0x%llx di=0x%llx bp=0x%llx ds=0x%x es=0x%x flags=",
				   s->ax, s->bx, s->cx, s->dx, s->si, s->di, s->bp, s->ds, s->es);

	if (used < size)
		registers_format_flags(buf + used, size - used, s->flags);
	return buf;
}
