/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* libFuzzer: any bytes are a layout (test/fake/layout.h). */
#include <stdio.h>
#include <stdlib.h>

#include "layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layout_tally tally = { 0 };
	const char *what = layout_try(data, size, &tally);

	if (what) {
		fprintf(stderr, "fuzz_plan: %s\n", what);
		abort();
	}
	return 0;
}
