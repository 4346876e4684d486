/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The memory map: int 15h AX=E820h (ACPI 6.4, 15.1), or what there was before. */
#include "memory.h"
#include "setup.h"

#define SMAP 0x534d4150
#define ANSWER_SIZE 24			/* asked for; what ACPI 3.0 added at the end no kernel looks at */
#define CALLS_MAX 1024			/* a chain of empty answers that does not end */
#define BELOW_16_MIB_KIB (15 * 1024)	/* E801h: all from 1 MiB to 16 */

static u8 answer[ANSWER_SIZE];

static u8 *entry_at(u8 *zero_page, u32 index)
{
	return zero_page + ZP_E820_TABLE + index * E820_ENTRY_SIZE;
}

/* Some BIOSes end the chain by carry, others by zero in ebx. What is past the table's room is left out. */
static u32 take_e820(u8 *zero_page)
{
	struct setup_regs regs = { 0 };
	u32 count = 0;

	for (u32 calls = 0; calls < CALLS_MAX && count < E820_ZP_MAX; calls++) {
		regs = (struct setup_regs){
			.eax = 0xe820, .ebx = regs.ebx, .ecx = ANSWER_SIZE, .edx = SMAP, .edi = (u32)(uintptr_t)answer
		};
		if (!setup_try(0x15, &regs))
			break;
		if (regs.eax != SMAP)		/* another service altogether: nothing before was right, either */
			return 0;
		if (regs.ecx >= E820_ENTRY_SIZE) {
			for (u32 i = 0; i < E820_ENTRY_SIZE; i++)
				entry_at(zero_page, count)[i] = answer[i];
			count++;
		}
		if (!regs.ebx)
			break;
	}
	return count;
}

/* KiB from 1 MiB on, up to the first hole. E801h's answer comes in cx and dx, from some BIOSes in ax and bx alone. */
static u32 extended_kib(void)
{
	struct setup_regs regs = { .eax = 0xe801 };
	u32 below, above;

	if (setup_try(0x15, &regs)) {
		bool has_both = (regs.ecx | regs.edx) & 0xffff;

		below = (has_both ? regs.ecx : regs.eax) & 0xffff;
		above = (has_both ? regs.edx : regs.ebx) & 0xffff;
		if (below && below <= BELOW_16_MIB_KIB)
			return below + (below == BELOW_16_MIB_KIB ? above * 64 : 0);
	}
	regs = (struct setup_regs){ .eax = 0x8800 };
	return setup_try(0x15, &regs) ? regs.eax & 0xffff : 0;
}

static void put_usable(u8 *entry, u64 start, u64 size)
{
	setup_put(entry, start, 8);
	setup_put(entry + 8, size, 8);
	setup_put(entry + 16, MEM_USABLE, 4);
}

bool setup_take_memory(u8 *zero_page)
{
	struct setup_regs regs = { 0 };
	u32 count = take_e820(zero_page), above;

	if (!count) {
		above = extended_kib();
		if (!above)
			return false;
		setup_bios(0x12, &regs);	/* cannot fail */
		put_usable(entry_at(zero_page, 0), 0, KIB(regs.eax & 0xffff));
		put_usable(entry_at(zero_page, 1), MIB(1), KIB(above));
		count = 2;
	}
	zero_page[ZP_E820_COUNT] = (u8)count;
	return true;
}
