/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Processor instructions as inline functions. Sources: Intel SDM volumes 2 and 3, AMD64 APM volume 2. */
#ifndef TRAPEZE_CPU_H
#define TRAPEZE_CPU_H

#include "bits.h"
#include "types.h"

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_PG (1u << 31)
#define CR4_PSE (1u << 4)
#define CR4_PAE (1u << 5)
#define CR4_PGE (1u << 7)
#define CR4_OSFXSR (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)
#define CR4_OSXSAVE (1u << 18)
#define MSR_EFER 0xc0000080u
#define MSR_FS_BASE 0xc0000100u
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)
#define EFER_NXE (1u << 11)

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid r;

	asm volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 rdtsc(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static inline void wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

#define CPU_CONTROL_REGISTER(n) \
	static inline reg_t read_cr##n(void) \
	{ \
		reg_t v; \
		asm volatile("mov %%cr" #n ", %0" : "=r"(v)); \
		return v; \
	} \
	static inline void write_cr##n(reg_t v) \
	{ \
		asm volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); \
	}
CPU_CONTROL_REGISTER(0)
CPU_CONTROL_REGISTER(2)
CPU_CONTROL_REGISTER(3)
CPU_CONTROL_REGISTER(4)
#undef CPU_CONTROL_REGISTER

static inline void write_dr6(reg_t v)
{
	asm volatile("mov %0, %%dr6" : : "r"(v));
}

static inline reg_t read_dr6(void)
{
	reg_t v;

	asm volatile("mov %%dr6, %0" : "=r"(v));
	return v;
}

#define CPU_SEGMENT_REGISTER(s) \
	static inline u16 read_##s(void) \
	{ \
		u16 v; \
		asm volatile("mov %%" #s ", %0" : "=r"(v)); \
		return v; \
	}
CPU_SEGMENT_REGISTER(cs)
CPU_SEGMENT_REGISTER(ds)
CPU_SEGMENT_REGISTER(es)
CPU_SEGMENT_REGISTER(fs)
CPU_SEGMENT_REGISTER(gs)
CPU_SEGMENT_REGISTER(ss)
#undef CPU_SEGMENT_REGISTER

/* The operand of lgdt, lidt, sgdt, sidt. */
struct table_pointer {
	u16 limit;
	reg_t base;
} PACKED;

static inline struct table_pointer read_gdtr(void)
{
	struct table_pointer p;

	asm volatile("sgdt %0" : "=m"(p));
	return p;
}

static inline struct table_pointer read_idtr(void)
{
	struct table_pointer p;

	asm volatile("sidt %0" : "=m"(p));
	return p;
}

static inline u16 read_tr(void)
{
	u16 v;

	asm volatile("str %0" : "=r"(v));
	return v;
}

static inline void invlpg(paddr_t address)
{
	asm volatile("invlpg (%0)" : : "r"((uintptr_t)address) : "memory");
}

static inline void outb(u16 port, u8 v)
{
	asm volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline u8 inb(u16 port)
{
	u8 v;

	asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outw(u16 port, u16 v)
{
	asm volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline u16 inw(u16 port)
{
	u16 v;

	asm volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outl(u16 port, u32 v)
{
	asm volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline u32 inl(u16 port)
{
	u32 v;

	asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void cpu_pause(void)
{
	asm volatile("pause" : : : "memory");
}

#endif
