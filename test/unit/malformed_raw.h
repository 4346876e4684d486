/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Images without much of a header. */
static const struct malformed malformed_raw[] = {
	{ "sector of 511 bytes", MAL_BOOTSECTOR, 511, { { 0 } },
	  "bootsector: error: vmlinuz: bytes=511, but 512 are to be loaded" },
	{ "sector of 1 byte", MAL_BOOTSECTOR, 1, { { 0 } },
	  "bootsector: error: vmlinuz: bytes=1, but 512 are to be loaded" },
	{ "no signature", MAL_BOOTSECTOR, 0, { { 510, 2, 0 } },
	  "bootsector: error: vmlinuz: no 0xaa55 at 510: a BIOS would not start it" },
	{ "signature in the wrong order", MAL_BOOTSECTOR, 0, { { 510, 2, 0x55aa } },
	  "bootsector: error: vmlinuz: no 0xaa55 at 510: a BIOS would not start it" },
	{ "signature at 508", MAL_BOOTSECTOR, 0, { { 508, 4, 0xaa55 } },
	  "bootsector: error: vmlinuz: no 0xaa55 at 510: a BIOS would not start it" },
};
