/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Devices for host tests: UARTs that answer or do not, and functions on PCI buses. */
#ifndef TRAPEZE_FAKE_DEVICES_H
#define TRAPEZE_FAKE_DEVICES_H

#include "arch.h"

/* No UART, no PCI, no console. */
void fake_devices_reset(void);

/* One more UART, which arch_console_open finds at this place. */
void fake_uart_add(enum console_access access, paddr_t addr);
/* What arch_console_open was asked to try, in order: "io 0x3f8, mmio 0x1000, ..." */
const char *fake_uart_tried(void);
/* What it opened last; kind CONSOLE_NONE: nothing, or it was closed. */
extern struct console_config fake_uart_open;

/* One more PCI function, all words zero but its identity; returns them. There is PCI from then on. */
#define FAKE_PCI_WORDS 64
u32 *fake_pci_add(u8 bus, u8 device, u8 function, u32 id);
extern unsigned int fake_pci_writes;
/* Called with a function's words after one was written: firmware that reacts. NULL: none. */
extern void (*fake_pci_written)(u32 *words, u32 offset);

#endif
