/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Disks: geometry (IBM PS/2 and PC BIOS Technical Reference, int 13h) and what EDD-3.0 knows of them. */
#include "bios_private.h"
#include "fmt.h"
#include "log.h"
#include "machine.h"
#include "printable.h"

#include <string.h>

#define FIRST_FLOPPY 0x00
#define FIRST_DISK 0x80
#define FIRST_CD 0xe0			/* where BIOSes begin with what El Torito booted from */
#define CDS 0x10
#define BDA_EQUIPMENT 0x410
#define BDA_DISK_COUNT 0x475
#define EDD_MAGIC_IN 0x55aa
#define EDD_MAGIC_OUT 0xaa55
#define EDD_SIZE 74			/* EDD-3.0, table 8, with the device path */
#define EDD_DEVICE_PATH 0xbedd
#define EDD_UNKNOWN (~0ull)		/* sectors of a removable medium */

static void geometry(const struct bios_scene *scene, u8 drive)
{
	struct bios_regs regs = { .eax = 0x0800, .edx = drive };
	u32 cylinders, heads, sectors;

	if (!bios_ask(scene, 0x13, &regs))
		return;
	cylinders = ((regs.ecx >> 8 & 0xff) | (regs.ecx & 0xc0) << 2) + 1;
	heads = (regs.edx >> 8 & 0xff) + 1;
	sectors = regs.ecx & 0x3f;
	log_info("bios", "disks: drive=0x%02x cylinders=%u heads=%u sectors=%u", drive, cylinders, heads, sectors);
}

/* The bus and the interface by name, where the parameters say them. */
static void log_path(u8 drive, const u8 *b)
{
	char bus[12], interface[16];

	if (le16(b) < 66 || le16(b + 30) != EDD_DEVICE_PATH)
		return;
	printable(bus, sizeof(bus), (const char *)b + 36, 4);
	printable(interface, sizeof(interface), (const char *)b + 40, 8);
	log_info("bios", "disks: drive=0x%02x bus=\"%s\" interface=\"%s\"", drive, bus, interface);
}

static void parameters(const struct bios_scene *scene, u8 drive)
{
	struct bios_regs regs = { .eax = 0x4100, .ebx = EDD_MAGIC_IN, .edx = drive };
	u8 *b = scene->bytes;
	char sectors[24];
	u8 version;
	u16 support;

	if (!bios_ask(scene, 0x13, &regs) || (regs.ebx & 0xffff) != EDD_MAGIC_OUT)
		return;
	version = bios_ah(&regs);
	support = (u16)regs.ecx;
	memset(b, 0, EDD_SIZE);
	b[0] = EDD_SIZE;
	regs = (struct bios_regs){ .eax = 0x4800, .edx = drive, .ds = bios_segment(scene->buffer), .esi = bios_offset(scene->buffer) };
	if (!bios_ask(scene, 0x13, &regs))
		return;
	fmt_snprintf(sectors, sizeof(sectors), "%llu", le64(b + 16));
	log_info("bios", "disks: drive=0x%02x edd=0x%02x support=0x%x sectors=%s bytes_per_sector=%u flags=0x%x", drive,
		 version, support, le64(b + 16) == EDD_UNKNOWN ? "unknown" : sectors, le16(b + 24), le16(b + 2));
	log_path(drive, b);
}

/* CDs have no geometry and are in no count: those that answer. */
static void cds(const struct bios_scene *scene)
{
	for (u32 drive = FIRST_CD; drive < FIRST_CD + CDS; drive++) {
		struct bios_regs regs = { .eax = 0x4100, .ebx = EDD_MAGIC_IN, .edx = drive };

		if (bios_try(scene, 0x13, &regs) && (regs.ebx & 0xffff) == EDD_MAGIC_OUT)
			parameters(scene, (u8)drive);
	}
}

enum err bios_disks(const struct bios_scene *scene)
{
	u8 equipment = 0, disks = 0;
	u32 floppies;

	if (!bios_low_read(BDA_EQUIPMENT, &equipment, 1) || !bios_low_read(BDA_DISK_COUNT, &disks, 1))
		return ERR_VALUE;
	/* Bit 0: there are any; bits 6 and 7: their number less one. */
	floppies = equipment & 1 ? (equipment >> 6) + 1u : 0;
	log_info("bios", "disks: floppies=%u disks=%u boot_device=0x%02x", floppies, disks, scene->machine->info.boot_device);
	for (u32 i = 0; i < floppies; i++)
		geometry(scene, (u8)(FIRST_FLOPPY + i));
	for (u32 i = 0; i < disks && i < FIRST_CD - FIRST_DISK; i++) {
		geometry(scene, (u8)(FIRST_DISK + i));
		parameters(scene, (u8)(FIRST_DISK + i));
	}
	cds(scene);
	return ERR_OK;
}
