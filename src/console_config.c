/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The console= syntax. Linux's kernel-parameters.txt has it under console=, earlycon= and earlyprintk=. */
#include "console.h"

#include <string.h>

#include "fmt.h"
#include "log.h"
#include "number.h"

#define BAUD_MIN 50
#define BAUD_MAX 4000000
#define CLOCK_MIN 16
#define CLOCK_MAX 1000000000
#define UART_REGISTER_COUNT 8

/* COM1 to COM4, where the PC has had them since its BIOS data area. */
static const u16 legacy_ports[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };

static const char *const access_names[] = {
	[CONSOLE_IO] = "io", [CONSOLE_MMIO] = "mmio", [CONSOLE_MMIO32] = "mmio32",
};

/* The whole text for messages, and what is left to read. */
struct parser {
	const char *text;
	const char *at;
};

static enum err refuse(const struct parser *parser, const char *what, const char *limit)
{
	log_err("console", "console=\"%s\": %s at \"%.20s\", %s", parser->text, what, parser->at, limit);
	return ERR_VALUE;
}

/* Step over `word` where it stands before a comma or the end. */
static bool take_word(struct parser *parser, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(parser->at, word, length) || (parser->at[length] && parser->at[length] != ','))
		return false;
	parser->at += length;
	return true;
}

static bool take_char(struct parser *parser, char c)
{
	if (*parser->at != c)
		return false;
	parser->at++;
	return true;
}

/* At least one digit; false, nothing taken, when there is none or the number exceeds max. */
static bool take_number(struct parser *parser, u32 base, u64 max, u64 *value)
{
	const char *rest = number_digits(parser->at, base, max, value);

	if (rest)
		parser->at = rest;
	return rest;
}

/* The UART's own clock, then the end. */
static enum err parse_clock(struct parser *parser, struct console_config *config)
{
	const char *start = parser->at;
	u64 clock;

	if (!take_number(parser, 10, CLOCK_MAX, &clock) || clock < CLOCK_MIN || *parser->at) {
		parser->at = start;
		return refuse(parser, "bad clock", "16 to 1000000000 Hz, and nothing behind it");
	}
	config->clock = (u32)clock;
	return ERR_OK;
}

/* "115200", "115200n" or "115200n8", then the end or a clock. */
static enum err parse_options(struct parser *parser, struct console_config *config)
{
	const char *rate = parser->at;
	u64 baud;

	if (!take_number(parser, 10, BAUD_MAX, &baud) || baud < BAUD_MIN) {
		parser->at = rate;
		return refuse(parser, "bad rate", "50 to 4000000 baud, as in 115200n8");
	}
	config->baud = (u32)baud;
	if (*parser->at == 'n' || *parser->at == 'o' || *parser->at == 'e') {
		config->parity = *parser->at++;
		if (*parser->at == '7' || *parser->at == '8')
			config->bits = (u8)(*parser->at++ - '0');
	}
	if (take_char(parser, ','))
		return parse_clock(parser, config);
	if (*parser->at)
		return refuse(parser, "bad parity or data bits", "n, o or e and 7 or 8 may follow the rate");
	return ERR_OK;
}

static enum err parse_rest(struct parser *parser, struct console_config *config)
{
	if (take_char(parser, ','))
		return parse_options(parser, config);
	if (*parser->at)
		return refuse(parser, "trailing text", "nothing more belongs here");
	return ERR_OK;
}

static enum err parse_legacy(struct parser *parser, struct console_config *config)
{
	u64 number;

	if (!take_number(parser, 10, ARRAY_COUNT(legacy_ports) - 1, &number))
		return refuse(parser, "bad port number", "ttyS0 to ttyS3");
	config->addr = legacy_ports[number];
	return parse_rest(parser, config);
}

static bool address_fits(const struct console_config *config)
{
	if (config->access == CONSOLE_IO)
		return config->addr <= 0x10000 - UART_REGISTER_COUNT;
	if (config->access == CONSOLE_MMIO)
		return config->addr <= PADDR_LIMIT - UART_REGISTER_COUNT;
	return config->addr <= PADDR_LIMIT - 4 * UART_REGISTER_COUNT && config->addr % 4 == 0;
}

static enum err parse_uart(struct parser *parser, struct console_config *config)
{
	const char *address;
	unsigned int access;

	for (access = 0; access < ARRAY_COUNT(access_names); access++) {
		if (take_word(parser, access_names[access]))
			break;
	}
	if (access == ARRAY_COUNT(access_names) || !take_char(parser, ','))
		return refuse(parser, "bad access", "io,ADDR or mmio,ADDR or mmio32,ADDR");
	config->access = (enum console_access)access;
	address = parser->at;
	if (!take_number(parser, number_base(&parser->at, false), PADDR_LIMIT - 1, &config->addr) || !address_fits(config)) {
		parser->at = address;
		return refuse(parser, "bad address", "ports end at 0xffff, memory at 52 bits, mmio32 is 4-aligned");
	}
	return parse_rest(parser, config);
}

static enum err parse_pci(struct parser *parser, struct console_config *config)
{
	u64 bus, device, function;

	if (!*parser->at)
		return ERR_OK;
	config->force = !strncmp(parser->at, ",force,", strlen(",force,"));
	if (config->force)
		parser->at += strlen(",force");
	if (!take_char(parser, ',') || !take_number(parser, 16, 0xff, &bus) || !take_char(parser, ':') ||
	    !take_number(parser, 16, 0x1f, &device) || !take_char(parser, '.') ||
	    !take_number(parser, 16, 7, &function))
		return refuse(parser, "bad PCI address", "BUS:DEVICE.FUNCTION in hex, up to ff:1f.7");
	config->has_pci = true;
	config->pci_bus = (u8)bus;
	config->pci_device = (u8)device;
	config->pci_function = (u8)function;
	return parse_rest(parser, config);
}

/* spcr and none stand alone. */
static enum err parse_end(struct parser *parser)
{
	if (*parser->at)
		return refuse(parser, "trailing text", "nothing more belongs here");
	return ERR_OK;
}

static enum err parse_kind(struct parser *parser, struct console_config *config)
{
	if (!strncmp(parser->at, "ttyS", 4)) {
		parser->at += 4;
		return parse_legacy(parser, config);
	}
	if ((take_word(parser, "uart8250") || take_word(parser, "uart")) && take_char(parser, ','))
		return parse_uart(parser, config);
	if (take_word(parser, "pciserial")) {
		config->kind = CONSOLE_PCISERIAL;
		return parse_pci(parser, config);
	}
	if (take_word(parser, "spcr")) {
		config->kind = CONSOLE_SPCR;
		return parse_end(parser);
	}
	if (take_word(parser, "none")) {
		config->kind = CONSOLE_NONE;
		return parse_end(parser);
	}
	return refuse(parser, "unknown console", "ttyS0..3, uart8250,..., pciserial, spcr or none");
}

enum err console_parse(const char *text, struct console_config *config)
{
	struct parser parser = { .text = text, .at = text };
	struct console_config parsed = { .kind = CONSOLE_UART, .access = CONSOLE_IO, .parity = 'n', .bits = 8 };
	enum err err = parse_kind(&parser, &parsed);

	if (err == ERR_OK)
		*config = parsed;
	return err;
}

/* Where the options go, or "" where there are none. */
static void format_options(const struct console_config *config, char *buf, size_t size)
{
	buf[0] = '\0';
	if (config->baud)
		fmt_snprintf(buf, size, config->clock ? ",%u%c%u,%u" : ",%u%c%u", config->baud, config->parity, config->bits,
			     config->clock);
}

static void format_uart(const struct console_config *config, const char *options, char *buf, size_t size)
{
	for (unsigned int i = 0; config->access == CONSOLE_IO && i < ARRAY_COUNT(legacy_ports); i++) {
		if (config->addr == legacy_ports[i]) {
			fmt_snprintf(buf, size, "ttyS%u%s", i, options);
			return;
		}
	}
	fmt_snprintf(buf, size, "uart8250,%s,0x%llx%s", access_names[config->access], config->addr, options);
}

void console_format(const struct console_config *config, char *buf, size_t size)
{
	char options[32];

	format_options(config, options, sizeof(options));
	switch (config->kind) {
	case CONSOLE_UART:
		format_uart(config, options, buf, size);
		break;
	case CONSOLE_PCISERIAL:
		if (config->has_pci)
			fmt_snprintf(buf, size, "pciserial,%s%02x:%02x.%x%s", config->force ? "force," : "",
				     config->pci_bus, config->pci_device, config->pci_function, options);
		else
			fmt_snprintf(buf, size, "pciserial");
		break;
	case CONSOLE_SPCR:
		fmt_snprintf(buf, size, "spcr");
		break;
	case CONSOLE_NONE:
		fmt_snprintf(buf, size, "none");
		break;
	}
}
