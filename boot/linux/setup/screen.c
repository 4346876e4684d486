/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The screen: a VGA's text mode with colours, the loader's or 80x25. Without a VGA none is told of. */
#include "setup.h"

#define ZP_CURSOR 0x000			/* column, row */
#define ZP_PAGE 0x004
#define MODE_TEXT_GREY 2
#define MODE_TEXT 3
#define MODE_KEPT 0x80			/* bit 7: memory was not cleared when it was set */

static struct setup_regs video(u32 eax, u32 ebx)
{
	struct setup_regs regs = { .eax = eax, .ebx = ebx };

	setup_bios(0x10, &regs);
	return regs;
}

static bool is_text(u32 eax)
{
	u32 mode = eax & 0xff & ~MODE_KEPT;

	return mode == MODE_TEXT || mode == MODE_TEXT_GREY;
}

void setup_take_screen(u8 *zero_page)
{
	struct setup_regs mode, cursor, font;

	if ((video(0x1a00, 0).eax & 0xff) != 0x1a)	/* display combination: as old as the VGA */
		return;
	mode = video(0x0f00, 0);
	if (!is_text(mode.eax)) {
		(void)video(MODE_TEXT, 0);
		mode = video(0x0f00, 0);
		if (!is_text(mode.eax))
			return;
	}
	cursor = video(0x0300, mode.ebx & 0xff00);
	font = video(0x1130, 0);
	setup_put(zero_page + ZP_CURSOR, cursor.edx, 2);
	setup_put(zero_page + ZP_PAGE, mode.ebx >> 8 & 0xff, 2);
	zero_page[ZP_SCREEN_MODE] = (u8)mode.eax & (u8)~MODE_KEPT;
	zero_page[ZP_SCREEN_COLUMNS] = (u8)(mode.eax >> 8);
	zero_page[ZP_SCREEN_LINES] = (u8)(font.edx + 1);
	zero_page[ZP_SCREEN_TYPE] = SCREEN_TYPE_TEXT;
	setup_put(zero_page + ZP_SCREEN_POINTS, font.ecx, 2);
}
