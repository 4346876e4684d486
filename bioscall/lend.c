/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The machine as a BIOS knows it, for as long as it is called, and as it was: what Linux has set up otherwise, and
 * does not reset before a kexec jump.
 */
#include "machine.h"

#include "hpet.h"
#include "platform.h"
#include "x86.h"

static volatile u32 *hpet_config;	/* NULL: nothing to put back */
static bool is_lent;

/* IA-PC HPET specification 1.0a, 2.3.5: while that bit is set, IRQ 0 and 8 are not what the BIOS expects. */
static void lend_hpet(u64 address)
{
	volatile u32 *config = (volatile u32 *)(uintptr_t)(address + HPET_CONFIG);

	hpet_config = NULL;
	if (!address || address >= GIB(4) - PAGE_SIZE || !(*config & CONFIG_LEGACY))
		return;
	hpet_config = config;
	*config &= ~CONFIG_LEGACY;
}

void lend_begin(const struct bioscall_page *page)
{
	is_lent = true;
	world_enter();
	lend_hpet(page->hpet);
	platform_save();
	bios_start(NULL, page->is_efi);
	platform_bios_lend();
}

void lend_end(void)
{
	if (!is_lent)
		return;
	is_lent = false;
	platform_restore(true);
	if (hpet_config)
		*hpet_config |= CONFIG_LEGACY;
	world_leave();
}
