/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "bios_scan.h"

#include <string.h>

#include "arch.h"
#include "bios_private.h"
#include "log.h"

#define STEP 16u
#define BIOS32_SIZE 16u
#define PNP_SIZE 0x21u

static bool sums_to_zero(const u8 *bytes, u32 size)
{
	u8 sum = 0;

	for (u32 i = 0; i < size; i++)
		sum = (u8)(sum + bytes[i]);
	return !sum;
}

bool bios_scan(const char *signature, u32 size_at, u32 unit, u32 min, struct bios_found *found)
{
	const u32 total = BIOS_SCAN_END - BIOS_SCAN_START;
	const u8 *rom = arch_phys(BIOS_SCAN_START, total);
	size_t length = strlen(signature);

	for (u32 at = 0; rom && at <= total - min; at += STEP) {
		u32 size;

		if (memcmp(rom + at, signature, length))
			continue;
		size = rom[at + size_at] * unit;
		if (size < min || size > total - at || !sums_to_zero(rom + at, size))
			continue;
		*found = (struct bios_found){ .paddr = BIOS_SCAN_START + at, .bytes = rom + at, .size = size };
		return true;
	}
	return false;
}

/* Entry at 4, revision at 8, length in paragraphs at 9. */
u32 bios32_directory(void)
{
	struct bios_found found;

	return bios_scan("_32_", 9, 16, BIOS32_SIZE, &found) ? le32(found.bytes + 4) : 0;
}

/* In: eax = service, ebx = 0. Out: al = 0, ebx = base, ecx = length, edx = entry from there. */
u32 bios32_find_service(u32 directory, const char *service)
{
	struct bios_regs regs = { .eax = le32((const u8 *)service) };

	if (bios_call32(directory, &regs) || (regs.eax & 0xff))
		return 0;
	return regs.ebx + regs.edx;
}

bool pnp_find(struct pnp_bios *pnp)
{
	struct bios_found found;

	if (!bios_scan("$PnP", 5, 1, PNP_SIZE, &found))
		return false;
	*pnp = (struct pnp_bios){
		.paddr = found.paddr,
		.version = found.bytes[4],
		.control = le16(found.bytes + 6),
		.real_offset = le16(found.bytes + 0x0d),
		.real_segment = le16(found.bytes + 0x0f),
		.data_segment = le16(found.bytes + 0x1b),
	};
	return true;
}
