/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Any bytes as a disk or a CD that a boot sector is read from: refused, or read whole; an entry of the partition table lies in its
 * sector, and what was taken is given back.
 *
 * Input: a byte for the kind of disk and the sectors wanted, one for the partition; then the disk.
 */
#include <stdlib.h>
#include <string.h>

#include "boot_disk.h"
#include "fake.h"

#define CONTROLS 2
#define RAM MIB(4)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const u8 *bytes;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static enum err transfer(struct disk *disk, u64 lba, u32 count, void *buffer)
{
	require(lba < disk->sectors && count <= disk->sectors - lba);
	memcpy(buffer, bytes + (lba << disk->sector_shift), (size_t)count << disk->sector_shift);
	return ERR_OK;
}

static void check(struct memory *memory, const struct boot_disk *b, paddr_t data, u64 size)
{
	require(size && size <= RAM && arch_phys(data, size));
	require(!b->table == !b->partition || b->is_cd);
	memory_release(memory, data);
	if (!b->table)
		return;
	require(b->entry_at + BOOT_DISK_ENTRY_SIZE <= BOOT_DISK_SECTOR);
	memory_release(memory, b->table);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct disk disk = { .name = "disk", .transfer_limit = 3, .transfer = transfer };
	struct boot_disk want = { 0 };
	struct memory memory;
	paddr_t start;
	u64 length;

	if (size < CONTROLS)
		return 0;
	fake_ram_init(RAM);
	log_set_level(LOG_ERR);
	memory_init(&memory);
	require(!memmap_add(&memory.map, MIB(1), RAM - MIB(1), MEM_USABLE));
	want = (struct boot_disk){
		.memory = &memory, .is_cd = data[0] & 1, .sectors = data[0] >> 2, .partition = data[0] & 1 ? 0 : data[1],
	};
	disk.sector_shift = data[0] & 3 ? 11 : 9;
	bytes = data + CONTROLS;
	disk.sectors = (size - CONTROLS) >> disk.sector_shift;
	if (!boot_disk_read(&want, &disk, "sector", &start, &length))
		check(&memory, &want, start, length);
	require(!memory.claim_count);
	memory_free(&memory);
	fake_ram_free();
	return 0;
}
