/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "fake.h"

#include "fake_bios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"

struct arch_features arch_features = {
	.build = sizeof(void *) == 8 ? "x86_64" : "i386",
	.can_long_mode = true,
	.has_pae = true,
	.has_nx = true,
	.paddr_bits = 36,
	.tsc_khz = 1000000,
};

u8 *fake_ram;
u64 fake_ram_size;
paddr_t fake_phys_limit;
u64 fake_time_us, fake_time_step = 1;
int fake_random = -1;
bool fake_has_console;
struct console_config fake_console;
const char *fake_cannot_enter[3];
bool fake_self_changed;

void fake_ram_init(u64 size)
{
	fake_ram_free();
	fake_ram = calloc(1, (size_t)size);
	if (!fake_ram)
		abort();
	fake_ram_size = size;
	fake_phys_limit = size;
	fake_low_open = true;
	fake_low_is_null = false;
}

void fake_ram_free(void)
{
	free(fake_ram);
	fake_ram = NULL;
	fake_ram_size = 0;
}

void *arch_phys(paddr_t paddr, u64 size)
{
	if (paddr > fake_ram_size || fake_ram_size - paddr < size)
		return NULL;
	if (fake_low_is_null && (!paddr || (!fake_low_open && paddr < PAGE_SIZE)))
		return NULL;
	return fake_ram + paddr;
}

const void *arch_phys_page(paddr_t page)
{
	return arch_phys(page, PAGE_SIZE);
}

paddr_t arch_paddr(const void *p)
{
	return (paddr_t)((const u8 *)p - fake_ram);
}

paddr_t arch_phys_limit(void)
{
	return fake_phys_limit;
}

u64 arch_time_us(void)
{
	u64 now = fake_time_us;

	fake_time_us += fake_time_step;
	return now;
}

void arch_relax(void)
{
}

bool arch_random(void *buf, size_t size)
{
	if (fake_random < 0)
		return false;
	memset(buf, fake_random, size);
	return true;
}

void arch_hpet_is_at(paddr_t paddr)
{
	(void)paddr;
}

void arch_timer_is_wired(const struct arch_timer_wire *wire)
{
	(void)wire;
}

void arch_set_step(const char *step)
{
	(void)step;
}

struct mover_sum arch_checksum(const void *data, u64 size)
{
	return mover_checksum(data, size);
}

bool arch_self_changed(void)
{
	bool changed = fake_self_changed;

	fake_self_changed = false;
	return changed;
}

bool arch_can_enter(enum entry_mode mode, const char **why)
{
	*why = fake_cannot_enter[mode];
	return !*why;
}

void arch_reboot(void)
{
	exit(99);
}

void arch_halt(void)
{
	exit(98);
}

static const char *input;
static size_t input_left;
char *fake_output;
size_t fake_output_size;

static void console_record(const char *text, size_t size)
{
	fake_output = realloc(fake_output, fake_output_size + size + 1);
	if (!fake_output)
		abort();
	memcpy(fake_output + fake_output_size, text, size);
	fake_output_size += size;
	fake_output[fake_output_size] = '\0';
}

static int console_play(void)
{
	if (!input_left)
		return -1;
	input_left--;
	return (u8)*input++;
}

bool arch_console_config(struct console_config *config)
{
	*config = fake_console;
	return fake_has_console;
}

void fake_console_init(const char *text, size_t size)
{
	static const struct console_ops ops = { .write = console_record, .read = console_play };

	fake_console_free();
	input = text;
	input_left = size;
	console_record("", 0);
	console_set(&ops);
}

void fake_console_free(void)
{
	free(fake_output);
	fake_output = NULL;
	fake_output_size = 0;
	input_left = 0;
}

static char *logged;
static size_t logged_size;

static void log_record(const char *text, size_t size)
{
	logged = realloc(logged, logged_size + size + 1);
	if (!logged)
		abort();
	memcpy(logged + logged_size, text, size);
	logged_size += size;
	logged[logged_size] = '\0';
}

void fake_log_reset(void)
{
	free(logged);
	logged = NULL;
	logged_size = 0;
	log_record("", 0);
	log_set_level(LOG_STEP);
	log_set_console(log_record);
}

const char *fake_log_text(void)
{
	return logged ? logged : "";
}

bool fake_log_has(const char *text)
{
	return strstr(fake_log_text(), text) != NULL;
}

unsigned int fake_log_errors(void)
{
	const char *at = fake_log_text();
	unsigned int count = 0;

	while ((at = strstr(at, " error: "))) {
		count++;
		at++;
	}
	return count;
}
