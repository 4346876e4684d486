/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <stdlib.h>

struct items {
	char *first;
	size_t size;
	int (*compare)(const void *a, const void *b);
};

static void swap(const struct items *items, size_t a, size_t b)
{
	char *x = items->first + a * items->size, *y = items->first + b * items->size;

	for (size_t i = 0; i < items->size; i++) {
		char byte = x[i];

		x[i] = y[i];
		y[i] = byte;
	}
}

static int compare(const struct items *items, size_t a, size_t b)
{
	return items->compare(items->first + a * items->size, items->first + b * items->size);
}

/* Items [root + 1, count) are heaps already; let the root sink to its place. */
static void sift(const struct items *items, size_t root, size_t count)
{
	size_t child;

	while ((child = root * 2 + 1) < count) {
		if (child + 1 < count && compare(items, child, child + 1) < 0)
			child++;
		if (compare(items, root, child) >= 0)
			return;
		swap(items, root, child);
		root = child;
	}
}

void qsort(void *first, size_t count, size_t size, int (*order)(const void *a, const void *b))
{
	const struct items items = { .first = first, .size = size, .compare = order };

	for (size_t root = count / 2; root--;)
		sift(&items, root, count);
	while (count > 1) {
		swap(&items, 0, --count);
		sift(&items, 0, count);
	}
}
