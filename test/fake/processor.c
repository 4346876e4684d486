/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "processor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#define LEAVES_MAX 16

u32 fake_msr;
u64 fake_msr_value;
paddr_t fake_refused;
void (*fake_memory_written)(paddr_t at);
u8 fake_ports[0x10000];
char fake_port_writes[1024];
u16 fake_port_trigger, fake_port_answer;
u8 fake_port_answer_bits;
paddr_t fake_mapped_start, fake_mapped_end;
enum err fake_map_result;

static struct {
	u32 leaf, subleaf;
	struct arch_cpuid value;
} leaves[LEAVES_MAX];
static u32 leaf_count;

void fake_processor_reset(void)
{
	leaf_count = 0;
	fake_msr = 0xffffffff;
	fake_refused = 0;
	fake_memory_written = NULL;
	memset(fake_ports, 0xff, sizeof(fake_ports));
	fake_port_writes[0] = '\0';
	fake_port_trigger = 0;
	fake_mapped_start = fake_mapped_end = 0;
	fake_map_result = ERR_OK;
}

void fake_cpuid_set(u32 leaf, u32 subleaf, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
	if (leaf_count == LEAVES_MAX)
		abort();
	leaves[leaf_count].leaf = leaf;
	leaves[leaf_count].subleaf = subleaf;
	leaves[leaf_count++].value = (struct arch_cpuid){ eax, ebx, ecx, edx };
}

void arch_cpuid(u32 leaf, u32 subleaf, struct arch_cpuid *out)
{
	*out = (struct arch_cpuid){ 0 };
	for (u32 i = 0; i < leaf_count; i++)
		if (leaves[i].leaf == leaf && leaves[i].subleaf == subleaf)
			*out = leaves[i].value;
}

enum err arch_msr_read(u32 msr, u64 *value)
{
	*value = fake_msr_value;
	return msr == fake_msr ? ERR_OK : ERR_PROCESSOR;
}

enum err arch_msr_write(u32 msr, u64 value)
{
	if (msr != fake_msr)
		return ERR_PROCESSOR;
	fake_msr_value = value;
	return ERR_OK;
}

enum err arch_memory_read(paddr_t at, u32 width, u64 *value)
{
	const void *p = arch_phys(at, width);

	if (!p)
		return ERR_RESERVED;
	*value = 0;
	memcpy(value, p, width);
	return ERR_OK;
}

enum err arch_memory_write(paddr_t at, u32 width, u64 value)
{
	void *p = arch_phys(at, width);

	if (!p)
		return ERR_RESERVED;
	if (fake_refused && at + width > fake_refused)
		return ERR_PROCESSOR;
	memcpy(p, &value, width);
	if (fake_memory_written)
		fake_memory_written(at);
	return ERR_OK;
}

u32 arch_port_read(u16 port, u32 width)
{
	u32 value = 0;

	memcpy(&value, fake_ports + port, width);
	return value;
}

void arch_port_write(u16 port, u32 width, u32 value)
{
	size_t used = strlen(fake_port_writes);

	snprintf(fake_port_writes + used, sizeof(fake_port_writes) - used, "%s%x=%x.%u", used ? " " : "", port, value,
		 width);
	memcpy(fake_ports + port, &value, width);
	if (fake_port_trigger && port == fake_port_trigger)
		fake_ports[fake_port_answer] |= fake_port_answer_bits;
}

enum err arch_map_device(paddr_t start, paddr_t end)
{
	fake_mapped_start = start;
	fake_mapped_end = end;
	return fake_map_result;
}
