/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ACPI's S5 without an interpreter of AML: what is to be written to the power management registers stands in the
 * package \_S5, which in every firmware that is known is a constant: Name (_S5, Package () { a, b, ... }). Sources:
 * ACPI 6.4, 4.8.3.2 (PM1 control registers), 5.2.9 (FADT), 7.4.2 (\_S5), 16.1.6 (the order of things), 20.2 (AML's
 * encoding).
 */
#include "poweroff.h"

#include <string.h>

#include "arch.h"
#include "cursor.h"
#include "fmt.h"

#define FADT_SMI_COMMAND 48
#define FADT_ACPI_ENABLE 52
#define FADT_PM1A_CONTROL 64
#define FADT_PM1B_CONTROL 68
#define FADT_FLAGS 112
#define FLAG_HARDWARE_REDUCED (1u << 20)

#define PM1_SCI_ENABLE 0x0001u
#define PM1_SLEEP_TYPE 0x1c00u
#define PM1_SLEEP_TYPE_SHIFT 10
#define PM1_SLEEP_ENABLE 0x2000u

#define AML_NAME 0x08
#define AML_PACKAGE 0x12
#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_BYTE 0x0a
#define AML_ROOT '\\'

#define ENABLE_US 300000
#define EFFECT_US 1000000

struct sleep {
	u16 pm1a, pm1b;			/* ports; 0: there is none */
	u16 smi_command;
	u8 acpi_enable;
	u8 type_a, type_b;
	bool found;
};

static bool get_integer(struct cursor *c, u8 *value)
{
	u8 opcode = cursor_u8(c);

	*value = opcode == AML_BYTE ? cursor_u8(c) : opcode;
	return !c->failed && (opcode == AML_BYTE || opcode == AML_ZERO || opcode == AML_ONE);
}

/* Behind the name: a package's opcode, its length (the first byte says how many follow), its count, two integers. */
static bool read_package(struct cursor c, struct sleep *sleep)
{
	u8 length;

	if (cursor_u8(&c) != AML_PACKAGE)
		return false;
	length = cursor_u8(&c);
	cursor_skip(&c, length >> 6);
	if (cursor_u8(&c) < 1 || !get_integer(&c, &sleep->type_a))
		return false;
	/* A package of one integer means both. */
	if (!get_integer(&c, &sleep->type_b))
		sleep->type_b = sleep->type_a;
	return true;
}

/* The name as a definition, not as a use: behind the opcode for names, with the root's sign or without. */
static bool find_package(const struct boot_blob *table, struct sleep *sleep)
{
	const u8 *aml = table->data;

	for (u32 at = ACPI_HEADER_SIZE + 1; table->size >= 4 && at < table->size - 4; at++) {
		bool named = aml[at - 1] == AML_NAME || (aml[at - 1] == AML_ROOT && aml[at - 2] == AML_NAME);
		struct cursor c;

		if (!named || memcmp(aml + at, "_S5_", 4))
			continue;
		cursor_init(&c, aml + at + 4, table->size - at - 4);
		if (read_package(c, sleep))
			return true;
	}
	return false;
}

static bool look_into(void *ctx, paddr_t at)
{
	struct sleep *sleep = ctx;
	const char *signature = arch_phys(at, 4);
	struct boot_blob table;
	struct acpi_why why;

	if (signature && (!memcmp(signature, "DSDT", 4) || !memcmp(signature, "SSDT", 4)) &&
	    !acpi_read_table(at, &table, &why))
		sleep->found = find_package(&table, sleep);
	return !sleep->found;
}

static u32 field(const struct boot_blob *fadt, u32 at)
{
	struct cursor c;

	cursor_init(&c, fadt->data, fadt->size);
	cursor_seek(&c, at);
	return cursor_u32(&c);
}

static enum err read_fadt(const struct bootinfo *info, struct sleep *sleep, struct acpi_why *why)
{
	struct boot_blob fadt;
	enum err err = acpi_find_table(info, "FACP", &fadt, why);

	if (err)
		return err;
	sleep->pm1a = (u16)field(&fadt, FADT_PM1A_CONTROL);
	sleep->pm1b = (u16)field(&fadt, FADT_PM1B_CONTROL);
	sleep->smi_command = (u16)field(&fadt, FADT_SMI_COMMAND);
	sleep->acpi_enable = (u8)field(&fadt, FADT_ACPI_ENABLE);
	if (sleep->pm1a && !(field(&fadt, FADT_FLAGS) & FLAG_HARDWARE_REDUCED))
		return ERR_OK;
	fmt_snprintf(why->text, sizeof(why->text), "this machine's ACPI has no PM1 control register");
	return ERR_UNSUPPORTED;
}

/* ACPI mode, in which the registers mean what ACPI says; firmware is asked for it by an SMI. */
static void enter_acpi_mode(const struct sleep *sleep)
{
	u64 start = arch_time_us();

	if ((arch_port_read(sleep->pm1a, 2) & PM1_SCI_ENABLE) || !sleep->smi_command || !sleep->acpi_enable)
		return;
	arch_port_write(sleep->smi_command, 1, sleep->acpi_enable);
	while (!(arch_port_read(sleep->pm1a, 2) & PM1_SCI_ENABLE) && arch_time_us() - start < ENABLE_US)
		arch_relax();
}

static void write_control(u16 port, u32 value)
{
	if (port)
		arch_port_write(port, 2, (arch_port_read(port, 2) & ~(PM1_SLEEP_TYPE | PM1_SLEEP_ENABLE)) | value);
}

enum err poweroff(const struct bootinfo *info, struct acpi_why *why)
{
	struct sleep sleep = { .found = false };
	enum err err = read_fadt(info, &sleep, why);
	u32 a, b;
	u64 start;

	if (!err)
		err = acpi_visit(info, look_into, &sleep, why);
	if (err)
		return err;
	if (!sleep.found) {
		fmt_snprintf(why->text, sizeof(why->text), "no DSDT or SSDT defines \\_S5 as a constant package");
		return ERR_NOT_FOUND;
	}
	enter_acpi_mode(&sleep);
	a = (u32)sleep.type_a << PM1_SLEEP_TYPE_SHIFT & PM1_SLEEP_TYPE;
	b = (u32)sleep.type_b << PM1_SLEEP_TYPE_SHIFT & PM1_SLEEP_TYPE;
	write_control(sleep.pm1a, a);
	write_control(sleep.pm1b, b);
	write_control(sleep.pm1a, a | PM1_SLEEP_ENABLE);
	write_control(sleep.pm1b, b | PM1_SLEEP_ENABLE);
	start = arch_time_us();
	while (arch_time_us() - start < EFFECT_US)
		arch_relax();
	fmt_snprintf(why->text, sizeof(why->text),
		     "ACPI's S5 was asked for (port 0x%x, type %u), and the machine is still on", sleep.pm1a,
		     sleep.type_a);
	return ERR_DEVICE;
}
