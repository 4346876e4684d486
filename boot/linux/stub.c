/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The stub's way from the zero page to the shim in its place. */
#include "stub.h"

#include <string.h>

#include "log.h"
#include "place.h"

/* Hidden: reached without a table of addresses, which would have to be relocated. */
#define HIDDEN __attribute__((visibility("hidden")))

/* stub.lds and body.S: the stub as a whole, the shim in it, and room for what is saved. */
HIDDEN extern u8 stub_image[], stub_image_end[], shim_bytes[], shim_bytes_end[], saved_place[PLACE_SIZE];

static u8 info_bytes[PLACE_INFO_SIZE] __attribute__((aligned(8)));

static paddr_t address(const void *p)
{
	return (uintptr_t)p;
}

static void put_shim(void)
{
	u8 *place = (u8 *)(uintptr_t)SHIM_START;
	size_t size = (size_t)(shim_bytes_end - shim_bytes);

	memcpy(saved_place, place, PLACE_SIZE);
	memcpy(place, shim_bytes, size);
	memset(place + size, 0, SHIM_END - SHIM_START - size);
	memcpy((u8 *)(uintptr_t)PLACE_INFO, info_bytes, sizeof(info_bytes));
}

NORETURN static void stop(void)
{
	log_err("linux", "stopped; nothing was changed");
	for (;;)
		asm volatile("cli; hlt");
}

u32 stub_main(paddr_t zero_page, paddr_t limit)
{
	const struct info_saved saved = { SHIM_START, PLACE_END, address(saved_place) };
	const struct params_place place = {
		address(stub_image), address(stub_image_end), SHIM_START, PLACE_END, PLACE_ALIGN
	};
	struct params params;

	phys_set_limit(limit);
	if (params_read(&params, zero_page) || params_check_place(&params, &place) ||
	    info_build(&params, &saved, info_bytes, sizeof(info_bytes), PLACE_INFO))
		stop();
	tables_take(place.image, place.image_end);
	put_shim();
	return PLACE_INFO;
}
