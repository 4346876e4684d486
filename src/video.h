/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The screen that a kernel gets, where the configuration says so (trapeze,video-mode): a VBE mode is chosen while everything may still
 * fail, handed over in place of what the boot loader left, and set just before the swing. Without a BIOS the boot loader's stays.
 */
#ifndef TRAPEZE_VIDEO_H
#define TRAPEZE_VIDEO_H

#include "error.h"
#include "types.h"

struct load_request;

/* What is asked for; zero: no preference. */
struct video_wish {
	u32 width, height, depth;
	u16 vbe_mode;			/* wins over the rest */
};

/* "1024x768", "1024x768x32"; false: neither. */
bool video_parse(const char *text, struct video_wish *wish);

/*
 * Before the loader's plan: what the configuration asks for. From then on request->info has the chosen screen. An error (logged) where
 * the BIOS has no such mode.
 */
enum err video_plan(struct load_request *request) MUST_CHECK;
/* The loader found out what the kernel asks for: only followed where the configuration says "kernel". `who` is for the log. */
void video_wish(struct load_request *request, const char *who, const struct video_wish *wish);
/* Is a mode chosen that will be set? */
bool video_is_chosen(const struct load_request *request);
/* Set it: the last that may fail. */
enum err video_set(const struct load_request *request) MUST_CHECK;
/* After a called image: the mode that was there before. */
void video_restore(const struct load_request *request);
void video_release(struct load_request *request);

#endif
