/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The architecture replaced for host tests: simulated physical memory, a clock that tests set, a console that plays a
 * script and records what was written, and a look at what was logged.
 */
#ifndef TRAPEZE_FAKE_H
#define TRAPEZE_FAKE_H

#include "arch.h"
#include "log.h"

/* Simulated memory [0, size), zeroed; frees the one before. fake_ram is its first byte. */
void fake_ram_init(u64 size);
void fake_ram_free(void);
extern u8 *fake_ram;
extern u64 fake_ram_size;
/* What arch_phys_limit() returns; fake_ram_init sets it to the size. */
extern paddr_t fake_phys_limit;

/* arch_time_us returns this and adds fake_time_step (1 by default) each time. */
extern u64 fake_time_us, fake_time_step;
/* What arch_random gives: this byte repeated, or nothing when negative. */
extern int fake_random;
/* What arch_console_config says. */
extern bool fake_has_console;
extern struct console_config fake_console;
/* What arch_can_enter answers for a mode: NULL yes, else the reason. */
extern const char *fake_cannot_enter[3];
/* What arch_self_changed() says next; false again after. */
extern bool fake_self_changed;

/* What arch_quiet was given, what it returns, and how often arch_quiet_bios was called. */
extern struct arch_quiet fake_quiet;
extern u32 fake_quiet_done, fake_quiet_bios;

/* The console: `input` is read byte by byte (then nothing more comes); output collects in fake_output. */
void fake_console_init(const char *input, size_t size);
void fake_console_free(void);
extern char *fake_output;
extern size_t fake_output_size;

/* Log lines since the last reset, newline-separated, without time stamps' values. */
void fake_log_reset(void);
/* Does any line logged since then contain `text`? */
bool fake_log_has(const char *text);
/* Lines at level err logged since then. */
unsigned int fake_log_errors(void);
const char *fake_log_text(void);

#endif
