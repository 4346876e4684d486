/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What a person asks of a processor, for host tests: CPUID leaves, MSRs, ports, and memory that refuses. */
#ifndef TRAPEZE_FAKE_PROCESSOR_H
#define TRAPEZE_FAKE_PROCESSOR_H

#include "arch.h"

/* No leaf, no MSR, ports of all ones, nothing refused. */
void fake_processor_reset(void);
void fake_cpuid_set(u32 leaf, u32 subleaf, u32 eax, u32 ebx, u32 ecx, u32 edx);
/* The one MSR that there is. */
extern u32 fake_msr;
extern u64 fake_msr_value;
/* Writes into fake_ram from here on fault, though it is mapped; 0: none do. */
extern paddr_t fake_refused;
/* Called after arch_memory_write: a device that reacts. NULL: none. */
extern void (*fake_memory_written)(paddr_t at);
/* Ports as bytes; every write is recorded: "604=2000.2 ..." (port=value.width), in hexadecimal. */
extern u8 fake_ports[0x10000];
extern char fake_port_writes[1024];
/* A write to this port makes the processor set those bits at another: firmware that reacts. 0: no such port. */
extern u16 fake_port_trigger, fake_port_answer;
extern u8 fake_port_answer_bits;
/* What arch_map_device was asked for. */
extern paddr_t fake_mapped_start, fake_mapped_end;
extern enum err fake_map_result;

#endif
