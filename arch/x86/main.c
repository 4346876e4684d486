/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* From the start code to main(): what must be in place before portable code can run. */
#include <heap.h>

#include "console.h"
#include "dump.h"
#include "log.h"
#include "main.h"
#include "traps.h"
#include "x86.h"

#define FIRST_HEAP_SIZE 32768
#define CANARY_MIX 0x9e3779b97f4a7c15ull	/* 2^64 / golden ratio: spreads the few changing bits of the TSC */

/* Called by the start files. */
NORETURN void arch_main(u32 magic, u32 info);
void __stack_chk_fail(void);
extern u8 canary_block[];

u8 canary_block[64] __attribute__((aligned(16)));
static u8 first_heap[FIRST_HEAP_SIZE] __attribute__((aligned(16)));

/* The canary has a zero byte, so that a string cannot carry it over. */
__attribute__((optimize("no-stack-protector"))) static void set_canary(void)
{
	reg_t canary = (reg_t)(rdtsc() * CANARY_MIX);

	(void)arch_random(&canary, sizeof(canary));
	*(volatile reg_t *)(canary_block + CANARY_OFFSET) = canary & ~(reg_t)0xff;
}

__attribute__((optimize("no-stack-protector"))) void arch_main(u32 magic, u32 info)
{
	(void)magic;			/* checked by the start code */
	traps_init();
	cpu_detect();
	set_canary();
	heap_add_region(first_heap, sizeof(first_heap));
	time_init();
	main(info);
}

void arch_image_range(paddr_t *start, paddr_t *end)
{
	*start = (uintptr_t)image_start;
	*end = (uintptr_t)image_end;
}

void __stack_chk_fail(void)
{
	log_err("panic", "a stack buffer was overrun in the function that returns to 0x%lx",
		(unsigned long)__builtin_return_address(0));
	asm volatile("ud2");
	arch_halt();
}

void heap_panic(const char *why)
{
	log_err("panic", "heap: %s", why);
	asm volatile("ud2");
	arch_halt();
}
