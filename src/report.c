/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "report.h"

#include "arch.h"
#include "log.h"
#include "registers.h"

#define REGISTERS_TEXT 192

static size_t line_length(const char *text)
{
	size_t n = 0;

	while (text[n] && text[n] != '\n')
		n++;
	return n;
}

/* The net's own lines were on the console already: they go to the ring only. */
static void keep_text(const char *text)
{
	enum log_level level = log_level();

	log_set_level(LOG_ERR);
	while (*text) {
		size_t length = line_length(text);

		if (length)
			log_info("net", "%.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
	log_set_level(level);
}

static void report_changes(const struct swing *swing)
{
	static const struct { u32 bit; const char *text; } texts[] = {
		{ SWING_CHANGED_IVT, "the BIOS's interrupt vectors; they stay changed" },
		{ SWING_CHANGED_BDA, "the BIOS data area; it stays changed" },
		{ SWING_CHANGED_PAT, "memory types in the PAT; put back" },
		{ SWING_CHANGED_MTRR, "memory types in the MTRRs; put back" },
	};

	for (u32 i = 0; i < ARRAY_COUNT(texts); i++)
		if (swing->changed & texts[i].bit)
			log_warn("call", "\"%s\" changed %s", swing->title, texts[i].text);
}

void report_outcome(const struct swing *swing)
{
	char text[REGISTERS_TEXT];

	keep_text(swing->text);
	switch (swing->outcome) {
	case SWING_RETURNED:
		if (swing->resident) {
			log_info("call", "\"%s\" came back us=%llu", swing->title, swing->call_us);
			break;
		}
		log_info("call", "\"%s\" returned result=0x%llx us=%llu swap-us=%llu check-us=%llu", swing->title, swing->result,
			 swing->call_us, swing->swap_us, swing->check_us);
		if (swing->left.mode == ENTRY_REAL)
			log_info("call", "registers %s", registers_format(text, sizeof(text), &swing->left));
		break;
	case SWING_WATCHDOG:
		log_err("call", "\"%s\" ended by the watchdog after %u ms", swing->title, swing->watchdog_ms);
		break;
	case SWING_ABORT:
		log_err("call", "\"%s\" ended by Ctrl-C", swing->title);
		break;
	case SWING_CHECKSUM:
		log_err("call", "\"%s\" was not entered: its pages did not arrive as prepared", swing->title);
		break;
	default:
		log_err("call", "\"%s\" ended by an exception", swing->title);
		break;
	}
	if (swing->outcome == SWING_RETURNED && swing->reentry)
		log_info("call", "it sleeps and can be resumed entry=0x%llx", swing->reentry);
	report_changes(swing);
	if (swing->resident)
		log_info("call", "state restored, back in the menu");
	else
		log_info("call", "swapped back pages=%llu, state restored, back in the menu", swing->swapped_pages);
	if (arch_self_changed())
		log_err("call", "\"%s\" wrote over Trapeze's own code: nothing that follows can be trusted, reboot", swing->title);
}
