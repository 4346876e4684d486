/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The calls that a page asks for, and where their results go. */
#include <string.h>

#include "fmt.h"
#include "log.h"
#include "page.h"
#include "registers.h"

#define VECTOR_DISK 0x13
#define VECTOR_SYSTEM 0x15

static void keep_registers(const struct bioscall_call *last, struct bioscall_call *call)
{
	u32 *in = &call->in.eax;
	const u32 *out = &last->out.eax;

	for (u32 i = 0; i < BIOSCALL_REGISTERS; i++)
		if (call->kept >> i & 1)
			in[i] = out[i];
}

/* Only disk and system calls have numbers for what went wrong. */
static void name_error(struct bioscall_call *call)
{
	bool is_known = call->kind == ARCH_BIOS_INT && (call->target == VECTOR_DISK || call->target == VECTOR_SYSTEM);

	if (is_known)
		fmt_snprintf(call->error, sizeof(call->error), "ah=0x%02x: %s", bios_ah(&call->out),
			     bios_error_text((u8)call->target, bios_ah(&call->out)));
}

static enum err make_call(struct bioscall_call *call)
{
	enum err err;

	call->out = call->in;
	if (call->kind == ARCH_BIOS_FAR)
		err = bios_far_call((u16)(call->target >> 16), (u16)call->target, &call->out, NULL, 0);
	else
		err = bios_int((u8)call->target, &call->out);
	if (err)
		return err;
	call->made = 1;
	registers_format_flags(call->flags, sizeof(call->flags), call->out.eflags);
	if (bios_carry(&call->out))
		name_error(call);
	log_info("bioscall", "%s 0x%x eax=0x%x: eax=0x%x flags=%s", call->kind == ARCH_BIOS_FAR ? "far" : "int", call->target,
		 call->in.eax, call->out.eax, call->flags);
	return ERR_OK;
}

void bioscall_make(struct bioscall_page *page)
{
	u32 count = (u32)min_u64(page->call_count, BIOSCALL_CALLS);
	const char *why;
	enum err err;

	bios_set_limit(page->limit_ms);
	page->status = BIOSCALL_NO_BIOS;
	if (!bios_present(&why)) {
		fmt_snprintf(page->why, sizeof(page->why), "%s", why);
		return;
	}
	for (u32 i = 0; i < count; i++) {
		if (i)
			keep_registers(&page->call[i - 1], &page->call[i]);
		err = make_call(&page->call[i]);
		if (err) {
			page->status = BIOSCALL_ENDED;
			fmt_snprintf(page->why, sizeof(page->why), "call %u was ended: %s", i + 1, err_text(err));
			return;
		}
	}
	page->status = BIOSCALL_DONE;
}

/* The count comes from outside. */
static u32 result_count(const struct bioscall_page *page)
{
	return (u32)min_u64(page->page_count, BIOSCALL_PAGES);
}

bool bioscall_result_is_ours(const struct bioscall_page *page)
{
	for (u32 i = 0; i < result_count(page); i++) {
		const u8 *at = arch_phys(page->result[i], PAGE_SIZE);

		if (at && !memcmp(at, page->token, sizeof(page->token)))
			continue;
		log_err("bioscall", "result page %u at 0x%llx is not the caller's any more: nothing is called", i,
			page->result[i]);
		return false;
	}
	return true;
}

void bioscall_copy_result(struct bioscall_page *page)
{
	for (u32 i = 0; i < result_count(page); i++)
		memcpy(arch_phys(page->result[i], PAGE_SIZE), (const u8 *)page + i * PAGE_SIZE, PAGE_SIZE);
}
