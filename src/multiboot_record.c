/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "multiboot.h"

void multiboot_record_module(const struct multiboot_record *r, u32 index)
{
	const struct plan_segment *module = multiboot_module(r->request, index);
	const struct blob *blob = &r->request->modules[index].blob;

	record_line(&r->to, "module: 0x%llx 0x%llx crc32=0x%08x", module->dest, module->dest + module->file_size,
		       record_crc32(blob->data, blob->size));
}
