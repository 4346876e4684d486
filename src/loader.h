/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What a loader is: probe, plan, finish, describe. A loader parses and checks bytes, adds segments to a plan and sets the
 * entry state. It writes only into staging memory that it asks `memory` for, and never jumps.
 *
 *   probe    is this our format? ERR_OK, or ERR_FORMAT with *reason (static text) why not. No log lines.
 *   plan     check everything; add segments; say the mode in plan->entry (pages below 1 MiB are only made for real mode).
 *            Logs errors.
 *   finish   all addresses are known now: fill in hand-over data (zero page, tags) in the staging memory of its segments.
 *   record   log what is handed over, line by line, through `line`; the test payloads print the same lines.
 */
#ifndef TRAPEZE_LOADER_H
#define TRAPEZE_LOADER_H

#include "bootinfo.h"
#include "error.h"
#include "manifest.h"
#include "memory.h"
#include "plan.h"
#include "source.h"
#include "symbols.h"
#include "types.h"

struct loader_part {
	struct blob blob;
	const struct manifest_image *image;
};

struct video;
struct kho;
struct kho_in;
struct record;

/* Page aligned, not empty. */
struct kept_range {
	paddr_t start, end;
};
#define LOADER_KEPT_MAX 4		/* the net, the flight recorder, and room */

/* Everything that a loader may know. */
struct load_request {
	const struct manifest_config *config;
	const char *bootargs;		/* never NULL; as edited in the menu */
	u64 args[6];			/* trapeze,args; of a called image as edited in the menu */
	u32 arg_count;
	struct loader_part kernel;
	struct loader_part setup;	/* FIT's `setup`; image NULL: none */
	struct loader_part *ramdisks, *modules, *loadables;
	u32 ramdisk_count, module_count, loadable_count;
	const struct bootinfo *info;
	struct memory *memory;		/* for staging; the map that firmware gave is memory->map */
	const char *title;		/* of the manifest; never NULL */
	paddr_t rsdp;			/* bootinfo_find_rsdp; 0: none */
	struct plan *plan;
	struct kept_range kept[LOADER_KEPT_MAX];	/* known at finish: ours, to be handed over as reserved */
	u32 kept_count;
	bool comes_back;		/* jumpback.h; from before plan on */
	struct kept_range way_back;	/* known at finish: the pages that it enters, of those that stay ours */
	struct symbol_table symbols;	/* the loader's, from plan on, whole after finish: names for the net */
	const struct kho_in *kho_in;	/* what the kernel before us handed over (kho_in.h); NULL: nothing, or it is given up */
	bool kho_passed;		/* from plan on: the loader hands it on */
	struct kho *kho;		/* from plan on: the kexec handover (kho.h); NULL: none */
	struct video *video;		/* the screen that is set before the swing (video.h); NULL: as it is */
	void *state;			/* the loader's own, from plan to release */
};

struct loader {
	const char *name;		/* "linux", "elf": also what `os`/`type` choose and the log says */
	bool can_call;			/* its images can be called and come back (trapeze,preserve-context) */
	bool can_come_back;		/* they come back too, with memory of their own (jumpback.h) */
	bool takes_modules;		/* its images are told where their modules are */
	bool uses_bios;			/* its images may call the BIOS, whatever their mode */
	bool takes_setup;		/* it knows what to do with FIT's `setup` */
	enum err (*probe)(const struct load_request *request, const char **reason);
	enum err (*plan)(struct load_request *request);
	enum err (*finish)(struct load_request *request);
	void (*record)(const struct load_request *request, const struct record *to);
	/* One line for the `i` screen: format and version, e.g. "Linux bzImage 2.15, 64-bit entry, relocatable". */
	void (*describe)(const struct load_request *request, char *buf, size_t size);
	/* Free `state` and staging memory; called whether or not plan and finish succeeded. */
	void (*release)(struct load_request *request);
};

extern const struct loader loader_linux, loader_multiboot1, loader_multiboot2, loader_pvh, loader_elf, loader_flat,
	loader_bootsector, loader_eltorito;
/* In the order of probing; NULL at the end. */
extern const struct loader *const loaders[];

/* A range more that stays ours; an empty one is left out. */
void loader_keep(struct load_request *request, paddr_t start, paddr_t end);

/*
 * The loader for request->kernel: the one that the image's `os`, else its `type` names; without such a name the first whose
 * probe says yes. When none fits, the log has a line for each format tried with the reason why not, and ERR_FORMAT comes back.
 */
enum err loader_find(const struct load_request *request, const struct loader **out) MUST_CHECK;
/* The same choice without a word: NULL when none fits. Of a file that is not in memory: the loader that is named, if any. */
const struct loader *loader_peek(const struct load_request *request);

#endif
