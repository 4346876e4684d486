/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A menu of four entries, its screens, and a user at it. Include after cmocka.h. */
#ifndef TRAPEZE_MENU_FIXTURE_H
#define TRAPEZE_MENU_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "menu.h"
#include "vt100.h"

#define HEADER "Trapeze 0.1 x86_64 | GRUB 2.06, BIOS | 1 of 2 processors | 511 MiB usable | ttyS0 115200n8\n" \
	"Manifest \"Lab bench\", 4 entries, sha256 ok"

static const struct menu_entry entries[] = {
	{ "debian", "Debian 12, cloud kernel", "linux, 13.5 MiB + 2.4 MiB initrd", "console=ttyS0 ro" },
	{ "memtest", "memtest86+ 6.10", "linux, 0.1 MiB", "console=ttyS0,115200" },
	{ "hello", "hello", "call, long mode, 4 KiB, returns", "" },
	{ "trips", "trips over itself", "call, protected mode, faults on purpose", "" },
};

#define TOP "\n" \
	"Trapeze 0.1 x86_64 | GRUB 2.06, BIOS | 1 of 2 processors | 511 MiB usable\n" \
	"ttyS0 115200n8\n" \
	"Manifest \"Lab bench\", 4 entries, sha256 ok\n" \
	"\n"
#define FIRST "   1  Debian 12, cloud kernel           linux, 13.5 MiB + 2.4 MiB initrd\n"
#define FIRST_MARKED " {> 1  Debian 12, cloud kernel}           linux, 13.5 MiB + 2.4 MiB initrd\n"
#define SECOND "   2  memtest86+ 6.10                   linux, 0.1 MiB\n"
#define SECOND_MARKED " {> 2  memtest86+ 6.10}                   linux, 0.1 MiB\n"
#define REST \
	"   3  hello                             call, long mode, 4 KiB, returns\n" \
	"   4  trips over itself                 call, protected mode, faults on purpose\n"
#define KEYS " Enter start  e edit  i inspect  c shell  l log  m memory  r reboot  ? help\n"
#define FIRST_SCREEN(status) TOP FIRST_MARKED SECOND REST "\n" status "\n" KEYS

static inline struct menu new_menu(s32 timeout)
{
	return (struct menu){
		.header = HEADER, .entries = entries, .entry_count = ARRAY_COUNT(entries), .timeout = timeout
	};
}

/* Play the steps at the menu, which ends with this choice; leaves the menu to the caller. */
static inline void play(struct menu *menu, const struct vt100_step *steps, size_t count, enum menu_action action,
			u32 entry, const char *bootargs)
{
	struct menu_choice choice;

	vt100_play(steps, count);
	choice = menu_run(menu);
	assert_int_equal(choice.action, action);
	assert_int_equal(choice.entry, entry);
	if (bootargs)
		assert_string_equal(choice.bootargs, bootargs);
	else
		assert_null(choice.bootargs);
	free(choice.bootargs);
	assert_int_equal(menu->timeout, -1);
	assert_int_equal(vt100_strange, 0);
}

/* The same with a menu of its own and keys alone. */
static inline void check_keys(const char *keys, enum menu_action action, u32 entry, const char *bootargs)
{
	struct menu menu = new_menu(-1);
	struct vt100_step step = { .keys = keys };

	play(&menu, &step, 1, action, entry, bootargs);
	menu_free(&menu);
}

#endif
