/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Any bytes as an initrd: what is found in it lies within it, and is what the walk over the archive says. */
#include <stdlib.h>
#include <string.h>

#include "cargo.h"
#include "cpio.h"
#include "fake.h"

#define RAM KIB(64)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_found(struct cargo *cargo, const char *name)
{
	struct blob blob;

	if (cargo->source.find(&cargo->source, name, &blob))
		return;
	require(blob.size && blob.paddr >= cargo->paddr && blob.paddr - cargo->paddr <= cargo->size);
	require(blob.size <= cargo->size - (blob.paddr - cargo->paddr));
	require(blob.data == fake_ram + blob.paddr);
}

/* Every file that can be found by its own name is. */
static void require_all(struct cargo *cargo)
{
	struct cpio_file file;
	struct cursor c;

	cursor_init(&c, cargo->data, cargo->size);
	while (!cpio_next(&c, &file)) {
		char *name = strndup(file.name, file.name_length);
		struct blob blob;

		require(name && strlen(name) == file.name_length && file.at + file.size <= cargo->size);
		require(!file.size || !cargo->source.find(&cargo->source, name, &blob));
		free(name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bootinfo info = { .initrd_end = RAM };
	struct cargo cargo;

	if (size > RAM)
		return 0;
	fake_ram_init(RAM);
	info.initrd_start = RAM - size;
	memcpy(fake_ram + info.initrd_start, data, size);
	if (cargo_init(&cargo, &info, "manifest")) {
		require_found(&cargo, "manifest");
		require_found(&cargo, "a");
		require_found(&cargo, "");
		if (!cargo.tree_name)
			require_all(&cargo);
	}
	return 0;
}
