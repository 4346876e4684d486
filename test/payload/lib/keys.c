/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "payload.h"

#define COM1 0x3f8
#define LINE_STATUS (COM1 + 5)
#define DATA_READY 0x01

#define PIT_CHANNEL_2 0x42
#define PIT_COMMAND 0x43
#define PIT_CHANNEL_2_MODE_0 0xb0	/* low byte, high byte; the output rises when the count has run out */
#define SPEAKER_PORT 0x61
#define SPEAKER_GATE 0x01
#define SPEAKER_DATA 0x02
#define SPEAKER_OUT 0x20

/* 65536 ticks of 1.193182 MHz are 54.9 ms. */
#define COUNTS_A_SECOND 18

/* A machine without that timer ends the wait all the same: about 55 ms of port reads. */
#define READ_LIMIT 55000

#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_PULSE_RESET 0xfe
#define QEMU_EXIT 0xf4

static void NORETURN halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* By the keyboard controller; by a triple fault where there is none. */
static void NORETURN reboot(void)
{
	struct {
		u16 limit;
		unsigned long base;
	} __attribute__((packed)) no_table = { 0, 0 };

	out8(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
	for (u32 i = 0; i < READ_LIMIT; i++)
		in8(KEYBOARD_COMMAND);
	__asm__ volatile("lidt %0; int3" : : "m"(no_table));
	halt();
}

static void start_count(void)
{
	out8(SPEAKER_PORT, (u8)((in8(SPEAKER_PORT) & ~SPEAKER_DATA) | SPEAKER_GATE));
	out8(PIT_COMMAND, PIT_CHANNEL_2_MODE_0);
	out8(PIT_CHANNEL_2, 0xff);
	out8(PIT_CHANNEL_2, 0xff);
}

/* A key, or 0 when none came while the timer counted once. */
static char wait_for_key(void)
{
	start_count();
	for (u32 i = 0; i < READ_LIMIT && !(in8(SPEAKER_PORT) & SPEAKER_OUT); i++) {
		u8 status = in8(LINE_STATUS);

		if (status != 0xff && (status & DATA_READY))
			return (char)in8(COM1);
	}
	return 0;
}

void wait_and_stop(void)
{
	for (u32 quiet = 0; quiet < COUNTS_A_SECOND; quiet++) {
		char key = wait_for_key();

		if (key == 'r')
			reboot();
		if (key == 'x')
			out32(QEMU_EXIT, 0);
		if (key)
			quiet = 0;
	}
	halt();
}
