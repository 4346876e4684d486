/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What is small: equipment, keyboard, power management, time. IBM PS/2 and PC BIOS Interface Technical Reference; APM BIOS
 * Interface Specification 1.2.
 */
#include "arch.h"
#include "bios_private.h"
#include "log.h"

#define BDA_SERIAL 0x400		/* four ports, then three parallel ones */
#define APM_SIGNATURE 0x504d		/* "PM" in bx */
#define CONFIG_SIZE 8u
#define LOW_LIMIT 0x100000u

/* int 15h AH=C0h: es:bx leads to a table of model bytes. */
static void configuration(const struct bios_scene *scene)
{
	struct bios_regs regs = { .eax = 0xc000 };
	const u8 *table;
	paddr_t at;

	if (!bios_ask(scene, 0x15, &regs))
		return;
	at = bios_linear(regs.es, (u16)regs.ebx);
	table = at >= PAGE_SIZE && at < LOW_LIMIT - CONFIG_SIZE ? arch_phys(at, CONFIG_SIZE) : NULL;
	if (table)
		log_info("bios", "system: model=0x%02x submodel=0x%02x revision=%u features=0x%02x", table[2], table[3],
			 table[4], table[5]);
}

enum err bios_system(const struct bios_scene *scene)
{
	struct bios_regs regs = { 0 };
	u8 ports[14], sum = 0;
	u32 serial = 0, parallel = 0;

	if (bios_ask(scene, 0x11, &regs))
		log_info("bios", "system: equipment=0x%04x coprocessor=%u mouse=%u", regs.eax & 0xffff,
			 regs.eax >> 1 & 1, regs.eax >> 2 & 1);
	if (bios_low_read(BDA_SERIAL, ports, sizeof(ports))) {
		for (u32 i = 0; i < 7; i++) {
			sum = (u8)(le16(ports + 2 * i) != 0);
			serial += i < 4 ? sum : 0;
			parallel += i < 4 ? 0 : sum;
		}
		log_info("bios", "system: serial=%u serial_port=0x%x parallel=%u parallel_port=0x%x", serial,
			 le16(ports), parallel, le16(ports + 8));
	}
	configuration(scene);
	return ERR_OK;
}

enum err bios_keyboard(const struct bios_scene *scene)
{
	static const char *const names[] = {
		"right-shift", "left-shift", "ctrl", "alt", "scroll-lock", "num-lock", "caps-lock", "insert",
	};
	struct bios_regs regs = { .eax = 0x0200 };
	u8 flags;

	if (!bios_ask(scene, 0x16, &regs))
		return ERR_OK;
	flags = (u8)regs.eax;
	log_info("bios", "keyboard: flags=0x%02x", flags);
	for (u32 i = 0; i < ARRAY_COUNT(names); i++)
		if (flags & 1u << i)
			log_info("bios", "keyboard: %s is on", names[i]);
	/* AH=11h looks and takes nothing; ZF: there is no key. */
	regs = (struct bios_regs){ .eax = 0x1100 };
	if (bios_ask(scene, 0x16, &regs) && !(regs.eflags & BIOS_FLAG_ZF))
		log_info("bios", "keyboard: a key waits scan=0x%02x code=0x%02x", bios_ah(&regs), regs.eax & 0xff);
	return ERR_OK;
}

enum err bios_apm(const struct bios_scene *scene)
{
	struct bios_regs regs = { .eax = 0x5300 };

	if (!bios_ask(scene, 0x15, &regs))
		return ERR_OK;
	if ((regs.ebx & 0xffff) != APM_SIGNATURE) {
		log_info("bios", "apm: not understood bx=0x%04x", regs.ebx & 0xffff);
		return ERR_OK;
	}
	log_info("bios", "apm: version=%u.%u 16_bit=%u 32_bit=%u idle_slows=%u disabled=%u", bios_ah(&regs),
		 regs.eax & 0xff, regs.ecx & 1, regs.ecx >> 1 & 1, regs.ecx >> 2 & 1, regs.ecx >> 3 & 1);
	regs = (struct bios_regs){ .eax = 0x530a, .ebx = 1 };
	if (bios_ask(scene, 0x15, &regs))
		log_info("bios", "apm: ac_line=0x%02x battery=0x%02x charge=%u", regs.ebx >> 8 & 0xff, regs.ebx & 0xff,
			 regs.ecx & 0xff);
	return ERR_OK;
}

/* The clock chip's numbers are packed decimal and so are shown as they are. */
enum err bios_time(const struct bios_scene *scene)
{
	struct bios_regs date = { .eax = 0x0400 }, clock = { .eax = 0x0200 }, ticks = { 0 };

	if (bios_ask(scene, 0x1a, &date) && bios_ask(scene, 0x1a, &clock))
		log_info("bios", "time: %04x-%02x-%02x %02x:%02x:%02x daylight_saving=%u", date.ecx & 0xffff, date.edx >> 8 & 0xff,
			 date.edx & 0xff, clock.ecx >> 8 & 0xff, clock.ecx & 0xff, clock.edx >> 8 & 0xff, clock.edx & 1);
	if (bios_ask(scene, 0x1a, &ticks))
		log_info("bios", "time: ticks_since_midnight=%u", (ticks.ecx & 0xffff) << 16 | (ticks.edx & 0xffff));
	return ERR_OK;
}
