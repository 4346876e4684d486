/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trapeze-bioscall.elf: called by a running Linux (kexec jump), it calls the BIOS by the shim's own code and goes back. On entry the
 * caller's page tables map the caller's memory, on which the results go; the image's own map 4 GiB.
 */
#include "log.h"
#include "machine.h"
#include "x86.h"

u64 entry_tsc;

void bioscall_main(void)
{
	struct bioscall_page *page = &bioscall_area;
	bool is_ours;

	entry_tsc = rdtsc();
	machine_start();
	cpu_detect();
	machine_open_port(page->port);
	time_init();
	page->entered++;
	is_ours = bioscall_result_is_ours(page);
	if (is_ours) {
		lend_begin(page);
		bioscall_make(page);
		lend_end();
		bioscall_copy_result(page);
	}
	log_info("bioscall", "going back entered=%u status=%u", page->entered, page->status);
	machine_close_port();
}
