/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "fake_bios.h"

#include "fake.h"

#define HANDLERS 0xf0000
#define HANDLER_SIZE 16
#define VECTORS 256

void (*fake_bios)(const struct arch_bios_target *target, struct bios_regs *regs);
enum arch_bios_end fake_bios_end;
u32 fake_bios_left;
unsigned int fake_bios_calls;
paddr_t fake_bios_page;
bool fake_low_open = true, fake_low_is_null;

bool arch_paging_open_low(u8 **first)
{
	fake_low_open = true;
	*first = fake_ram;
	return true;
}

void arch_paging_seal_low(void)
{
	fake_low_open = false;
}

void arch_bios_start(paddr_t page)
{
	fake_bios_page = page;
}

enum arch_bios_end arch_bios_call(const struct arch_bios_target *target, struct bios_regs *regs, u32 *left)
{
	fake_bios_calls++;
	if (fake_bios)
		fake_bios(target, regs);
	*left = fake_bios_left;
	return fake_bios_end;
}

void fake_bios_vectors(void)
{
	for (u32 v = 0; v < VECTORS; v++) {
		u32 at = HANDLERS + v * HANDLER_SIZE;

		fake_ram[v * 4] = (u8)(at & 0xff);
		fake_ram[v * 4 + 1] = (u8)(at >> 8);
		fake_ram[v * 4 + 2] = 0;
		fake_ram[v * 4 + 3] = 0xf0;
		fake_ram[at] = 0xcf;
	}
}

void arch_bios_add_cost(struct arch_bios_cost *cost)
{
	cost->there += 1;
	cost->bios += 2;
	cost->back += 3;
}

u64 fake_state[2];

u32 arch_state_take(u64 values[ARCH_STATE_MAX])
{
	values[0] = fake_state[0];
	values[1] = fake_state[1];
	return ARRAY_COUNT(fake_state);
}

const char *arch_state_name(u32 number)
{
	return number ? "second" : "first";
}
