/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Names alone, for those who only check what somebody wrote. */
#include "bios_services.h"

#include <string.h>

#define SERVICE_NAME(name, run) name,
static const char *const services[] = { BIOS_SERVICES(SERVICE_NAME) };
#undef SERVICE_NAME

int bios_service_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_COUNT(services); i++)
		if (!strcmp(services[i], name))
			return (int)i;
	return -1;
}

const char *bios_service_names(void)
{
#define SERVICE_LISTED(name, run) ", " name
	return &BIOS_SERVICES(SERVICE_LISTED)[sizeof(", ") - 1];
#undef SERVICE_LISTED
}

static const struct { const char *name; u16 segment, offset; } pointers[] = {
#define POINTER(s, o) { #s ":" #o, offsetof(struct bios_regs, s), offsetof(struct bios_regs, e##o) }
	POINTER(es, di), POINTER(es, bx), POINTER(es, bp), POINTER(es, dx), POINTER(ds, si), POINTER(ds, dx),
#undef POINTER
};

bool bios_pointer_find(const char *text, u32 *number)
{
	for (*number = 0; *number < ARRAY_COUNT(pointers); ++*number)
		if (!strcmp(pointers[*number].name, text))
			return true;
	return false;
}

void bios_pointer_set(u32 number, struct bios_regs *regs, paddr_t paddr)
{
	*(u16 *)((u8 *)regs + pointers[number].segment) = bios_segment(paddr);
	*(u32 *)((u8 *)regs + pointers[number].offset) = bios_offset(paddr);
}
