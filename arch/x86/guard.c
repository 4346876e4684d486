/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "guard.h"

#include "arch.h"
#include "mover.h"
#include "swing.h"
#include "x86.h"

#define LEAF1_EDX_MSR (1u << 5)
#define LEAF1_EDX_MTRR (1u << 12)
#define LEAF1_EDX_PAT (1u << 16)
#define MSR_MTRR_CAP 0xfe
#define MTRR_CAP_COUNT 0xff
#define MTRR_CAP_FIXED 0x100
#define MSR_MTRR_VARIABLE 0x200
#define MSR_PAT 0x277
#define MSR_MTRR_DEFAULT 0x2ff
#define MTRR_ENABLE (1ull << 11)
#define CR0_CACHE_DISABLE (1u << 30)
#define VARIABLE_MAX 32

static const u16 fixed[] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f };

static struct {
	bool has_pat, has_mtrr;
	u32 variable_count, fixed_count;
	u64 pat, type, variable[VARIABLE_MAX], fixed[ARRAY_COUNT(fixed)];
} saved;

static struct mover_sum self;

void guard_self(void)
{
	self = arch_checksum(text_start, rodata_end - text_start);
}

bool arch_self_changed(void)
{
	struct mover_sum before = self;

	guard_self();
	return self.a != before.a || self.b != before.b;
}

void guard_take(void)
{
	u32 edx = cpuid(1, 0).edx;
	u64 cap;

	saved.has_pat = (edx & LEAF1_EDX_MSR) && (edx & LEAF1_EDX_PAT);
	saved.has_mtrr = (edx & LEAF1_EDX_MSR) && (edx & LEAF1_EDX_MTRR);
	if (saved.has_pat)
		saved.pat = rdmsr(MSR_PAT);
	if (!saved.has_mtrr)
		return;
	cap = rdmsr(MSR_MTRR_CAP);
	saved.type = rdmsr(MSR_MTRR_DEFAULT);
	/* A base and a mask each. */
	saved.variable_count = (u32)min_u64(2 * (cap & MTRR_CAP_COUNT), VARIABLE_MAX);
	saved.fixed_count = cap & MTRR_CAP_FIXED ? ARRAY_COUNT(fixed) : 0;
	for (u32 i = 0; i < saved.variable_count; i++)
		saved.variable[i] = rdmsr(MSR_MTRR_VARIABLE + i);
	for (u32 i = 0; i < saved.fixed_count; i++)
		saved.fixed[i] = rdmsr(fixed[i]);
}

static bool mtrr_changed(void)
{
	if (!saved.has_mtrr)
		return false;
	if (rdmsr(MSR_MTRR_DEFAULT) != saved.type)
		return true;
	for (u32 i = 0; i < saved.variable_count; i++)
		if (rdmsr(MSR_MTRR_VARIABLE + i) != saved.variable[i])
			return true;
	for (u32 i = 0; i < saved.fixed_count; i++)
		if (rdmsr(fixed[i]) != saved.fixed[i])
			return true;
	return false;
}

static void flush(void)
{
	asm volatile("wbinvd" : : : "memory");
	write_cr3(read_cr3());
}

/* Caches off and empty while memory types change (Intel SDM vol. 3, 11.11.8). */
static void write_types(bool mtrr)
{
	reg_t cr0 = read_cr0();

	write_cr0(cr0 | CR0_CACHE_DISABLE);
	flush();
	if (mtrr) {
		wrmsr(MSR_MTRR_DEFAULT, saved.type & ~MTRR_ENABLE);
		for (u32 i = 0; i < saved.variable_count; i++)
			wrmsr(MSR_MTRR_VARIABLE + i, saved.variable[i]);
		for (u32 i = 0; i < saved.fixed_count; i++)
			wrmsr(fixed[i], saved.fixed[i]);
		wrmsr(MSR_MTRR_DEFAULT, saved.type);
	}
	if (saved.has_pat)
		wrmsr(MSR_PAT, saved.pat);
	flush();
	write_cr0(cr0);
}

u32 guard_restore(void)
{
	u32 changed = 0;

	if (saved.has_pat && rdmsr(MSR_PAT) != saved.pat)
		changed |= SWING_CHANGED_PAT;
	if (mtrr_changed())
		changed |= SWING_CHANGED_MTRR;
	if (changed)
		write_types(changed & SWING_CHANGED_MTRR);
	return changed;
}
