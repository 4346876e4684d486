/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "multiboot_check.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	return check_loader(&loader_multiboot1, data, size);
}
