/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The rescue image: a copy of what its swing needs lies here, where no damaged heap is asked for it. */
#include "rescue_enter.h"

#include "console.h"
#include "swing_build.h"

static struct arch_swing rescue;
static struct core_notes *notes;	/* NULL: there is no rescue image */

void arch_rescue_set(const struct swing *swing, struct core_notes *at)
{
	notes = at;
	if (swing)
		rescue = *(const struct arch_swing *)swing->arch;
}

void rescue_tell(struct control *control)
{
	bool is_other = notes && control != rescue.control;

	control->rescue_entry = is_other ? rescue.code + blob_header()->entry : 0;
	control->rescue_control = (uintptr_t)rescue.control;
	control->notes = (uintptr_t)notes;
}

void rescue_note(const struct control *control)
{
	const struct core_report report = {
		.regs = &control->fault, .where = CORE_IN_SWING, .step = control->fault_step, .title = control->title,
		.text = control->text, .text_size = control->text_used,
	};

	if (notes && control != rescue.control)
		core_fill(notes, &report);
}

void rescue_enter(const struct core_report *report)
{
	struct core_notes *to = notes;

	if (!to)
		return;
	notes = NULL;			/* a fault on the way ends there */
	core_fill(to, report);
	console_puts("---- entering the rescue image\n");
	swing_fly(&rescue);
	console_puts("---- the rescue image is back\n");
}
