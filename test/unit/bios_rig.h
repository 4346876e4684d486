/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A machine with a BIOS, whose services are the test's. */
#ifndef TEST_BIOS_RIG_H
#define TEST_BIOS_RIG_H

#include <stdlib.h>
#include <string.h>

#include "bios_services.h"
#include "fake.h"
#include "fake_bios.h"
#include "machine.h"

#define BIOS_RIG_LOW_END 0x9f000

static struct machine machine;

static inline void bios_rig_init(void (*bios)(const struct arch_bios_target *target, struct bios_regs *regs))
{
	memset(&machine, 0, sizeof(machine));
	fake_ram_init(MIB(2));
	fake_low_is_null = true;
	memory_init(&machine.memory);
	if (memmap_add(&machine.memory.map, 0, BIOS_RIG_LOW_END, MEM_USABLE) ||
	    memmap_add(&machine.memory.map, MIB(1), MIB(1), MEM_USABLE) || memmap_sanitise(&machine.memory.map) ||
	    memory_claim(&machine.memory, 0, PAGE_SIZE, OWNER_LOW, "BIOS data"))
		abort();
	fake_bios_vectors();
	fake_bios = bios;
	bios_start(&machine.memory, false);
	fake_log_reset();
}

static inline void bios_rig_free(void)
{
	memory_free(&machine.memory);
	fake_ram_free();
	fake_bios = NULL;
}

static inline void bios_rig_run(const char *service)
{
	fake_log_reset();
	if (bios_service_run(&machine, bios_service_find(service)))
		abort();
}

/* Where the bytes that es:di points to lie. */
static inline u8 *bios_rig_buffer(const struct bios_regs *regs)
{
	return fake_ram + bios_linear(regs->es, (u16)regs->edi);
}

static inline void bios_rig_refuse(struct bios_regs *regs, u8 ah)
{
	regs->eflags |= BIOS_FLAG_CF;
	regs->eax = (regs->eax & 0xffff00ff) | (u32)ah << 8;
}

#endif
