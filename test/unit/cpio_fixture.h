/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A cpio archive, put together member by member in simulated memory. */
#ifndef TEST_CPIO_FIXTURE_H
#define TEST_CPIO_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "types.h"

#define CPIO_FILE 0100644u
#define CPIO_FOLDER 0040755u
#define CPIO_LINK 0120777u

struct cpio_made {
	u8 *data;
	u64 size;
};

static inline void cpio_zeros(struct cpio_made *made, u64 count)
{
	memset(made->data + made->size, 0, (size_t)count);
	made->size += count;
}

static inline void cpio_bytes(struct cpio_made *made, const void *bytes, u64 size)
{
	memcpy(made->data + made->size, bytes, (size_t)size);
	made->size += size;
}

/* Returns where the header is. */
static inline u64 cpio_member(struct cpio_made *made, const char *magic, u32 mode, const char *name, const void *data,
			      u64 size)
{
	char header[128];
	u64 at = made->size;

	snprintf(header, sizeof(header), "%s%08X%08X%08X%08X%08x%08x%08X%08X%08X%08X%08X%08X%08X", magic, 1u, mode, 0u,
		 0u, 1u, 0u, (u32)size, 0u, 0u, 0u, 0u, (u32)strlen(name) + 1, 0u);
	cpio_bytes(made, header, 110);
	cpio_bytes(made, name, strlen(name) + 1);
	cpio_zeros(made, -made->size % 4);
	cpio_bytes(made, data, size);
	cpio_zeros(made, -made->size % 4);
	return at;
}

static inline u64 cpio_file(struct cpio_made *made, const char *name, const char *text)
{
	return cpio_member(made, "070701", CPIO_FILE, name, text, strlen(text));
}

static inline void cpio_trailer(struct cpio_made *made)
{
	cpio_member(made, "070701", 0, "TRAILER!!!", "", 0);
}

#endif
