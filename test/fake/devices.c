/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"

#define DEVICES_MAX 10

struct console_config fake_uart_open = { .kind = CONSOLE_NONE };
unsigned int fake_pci_writes;
void (*fake_pci_written)(u32 *words, u32 offset);

static struct {
	enum console_access access;
	paddr_t addr;
} uarts[DEVICES_MAX];
static unsigned int uart_count;
static char tried[1024];

static struct {
	u8 bus, device, function;
	u32 words[FAKE_PCI_WORDS];
} functions[DEVICES_MAX];
static unsigned int function_count;

void fake_devices_reset(void)
{
	uart_count = function_count = fake_pci_writes = 0;
	fake_pci_written = NULL;
	tried[0] = '\0';
	arch_console_close();
}

void fake_uart_add(enum console_access access, paddr_t addr)
{
	if (uart_count == DEVICES_MAX)
		abort();
	uarts[uart_count].access = access;
	uarts[uart_count++].addr = addr;
}

const char *fake_uart_tried(void)
{
	return tried;
}

static void nowhere(const char *text, size_t size)
{
	(void)text;
	(void)size;
}

static int nothing(void)
{
	return -1;
}

enum err arch_console_open(const struct console_config *config)
{
	static const struct console_ops ops = { .write = nowhere, .read = nothing };
	static const char *const names[] = { "io", "mmio", "mmio32" };
	size_t used = strlen(tried);

	snprintf(tried + used, sizeof(tried) - used, "%s%s 0x%llx", used ? ", " : "", names[config->access], config->addr);
	for (unsigned int i = 0; i < uart_count; i++) {
		if (uarts[i].access != config->access || uarts[i].addr != config->addr)
			continue;
		fake_uart_open = *config;
		console_set(&ops);
		return ERR_OK;
	}
	return ERR_DEVICE;
}

void arch_console_close(void)
{
	fake_uart_open.kind = CONSOLE_NONE;
	console_set(NULL);
}

void arch_console_renew(void)
{
}

void arch_console_name(char *buf, size_t size)
{
	snprintf(buf, size, "none");
}

bool arch_has_pci(void)
{
	return function_count;
}

u32 *fake_pci_add(u8 bus, u8 device, u8 function, u32 id)
{
	if (function_count == DEVICES_MAX)
		abort();
	functions[function_count].bus = bus;
	functions[function_count].device = device;
	functions[function_count].function = function;
	memset(functions[function_count].words, 0, sizeof(functions[function_count].words));
	functions[function_count].words[0] = id;
	return functions[function_count++].words;
}

static u32 *find_word(u8 bus, u8 device, u8 function, u32 offset)
{
	if (device > 31 || function > 7 || offset % 4 || offset >= 4 * FAKE_PCI_WORDS)
		abort();
	for (unsigned int i = 0; i < function_count; i++) {
		if (functions[i].bus == bus && functions[i].device == device && functions[i].function == function)
			return &functions[i].words[offset / 4];
	}
	return NULL;
}

u32 arch_pci_find(u32 number)
{
	u32 first = ARCH_PCI_DEVICES;

	for (unsigned int i = 0; i < function_count; i++) {
		u32 here = functions[i].bus * 32u + functions[i].device;

		if (!functions[i].function && here >= number && here < first)
			first = here;
	}
	return first;
}

u32 arch_pci_read(u8 bus, u8 device, u8 function, u32 offset)
{
	const u32 *word = find_word(bus, device, function, offset);

	return word ? *word : 0xffffffff;
}

void arch_pci_write(u8 bus, u8 device, u8 function, u32 offset, u32 value)
{
	u32 *word = find_word(bus, device, function, offset);

	fake_pci_writes++;
	if (word)
		*word = value;
	if (word && fake_pci_written)
		fake_pci_written(word - offset / 4, offset);
}
