/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the shell's files share: the words of a line, answers, the table of commands. */
#ifndef TRAPEZE_SHELL_PRIVATE_H
#define TRAPEZE_SHELL_PRIVATE_H

#include "error.h"
#include "shell.h"

#define SHELL_WORDS_MAX 24u

/* The words of a line, quotes taken away; count >= 1 for a command. */
struct shell_words {
	u32 count;
	const char *word[SHELL_WORDS_MAX];
};

/*
 * Cut `line` into words, which lie in buffer[strlen(line) + 1]: blanks part them; '...' and "..." keep blanks together,
 * \ takes the next character as it is (not in '...'); # at the start of a word begins a comment. Behind `limit` words
 * the rest of the line is one more word as it stands, without the blanks at both ends. Returns NULL, or what is wrong.
 */
const char *shell_split(const char *line, u32 limit, char *buffer, struct shell_words *words);

/* A command returns false when it has complained. */
typedef bool shell_function(struct shell *shell, const struct shell_words *words);

struct shell_command {
	const char *names;		/* one, or several between blanks; the first is the one in lists */
	const char *usage;		/* what stands behind the name */
	const char *help;		/* one line */
	u8 min, max;			/* how many words may follow */
	u8 split;			/* not 0: behind that many words the rest is one word, as it stands */
	shell_function *function;
};
extern const struct shell_command shell_commands[];
extern const u32 shell_command_count;
/* NULL: there is none of that name. */
const struct shell_command *shell_find_command(const char *name);

/* Tab: for lineedit. ctx is the shell. */
const char *shell_complete(const void *ctx, const char *text, size_t length);

/* A line of the answer; false when the user, asked at a full screen, wants no more. */
bool shell_print(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* "NAME: text" of the command that these words are; returns false. */
bool shell_complain(const struct shell_words *words, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Word `index` as a number up to `max`; complains when it is none. `what` names it. */
bool shell_number(const struct shell_words *words, u32 index, const char *what, u64 max, u64 *number) MUST_CHECK;
/* The same where the word may be left out. */
bool shell_number_or(const struct shell_words *words, u32 index, const char *what, u64 max, u64 otherwise,
		     u64 *number) MUST_CHECK;
/* Width in bytes by the last letter of the command's name: b w l q; otherwise 1. */
u32 shell_width(const struct shell_words *words);

/* Up to 16 bytes as one line: address, units of `width` bytes, characters. */
bool shell_dump_row(u64 address, const u8 *bytes, u32 count, u32 width);
/* Any number of them, which can be read in place. */
bool shell_dump(u64 address, const u8 *bytes, u64 size);

/* shell_memory.c */
shell_function shell_md, shell_mw, shell_hexdump, shell_poke, shell_map;
/* shell_cpu.c */
shell_function shell_in, shell_out, shell_cpuid, shell_rdmsr, shell_wrmsr;
/* shell_bios.c */
shell_function shell_bios, shell_buf, shell_free;
/* The place of a buffer of that name. Does one hold all of [at, at + size)? */
bool shell_buffer(const char *name, u64 *paddr) MUST_CHECK;
bool shell_buffer_covers(u64 at, u64 size);
/* shell_pci.c, shell_acpi.c */
shell_function shell_lspci, shell_acpi;
/* shell_machine.c */
shell_function shell_e820, shell_entries, shell_log, shell_reboot, shell_poweroff;
/* shell_boot.c */
shell_function shell_boot, shell_call, shell_resume;
/* The entry that the second word names; complains when there is none. */
bool shell_find_config(struct shell *shell, const struct shell_words *words, u32 *config);
/* shell_kho.c */
shell_function shell_kho;

#endif
