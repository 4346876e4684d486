/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <string.h>

#include "fmt.h"
#include "shell_private.h"

static shell_function help, leave;

const struct shell_command shell_commands[] = {
	{ "help ?", "[COMMAND]", "this list, or one command's usage", 0, 1, 0, help },
	{ "md.b md md.w md.l md.q", "ADDRESS [COUNT]", "show memory in units of 1, 2, 4 or 8 bytes", 1, 2, 0,
	  shell_md },
	{ "mw.b mw mw.w mw.l mw.q", "[-f] ADDRESS VALUE [COUNT]", "write memory; -f: what Trapeze uses, too", 2, 4, 0,
	  shell_mw },
	{ "hexdump", "ADDRESS LENGTH", "show bytes of memory", 2, 2, 0, shell_hexdump },
	{ "poke", "[-f] ADDRESS BYTE...", "write bytes", 2, SHELL_WORDS_MAX - 1, 0, shell_poke },
	{ "map", "ADDRESS LENGTH", "bring device registers into reach, uncached", 2, 2, 0, shell_map },
	{ "inb inw inl", "PORT", "read an I/O port", 1, 1, 0, shell_in },
	{ "outb outw outl", "PORT VALUE", "write an I/O port", 2, 2, 0, shell_out },
	{ "cpuid", "[LEAF [SUBLEAF]]", "what the processor says of itself", 0, 2, 0, shell_cpuid },
	{ "rdmsr", "NUMBER", "read a model-specific register", 1, 1, 0, shell_rdmsr },
	{ "wrmsr", "NUMBER VALUE", "write a model-specific register", 2, 2, 0, shell_wrmsr },
	{ "bios", "[-w MS] CALL [REG=NUM]...", "call the BIOS: 0x10 ah=2, or a service", 1, SHELL_WORDS_MAX - 1, 0,
	  shell_bios },
	{ "buf", "[SIZE]", "memory for BIOS calls, buf1 and so on; or list", 0, 1, 0, shell_buf },
	{ "free", "NAME", "give a buffer back", 1, 1, 0, shell_free },
	{ "lspci", "[-v]", "PCI devices; -v: with base addresses", 0, 1, 0, shell_lspci },
	{ "acpi", "[NAME]", "ACPI tables, or the bytes of one", 0, 1, 0, shell_acpi },
	{ "e820", "", "the memory map, and what Trapeze uses of it", 0, 0, 0, shell_e820 },
	{ "entries", "", "what the menu has", 0, 0, 0, shell_entries },
	{ "boot", "NAME [ARGUMENTS]", "start an entry; ARGUMENTS go on as they stand", 1, 2, 2, shell_boot },
	{ "call", "NAME [ARGUMENTS]", "the same, of an image that is called alone", 1, 2, 2, shell_call },
	{ "resume", "NAME [ARGUMENTS]", "go on in an image that sleeps", 1, 2, 2, shell_resume },
	{ "kho", "[NAME]", "trees that an entry hands over, or that came", 0, 1, 0, shell_kho },
	{ "log", "[LINES]", "the log's last lines", 0, 1, 0, shell_log },
	{ "reboot", "", "reset the machine", 0, 0, 0, shell_reboot },
	{ "poweroff", "", "switch the machine off, by ACPI", 0, 0, 0, shell_poweroff },
	{ "exit quit", "", "back to the menu", 0, 0, 0, leave },
};
const u32 shell_command_count = ARRAY_COUNT(shell_commands);

static bool has_name(const char *names, const char *name)
{
	size_t length = strlen(name);

	while (*names) {
		size_t part = strcspn(names, " ");

		if (part == length && !memcmp(names, name, length))
			return true;
		names += part;
		names += *names == ' ';
	}
	return false;
}

const struct shell_command *shell_find_command(const char *name)
{
	for (u32 i = 0; i < shell_command_count; i++)
		if (has_name(shell_commands[i].names, name))
			return &shell_commands[i];
	return NULL;
}

static bool help_all(void)
{
	char left[64];

	for (u32 i = 0; i < shell_command_count; i++) {
		const struct shell_command *c = &shell_commands[i];

		fmt_snprintf(left, sizeof(left), "%.*s %s", (int)strcspn(c->names, " "), c->names, c->usage);
		if (!shell_print("%-33s%s", left, c->help))
			break;
	}
	return true;
}

static bool help(struct shell *shell, const struct shell_words *words)
{
	const struct shell_command *command;

	(void)shell;
	if (words->count == 1)
		return help_all();
	command = shell_find_command(words->word[1]);
	if (!command)
		return shell_complain(words, "there is no command \"%s\"", words->word[1]);
	shell_print("%s %s", words->word[1], command->usage);
	shell_print("    %s", command->help);
	if (strchr(command->names, ' '))
		shell_print("    names: %s", command->names);
	return true;
}

static bool leave(struct shell *shell, const struct shell_words *words)
{
	(void)words;
	shell->done = true;
	return true;
}
