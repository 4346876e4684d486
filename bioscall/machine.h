/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The image around the calls. */
#ifndef BIOSCALL_MACHINE_H
#define BIOSCALL_MACHINE_H

#include "page.h"

/* The linker script's: the area. */
extern struct bioscall_page bioscall_area;

/* entry.S: called there, and gone back to the caller of the image from anywhere. */
void bioscall_main(void);
NORETURN void bioscall_leave(void);
/* Everything put back, the answer given where it may be; from anywhere, and then on to bioscall_leave. */
void bioscall_finish(void);

/*
 * ARCH/world.c: into page tables of the image's own, where there are any, with the local APIC's interrupts held back;
 * and back to the caller's.
 */
void world_enter(void);
void world_leave(void);

/* Between the two bios_present and all calls work. lend_end puts everything back, and does nothing the second time. */
void lend_begin(const struct bioscall_page *page);
void lend_end(void);

/* Descriptor tables and traps of the image's own. */
void machine_start(void);
/* A UART at that port for the log, and as it was. */
void machine_open_port(u32 port);
void machine_close_port(void);

#endif
