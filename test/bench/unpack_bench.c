/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Unpacks a file a few times with the shim's own code and Debian's archives: unpack_bench METHOD FILE; prints the best seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rig.h"
#include "unpack.h"

#define RAM MIB(512)
#define ROUNDS 5

static struct rig rig;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static u64 read_file(const char *path, u8 *to, u64 room)
{
	FILE *file = fopen(path, "rb");
	u64 size = file ? fread(to, 1, (size_t)room, file) : 0;

	if (file)
		fclose(file);
	return size;
}

/* Seconds, or 0 when it failed. */
static double unpack_once(const char *method, struct blob blob)
{
	const struct unpack_wish wish = { .memory = &rig.memory };
	double start = now(), seconds;

	if (unpack_blob(unpack_find(method), &blob, &wish))
		return 0;
	seconds = now() - start;
	source_release(&blob);
	return seconds;
}

int main(int argc, char **argv)
{
	struct blob blob = { .name = "bench", .origin = "module", .paddr = MIB(1) };
	double best = 1e9;

	if (argc != 3 || !unpack_find(argv[1]))
		return 2;
	rig_init(&rig, RAM);
	blob.data = arch_phys(blob.paddr, RAM / 4);
	blob.size = read_file(argv[2], (u8 *)blob.data, RAM / 4);
	if (memory_claim(&rig.memory, blob.paddr, blob.paddr + blob.size, OWNER_MODULE, "file"))
		return 1;
	for (int i = 0; i < ROUNDS; i++) {
		double seconds = unpack_once(argv[1], blob);

		if (!seconds)
			return 1;
		best = seconds < best ? seconds : best;
	}
	printf("%.9f\n", best);
	return 0;
}
