/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Local APIC and I/O APIC. Intel SDM vol. 3, 10.4 to 10.8 and 10.12; Intel 82093AA data sheet, 3.2. */
#ifndef TRAPEZE_APIC_H
#define TRAPEZE_APIC_H

#include "types.h"

#define MSR_APIC_BASE 0x1b
#define APIC_BASE_BSP (1u << 8)
#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLED (1u << 11)
#define APIC_BASE_ADDRESS 0xffffffffff000ull	/* up to MAXPHYADDR (Intel SDM vol. 3, 10.4.4), zero from there to bit 51 */
#define MSR_X2APIC(reg) (0x800 + ((reg) >> 4))

#define APIC_VERSION 0x30
#define VERSION_LAST_LVT(version) ((version) >> 16 & 0xff)
#define APIC_TPR 0x80
#define APIC_EOI 0xb0
#define APIC_SVR 0xf0
#define APIC_SVR_ENABLED 0x100
#define APIC_ISR 0x100
#define APIC_ISR_COUNT 8
#define APIC_ISR_STRIDE 0x10
#define APIC_LVT_CMCI 0x2f0
#define APIC_ICR 0x300
#define ICR_INIT_OTHERS 0xc4500		/* INIT, asserted, to all but this one */
#define ICR_PENDING 0x1000
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_COUNTERS 0x340
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_TIMER_COUNT 0x380

/* The same in an entry of an I/O APIC. */
#define LVT_DELIVERY 0x700
#define LVT_SMI 0x200
#define LVT_NMI 0x400
#define LVT_EXTINT 0x700
#define LVT_MASKED 0x10000

#define APIC_ID(ebx) ((ebx) >> 24)	/* of cpuid 1 */

#define IO_APIC_VERSION 1
#define IO_APIC_TABLE 0x10
#define IO_APIC_LAST_PIN(version) ((version) >> 16 & 0xff)

/* Why the control pages cannot drive the local APIC, going by what MSR_APIC_BASE says; NULL: they can. */
const char *apic_reach_of_calls(u64 msr);

#endif
