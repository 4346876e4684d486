/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A kernel that comes back, as Linux does by kexec jump. It is not exchanged with anything: it gets all memory that nobody has
 * claimed, but for some room in which the shim goes on working, and keeps it while it sleeps. Everything else stays the shim's and is
 * reserved in the map that the kernel gets.
 */
#ifndef TRAPEZE_JUMPBACK_H
#define TRAPEZE_JUMPBACK_H

#include "loader.h"
#include "rangeset.h"

/* What the shim keeps to work with, while the kernel sleeps too: more heap, pages of images that are called meanwhile. */
#define JUMPBACK_ROOM MIB(16)

/*
 * Mark the request as one of a kernel that comes back. Refuses, and logs, what such a kernel cannot have. *bootargs, malloc'd, becomes
 * its command line: request->bootargs behind the words that it needs, with the place for jumpback_set_entry.
 */
enum err jumpback_begin(struct load_request *request, char **bootargs) MUST_CHECK;
/* Tell the kernel where it enters the shim again: below 4 GiB. */
void jumpback_set_entry(char *bootargs, paddr_t entry);

/*
 * Claim all memory that is free (OWNER_IMAGE, `name`) but for the room. The plan has been placed, with plan->apart. On an error
 * (logged) nothing is claimed.
 */
enum err jumpback_give_memory(struct memory *memory, const struct plan *plan, const char *name) MUST_CHECK;
void jumpback_take_memory(struct memory *memory);
/* Does a kernel that comes back have that byte? */
bool jumpback_has_given(const struct memory *memory, paddr_t paddr);
/* Add every usable byte that was not given away and is not the BIOS's to `ours` (initialised). */
enum err jumpback_find_ours(const struct memory *memory, struct rangeset *ours) MUST_CHECK;

#endif
