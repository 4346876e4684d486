/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The multiboot2 information as an attacker would write it; what comes out of it must keep its promises. */
#include <stdlib.h>
#include <string.h>

#include "bootinfo.h"
#include "fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bootinfo info;
	enum err err = bootinfo_parse(&info, data, 0x10000, size);

	(void)err;
	bootinfo_free(&info);
	return 0;
}
