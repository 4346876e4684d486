/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Flat binaries: bytes without a header, loaded where `load` says and entered at `entry`, in the mode that trapeze,mode names.
 * Nothing in the bytes tells what they are, so the manifest has to (os = "flat").
 */
#include <stdlib.h>

#include "arch.h"
#include "fmt.h"
#include "loader.h"
#include "log.h"
#include "record.h"
#include "registers.h"

#define REAL_END 0x10fff0u		/* one past what ffff:ffff reaches */
#define SEGMENT_SIZE 0x10000u
#define FLAGS_INTERRUPTS 0x200

static enum err flat_probe(const struct load_request *request, const char **reason)
{
	const struct manifest_image *image = request->kernel.image;

	*reason = image && image->is_flat ? NULL : "a flat binary is known by os = \"flat\" alone";
	return *reason ? ERR_FORMAT : ERR_OK;
}

static enum err refuse(const struct load_request *request, const char *what)
{
	log_err("flat", "%s: %s", request->kernel.blob.name, what);
	return ERR_VALUE;
}

static paddr_t entry_address(const struct load_request *request)
{
	const struct manifest_image *image = request->kernel.image;

	return image->has_entry ? image->entry : image->load;
}

/* cs:ip for an address: the load address as the segment where that gives it, else the 64 KiB that it lies in. */
static void set_real_entry(const struct load_request *request, struct entry_state *entry)
{
	paddr_t load = request->kernel.image->load, ip = entry_address(request);
	bool from_load = !(load & 15) && ip >= load && ip - load < SEGMENT_SIZE && load >= SEGMENT_SIZE;

	entry->cs = (u16)(from_load ? load >> 4 : (ip & ~(paddr_t)(SEGMENT_SIZE - 1)) >> 4);
	entry->ip = ip - ((paddr_t)entry->cs << 4);
	entry->ds = entry->es = entry->fs = entry->gs = entry->cs;
	/* Without a BIOS nobody handles an interrupt. */
	entry->flags = bootinfo_is_efi(request->info) ? 0 : FLAGS_INTERRUPTS;
}

static enum err set_entry(const struct load_request *request)
{
	const struct manifest_config *config = request->config;
	struct entry_state *entry = &request->plan->entry;
	paddr_t at = entry_address(request), end = request->kernel.image->load + request->kernel.blob.size;

	*entry = (struct entry_state){ .mode = config->mode, .ip = at };
	if (entry->mode == ENTRY_REAL)
		set_real_entry(request, entry);
	if (config->registers && registers_parse(config->name, config->registers, entry))
		return ERR_VALUE;
	at = plan_entry_address(entry);
	if (at >= request->kernel.image->load && at < end)
		return ERR_OK;
	log_err("flat", "%s: entry 0x%llx lies outside 0x%llx..0x%llx", request->kernel.blob.name, at, request->kernel.image->load, end);
	return ERR_VALUE;
}

static enum err check(const struct load_request *request)
{
	const struct manifest_image *image = request->kernel.image;
	const struct blob *blob = &request->kernel.blob;
	const char *why;

	if (!image->has_load)
		return refuse(request, "a flat binary needs a load address");
	if (!request->config->has_mode)
		return refuse(request, "a flat binary needs trapeze,mode");
	if (request->arg_count && request->config->mode == ENTRY_REAL)
		return refuse(request, "real mode has no arguments: trapeze,registers gives it registers");
	if (!arch_can_enter(request->config->mode, &why))
		return refuse(request, why);
	if (!blob->size)
		return refuse(request, "it is empty");
	if (request->config->mode == ENTRY_REAL && (image->load >= REAL_END || blob->size > REAL_END - image->load)) {
		log_err("flat", "%s: load=0x%llx bytes=%llu reaches beyond 0x%x, the end of real mode's memory", blob->name, image->load,
			blob->size, REAL_END);
		return ERR_VALUE;
	}
	return ERR_OK;
}

static enum err flat_plan(struct load_request *request)
{
	const struct blob *blob = &request->kernel.blob;
	const struct plan_segment segment = {
		.name = blob->name,
		.source = blob->paddr,
		.file_size = blob->size,
		.mem_size = blob->size,
		.where = PLAN_FIXED,
		.dest = request->kernel.image->load,
		.max = request->config->mode == ENTRY_LONG ? 0 : GIB(4),
		.align = 1,
	};
	enum err err = check(request);

	if (!err)
		err = plan_add(request->plan, &segment, NULL);
	return err ? err : set_entry(request);
}

static enum err flat_finish(struct load_request *request)
{
	struct entry_state *entry = &request->plan->entry;
	u64 *const args[] = { &entry->di, &entry->si, &entry->dx, &entry->cx, &entry->r8, &entry->r9 };

	/* x86-64 psABI, 3.2.3; a stack with arguments is a matter for ELF files. */
	for (u32 i = 0; i < request->arg_count && entry->mode == ENTRY_LONG; i++)
		*args[i] = request->args[i];
	return ERR_OK;
}

static void flat_record(const struct load_request *request, const struct record *to)
{
	const struct entry_state *e = &request->plan->entry;

	record_line(to, "flat: mode=%s load=0x%llx bytes=%llu entry=0x%llx", plan_mode_name(e->mode),
		    request->kernel.image->load, request->kernel.blob.size, entry_address(request));
	record_regs(to, e);
	if (e->mode == ENTRY_REAL)
		record_line(to, "real: cs=0x%x ip=0x%llx ds=0x%x es=0x%x fs=0x%x gs=0x%x flags=0x%x", e->cs, e->ip, e->ds,
			    e->es, e->fs, e->gs, e->flags);
	record_line(to, "end");
}

static void flat_describe(const struct load_request *request, char *buf, size_t size)
{
	fmt_snprintf(buf, size, "flat binary at 0x%llx, %s mode, entry 0x%llx", request->kernel.image->load,
		     plan_mode_name(request->config->mode), entry_address(request));
}

static void flat_release(struct load_request *request)
{
	(void)request;
}

const struct loader loader_flat = {
	.name = "flat",
	.can_call = true,
	.probe = flat_probe,
	.plan = flat_plan,
	.finish = flat_finish,
	.record = flat_record,
	.describe = flat_describe,
	.release = flat_release,
};
