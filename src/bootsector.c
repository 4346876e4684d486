/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Boot sectors of disks and partitions, and the images of CDs that are booted without emulation (El Torito): entered
 * for good in real mode, in the world that the BIOS made. docs/formats.md says what they find there.
 */
#include <string.h>

#include "arch.h"
#include "bios.h"
#include "boot_disk.h"
#include "cursor.h"
#include "fmt.h"
#include "loader.h"
#include "log.h"
#include "record.h"
#include "registers.h"

#define SECTOR_SIZE 512u
#define LOAD_ADDRESS 0x7c00u
#define SIGNATURE_AT 510
#define SIGNATURE 0xaa55
/* El Torito 1.0, figure 4: sectors of 512 bytes, "usually 4". */
#define ELTORITO_SECTORS 4
#define FIRST_DISK 0x80
#define FLAGS_AT_ENTRY 0x202		/* interrupts on, and the bit that is always set */
/*
 * Where the partition table goes, and DS:SI into it: out of the stack's way. 0x600, its usual place, is in the BIOS's
 * own page.
 */
#define TABLE_AT 0x6000u
#define RETURN_ADDRESS_SIZE 4		/* the swing pushes one, whoever it enters */

static bool is_eltorito(const struct load_request *request)
{
	const struct manifest_image *image = request->kernel.image;

	return image && (!strcmp(image->os, "eltorito") || !strcmp(image->type, "eltorito"));
}

static bool has_signature(const struct blob *blob)
{
	struct cursor c;

	cursor_init(&c, blob->data, blob->size);
	cursor_seek(&c, SIGNATURE_AT);
	return cursor_u16(&c) == SIGNATURE;
}

/* By its bytes alone only what can be nothing else. */
static enum err bootsector_probe(const struct load_request *request, const char **reason)
{
	const struct manifest_image *image = request->kernel.image;
	bool is_named = image && (!strcmp(image->os, "bootsector") || !strcmp(image->type, "bootsector"));

	if (is_named || (request->kernel.blob.size == SECTOR_SIZE && has_signature(&request->kernel.blob)))
		return ERR_OK;
	*reason = "not 512 bytes with 0xaa55 at 510";
	return ERR_FORMAT;
}

static enum err eltorito_probe(const struct load_request *request, const char **reason)
{
	*reason = "a CD's boot image is known by os = \"eltorito\" alone";
	return is_eltorito(request) ? ERR_OK : ERR_FORMAT;
}

static paddr_t load_address(const struct load_request *request)
{
	const struct manifest_image *image = request->kernel.image;
	const struct boot_disk *disk = boot_disk_of(&request->kernel.blob);

	if (image && image->has_load && image->load)
		return image->load;
	return disk && disk->load ? disk->load : LOAD_ADDRESS;
}

/* Bytes that are loaded: whole sectors, and of a CD's image no more than there is. */
static u64 load_size(const struct load_request *request)
{
	const struct manifest_image *image = request->kernel.image;
	u32 sectors = image && image->sectors ? image->sectors : is_eltorito(request) ? ELTORITO_SECTORS : 1;
	u64 size = (u64)sectors * SECTOR_SIZE;

	/* What was read from a disk is what was asked for. */
	if (boot_disk_of(&request->kernel.blob))
		return request->kernel.blob.size;
	return is_eltorito(request) && !(image && image->sectors) ? min_u64(size, request->kernel.blob.size) : size;
}

static enum err check_world(const struct load_request *request)
{
	const char *name = request->kernel.blob.name, *why = "";

	if (!bios_present(&why)) {
		log_err("bootsector", "%s: needs a BIOS: %s", name, why);
		return ERR_UNSUPPORTED;
	}
	if (request->config->has_mode && request->config->mode != ENTRY_REAL) {
		log_err("bootsector", "%s: trapeze,mode=%s: boot sectors are entered in real mode", name,
			plan_mode_name(request->config->mode));
		return ERR_UNSUPPORTED;
	}
	if (!arch_can_enter(ENTRY_REAL, &why)) {
		log_err("bootsector", "%s: %s", name, why);
		return ERR_PROCESSOR;
	}
	if (request->ramdisk_count || request->module_count || *request->bootargs)
		log_info("bootsector", "%s: a boot sector gets no ramdisk, module or command line", name);
	return ERR_OK;
}

static enum err check_bytes(const struct load_request *request)
{
	const struct blob *blob = &request->kernel.blob;
	u64 size = load_size(request);

	if (!blob->size || size > blob->size) {
		log_err("bootsector", "%s: bytes=%llu, but %llu are to be loaded", blob->name, blob->size,
			max_u64(size, 1));
		return ERR_TRUNCATED;
	}
	if (!is_eltorito(request) && !has_signature(blob)) {
		log_err("bootsector", "%s: no 0xaa55 at %u: a BIOS would not start it", blob->name, SIGNATURE_AT);
		return ERR_MAGIC;
	}
	return ERR_OK;
}

/* 0000:ADDRESS for a boot sector, SEGMENT:0000 for a CD's image (El Torito 1.0, 2.5). */
static enum err check_address(const struct load_request *request)
{
	paddr_t load = load_address(request), max = is_eltorito(request) ? BIOS_LOW_END : 0x10000;
	u64 size = load_size(request);

	if (load >= PAGE_SIZE && load < max && size <= BIOS_LOW_END - load && !(is_eltorito(request) && load & 15))
		return ERR_OK;
	log_err("bootsector", "%s: load=0x%llx bytes=%llu: wanted from 0x%x to below 0x%llx%s, with its end up to 0x%x",
		request->kernel.blob.name, load, size, PAGE_SIZE, max, is_eltorito(request) ? ", a multiple of 16" : "",
		BIOS_LOW_END);
	return ERR_VALUE;
}

static enum err add_segment(struct load_request *request, const char *name, paddr_t source, u64 size, paddr_t dest)
{
	const struct plan_segment segment = {
		.name = name, .source = source, .file_size = size, .mem_size = size, .where = PLAN_FIXED, .dest = dest,
		.max = BIOS_LOW_END, .align = 1,
	};

	return plan_add(request->plan, &segment, NULL);
}

static u8 drive_number(const struct load_request *request)
{
	const struct bootinfo *info = request->info;

	if (request->config->has_drive)
		return (u8)request->config->drive;
	if (boot_disk_of(&request->kernel.blob))
		return boot_disk_of(&request->kernel.blob)->drive;
	return info->has_boot_device ? (u8)info->boot_device : FIRST_DISK;
}

static enum err set_entry(struct load_request *request)
{
	struct entry_state *entry = &request->plan->entry;
	paddr_t load = load_address(request);

	*entry = (struct entry_state){
		.mode = ENTRY_REAL, .cs = is_eltorito(request) ? (u16)(load >> 4) : 0, .dx = drive_number(request),
		.sp = LOAD_ADDRESS, .flags = FLAGS_AT_ENTRY,
	};
	entry->ip = load - ((paddr_t)entry->cs << 4);
	if (!request->config->registers)
		return ERR_OK;
	return registers_parse(request->config->name, request->config->registers, entry);
}

/* A partition's boot sector finds its entry of the partition table at DS:SI. */
static enum err add_table(struct load_request *request)
{
	const struct boot_disk *disk = boot_disk_of(&request->kernel.blob);
	enum err err;

	if (!disk || !disk->partition)
		return ERR_OK;
	err = add_segment(request, "partition table", disk->table, SECTOR_SIZE, TABLE_AT);
	request->plan->entry.si = TABLE_AT + disk->entry_at;
	return err;
}

static enum err bootsector_plan(struct load_request *request)
{
	const struct blob *blob = &request->kernel.blob;
	enum err err = check_world(request);

	if (!err)
		err = check_bytes(request);
	if (!err)
		err = check_address(request);
	if (!err)
		err = add_segment(request, blob->name, blob->paddr, load_size(request), load_address(request));
	if (!err)
		err = set_entry(request);
	return err ? err : add_table(request);
}

static enum err bootsector_finish(struct load_request *request)
{
	(void)request;
	return ERR_OK;
}

static void record_entry(const struct boot_disk *disk, char *text, size_t size)
{
	const u8 *entry = arch_phys(disk->table + disk->entry_at, BOOT_DISK_ENTRY_SIZE);
	size_t used = fmt_snprintf(text, size, "partition:");

	for (u32 i = 0; i < BOOT_DISK_ENTRY_SIZE; i++)
		used += fmt_snprintf(text + used, size - used, " %02x", entry[i]);
}

static void bootsector_record(const struct load_request *request, const struct record *to)
{
	const struct boot_disk *disk = boot_disk_of(&request->kernel.blob);
	const struct entry_state *e = &request->plan->entry;
	char text[200];

	record_line(to, "real: cs=0x%x ip=0x%llx ss=0x%x sp=0x%llx", e->cs, e->ip, e->ss,
		    e->sp - RETURN_ADDRESS_SIZE);
	record_line(to, "regs: %s", registers_format(text, sizeof(text), e));
	if (disk && disk->partition) {
		record_entry(disk, text, sizeof(text));
		record_line(to, "%s", text);
	}
	record_line(to, "end");
}

static void bootsector_describe(const struct load_request *request, char *buf, size_t size)
{
	fmt_snprintf(buf, size, "%s, %llu bytes at 0x%llx, drive 0x%x",
		     is_eltorito(request) ? "El Torito boot image" : "boot sector", load_size(request),
			     load_address(request), drive_number(request));
}

static void bootsector_release(struct load_request *request)
{
	(void)request;
}

const struct loader loader_bootsector = {
	.name = "bootsector",
	.probe = bootsector_probe,
	.plan = bootsector_plan,
	.finish = bootsector_finish,
	.record = bootsector_record,
	.describe = bootsector_describe,
	.release = bootsector_release,
};

const struct loader loader_eltorito = {
	.name = "eltorito",
	.probe = eltorito_probe,
	.plan = bootsector_plan,
	.finish = bootsector_finish,
	.record = bootsector_record,
	.describe = bootsector_describe,
	.release = bootsector_release,
};
