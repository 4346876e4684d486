/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The words of a command line that a boot loader must honour too: boot.rst, "Special Command Line Options". */
#include <stdlib.h>
#include <string.h>

#include "bootinfo.h"
#include "linux.h"
#include "log.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/*
 * A number in C's notation; returns the first character behind it, or NULL when there is none or it is above 2^64 - 1.
 */
static const char *parse_number(const char *text, u64 *out)
{
	unsigned int base = 10;
	const char *first;

	if (text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
	} else if (text[0] == '0') {
		base = 8;
	}
	*out = 0;
	for (first = text; digit_value(*text) < (int)base; text++)
		if (__builtin_mul_overflow(*out, (u64)base, out) ||
		    __builtin_add_overflow(*out, (u64)digit_value(*text), out))
			return NULL;
	return text == first ? NULL : text;
}

/* The same with K, M, G, T, P or E behind it, and nothing else. */
static bool parse_size(const char *text, u64 *out)
{
	static const char suffixes[] = "KMGTPE";
	const char *rest = parse_number(text, out), *suffix;
	unsigned int shift;

	if (!rest || !*rest)
		return rest;
	suffix = strchr(suffixes, *rest & ~0x20);
	if (!suffix || rest[1])
		return false;
	shift = 10 * (unsigned int)(suffix - suffixes + 1);
	if (*out >> (64 - shift))
		return false;
	*out <<= shift;
	return true;
}

/*
 * vga=: the 16-bit code would set that mode; it is not run, so the mode stays, and the kernel is told what was asked
 * for.
 */
static void read_vga(struct linux_state *state, const char *value)
{
	static const struct {
		const char *word;
		u16 mode;
	} words[] = { { "normal", 0xffff }, { "ext", 0xfffe }, { "ask", 0xfffd } };
	const char *rest;
	u64 number;

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (!strcmp(value, words[i].word)) {
			state->vid_mode = words[i].mode;
			state->has_vid_mode = true;
			return;
		}
	}
	rest = parse_number(value, &number);
	if (!rest || *rest || number > 0xffff) {
		log_warn("linux", "vga=%s is neither a mode number up to 0xffff nor normal, ext or ask: ignored",
			 value);
		return;
	}
	state->vid_mode = (u16)number;
	state->has_vid_mode = true;
	log_info("linux", "vga=%s is handed over, the mode itself stays: only the kernel's 16-bit code could set it",
		 value);
}

/* mem=: Linux has other words behind mem= (nopentium), which are its own business. */
static void read_mem(struct linux_state *state, const char *value)
{
	u64 limit;

	if (!parse_size(value, &limit) || !limit || limit > PADDR_LIMIT)
		return;
	state->mem_limit = limit;
	log_info("linux", "mem=%s bounds the place of the ramdisk end=0x%llx", value, limit);
}

enum err linux_read_options(const struct load_request *request, struct linux_state *state)
{
	size_t length = strlen(request->bootargs);
	char *value;

	if (length > state->header.cmdline_max) {
		log_err("linux", "%s: the command line has %zu characters, this kernel takes %u",
			request->kernel.blob.name, length, state->header.cmdline_max);
		return ERR_VALUE;
	}
	state->mem_limit = PADDR_LIMIT;
	if ((value = cmdline_get(request->bootargs, "vga")))
		read_vga(state, value);
	free(value);
	if ((value = cmdline_get(request->bootargs, "mem")))
		read_mem(state, value);
	free(value);
	if ((value = cmdline_get(request->bootargs, "quiet")))
		state->quiet = true;
	free(value);
	return ERR_OK;
}
