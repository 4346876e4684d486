/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* From a swing that is lost into the rescue image, whose own control pages wait in its window. */
#include "bits.h"
#include "control.h"
#include "core.h"

void control_give_up(void)
{
	struct control *c = &control_data;

	/* Also after a fault on the way there, and in the rescue image itself. */
	if (!c->rescue.entry)
		control_stop();
	c->lost = true;
	control_unwind();
}

static bool is_whole(struct control *control)
{
	const struct control_rescue *rescue = &control->rescue;
	struct mover_sum now = control_checksum(control, rescue->start, rescue->size);

	return now.a == rescue->sum.a && now.b == rescue->sum.b;
}

void control_rescue(struct control *control)
{
	const struct core_report report = {
		.regs = &control->fault,
		.where = CORE_IN_SWING,
		.step = control->fault_step,
		.title = control->title,
		.text = control->text,
		.text_size = control->text_used,
	};
	reg_t entry = (reg_t)control->rescue.entry;

	control->rescue.entry = 0;
	control->depth = 0;
	if (!is_whole(control)) {
		control_puts("---- the rescue image is damaged\n");
		control_stop();
	}
	core_fill((struct core_notes *)(uintptr_t)control->rescue.notes, &report);
	control_puts("---- entering the rescue image\n");
	control_call(entry, (void *)(uintptr_t)control->rescue.control);
	control_puts("---- the rescue image is back\n");
	control_stop();
}
