/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The disks of the BIOS, by INT 13h: its extensions (Enhanced Disk Drive Specification 3.0) where a drive has them,
 * else cylinders, heads and sectors.
 */
#ifndef TRAPEZE_DISK_BIOS_H
#define TRAPEZE_DISK_BIOS_H

#include "bootinfo.h"
#include "media.h"

/* struct media's open; ctx is the struct bootinfo, which knows the drive that GRUB was loaded from. It comes first. */
void disk_bios_open(struct media *media, void *ctx);
/* A drive by the BIOS's number, opened once and kept; NULL, which is logged: it is not there. There must be a BIOS. */
struct disk *disk_bios_drive(u8 number);

#endif
