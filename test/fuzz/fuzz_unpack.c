/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Arbitrary bytes as a packed image, in little memory. Nothing crashes; what comes out is no larger than what was said, lies in memory
 * that is claimed, and is given back; what does not leaves everything as it was and one line.
 *
 * Input: a byte for the format, the memory and the manifest's size; then the file.
 */
#include "plan_check.h"
#include "rig.h"
#include "unpack.h"

#include <stdlib.h>

#define CONTROLS 1

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Made once: that takes longer than most runs. */
static struct rig rig;
static paddr_t taken;

/* All but a few MiB. */
static void take_memory(u32 choice)
{
	static const u64 sizes[] = { MIB(21), MIB(19), MIB(14), PAGE_SIZE };

	if (!rig.memory.map.count) {
		rig_init(&rig, MIB(24));
		log_set_level(LOG_ERR);
	}
	fake_log_reset();
	fuzz_require(!memory_alloc(&rig.memory, sizes[choice], &(struct memory_where){ .min = MIB(1) }, OWNER_HEAP, "taken", &taken));
	rig.claims = rig.memory.claim_count;
}

struct seen {
	u64 done, size;
};

/* Room that grows begins from the start; otherwise the bytes that were read only get more. */
static void see(void *ctx, u64 done, u64 total)
{
	struct seen *seen = ctx;

	fuzz_require(done && done <= total && total == seen->size);
	seen->done = done;
}

static void check_good(const struct blob *blob, const struct unpack_wish *wish, const struct seen *seen)
{
	fuzz_require(blob->size && blob->size <= fake_ram_size && (!wish->size || blob->size == wish->size));
	fuzz_require(blob->data == arch_phys(blob->paddr, blob->size) && !(blob->paddr & PAGE_MASK));
	fuzz_require(memory_find_claim(&rig.memory, blob->paddr, blob->paddr + blob->size)->owner == OWNER_STAGE);
	fuzz_require(seen->done == seen->size && !fake_log_errors());
}

static void check_bad(const struct blob *blob, u64 size)
{
	fuzz_require(!blob->source && blob->size == size && fake_log_errors() == 1);
	fuzz_require(rig.memory.claim_count == rig.claims);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const char *const methods[] = { "gzip", "xz", "zstd", "lz4" };
	static const u64 sizes[] = { 0, 1, 64, 5000 };
	struct seen seen = { .size = size - CONTROLS };
	struct unpack_wish wish = { .memory = &rig.memory, .progress = see, .ctx = &seen };
	struct blob blob = { .name = "fuzz", .origin = "module", .data = data + CONTROLS, .size = size - CONTROLS };

	if (size < CONTROLS || size > 65536)
		return 0;
	take_memory(data[0] >> 4 & 3);
	wish.size = sizes[data[0] >> 2 & 3];
	wish.load = data[0] & 0x40 ? MIB(1) : 0;
	if (unpack_blob(unpack_find(methods[data[0] & 3]), &blob, &wish))
		check_bad(&blob, size - CONTROLS);
	else
		check_good(&blob, &wish, &seen);
	source_release(&blob);
	fuzz_require(rig.memory.claim_count == rig.claims);
	memory_release(&rig.memory, taken);
	return 0;
}
