/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What AH says after a call that failed. Sources: IBM PS/2 and PC BIOS Interface Technical Reference (diskette, fixed disk and
 * system services); Phoenix EDD-3.0, table 2; APM BIOS Interface 1.2, appendix A.
 */
#include "bios.h"

struct text {
	u8 code;
	const char *text;
};

static const struct text disk[] = {
	{ 0x01, "invalid function or parameter" }, { 0x02, "address mark not found" }, { 0x03, "disk is write-protected" },
	{ 0x04, "sector not found" }, { 0x05, "reset failed" }, { 0x06, "disk was changed" },
	{ 0x07, "drive parameters do not fit" }, { 0x08, "DMA overrun" }, { 0x09, "transfer crosses a 64 KiB boundary" },
	{ 0x0a, "bad sector flag" }, { 0x0b, "bad track flag" }, { 0x0c, "no such track or medium" },
	{ 0x0d, "number of sectors is not valid" }, { 0x0e, "control data address mark" }, { 0x0f, "DMA arbitration level" },
	{ 0x10, "uncorrectable error in the data" }, { 0x11, "data corrected by ECC" }, { 0x20, "controller failed" },
	{ 0x31, "no medium in the drive" }, { 0x32, "wrong drive type in CMOS" }, { 0x40, "seek failed" },
	{ 0x80, "drive does not answer" }, { 0xaa, "drive is not ready" }, { 0xb0, "medium is not locked" },
	{ 0xb1, "medium is locked" }, { 0xb2, "medium cannot be removed" }, { 0xb3, "medium is in use" },
	{ 0xb4, "lock count is full" }, { 0xb5, "eject failed" }, { 0xb6, "medium is read-protected" },
	{ 0xbb, "undefined error" }, { 0xcc, "write fault" }, { 0xe0, "status register error" }, { 0xff, "sense failed" },
};

static const struct text system[] = {
	{ 0x01, "APM: power management is disabled" }, { 0x02, "APM: an interface is connected already" },
	{ 0x03, "APM: no interface is connected" }, { 0x05, "APM: the 16-bit interface is connected already" },
	{ 0x06, "APM: no 16-bit interface" }, { 0x07, "APM: the 32-bit interface is connected already" },
	{ 0x08, "APM: no 32-bit interface" }, { 0x09, "APM: no such device" }, { 0x0a, "APM: value out of range" },
	{ 0x0b, "APM: not engaged" }, { 0x0c, "APM: function not supported" }, { 0x60, "APM: state cannot be entered" },
	{ 0x80, "no such function (PC), or no event pending" }, { 0x86, "function not supported" },
};

const char *bios_error_text(u8 vector, u8 ah)
{
	const struct text *table = vector == 0x13 ? disk : system;
	u32 count = vector == 0x13 ? ARRAY_COUNT(disk) : vector == 0x15 ? ARRAY_COUNT(system) : 0;

	for (u32 i = 0; i < count; i++)
		if (table[i].code == ah)
			return table[i].text;
	return "error without a known name";
}
