/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "menu_private.h"

static const char *const vt100_help[] = {
	"Up, Down, k, j     mark an entry; also Ctrl-P, Ctrl-N, Home, End, PgUp, PgDn",
	"Enter              start the marked entry",
	"1, 2, 3, ...       start that entry; among ten or more a pause or Enter ends it",
	"e                  edit the marked entry's command line; * marks what is edited",
	"i                  what would be started: format, sizes, addresses, hashes",
	"c                  the shell: memory, ports, PCI, ACPI, BIOS calls, images",
	"l                  the log",
	"m                  the memory map",
	"r                  reboot",
	"Ctrl-L             clear the screen and draw again",
	"?                  this help",
	"",
	"While a command line is edited, Enter keeps it (until a reset), Esc drops it:",
	"  Ctrl-A, Ctrl-E   start, end; also Home, End",
	"  Ctrl-B, Ctrl-F   left, right; also the arrow keys; Alt-B, Alt-F by words",
	"  Ctrl-D, Ctrl-H   delete under, before the cursor; also Delete, Backspace",
	"  Ctrl-U, Ctrl-K   cut to the start, to the end",
	"  Ctrl-W, Alt-D    cut the word before, after the cursor",
	"  Ctrl-Y           paste what was cut last",
	"  Up, Down         lines edited before; also Ctrl-P, Ctrl-N",
};

static const char *const plain_help[] = {
	"N             start entry N: its number, or its name in the manifest",
	"(empty line)  start the entry that is marked with >",
	"e N ARGS...   set the command line of entry N; * marks an edited one",
	"e N           edit it here: Backspace, Ctrl-W, Ctrl-U; Enter keeps, Esc discards",
	"i N           what would be started: format, sizes, addresses, hashes",
	"c             the shell: memory, ports, PCI, ACPI, BIOS calls, images",
	"l             the log",
	"m             the memory map",
	"r             reboot",
	"? or help     this help",
};

static void show(const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!menu_page_line(lines[i]))
			return;
	}
}

void menu_show_help(const struct menu *menu)
{
	menu_page_begin(menu, "Keys");
	if (menu->plain)
		show(plain_help, ARRAY_COUNT(plain_help));
	else
		show(vt100_help, ARRAY_COUNT(vt100_help));
	menu_page_end();
}
