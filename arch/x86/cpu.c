/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <string.h>

#include "x86.h"

#define LEAF1_EDX_PSE (1u << 3)
#define LEAF1_EDX_PAE (1u << 6)
#define LEAF1_EDX_MCE (1u << 7)
#define LEAF1_EDX_APIC (1u << 9)
#define LEAF1_EDX_FXSR (1u << 24)
#define LEAF1_EDX_SSE (1u << 25)
#define LEAF1_EDX_SSE2 (1u << 26)
#define LEAF1_ECX_X2APIC (1u << 21)
#define LEAF1_ECX_XSAVE (1u << 26)
#define LEAF1_ECX_RDRAND (1u << 30)
#define LEAF7_EBX_RDSEED (1u << 18)
#define LEAF7_ECX_LA57 (1u << 16)
#define EXT1_EDX_NX (1u << 20)
#define EXT1_EDX_GIB_PAGES (1u << 26)
#define EXT1_EDX_LM (1u << 29)
#define RANDOM_TRIES 32

struct arch_features arch_features = { .build = BUILD_NAME };
struct cpu_features cpu_features;

static void detect_extended(void)
{
	struct arch_features *f = &arch_features;
	u32 edx;

	f->paddr_bits = f->has_pae ? 36 : 32;
	cpu_features.max_extended_leaf = cpuid(0x80000000u, 0).eax;
	if (cpu_features.max_extended_leaf < 0x80000001u || cpu_features.max_extended_leaf > 0x8000ffffu)
		return;
	edx = cpuid(0x80000001u, 0).edx;
	f->can_long_mode = edx & EXT1_EDX_LM;
	f->has_nx = f->has_pae && (edx & EXT1_EDX_NX);
	f->has_gib_pages = edx & EXT1_EDX_GIB_PAGES;
	if (cpu_features.max_extended_leaf >= 0x80000008u)
		f->paddr_bits = (u8)cpuid(0x80000008u, 0).eax;
}

void cpu_detect(void)
{
	struct cpu_features *c = &cpu_features;
	struct cpuid leaf = cpuid(0, 0);

	c->max_leaf = leaf.eax;
	memcpy(c->vendor, &leaf.ebx, 4);
	memcpy(c->vendor + 4, &leaf.edx, 4);
	memcpy(c->vendor + 8, &leaf.ecx, 4);
	leaf = cpuid(1, 0);
	c->has_pse = leaf.edx & LEAF1_EDX_PSE;
	c->has_apic = leaf.edx & LEAF1_EDX_APIC;
	c->has_mce = leaf.edx & LEAF1_EDX_MCE;
	c->has_fxsr = leaf.edx & LEAF1_EDX_FXSR;
	c->has_sse = leaf.edx & LEAF1_EDX_SSE;
	c->has_sse2 = leaf.edx & LEAF1_EDX_SSE2;
	c->has_x2apic = leaf.ecx & LEAF1_ECX_X2APIC;
	c->has_rdrand = leaf.ecx & LEAF1_ECX_RDRAND;
	c->has_xsave = leaf.ecx & LEAF1_ECX_XSAVE;
	arch_features.has_pae = leaf.edx & LEAF1_EDX_PAE;
	if (c->max_leaf >= 7) {
		leaf = cpuid(7, 0);
		c->has_rdseed = leaf.ebx & LEAF7_EBX_RDSEED;
		arch_features.has_5_levels = leaf.ecx & LEAF7_ECX_LA57;
	}
	arch_features.has_local_apic = c->has_apic;
	detect_extended();
}

static bool random_word(reg_t *word)
{
	bool ok = false;

	for (unsigned int i = 0; i < RANDOM_TRIES && !ok; i++) {
		if (cpu_features.has_rdseed)
			asm volatile("rdseed %0" : "=r"(*word), "=@ccc"(ok));
		else
			asm volatile("rdrand %0" : "=r"(*word), "=@ccc"(ok));
	}
	return ok;
}

bool arch_random(void *buf, size_t size)
{
	u8 *at = buf;
	reg_t word;

	if (!cpu_features.has_rdseed && !cpu_features.has_rdrand)
		return false;
	while (size) {
		size_t part = size < sizeof(word) ? size : sizeof(word);

		if (!random_word(&word))
			return false;
		memcpy(at, &word, part);
		at += part;
		size -= part;
	}
	return true;
}

void arch_relax(void)
{
	cpu_pause();
}

bool arch_can_enter(enum entry_mode mode, const char **why)
{
	*why = NULL;
	if (mode == ENTRY_LONG && !arch_features.can_long_mode)
		*why = "the processor has no long mode (it is 32-bit only)";
	return !*why;
}
