/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "edid.h"

#include <string.h>

#include "printable.h"

/* Offsets in the base block (3.1 to 3.10 of the standard). */
enum {
	AT_MAKER = 8, AT_PRODUCT = 10, AT_SERIAL = 12, AT_YEAR = 17, AT_VERSION = 18, AT_SIZE = 21, AT_DESCRIPTORS = 54,
	AT_EXTENSIONS = 126, DESCRIPTOR_SIZE = 18, DESCRIPTORS = 4, DESCRIPTOR_NAME = 0xfc
};
#define YEAR_ZERO 1990

static void read_maker(struct edid *edid, u16 packed)
{
	for (u32 i = 0; i < 3; i++) {
		u8 letter = packed >> (5 * (2 - i)) & 31;

		edid->maker[i] = letter >= 1 && letter <= 26 ? (char)('A' + letter - 1) : '?';
	}
}

/* A detailed timing: pixels and blanking, the low bytes first and what is above 8 bits in one byte of two halves. */
static void read_timing(struct edid *edid, const u8 *d)
{
	u32 h_total, v_total;

	edid->width = (u16)(d[2] | (d[4] & 0xf0) << 4);
	edid->height = (u16)(d[5] | (d[7] & 0xf0) << 4);
	edid->pixel_khz = (d[0] | (u32)d[1] << 8) * 10;
	h_total = edid->width + (d[3] | (d[4] & 0x0fu) << 8);
	v_total = edid->height + (d[6] | (d[7] & 0x0fu) << 8);
	if (h_total && v_total)
		edid->refresh_hz = (edid->pixel_khz * 1000u + h_total * v_total / 2) / (h_total * v_total);
}

static void read_name(struct edid *edid, const u8 *d)
{
	u32 length = 0;

	while (length < DESCRIPTOR_SIZE - 5 && d[5 + length] != '\n')
		length++;
	printable(edid->name, sizeof(edid->name), (const char *)d + 5, length);
}

enum err edid_parse(const u8 block[EDID_SIZE], struct edid *edid)
{
	static const u8 magic[] = { 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0 };
	u8 sum = 0;

	*edid = (struct edid){ 0 };
	if (memcmp(block, magic, sizeof(magic)))
		return ERR_MAGIC;
	for (u32 i = 0; i < EDID_SIZE; i++)
		sum = (u8)(sum + block[i]);
	if (sum)
		return ERR_HASH;
	read_maker(edid, (u16)(block[AT_MAKER] << 8 | block[AT_MAKER + 1]));
	edid->product = (u16)(block[AT_PRODUCT] | block[AT_PRODUCT + 1] << 8);
	memcpy(&edid->serial, block + AT_SERIAL, sizeof(edid->serial));
	edid->year = (u16)(YEAR_ZERO + block[AT_YEAR]);
	edid->version = block[AT_VERSION];
	edid->revision = block[AT_VERSION + 1];
	edid->width_cm = block[AT_SIZE];
	edid->height_cm = block[AT_SIZE + 1];
	edid->extensions = block[AT_EXTENSIONS];
	for (u32 i = 0; i < DESCRIPTORS; i++) {
		const u8 *d = block + AT_DESCRIPTORS + i * DESCRIPTOR_SIZE;

		/* A descriptor with a pixel clock is a timing, the first one the preferred. */
		if (!i && (d[0] || d[1]))
			read_timing(edid, d);
		else if (!d[0] && !d[1] && d[3] == DESCRIPTOR_NAME)
			read_name(edid, d);
	}
	return ERR_OK;
}
