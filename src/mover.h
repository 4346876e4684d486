/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The mover: the loop that walks a page list, the same for copying and swapping, and the checksum that proves the
 * result. Compiled twice from one source: into the control pages (general registers only, no red zone,
 * position-independent, no calls outside this file, no static data) and for the host tests and benchmarks.
 */
#ifndef TRAPEZE_MOVER_H
#define TRAPEZE_MOVER_H

#include "types.h"

/*
 * MOVER_COPY       write destinations; sources stay as they are where no destination covers them MOVER_SWAP
 * exchange destinations and sources; ZERO: move the old contents to the SOURCE pages, then fill with zero
 * MOVER_SWAP_BACK  exchange again, also the pages of ZERO
 *
 * A list for swapping names each page once, as destination or as source, with sources in whole pages: then the
 * exchanges do not depend on one another, and the same list walked again, in the same order, with MOVER_SWAP_BACK
 * undoes MOVER_SWAP. What the image made of its memory is then in the source pages, those of ZERO included; one more
 * walk with MOVER_SWAP_BACK (not MOVER_SWAP, which would clear the pages of ZERO) brings it back as it was left.
 *
 * The sources of KEEP are no part of that: nothing is written to them, and they may be anywhere outside all destinations, or be the
 * pages of KEEP themselves. The exchange is between the destination and the pages of KEEP; only MOVER_SWAP reads the sources.
 */
enum mover_mode { MOVER_COPY, MOVER_SWAP, MOVER_SWAP_BACK };

/*
 * Walk the list that starts at physical page `head`; physical address p is reached at base + p (0 in the control
 * pages, where all memory is identity-mapped; the simulated memory's address in tests). Trusts the list. Expects the
 * direction flag clear. Returns the number of pages moved or zeroed. *progress (may be NULL) counts words done, for
 * the net's report.
 */
u64 mover_run(uintptr_t base, paddr_t head, enum mover_mode mode, volatile u64 *progress);
/* The same, swapping by XMM registers: SSE2 is there and switched on, and the first eight may be lost. */
u64 mover_run_wide(uintptr_t base, paddr_t head, enum mover_mode mode, volatile u64 *progress);

/*
 * A checksum, the same in both builds. A change within one of the 8-byte words, counted from `data`, is always seen; more of them,
 * memory that is another's, and pieces of 512 bytes and more in another order, but for a chance in some 2^64. Within 512 bytes
 * two words that differ in few bits may change places unseen (not behind the last whole 512). Nobody is kept from making two ranges with one sum: that is what the
 * hashes of the manifest are for. The end is padded with zeros, so the sizes are to be compared apart. `data` may be at any
 * address (fastest at a multiple of 16).
 */
struct mover_sum {
	u64 a, b;
};
struct mover_sum mover_checksum(const void *data, u64 size);
/* The same sum by XMM registers, under mover_run_wide's conditions. */
struct mover_sum mover_checksum_wide(const void *data, u64 size);

#endif
