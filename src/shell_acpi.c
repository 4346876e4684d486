/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Source: ACPI 6.4, 5.2.6. */
#include <string.h>

#include "acpi.h"
#include "arch.h"
#include "printable.h"
#include "shell_private.h"

#define SIGNATURE_SIZE 4
#define TABLE_SIZE 4
#define TABLE_REVISION 8
#define TABLE_OEM 10
#define OEM_SIZE 6
#define TABLE_OEM_TABLE 16
#define OEM_TABLE_SIZE 8
#define TEXT_SIZE 36			/* \xNN for each of eight bytes */

struct dump {
	const char *name;
	u32 found;
};

/* The header's texts, which are padded with blanks or with nothing. */
static const char *text_of(char *buf, const u8 *bytes, u32 size)
{
	while (size && (bytes[size - 1] == ' ' || !bytes[size - 1]))
		size--;
	return printable(buf, TEXT_SIZE, (const char *)bytes, size);
}

static bool list_table(void *ctx, paddr_t at)
{
	const u8 *header = arch_phys(at, ACPI_HEADER_SIZE);
	char signature[TEXT_SIZE], oem[TEXT_SIZE], oem_table[TEXT_SIZE];
	struct boot_blob table;
	struct acpi_why why;
	enum err err;
	u32 size;

	(void)ctx;
	if (!header)
		return shell_print("?     at 0x%010llx  out of reach", at);
	memcpy(&size, header + TABLE_SIZE, sizeof(size));
	err = acpi_read_table(at, &table, &why);
	text_of(signature, header, SIGNATURE_SIZE);
	if (!memcmp(header, "FACS", SIGNATURE_SIZE))
		return shell_print("%-4s  at 0x%010llx  size %6u  %s", signature, at, size, err ? why.text : "");
	return shell_print("%-4s  at 0x%010llx  size %6u  revision %u  %-6s %-8s  %s", signature, at, size,
			   header[TABLE_REVISION], text_of(oem, header + TABLE_OEM, OEM_SIZE),
			   text_of(oem_table, header + TABLE_OEM_TABLE, OEM_TABLE_SIZE),
			   !err ? "sum ok" : err == ERR_HASH ? "wrong sum" : "impossible size");
}

/* Every table of that name: there can be several SSDTs. */
static bool dump_table(void *ctx, paddr_t at)
{
	struct dump *dump = ctx;
	const char *signature = arch_phys(at, SIGNATURE_SIZE);
	struct boot_blob table;
	struct acpi_why why;
	enum err err;

	if (!signature || memcmp(signature, dump->name, SIGNATURE_SIZE))
		return true;
	dump->found++;
	err = acpi_read_table(at, &table, &why);
	if (err && !shell_print("%s", why.text))
		return false;
	return !table.data || (list_table(NULL, at) && shell_dump(0, table.data, table.size));
}

bool shell_acpi(struct shell *shell, const struct shell_words *words)
{
	const struct bootinfo *info = &shell->machine->info;
	struct dump dump = { .found = 0 };
	struct acpi_why why;
	enum err err;

	if (words->count > 1 && strlen(words->word[1]) != SIGNATURE_SIZE)
		return shell_complain(words, "\"%s\" is no table's name: they have four characters, FACP for one",
				      words->word[1]);
	if (words->count > 1)
		dump.name = words->word[1];
	err = acpi_visit(info, dump.name ? dump_table : list_table, &dump, &why);
	if (err)
		return shell_complain(words, "%s", why.text);
	if (dump.name && !dump.found)
		return shell_complain(words, "firmware gives no ACPI table \"%s\"", dump.name);
	return true;
}
