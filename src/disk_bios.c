/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "disk_bios.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "bios.h"
#include "cursor.h"
#include "disk.h"
#include "fmt.h"
#include "log.h"

#define DISK_INT 0x13
#define BUFFER_SIZE KIB(64)		/* a segment */
#define BUFFER_SMALL KIB(4)
#define SECTORS_MAX 127u		/* of one call (EDD 3.0, 3.2: more is up to the BIOS) */
#define PACKET_SIZE 16
#define PARAMETERS_SIZE 30
#define FIRST_DISK 0x80
#define FIRST_CD 0xe0			/* where BIOSes that can boot from CD have them; 0xe0 to 0xef */
#define CD_MAX 16
#define NO_DRIVE 0x100

enum {
	RESET = 0x00, READ_CHS = 0x02, GET_CHS = 0x08, CHECK_EXTENSIONS = 0x41, READ_EXTENDED = 0x42, GET_EXTENDED = 0x48
};

struct drive {
	struct drive *next;
	struct disk disk;
	u8 number;
	u16 heads, track_sectors;	/* without extensions */
};

/* In conventional memory, for all drives. Taken with the first drive, kept. */
static struct {
	paddr_t data, packet;
	u32 size;
} buffer;

static struct drive *drives;

static enum err take_buffers(void)
{
	enum err err = ERR_OK;

	if (buffer.size)
		return ERR_OK;
	buffer.size = BUFFER_SIZE;
	if (bios_buffer(BUFFER_SIZE, &buffer.data)) {
		buffer.size = BUFFER_SMALL;
		err = bios_buffer(BUFFER_SMALL, &buffer.data);
	}
	if (!err)
		err = bios_buffer(PAGE_SIZE, &buffer.packet);
	if (err)
		buffer.size = 0;
	return err;
}

/* False when the BIOS says so, too: AH then is its reason. */
static bool call(u8 function, u8 number, struct bios_regs *regs)
{
	regs->eax = (regs->eax & 0xff) | (u32)function << 8;
	regs->edx = (regs->edx & 0xff00) | number;
	return !bios_int(DISK_INT, regs) && !bios_carry(regs);
}

/* EDD 3.0, 3.2, table 1: size, 0, sectors, offset and segment, LBA. */
static bool read_extended(const struct drive *drive, u64 lba, u32 count, struct bios_regs *regs)
{
	struct { u8 size, zero; u16 count, offset, segment; u64 lba; } PACKED packet = {
		PACKET_SIZE, 0, (u16)count, bios_offset(buffer.data), bios_segment(buffer.data), lba
	};

	memcpy(arch_phys(buffer.packet, sizeof(packet)), &packet, sizeof(packet));
	*regs = (struct bios_regs){ .esi = bios_offset(buffer.packet), .ds = bios_segment(buffer.packet) };
	return call(READ_EXTENDED, drive->number, regs);
}

/* Within one track: not every BIOS goes on to the next head. */
static bool read_track(const struct drive *drive, u32 lba, u32 count, u32 at, struct bios_regs *regs)
{
	u32 track = lba / drive->track_sectors, sector = lba % drive->track_sectors + 1, cylinder = track / drive->heads;
	paddr_t to = buffer.data + at;

	*regs = (struct bios_regs){
		.eax = count, .ebx = bios_offset(to), .es = bios_segment(to),
		.ecx = (cylinder & 0xff) << 8 | (cylinder >> 8 & 3) << 6 | sector, .edx = track % drive->heads << 8,
	};
	return call(READ_CHS, drive->number, regs);
}

static bool read_chs(const struct drive *drive, u64 lba, u32 count, struct bios_regs *regs)
{
	bool is_read = true;

	for (u32 at = 0, step; at < count && is_read; at += step) {
		u32 sector = (u32)lba + at;

		step = (u32)min_u64(count - at, drive->track_sectors - sector % drive->track_sectors);
		is_read = read_track(drive, sector, step, at << drive->disk.sector_shift, regs);
	}
	return is_read;
}

static bool read_sectors(const struct drive *drive, u64 lba, u32 count, struct bios_regs *regs)
{
	return drive->heads ? read_chs(drive, lba, count, regs) : read_extended(drive, lba, count, regs);
}

static enum err transfer(struct disk *disk, u64 lba, u32 count, void *to)
{
	struct drive *drive = disk->ctx;
	size_t size = (size_t)count << disk->sector_shift;
	struct bios_regs regs;

	if (read_sectors(drive, lba, count, &regs)) {
		memcpy(to, arch_phys(buffer.data, size), size);
		return ERR_OK;
	}
	disk->status = bios_ah(&regs);
	disk->why = bios_error_text(DISK_INT, bios_ah(&regs));
	return ERR_DEVICE;
}

static void reset(struct disk *disk)
{
	struct drive *drive = disk->ctx;
	struct bios_regs regs = { 0 };

	(void)call(RESET, drive->number, &regs);
}

/* EDD 3.0, 3.1: bit 0 of CX says that reading and parameters are there. */
static bool has_extensions(u8 number)
{
	struct bios_regs regs = { .ebx = 0x55aa };

	return call(CHECK_EXTENSIONS, number, &regs) && (regs.ebx & 0xffff) == 0xaa55 && regs.ecx & 1;
}

/*
 * EDD 3.0, 3.5, table 2. A drive for CDs can leave out how many sectors there are: the medium is asked for none behind
 * its end.
 */
static bool get_extended(struct drive *drive)
{
	struct bios_regs regs = { .esi = bios_offset(buffer.packet), .ds = bios_segment(buffer.packet) };
	u8 *parameters = arch_phys(buffer.packet, PARAMETERS_SIZE);
	struct cursor c;
	u32 sector_size;

	memset(parameters, 0, PARAMETERS_SIZE);
	parameters[0] = PARAMETERS_SIZE;
	if (!call(GET_EXTENDED, drive->number, &regs))
		return false;
	cursor_init(&c, parameters, PARAMETERS_SIZE);
	cursor_seek(&c, 16);
	drive->disk.sectors = cursor_u64(&c);
	sector_size = cursor_u16(&c);
	if (!is_power_of_two(sector_size) || sector_size < 512 || sector_size > 4096)
		return false;
	drive->disk.sector_shift = (u8)__builtin_ctz(sector_size);
	if (!drive->disk.sectors || drive->disk.sectors >> 48)
		drive->disk.sectors = 1ull << 32;
	return true;
}

/* ES:DI leads to a table for floppy disks; DH and CX hold the highest head, cylinder and sector. */
static bool get_chs(struct drive *drive)
{
	struct bios_regs regs = { 0 };
	u32 cylinders;

	if (!call(GET_CHS, drive->number, &regs) || !(regs.ecx & 63))
		return false;
	cylinders = ((regs.ecx >> 8 & 0xff) | (regs.ecx & 0xc0) << 2) + 1;
	drive->heads = (u16)((regs.edx >> 8 & 0xff) + 1);
	drive->track_sectors = regs.ecx & 63;
	drive->disk.sector_shift = 9;
	drive->disk.sectors = (u64)cylinders * drive->heads * drive->track_sectors;
	return true;
}

static bool get_parameters(struct drive *drive)
{
	return (has_extensions(drive->number) && get_extended(drive)) || get_chs(drive);
}

/* A drive without a medium is nothing to complain of. The first call after a change of the medium only tells of that. */
static bool has_medium(struct drive *drive)
{
	/* The first sectors of a CD need not hold anything (ECMA-119, 6.2.1). */
	u64 first = drive->disk.sector_shift == 11 ? 16 : 0;
	struct bios_regs regs;
	u32 attempts = 0;

	while (!read_sectors(drive, first, 1, &regs)) {
		if (++attempts == DISK_ATTEMPTS) {
			log_info("media", "%s: no medium, or it cannot be read: %s status=0x%x", drive->disk.name,
				 bios_error_text(DISK_INT, bios_ah(&regs)), bios_ah(&regs));
			return false;
		}
		reset(&drive->disk);
	}
	return true;
}

static void set_name(struct drive *drive)
{
	const char *kind = drive->number < FIRST_DISK ? "floppy" : drive->disk.sector_shift == 11 ? "cd" : "disk";

	fmt_snprintf(drive->disk.name, sizeof(drive->disk.name), "%s 0x%x", kind, drive->number);
}

static struct drive *open_drive(u8 number)
{
	struct drive *drive = calloc(1, sizeof(*drive));

	if (!drive) {
		log_err("media", "heap is full bytes=%zu", sizeof(*drive));
		return NULL;
	}
	drive->number = number;
	if (!get_parameters(drive)) {
		log_warn("media", "drive 0x%x: the BIOS does not tell its size", number);
		free(drive);
		return NULL;
	}
	set_name(drive);
	drive->next = drives;
	drives = drive;
	drive->disk.transfer_limit = (u32)min_u64(SECTORS_MAX, buffer.size >> drive->disk.sector_shift);
	drive->disk.transfer = transfer;
	drive->disk.reset = reset;
	drive->disk.ctx = drive;
	log_debug("media", "%s: sectors=%llu sector_size=%u %s=%u", drive->disk.name, drive->disk.sectors,
		  disk_sector_size(&drive->disk), drive->heads ? "heads" : "sectors_per_call",
		  drive->heads ? drive->heads : drive->disk.transfer_limit);
	return drive;
}

struct disk *disk_bios_drive(u8 number)
{
	struct drive *drive = drives;

	while (drive && drive->number != number)
		drive = drive->next;
	if (!drive && !take_buffers())
		drive = open_drive(number);
	return drive ? &drive->disk : NULL;
}

static void add_drive(struct media *media, u8 number, bool is_boot_drive)
{
	struct drive *drive = open_drive(number);

	if (drive && has_medium(drive))
		media_add_disk(media, &drive->disk, is_boot_drive);
}

/* DL: how many disks there are, numbered from 0x80 on. */
static u32 count_disks(void)
{
	struct bios_regs regs = { 0 };

	return call(GET_CHS, FIRST_DISK, &regs) ? regs.edx & 0x7f : 0;
}

void disk_bios_open(struct media *media, void *ctx)
{
	const struct bootinfo *info = ctx;
	u32 boot_drive = info->has_boot_device ? info->boot_device & 0xff : NO_DRIVE, disks;

	if (take_buffers())
		return;
	if (info->has_boot_device)
		add_drive(media, (u8)boot_drive, true);
	else
		log_info("media",
			 "the boot loader does not tell the boot drive: volumes with the label " MEDIA_LABEL " are searched");
	disks = count_disks();
	for (u32 number = FIRST_DISK; number < FIRST_DISK + disks; number++)
		if (number != boot_drive && number < FIRST_CD)
			add_drive(media, (u8)number, false);
	for (u32 number = FIRST_CD; number < FIRST_CD + CD_MAX; number++)
		if (number != boot_drive && has_extensions((u8)number))
			add_drive(media, (u8)number, false);
}
