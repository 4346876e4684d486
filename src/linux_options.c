/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The words of a command line that a boot loader must honour too: boot.rst, "Special Command Line Options". */
#include <stdlib.h>
#include <string.h>

#include "bootinfo.h"
#include "linux.h"
#include "log.h"
#include "number.h"
#include "video.h"

#define VESA_FIRST 0x200		/* svga.rst: VESA modes are counted from there on */
#define VESA_LAST 0x8ff

/*
 * vga=: the 16-bit code sets that mode; where it is not run, a VESA mode is set in its stead where the configuration leaves the
 * screen to the kernel, and stays otherwise. The kernel is told what was asked for.
 */
static void ask_for_mode(struct load_request *request, const char *value, u16 number)
{
	const struct video_wish wish = { .vbe_mode = (u16)(number - VESA_FIRST) };

	if (number >= VESA_FIRST && number <= VESA_LAST)
		video_wish(request, "vga=", &wish);
	if (!video_is_chosen(request))
		log_info("linux", "vga=%s is handed over, the mode itself stays: only the kernel's 16-bit code could set it", value);
}

static void read_vga(struct load_request *request, struct linux_state *state, const char *value)
{
	static const struct {
		const char *word;
		u16 mode;
	} words[] = { { "normal", 0xffff }, { "ext", 0xfffe }, { "ask", 0xfffd } };
	const char *digits, *rest;
	u64 number;
	u32 base;

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (!strcmp(value, words[i].word)) {
			state->vid_mode = words[i].mode;
			state->has_vid_mode = true;
			return;
		}
	}
	digits = value;
	base = number_base(&digits, true);
	rest = number_digits(digits, base, 0xffff, &number);
	if (!rest || *rest) {
		log_warn("linux", "vga=%s is neither a mode number up to 0xffff nor normal, ext or ask: ignored",
			 value);
		return;
	}
	state->vid_mode = (u16)number;
	state->has_vid_mode = true;
	if (state->mode != ENTRY_REAL)
		ask_for_mode(request, value, state->vid_mode);
}

enum err linux_read_options(struct load_request *request, struct linux_state *state)
{
	size_t length = strlen(request->bootargs);
	char *value;

	if (length > state->header.cmdline_max) {
		log_err("linux", "%s: the command line has %zu characters, this kernel takes %u",
			request->kernel.blob.name, length, state->header.cmdline_max);
		return ERR_VALUE;
	}
	if ((value = cmdline_get(request->bootargs, "vga")))
		read_vga(request, state, value);
	free(value);
	if ((value = cmdline_get(request->bootargs, "quiet")))
		state->quiet = true;
	free(value);
	return ERR_OK;
}
