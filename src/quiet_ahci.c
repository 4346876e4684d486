/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Source: Serial ATA AHCI 1.3.1, 3.1, 3.3.7, 10.3 and 10.6. */
#include "quiet_private.h"

#define BAR 5
#define REGISTERS 0x1100
#define GHC 0x04
#define GHC_INTERRUPTS 0x2u
#define GHC_AHCI 0x80000000u
#define PORTS 0x0c
#define PORT_COUNT 32
#define VERSION 0x10
#define VERSION_1_2 0x10200u
#define CAP2 0x24
#define CAP2_HANDOFF 0x1u
#define BOHC 0x28
#define BOHC_BIOS 0x1u
#define BOHC_OS 0x2u
#define HANDOFF_MS 2000			/* that long where the BIOS has to write something first */
#define PORT_CMD(n) (0x118 + 0x80 * (n))
#define CMD_START 0x1u
#define CMD_RECEIVE 0x10u
#define CMD_RECEIVES 0x4000u
#define CMD_RUNS 0x8000u
#define PORT_MS 500

static u32 take(paddr_t hba)
{
	u32 owner;

	if (quiet_read(hba + VERSION) < VERSION_1_2 || !(quiet_read(hba + CAP2) & CAP2_HANDOFF))
		return 0;
	owner = quiet_read(hba + BOHC);
	if (!(owner & BOHC_BIOS))
		return 0;
	quiet_write(hba + BOHC, owner | BOHC_OS);
	return QUIET_TAKEN | quiet_wait(hba + BOHC, BOHC_BIOS, 0, HANDOFF_MS);
}

/* Commands first, then what comes in; each tells when it has ended. */
static u32 stop_port(paddr_t command)
{
	u32 value = quiet_read(command), done = 0;

	if (value & (CMD_START | CMD_RUNS)) {
		quiet_write(command, value & ~CMD_START);
		done = QUIET_STOPPED | quiet_wait(command, CMD_RUNS, 0, PORT_MS);
	}
	value = quiet_read(command);
	if (value & (CMD_RECEIVE | CMD_RECEIVES)) {
		quiet_write(command, value & ~CMD_RECEIVE);
		done |= QUIET_STOPPED | quiet_wait(command, CMD_RECEIVES, 0, PORT_MS);
	}
	return done;
}

u32 quiet_ahci(struct pci_place at)
{
	paddr_t hba = quiet_map(at, BAR, REGISTERS);
	u32 done, control, ports;

	if (!hba)
		return 0;
	done = take(hba);
	control = quiet_read(hba + GHC);
	if (!(control & GHC_AHCI))
		return done;		/* it plays an IDE controller */
	if (control & GHC_INTERRUPTS)
		quiet_write(hba + GHC, control & ~GHC_INTERRUPTS);
	ports = quiet_read(hba + PORTS);
	for (u32 i = 0; i < PORT_COUNT; i++)
		if (ports >> i & 1)
			done |= stop_port(hba + PORT_CMD(i));
	return done;
}
