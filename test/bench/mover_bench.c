/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * How fast the mover is on this machine, with the object code of the control pages: copying against memcpy, swapping
 * against three string copies a page, and the checksum. Rounds alternate, so that a busy neighbour hits both sides;
 * medians, also of the ratios within each round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "copy.h"
#include "mover.h"
#include "pagelist.h"

#define SIZE MIB(256)
#define PAGES (SIZE / PAGE_SIZE)
#define ROUNDS 15

/* One mapping, so that physical addresses are offsets into it: a list page, then three areas, and a list page more. */
#define LIST 0
#define DEST PAGE_SIZE
#define SOURCE (DEST + SIZE)
#define KEEP (SOURCE + SIZE)
#define KEEP_LIST (KEEP + SIZE)
#define END (KEEP_LIST + PAGE_SIZE)

static u8 *base;
static volatile u64 sink;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run_memcpy(void)
{
	memcpy(base + DEST, base + SOURCE, SIZE);
}

static void run_copy(void)
{
	mover_run((uintptr_t)base, LIST, MOVER_COPY, NULL);
}

static void run_swap(void)
{
	mover_run_wide((uintptr_t)base, LIST, MOVER_SWAP, NULL);
}

/* As the way into a call does it: the source stays as it is, what was there is kept. */
static void run_replace(void)
{
	mover_run_wide((uintptr_t)base, KEEP_LIST, MOVER_SWAP, NULL);
}

static void run_back(void)
{
	mover_run_wide((uintptr_t)base, KEEP_LIST, MOVER_SWAP_BACK, NULL);
}

static void string_copy(u8 *to, const u8 *from)
{
	size_t words = PAGE_SIZE / sizeof(copy_word);

	asm volatile("rep movs" COPY_SUFFIX : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

/* As relocators do that swap through a third page. */
static void run_three_copies(void)
{
	static u8 spare[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

	for (u64 at = 0; at < SIZE; at += PAGE_SIZE) {
		string_copy(spare, base + DEST + at);
		string_copy(base + DEST + at, base + SOURCE + at);
		string_copy(base + SOURCE + at, spare);
	}
}

static void run_checksum(void)
{
	struct mover_sum sum = mover_checksum_wide(base + DEST, SIZE);

	sink = sum.a + sum.b;
}

static void run_checksum_by_words(void)
{
	struct mover_sum sum = mover_checksum(base + DEST, SIZE);

	sink = sum.a + sum.b;
}

/* The same without a mover that leaves the source alone: put aside, and swapped. */
static void run_one_by_one(void)
{
	for (u64 at = 0; at < SIZE; at += PAGE_SIZE)
		string_copy(base + KEEP + at, base + SOURCE + at);
	run_three_copies();
}

static const struct contest {
	const char *name, *other_name;
	void (*run)(void), (*other)(void);
} contests[] = {
	{ "copy, one run", "memcpy", run_copy, run_memcpy },
	{ "swap", "swap by three rep movs", run_swap, run_three_copies },
	{ "swap into a call", "copy, three rep movs", run_replace, run_one_by_one },
	{ "checksum", "by general registers", run_checksum, run_checksum_by_words },
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* Gigabytes of destination (or of data summed) a second. */
static double rate(double *seconds)
{
	return (double)SIZE / 1e9 / median(seconds);
}

static double measure(void (*run)(void))
{
	double start = now();

	run();
	return now() - start;
}

static void compete(const struct contest *c)
{
	double ours[ROUNDS], others[ROUNDS], ratios[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = measure(c->run);
		others[i] = measure(c->other);
		ratios[i] = others[i] / ours[i];
	}
	printf("  %-16s %7.2f GB/s   %-24s %7.2f GB/s   ratio %.2f\n", c->name, rate(ours), c->other_name, rate(others), median(ratios));
}

/* Of a call: in, the checksum over what lies there, back. */
static void share(void)
{
	double shares[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		double in = measure(run_replace), check = measure(run_checksum), back = measure(run_back);

		shares[i] = 100 * (in + back) / (in + check + back);
	}
	printf("  swapping both ways and the checksum in between: the swap takes %.1f %%\n", median(shares));
}

int main(void)
{
	u64 *list;

	base = mmap(NULL, END, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED) {
		perror("mover_bench: 769 MiB");
		return 1;
	}
	/* The control pages map memory with large pages, too. */
	madvise(base, END, MADV_HUGEPAGE);
	memset(base, 1, END);
	list = (u64 *)(base + LIST);
	list[0] = DEST | PAGELIST_DEST;
	list[1] = PAGES << PAGE_SHIFT | PAGELIST_RUN;
	list[2] = SOURCE | PAGELIST_SOURCE;
	list[3] = PAGELIST_DONE;
	list = (u64 *)(base + KEEP_LIST);
	list[0] = DEST | PAGELIST_DEST;
	list[1] = PAGES << PAGE_SHIFT | PAGELIST_RUN;
	list[2] = KEEP | PAGELIST_KEEP;
	list[3] = SOURCE | PAGELIST_SOURCE;
	list[4] = PAGELIST_DONE;
	for (u64 at = 0; at < SIZE; at++)
		base[SOURCE + at] = (u8)(at * 2654435761u >> 24);
	printf("mover, %zu-bit, %llu MiB, median of %d rounds\n", 8 * sizeof(void *), SIZE >> 20, ROUNDS);
	for (size_t i = 0; i < ARRAY_COUNT(contests); i++)
		compete(&contests[i]);
	share();
	return 0;
}
