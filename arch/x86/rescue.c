/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The rescue image: a copy of what its swing needs lies here, where no damaged heap is asked for it. */
#include "rescue_enter.h"

#include "console.h"
#include "swing_build.h"

static struct arch_swing rescue;
static struct control_rescue known;	/* entry 0: there is none */

static struct mover_sum sum_of(paddr_t start, u64 size)
{
	return arch_checksum(arch_phys(start, size), size);
}

void arch_rescue_set(const struct swing *swing, const struct arch_rescue *place)
{
	known = (struct control_rescue){ 0 };
	if (!swing)
		return;
	rescue = *(const struct arch_swing *)swing->arch;
	known = (struct control_rescue){
		.entry = rescue.code + blob_header()->entry,
		.control = (uintptr_t)rescue.control,
		.notes = place->notes,
		.start = place->start,
		.size = place->end - place->start,
		.sum = sum_of(place->start, place->end - place->start),
	};
}

void rescue_tell(struct control *control, bool net_stays)
{
	control->rescue = known;
	if (control == rescue.control || !net_stays)
		control->rescue.entry = 0;
}

static struct core_notes *notes(void)
{
	return (struct core_notes *)(uintptr_t)known.notes;
}

void rescue_note(const struct control *control)
{
	const struct core_report report = {
		.regs = &control->fault, .where = CORE_IN_SWING, .step = control->fault_step, .title = control->title,
		.text = control->text, .text_size = control->text_used,
	};

	if (known.entry && control != rescue.control)
		core_fill(notes(), &report);
}

void rescue_enter(const struct core_report *report)
{
	struct mover_sum now;

	if (!known.entry)
		return;
	known.entry = 0;		/* a fault on the way ends there */
	now = sum_of(known.start, known.size);
	if (now.a != known.sum.a || now.b != known.sum.b) {
		console_puts("---- the rescue image is damaged\n");
		return;
	}
	core_fill(notes(), report);
	console_puts("---- entering the rescue image\n");
	swing_fly(&rescue);
	console_puts("---- the rescue image is back\n");
}
