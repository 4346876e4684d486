/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The processor's and the old devices' state as numbers, to be compared before and after something. */
#include "pit.h"
#include "x86.h"

#define PORT_A20 0x92

struct table {
	u16 limit;
	reg_t base;
} PACKED;

static const char *const names[] = {
	"cr0", "cr3", "cr4", "efer", "gdt base", "gdt limit", "idt base", "idt limit", "tr", "ldt", "cs", "ss", "ds", "es", "fs", "gs",
	"flags", "x87 control", "mxcsr", "8259 masks", "timer mode", "a20",
};
_Static_assert(ARRAY_COUNT(names) <= ARCH_STATE_MAX, "");

const char *arch_state_name(u32 number)
{
	return names[number];
}

static u64 *put_tables(u64 *v)
{
	struct table gdt, idt;
	u16 tr, ldt;

	asm volatile("sgdt %0; sidt %1; str %2; sldt %3" : "=m"(gdt), "=m"(idt), "=m"(tr), "=m"(ldt));
	*v++ = gdt.base;
	*v++ = gdt.limit;
	*v++ = idt.base;
	*v++ = idt.limit;
	*v++ = tr;
	*v++ = ldt;
	return v;
}

static u64 *put_segments(u64 *v)
{
	u16 s[6];

	asm volatile("mov %%cs, %0; mov %%ss, %1; mov %%ds, %2; mov %%es, %3; mov %%fs, %4; mov %%gs, %5"
		     : "=m"(s[0]), "=m"(s[1]), "=m"(s[2]), "=m"(s[3]), "=m"(s[4]), "=m"(s[5]));
	for (u32 i = 0; i < ARRAY_COUNT(s); i++)
		*v++ = s[i];
	return v;
}

#define FLAGS_ARITHMETIC 0x8d5		/* the compiler's */

u32 arch_state_take(u64 values[ARCH_STATE_MAX])
{
	u64 *v = values;
	reg_t flags;
	u16 x87;
	u32 mxcsr = 0;

	*v++ = read_cr0() & ~(reg_t)CR0_TS;	/* an NMI's task leaves it set */
	*v++ = read_cr3();
	*v++ = read_cr4();
	*v++ = arch_features.can_long_mode || arch_features.has_nx ? rdmsr(MSR_EFER) : 0;
	v = put_segments(put_tables(v));
	asm volatile("pushf; pop %0" : "=r"(flags));
	asm volatile("fnstcw %0" : "=m"(x87));
	if (read_cr4() & CR4_OSFXSR)
		asm volatile("stmxcsr %0" : "=m"(mxcsr));
	*v++ = flags & ~(reg_t)FLAGS_ARITHMETIC;
	*v++ = x87;
	*v++ = mxcsr;
	*v++ = (u32)inb(PIC1_DATA) | (u32)inb(PIC2_DATA) << 8;
	outb(PIT_COMMAND, PIT_READ_BACK_STATUS0);
	*v++ = inb(PIT_CHANNEL0) & PIT_STATUS_MODE;
	*v++ = inb(PORT_A20) & 2;
	return (u32)(v - values);
}
