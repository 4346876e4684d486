/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "fpu.h"

#include "arch.h"
#include "mover.h"
#include "x86.h"

/* Intel SDM vol. 1, 13.2, 13.4: components of the state, and the room that all below need in the standard format. */
#define LEAF_XSAVE 0xd
#define COMPONENTS 0x2ffu		/* x87, SSE, AVX, MPX, AVX-512, protection keys */
#define AREA_SIZE 2816

static u8 area[AREA_SIZE] __attribute__((aligned(64)));
static u64 xcr0;			/* as it was found */

static u64 read_xcr0(void)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (u64)high << 32 | low;
}

static void write_xcr0(u64 value)
{
	asm volatile("xsetbv" : : "c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}

static u32 components(void)
{
	return cpuid(LEAF_XSAVE, 0).eax & COMPONENTS;
}

/*
 * A task switch (i386: the timer's NMI) sets CR0.TS; the state is to be touched all the same. Without CR4.OSFXSR the SSE
 * registers would be left out (Intel SDM vol. 3, 2.5). Returns CR4 as it was.
 */
static reg_t open_state(void)
{
	reg_t cr4;

	asm volatile("clts");
	if (!cpu_features.has_fxsr)
		return 0;
	cr4 = read_cr4();
	write_cr4(cr4 | CR4_OSFXSR | (cpu_features.has_xsave ? CR4_OSXSAVE : 0));
	return cr4;
}

static void close_state(reg_t cr4)
{
	if (cpu_features.has_fxsr)
		write_cr4(cr4);
}

void fpu_save(void)
{
	reg_t cr4 = open_state();

	if (cpu_features.has_xsave) {
		u32 mask = components();

		xcr0 = read_xcr0();
		write_xcr0(mask);
		asm volatile("xsave %0" : "+m"(area) : "a"(mask), "d"(0));
		write_xcr0(xcr0);
	} else if (cpu_features.has_fxsr) {
		asm volatile("fxsave %0" : "=m"(area));
	} else {
		asm volatile("fnsave %0" : "=m"(area));
	}
	close_state(cr4);
}

void fpu_restore(void)
{
	reg_t cr4 = open_state();

	if (cpu_features.has_xsave) {
		u32 mask = components();

		write_xcr0(mask);
		asm volatile("xrstor %0" : : "m"(area), "a"(mask), "d"(0));
		write_xcr0(xcr0);
	} else if (cpu_features.has_fxsr) {
		asm volatile("fxrstor %0" : : "m"(area));
	} else {
		asm volatile("frstor %0" : : "m"(area));
	}
	close_state(cr4);
}

/* The i386 build leaves these registers alone otherwise: what is in them is another's. */
struct mover_sum arch_checksum(const void *data, u64 size)
{
	u8 registers[512] __attribute__((aligned(16)));
	struct mover_sum sum;
	reg_t cr4;

	if (BUILD_IS_64)
		return mover_checksum_wide(data, size);
	if (!cpu_features.has_fxsr || !cpu_features.has_sse2)
		return mover_checksum(data, size);
	cr4 = open_state();
	asm volatile("fxsave %0" : "=m"(registers));
	sum = mover_checksum_wide(data, size);
	asm volatile("fxrstor %0" : : "m"(registers));
	close_state(cr4);
	return sum;
}
