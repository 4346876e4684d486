/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The video BIOS: modes and linear framebuffers. VESA BIOS Extension (VBE) Core Functions Standard 3.0; functions are called
 * with a buffer of at least VBE_BUFFER bytes below 640 KiB.
 */
#ifndef TRAPEZE_VBE_H
#define TRAPEZE_VBE_H

#include "bootinfo.h"
#include "error.h"
#include "types.h"

#define VBE_BUFFER 512u
#define VBE_MODES_MAX 256u

struct vbe_info {
	u16 version;			/* 0x0300 */
	u32 memory_kib;
	char oem[64];
	u16 modes[VBE_MODES_MAX];
	u32 mode_count;
};

struct vbe_mode {
	u16 number;
	bool is_usable;			/* the hardware can do it, it is graphics, and its framebuffer is linear */
	struct boot_framebuffer framebuffer;
};

/* ERR_DEVICE, not logged: the video BIOS has no VBE. */
enum err vbe_get_info(paddr_t buffer, struct vbe_info *info) MUST_CHECK;
/* A mode's properties as they are in *mode; the block itself is in the buffer then. False: there is no such mode. */
bool vbe_get_mode(paddr_t buffer, u16 version, u16 number, struct vbe_mode *mode);
/* The mode that is set, as the BIOS counts; 0xffff: it does not say. */
u16 vbe_current(void);
/* Set a mode with its linear framebuffer. */
bool vbe_set(u16 number);
/* Set what vbe_current() said; 0xffff: text. */
bool vbe_set_as_was(u16 number);
/* The monitor's EDID base block into the buffer. */
bool vbe_read_edid(paddr_t buffer);

#endif
