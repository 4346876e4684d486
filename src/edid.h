/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A monitor's own description: EDID 1.3 and 1.4, the base block (VESA E-EDID Standard, release A2). */
#ifndef TRAPEZE_EDID_H
#define TRAPEZE_EDID_H

#include "error.h"
#include "types.h"

#define EDID_SIZE 128u
#define EDID_TEXT 20u		/* 13 characters, and what printable() needs */

struct edid {
	char maker[4];			/* three letters, as PNP gives them */
	u16 product;
	u32 serial;
	u16 year;			/* of manufacture, or of the model */
	u8 version, revision;
	u8 width_cm, height_cm;		/* 0: unknown */
	char name[EDID_TEXT];		/* "" where the monitor does not say */
	u16 width, height;		/* the preferred mode's pixels; 0: none */
	u32 pixel_khz;
	u32 refresh_hz;
	u8 extensions;			/* blocks that follow */
};

/* ERR_MAGIC, ERR_HASH (the checksum). Nothing is logged. */
enum err edid_parse(const u8 block[EDID_SIZE], struct edid *edid) MUST_CHECK;

#endif
