/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the pipeline knows: filled in once by main, used by the menu's screens and by every boot. */
#ifndef TRAPEZE_MACHINE_H
#define TRAPEZE_MACHINE_H

#include "bootinfo.h"
#include "cargo.h"
#include "kho_in.h"
#include "manifest.h"
#include "media.h"
#include "memory.h"
#include "menu.h"
#include "source.h"

struct boot;

struct machine {
	struct bootinfo info;
	struct kho_in kho_in;
	struct memory memory;
	paddr_t rsdp;			/* 0: none */
	struct source modules;
	struct cargo cargo;
	struct media media;
	struct source_list sources;
	bool has_manifest;
	paddr_t manifest_at;		/* where its bytes lie */
	struct manifest manifest;
	struct menu menu;
	struct boot *asleep;		/* images that can be resumed, the oldest first */
	struct boot *kept;		/* the last call that returned, ready for the next; or NULL */
};

#endif
