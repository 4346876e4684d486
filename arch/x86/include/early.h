/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Numbers that the start code and C share. */
#ifndef TRAPEZE_EARLY_H
#define TRAPEZE_EARLY_H

/* Selectors of the shim's own descriptor table; the 64-bit code segment is there in both builds. */
#define SEL_CODE64 0x08
#define SEL_CODE32 0x10
#define SEL_DATA 0x18
#define SEL_CODE16 0x20
#define SEL_DATA16 0x28
#define SEL_CANARY 0x30		/* i386: %gs, base = the canary block */
#define SEL_TSS 0x38		/* x86_64: 16 bytes */
#define SEL_TSS_DF 0x48		/* i386: task gates */
#define SEL_TSS_NMI 0x50
#define SEL_TSS_PF 0x58
#define GDT_SIZE 0x60

/* Where compilers' stack protector looks for the canary: %fs:0x28 (x86_64 psABI) and %gs:0x14 (i386). */
#define CANARY_OFFSET_64 0x28
#define CANARY_OFFSET_32 0x14

#endif
