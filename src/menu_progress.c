/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <string.h>

#include "arch.h"
#include "console.h"
#include "fmt.h"
#include "menu.h"
#include "term.h"

#define QUIET_US 250000
#define REDRAW_US 100000
#define BAR_WIDTH 40
#define WHAT_WIDTH 28

/* The step that is being shown; there is one at a time. */
static struct {
	bool is_running;
	bool is_drawn;
	char what[WHAT_WIDTH + 1];
	u64 started_us, drawn_us;
	struct term_block block;
	u8 cells[2][TERM_COLUMNS];
} progress;

/*
 * done / total in percent, for any total but 0, without 64-bit division: the low bits of large numbers do not matter.
 */
static u32 percent_of(u64 done, u64 total)
{
	if (done >= total)
		return 100;
	while (total >= 1u << 24) {
		total >>= 1;
		done >>= 1;
	}
	return (u32)done * 100 / (u32)total;
}

static void draw(u32 percent)
{
	char bar[BAR_WIDTH + 1], line[TERM_COLUMNS + 1];
	u32 full = percent * BAR_WIDTH / 100;

	for (u32 i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < full ? '#' : ' ';
	bar[BAR_WIDTH] = '\0';
	if (!progress.is_drawn)
		term_block_begin(&progress.block, progress.cells, 1);
	progress.is_drawn = true;
	fmt_snprintf(line, sizeof(line), "%s  [%s] %u %%", progress.what, bar, percent);
	term_block_wipe(&progress.block);
	term_block_put(&progress.block, 0, 0, TERM_COLUMNS, line, 0);
	term_block_show(&progress.block, 0, 0);
}

static void end_line(void)
{
	if (progress.is_drawn)
		term_block_end(&progress.block);
	progress.is_drawn = false;
}

static void start(const char *fitted, u64 now)
{
	end_line();
	memcpy(progress.what, fitted, sizeof(progress.what));
	progress.is_running = true;
	progress.started_us = now;
	progress.drawn_us = now;
}

static void finish(void)
{
	if (progress.is_drawn)
		draw(100);
	end_line();
	progress.is_running = false;
}

static bool is_due(u64 now)
{
	if (progress.is_drawn)
		return now - progress.drawn_us >= REDRAW_US;
	return now - progress.started_us >= QUIET_US;
}

void menu_progress(const struct menu *menu, const char *what, u64 done, u64 total)
{
	char fitted[WHAT_WIDTH + 1];
	u64 now = arch_time_us();

	if (menu->plain)
		return;
	term_fit(fitted, WHAT_WIDTH, what);
	if (!progress.is_running || strcmp(progress.what, fitted))
		start(fitted, now);
	if (done >= total) {
		finish();
	} else if (is_due(now)) {
		draw(percent_of(done, total));
		progress.drawn_us = now;
	}
}

void menu_log_write(const char *text, size_t size)
{
	end_line();
	console_write(text, size);
}
