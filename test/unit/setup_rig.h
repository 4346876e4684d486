/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The setup code of trapeze.bzimage on a BIOS, a keyboard controller and a VGA that are the test's. Included once per
 * program.
 */
#ifndef TEST_SETUP_RIG_H
#define TEST_SETUP_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../boot/linux/params.c"
#include "../../boot/linux/setup/a20.c"
#include "../../boot/linux/setup/memory.c"
#include "../../boot/linux/setup/screen.c"
#include "../../boot/linux/setup/setup.c"

#define NEVER (~0u)

enum a20_way { A20_ON, A20_BIOS, A20_KBC, A20_PORT_A };

static struct {
	/* int 15h AX=E820h: `count` entries of 1 MiB each from 0 on, unless `entries` has them */
	const struct params_e820 *entries;
	u32 count;
	u32 answer_size, signature;
	bool ends_by_carry, is_endless;
	/* E801h's and 88h's registers (`e801` false: carry), int 12h's answer */
	bool has_e801, has_88;
	u32 e801_ax, e801_bx, e801_cx, e801_dx, ext_kib, low_kib;
	/* What enables A20, and after how many looks it is seen. */
	enum a20_way way;
	u32 delay;
	bool is_open, has_kbc;
	u32 kbc_busy, kbc_command, port_a;
	/* int 10h */
	bool has_vga, keeps_mode;
	u32 mode, modes_set;
	u32 calls;
} rig;

static u8 file[0x400];

static void refuse(struct setup_regs *regs)
{
	regs->eax = 0x8600;
	regs->eflags |= SETUP_FLAG_CF;
}

static void fake_e820(struct setup_regs *regs)
{
	u32 index = regs->ebx;
	struct params_e820 e = { (u64)index << 20, (u64)(index + 1) << 20, MEM_USABLE };

	assert_int_equal(regs->edx, SMAP);
	assert_int_equal(regs->ecx, ANSWER_SIZE);
	assert_int_equal(regs->edi, (u32)(uintptr_t)answer);
	if (index >= rig.count && !rig.is_endless) {
		refuse(regs);
		return;
	}
	if (rig.entries)
		e = rig.entries[index];
	setup_put(answer, e.start, 8);
	setup_put(answer + 8, e.end - e.start, 8);
	setup_put(answer + 16, e.type, 4);
	regs->eax = rig.signature;
	regs->ecx = rig.answer_size;
	regs->edx = 0;
	regs->ebx = rig.is_endless || rig.ends_by_carry || index + 1 < rig.count ? index + 1 : 0;
	regs->eflags &= ~SETUP_FLAG_CF;
}

static void fake_15h(struct setup_regs *regs)
{
	u32 function = regs->eax;

	if (function == 0xe820) {
		fake_e820(regs);
	} else if (function == 0xe801 && rig.has_e801) {
		*regs = (struct setup_regs){ rig.e801_ax, rig.e801_bx, rig.e801_cx, rig.e801_dx, 0, 0 };
	} else if (function == 0x8800 && rig.has_88) {
		*regs = (struct setup_regs){ .eax = rig.ext_kib };
	} else if (function == 0x2401 && rig.way == A20_BIOS) {
		rig.is_open = true;
		*regs = (struct setup_regs){ 0 };
	} else {
		refuse(regs);
	}
}

/* What a BIOS leaves in the upper halves is of no meaning. */
static void fake_10h(struct setup_regs *regs)
{
	u32 function = regs->eax;

	switch (function >> 8) {
	case 0x00:
		rig.modes_set++;
		if (!rig.keeps_mode)
			rig.mode = function & 0xff;
		break;
	case 0x03:
		assert_int_equal(regs->ebx, 0x0100);
		regs->edx = 0xbeef0c07;
		break;
	case 0x0f:
		regs->eax = 0xbeef5000 | rig.mode;
		regs->ebx = 0xbeef0100;
		break;
	case 0x11:
		assert_int_equal(function, 0x1130);
		regs->ecx = 0xbeef0010;
		regs->edx = 0xbeef0018;
		break;
	case 0x1a:
		regs->eax = rig.has_vga ? 0xbeef001a : function;
		break;
	default:
		fail();
	}
}

void setup_bios(u32 vector, struct setup_regs *regs)
{
	rig.calls++;
	if (vector == 0x10)
		fake_10h(regs);
	else if (vector == 0x12)
		regs->eax = 0xbeef0000 | rig.low_kib;
	else if (vector == 0x15)
		fake_15h(regs);
	else
		fail();
}

u32 setup_in(u32 port)
{
	if (port == PORT_A)
		return rig.port_a;
	assert_int_equal(port, KBC_STATUS);
	if (!rig.has_kbc)
		return 0xff;
	if (!rig.kbc_busy)
		return 0;
	rig.kbc_busy--;
	return KBC_INPUT_FULL;
}

void setup_out(u32 port, u32 value)
{
	if (port == PORT_A) {
		rig.port_a = value;
		rig.is_open |= rig.way == A20_PORT_A && value & PORT_A_A20;
		return;
	}
	/* A controller that is busy loses what it is sent. */
	if (!rig.has_kbc || rig.kbc_busy)
		return;
	if (rig.way == A20_KBC && port == KBC_DATA && rig.kbc_command == KBC_WRITE_OUTPUT_PORT &&
	    value == KBC_OUTPUT_A20)
		rig.is_open = true;
	rig.kbc_command = port == KBC_COMMAND ? value : 0;
	rig.kbc_busy = 5;
}

u32 setup_a20_is_on(void)
{
	if (rig.way == A20_ON)
		return 1;
	if (!rig.is_open || rig.delay == NEVER)
		return 0;
	if (!rig.delay)
		return 1;
	rig.delay--;
	return 0;
}

static void poke_file(u32 offset, u64 value, u32 size)
{
	setup_put(file + offset, value, size);
}

/* A PC of 64 MiB with all of that, and the image at 1 MiB, as a loader of protocol 2.02 or later leaves it. */
static int rig_init(void **state)
{
	(void)state;
	memset(&rig, 0, sizeof(rig));
	rig.count = 64;
	rig.answer_size = E820_ENTRY_SIZE;
	rig.signature = SMAP;
	rig.low_kib = 639;
	rig.has_vga = rig.has_kbc = true;
	rig.mode = 3;
	memset(setup_zero_page, 0, sizeof(setup_zero_page));
	memset(&setup_move, 0, sizeof(setup_move));
	memset(file, 0xc5, sizeof(file));
	poke_file(HDR_JUMP, 0x6aeb, 2);
	poke_file(HDR_SYSSIZE, KIB(900) / 16, 4);
	poke_file(HDR_CODE32_START, MIB(1), 4);
	poke_file(HDR_RAMDISK_IMAGE, 0, 8);
	poke_file(HDR_CMD_LINE_PTR, 0x20000, 4);
	poke_file(HDR_KERNEL_ALIGNMENT, MIB(8), 4);
	poke_file(HDR_INIT_SIZE, MIB(2), 4);
	return 0;
}

static inline u64 zp(u32 offset, u32 size)
{
	return number(setup_zero_page + offset, size);
}

#define TEST(name) cmocka_unit_test_setup(name, rig_init)

#endif
