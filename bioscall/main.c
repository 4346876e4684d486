/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trapeze-bioscall.elf: called by a running Linux (kexec jump), it calls the BIOS by the shim's own code and goes
 * back. On entry the caller's page tables map the caller's memory, on which the results go; the image's own map 4
 * GiB.
 */
#include "log.h"
#include "machine.h"
#include "x86.h"

u64 entry_tsc;

static bool may_answer;			/* the result pages are the tool's */

void bioscall_finish(void)
{
	bool may = may_answer;

	/* Of two faults the second one must not come here again. */
	may_answer = false;
	lend_end();
	if (may)
		bioscall_copy_result(&bioscall_area);
	log_info("bioscall", "going back entered=%u status=%u", bioscall_area.entered, bioscall_area.status);
	machine_close_port();
}

void bioscall_main(void)
{
	struct bioscall_page *page = &bioscall_area;

	entry_tsc = rdtsc();
	machine_start();
	cpu_detect();
	machine_open_port(page->port);
	time_init();
	page->entered++;
	may_answer = bioscall_result_is_ours(page);
	if (may_answer) {
		lend_begin(page);
		bioscall_make(page);
	}
	bioscall_finish();
}
