/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The console as people and scripts use it: bytes in and out over whatever main() wired up. Also parses the console=
 * syntax into plain data; discovery and registers lie with the drivers.
 */
#ifndef TRAPEZE_CONSOLE_H
#define TRAPEZE_CONSOLE_H

#include "error.h"
#include "types.h"

enum console_access { CONSOLE_IO, CONSOLE_MMIO, CONSOLE_MMIO32 };
enum console_kind { CONSOLE_UART, CONSOLE_PCISERIAL, CONSOLE_SPCR, CONSOLE_NONE };

/*
 * `console=uart8250,io|mmio|mmio32,ADDR[,115200n8[,CLOCK]]` (also `uart,...`), `ttyS0[,115200n8]` to ttyS3,
 * `pciserial[[,force],BB:DD.F[,115200n8[,CLOCK]]]`, `spcr`, `none`. ADDR is hex with 0x, else decimal; BB:DD.F is hex. Parity
 * and data bits may be left out: 115200, 115200n. CLOCK is the UART's, in Hz.
 */
struct console_config {
	enum console_kind kind;
	enum console_access access;
	paddr_t addr;			/* I/O port or memory address */
	u32 baud;			/* 0: keep what firmware set */
	u32 clock;			/* of the UART, in Hz: 16 times the rate of divisor 1; 0: 1843200, as in every PC */
	char parity;			/* 'n', 'o', 'e' */
	u8 bits;			/* 7 or 8 */
	bool has_pci;
	bool force;			/* take a PCI device of whatever class */
	u8 pci_bus, pci_device, pci_function;
};

/* Parse; logs what is wrong with the text, and leaves *config alone then. */
enum err console_parse(const char *text, struct console_config *config) MUST_CHECK;
/*
 * Back to text, in the same syntax, for log and header line: parsed again it gives the same. CONSOLE_TEXT_MAX is
 * always enough.
 */
#define CONSOLE_TEXT_MAX 64
void console_format(const struct console_config *config, char *buf, size_t size);

struct bootinfo;

/*
 * Open the console that `text` names; NULL: the first UART that answers, among those that the BIOS data area names and COM1 to
 * COM4, or that SPCR names (first on UEFI). An error is logged; the console stays what it was then, and where there was none
 * the default is taken.
 */
enum err console_open(const char *text, const struct bootinfo *info) MUST_CHECK;

/* The device below: bytes as they are. */
struct console_ops {
	void (*write)(const char *text, size_t size);
	int (*read)(void);		/* next byte, or -1 when none waits; never blocks */
};

/* Before the first call, and after one with NULL, output vanishes and no input comes. */
void console_set(const struct console_ops *ops);
bool console_is_open(void);
/* "\n" goes out as "\r\n", here and in no other place: everything above writes "\n". */
void console_write(const char *text, size_t size);
void console_puts(const char *text);
/* Up to CONSOLE_PRINTF_MAX - 1 characters; the rest is cut. */
#define CONSOLE_PRINTF_MAX 256
void console_printf(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* -1 when nothing waits. */
int console_getc(void);
/* Wait up to timeout_us (0: for ever, but for a disturbance) for a byte; -1 when none came. Time is arch_time_us. */
int console_wait(u64 timeout_us);
/*
 * Something was printed that whoever waits for a key did not expect (a trap's dump): the wait ends, so that the prompt can be
 * shown again. console_take_disturbance tells whether it was so, and forgets it.
 */
void console_disturb(void);
bool console_take_disturbance(void);

#endif
