/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "probe.h"

#include "paging.h"
#include "x86.h"

volatile bool probe_faulted;

/* i386: #PF is a task, and the way back from a task sets CR0.TS. */
static enum err outcome(void)
{
	if (!probe_faulted)
		return ERR_OK;
	asm volatile("clts");
	return ERR_PROCESSOR;
}

enum err arch_msr_read(u32 msr, u64 *value)
{
	u32 low = 0, high = 0;

	probe_faulted = false;
	asm volatile(PROBED("rdmsr") : "+a"(low), "+d"(high) : "c"(msr) : "memory");
	*value = (u64)high << 32 | low;
	return outcome();
}

enum err arch_msr_write(u32 msr, u64 value)
{
	probe_faulted = false;
	asm volatile(PROBED("wrmsr") : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
	return outcome();
}

static void load(const void *at, u32 width, u64 *value)
{
	reg_t word = 0;

	switch (width) {
	case 1:
		asm volatile(PROBED("movzbl (%1), %k0") : "+r"(word) : "r"(at) : "memory");
		break;
	case 2:
		asm volatile(PROBED("movzwl (%1), %k0") : "+r"(word) : "r"(at) : "memory");
		break;
	case 4:
		asm volatile(PROBED("movl (%1), %k0") : "+r"(word) : "r"(at) : "memory");
		break;
	default:
		asm volatile(PROBED("mov (%1), %0") : "+r"(word) : "r"(at) : "memory");
		break;
	}
	*value = word;
}

static void store(void *at, u32 width, u64 value)
{
	reg_t word = (reg_t)value;

	switch (width) {
	case 1:
		asm volatile(PROBED("movb %b0, (%1)") : : "q"(word), "r"(at) : "memory");
		break;
	case 2:
		asm volatile(PROBED("movw %w0, (%1)") : : "r"(word), "r"(at) : "memory");
		break;
	case 4:
		asm volatile(PROBED("movl %k0, (%1)") : : "r"(word), "r"(at) : "memory");
		break;
	default:
		asm volatile(PROBED("mov %0, (%1)") : : "r"(word), "r"(at) : "memory");
		break;
	}
}

/* Of the first byte arch_phys can tell nothing, its address being a null pointer: what holds for the second holds for it. */
static bool reach(paddr_t at, u32 width, u8 **p)
{
	*p = (u8 *)(uintptr_t)at;
	return arch_phys(at ? at : 1, width);
}

static enum err read_mapped(paddr_t at, u32 width, u64 *value)
{
	u64 high = 0;
	u8 *p;

	if (!reach(at, width, &p))
		return ERR_RESERVED;
	probe_faulted = false;
	load(p, width, value);
	if (width > sizeof(reg_t))
		load(p + sizeof(reg_t), width - sizeof(reg_t), &high);
	*value |= high << 32;
	return outcome();
}

static enum err write_mapped(paddr_t at, u32 width, u64 value)
{
	u8 *p;

	if (!reach(at, width, &p))
		return ERR_RESERVED;
	probe_faulted = false;
	store(p, width, value);
	if (width > sizeof(reg_t))
		store(p + sizeof(reg_t), width - sizeof(reg_t), value >> 32);
	return outcome();
}

/* The first page, the BIOS's, is in reach for the moment. */
enum err arch_memory_read(paddr_t at, u32 width, u64 *value)
{
	enum err err;
	u8 *first;

	if (at >= PAGE_SIZE)
		return read_mapped(at, width, value);
	err = arch_paging_open_low(&first) ? read_mapped(at, width, value) : ERR_RESERVED;
	arch_paging_seal_low();
	return err;
}

enum err arch_memory_write(paddr_t at, u32 width, u64 value)
{
	enum err err;
	u8 *first;

	if (at >= PAGE_SIZE)
		return write_mapped(at, width, value);
	err = arch_paging_open_low(&first) ? write_mapped(at, width, value) : ERR_RESERVED;
	arch_paging_seal_low();
	return err;
}

enum err arch_map_device(paddr_t start, paddr_t end)
{
	return paging_reach(start, end);
}

u32 arch_port_read(u16 port, u32 width)
{
	return width == 1 ? inb(port) : width == 2 ? inw(port) : inl(port);
}

void arch_port_write(u16 port, u32 width, u32 value)
{
	if (width == 1)
		outb(port, (u8)value);
	else if (width == 2)
		outw(port, (u16)value);
	else
		outl(port, value);
}

void arch_cpuid(u32 leaf, u32 subleaf, struct arch_cpuid *out)
{
	struct cpuid r = cpuid(leaf, subleaf);

	*out = (struct arch_cpuid){ r.eax, r.ebx, r.ecx, r.edx };
}
