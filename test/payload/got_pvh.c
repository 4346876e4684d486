/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The PVH test kernel: prints what it was handed, decoded from the offsets of Xen's start_info.h, in the lines of the
 * loader's own record. The two are compared whole, so nothing here may be shared with the loader.
 */
#include "abi.h"
#include "received.h"

#define MAGIC 0x336ec578u

extern char pvh_entry[];
void pvh_main(const struct registers *registers);

static void print_modules(const u8 *info)
{
	const u8 *module = pointer(get(info, 16, 8));

	print("got: modules: count=%llu at=0x%llx\n", get(info, 12, 4), get(info, 16, 8));
	for (u64 i = 0; i < get(info, 12, 4); i++, module += 32) {
		u64 start = get(module, 0, 8), size = get(module, 8, 8);

		print("got: module: 0x%llx 0x%llx crc32=0x%08x\n", start, start + size, crc32(pointer(start), size));
		print_text("module", get(module, 16, 8));
	}
}

static void print_map(const u8 *info)
{
	const u8 *range = pointer(get(info, 40, 8));

	print("got: memmap: count=%llu at=0x%llx\n", get(info, 48, 4), get(info, 40, 8));
	for (u64 i = 0; i < get(info, 48, 4); i++, range += 24)
		print("got: memmap: 0x%llx 0x%llx %llu\n", get(range, 0, 8), get(range, 0, 8) + get(range, 8, 8),
		      get(range, 16, 4));
}

static void print_control_registers(void)
{
	unsigned long cr0, cr4;

	__asm__("movl %%cr0, %0; movl %%cr4, %1" : "=r"(cr0), "=r"(cr4));
	/* All that may be set beside PE is what cannot be cleared: ET. */
	print("state: cr0=0x%llx cr4=0x%llx\n", (u64)cr0, (u64)cr4);
}

void pvh_main(const struct registers *registers)
{
	const u8 *info = pointer(registers->bx);

	print("\n");
	print_control_registers();
	if (get(info, 0, 4) != MAGIC)
		print("got: magic=0x%llx\n", get(info, 0, 4));
	print("got: pvh: version=%llu entry=0x%llx flags=0x%llx crc32=0x%08x\n", get(info, 4, 4),
	      (u64)(unsigned long)pvh_entry, get(info, 8, 4), crc32(info, 56));
	print_registers(registers);
	print_text("cmdline", get(info, 24, 8));
	print_modules(info);
	print("got: rsdp: 0x%llx\n", get(info, 32, 8));
	print_map(info);
	print("got: end\n");
	wait_and_stop();
}
