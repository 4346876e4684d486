/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Structures that a BIOS leaves at any 16th byte of its ROM, with a signature and a sum of zero. */
#ifndef TRAPEZE_BIOS_SCAN_H
#define TRAPEZE_BIOS_SCAN_H

#include "types.h"

#define BIOS_SCAN_START 0xf0000u	/* BIOS32, PnP and SMBIOS: 0xf0000 to 0xfffff */
#define BIOS_SCAN_END 0x100000u

struct bios_found {
	paddr_t paddr;
	const u8 *bytes;
	u32 size;
};

/*
 * The first structure of that signature whose `size_at`th byte (times `unit`) is its size, at least `min`, and whose bytes sum to
 * zero. False: none.
 */
bool bios_scan(const char *signature, u32 size_at, u32 unit, u32 min, struct bios_found *found);

/* The BIOS32 Service Directory (Standard BIOS 32-bit Service Directory Proposal 0.4): where its 32-bit entry is; 0: none. */
u32 bios32_directory(void);
/* The entry of a service, "$PCI"; 0, not logged: not there. */
u32 bios32_find_service(u32 directory, const char *service);

/* Plug and Play BIOS 1.0A, 4.4: the installation check's structure. */
struct pnp_bios {
	paddr_t paddr;
	u8 version;			/* 0x10 */
	u16 control;
	u16 real_segment, real_offset, data_segment;	/* the 16-bit entry, and the value of its last argument */
};
bool pnp_find(struct pnp_bios *pnp);

#endif
