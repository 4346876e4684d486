/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Where named bytes come from: a list of sources, asked in order. GRUB's modules are one; boot media are others. The seam:
 * a source finds a name and brings its bytes into memory that it owns; nobody else knows how.
 */
#ifndef TRAPEZE_SOURCE_H
#define TRAPEZE_SOURCE_H

#include "bootinfo.h"
#include "error.h"
#include "types.h"

struct blob {
	const char *name;		/* as asked for */
	const char *origin;		/* "module", "manifest", ...: for log and `i` screen */
	paddr_t paddr;			/* where the bytes lie, not necessarily page aligned */
	u64 size;
	const void *data;		/* the same as pointer; NULL: not in memory before source_load */
	struct source *source;		/* NULL: nobody has to load or release it */
	void *handle;			/* the source's own */
};

typedef void (*source_progress)(void *ctx, u64 done, u64 total);

struct source {
	const char *origin;
	/* Fill *out; ERR_NOT_FOUND without a log line when the name is not here; other errors are logged. */
	enum err (*find)(struct source *self, const char *name, struct blob *out);
	/* Bring the bytes into memory; give back what find and load have taken. Of a source whose blobs are in memory: NULL. */
	enum err (*load)(struct blob *blob, source_progress progress, void *ctx);
	void (*release)(struct blob *blob);
	void *ctx;
	struct source *next;
};

struct source_list {
	struct source *first;
};

void source_add(struct source_list *list, struct source *source);
/* Ask every source in turn. source_try: ERR_NOT_FOUND without a log line. */
enum err source_try(struct source_list *list, const char *name, struct blob *out) MUST_CHECK;
/* Logs once when no source has it, naming the sources that were asked. */
enum err source_find(struct source_list *list, const char *name, struct blob *out) MUST_CHECK;
/* That line. */
void source_log_missing(const struct source_list *list, const char *name);

/* Make sure that the bytes are in memory; errors are logged. `progress` may be NULL. */
enum err source_load(struct blob *blob, source_progress progress, void *ctx) MUST_CHECK;
/* For every blob that was found; one that is all zeros, or was released, is left alone. */
void source_release(struct blob *blob);

/*
 * GRUB's modules by name: the first word of a module's string, with or without a leading path or '/' (kexec-tools and QEMU put the file name
 * there), or the second behind such a file name. Empty and inverted modules, and such outside reachable memory, are refused with a line.
 */
void source_init_modules(struct source *source, const struct bootinfo *info);

#endif
