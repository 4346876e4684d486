/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Linux kernels by the x86 boot protocol, 2.00 and later; docs/linux.md says what of it is honoured. */
#include "linux.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "log.h"

static enum err linux_probe(const struct load_request *request, const char **reason)
{
	const struct blob *setup = linux_setup_blob(request);

	*reason = linux_header_probe(setup->data, setup->size);
	return *reason ? ERR_FORMAT : ERR_OK;
}

/* The 64-bit entry where kernel and build have one; the 32-bit entry, which every kernel has, else. */
static enum entry_mode preferred_mode(const struct load_request *request, const struct linux_header *header)
{
	const char *why;
	bool build_is_64 = !strcmp(arch_features.build, "x86_64");

	if (request->config->has_mode)
		return request->config->mode;
	if (request->setup.image)
		return linux_split_mode(request);
	if (!linux_is_64(header) || !linux_is_high(header))
		return ENTRY_PROTECTED;
	if (request->comes_back)
		return ENTRY_LONG;
	if (arch_can_enter(ENTRY_LONG, &why) && (build_is_64 || !arch_can_enter(ENTRY_PROTECTED, &why)))
		return ENTRY_LONG;
	return ENTRY_PROTECTED;
}

/* A 64-bit kernel entered on a processor without long mode stops without a word. */
static enum err check_processor(const struct load_request *request, const struct linux_header *header)
{
	const char *name = request->kernel.blob.name;

	if (arch_features.can_long_mode)
		return ERR_OK;
	if (linux_is_64(header)) {
		log_err("linux", "%s: a 64-bit kernel (xloadflags=0x%x), and this processor has no long mode", name,
			header->xloadflags);
		return ERR_PROCESSOR;
	}
	if (header->version < 0x20c)
		log_info("linux", "%s: boot protocol %u.%02u does not tell 64-bit kernels; one would stop silently here", name,
			 header->version >> 8, header->version & 0xff);
	return ERR_OK;
}

static enum err choose_entry(struct load_request *request)
{
	struct linux_state *state = linux_state(request);
	const char *name = request->kernel.blob.name, *why = "";
	enum err err = check_processor(request, &state->header);

	if (err)
		return err;
	state->mode = preferred_mode(request, &state->header);
	if (state->mode == ENTRY_REAL && (err = linux_check_real(request)))
		return err;
	if (state->mode == ENTRY_LONG && !(linux_is_64(&state->header) && linux_is_high(&state->header))) {
		log_err("linux", "%s: trapeze,mode=long: this kernel has no 64-bit entry (xloadflags=0x%x)", name,
			state->header.xloadflags);
		return ERR_UNSUPPORTED;
	}
	if (request->comes_back && state->mode != ENTRY_LONG) {
		log_err("linux", "%s: a kernel comes back from long mode alone, and this one is entered in %s mode", name,
			plan_mode_name(state->mode));
		return ERR_UNSUPPORTED;
	}
	if (!arch_can_enter(state->mode, &why)) {
		log_err("linux", "%s: %s", name, why);
		return ERR_PROCESSOR;
	}
	return ERR_OK;
}

static enum err parse(struct load_request *request)
{
	return linux_header_parse(request, &linux_state(request)->header);
}

static enum err read_options(struct load_request *request)
{
	return linux_read_options(request, linux_state(request));
}

static enum err linux_plan(struct load_request *request)
{
	static enum err (*const steps[])(struct load_request *request) = {
		parse,
		choose_entry,
		read_options,
		linux_plan_kernel,
		linux_plan_params,
		linux_plan_ramdisks,
		linux_plan_kho,
		linux_plan_setup_data,
		linux_plan_efi,
	};

	request->state = calloc(1, sizeof(struct linux_state));
	if (!request->state) {
		log_err("linux", "%s: no heap for the loader's state", request->kernel.blob.name);
		return ERR_MEMORY;
	}
	for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
		enum err err = steps[i](request);

		if (err)
			return err;
	}
	request->plan->entry.mode = linux_state(request)->mode;
	return ERR_OK;
}

static void linux_describe(const struct load_request *request, char *buf, size_t size)
{
	struct linux_header header;
	char release[64];
	enum entry_mode mode;

	if (linux_header_parse(request, &header)) {
		fmt_snprintf(buf, size, "Linux kernel, damaged: see the log");
		return;
	}
	mode = preferred_mode(request, &header);
	linux_header_release(linux_setup_blob(request), &header, release, sizeof(release));
	fmt_snprintf(buf, size, "Linux %s %u.%02u, %s-bit entry, %s%s%s", request->setup.image ? "setup and kernel" :
		     linux_is_high(&header) ? "bzImage" : "zImage",
		     header.version >> 8, header.version & 0xff, mode == ENTRY_LONG ? "64" : mode == ENTRY_REAL ? "16" : "32",
		     header.relocatable && !request->setup.image ? "relocatable" : "at a fixed address", *release ? ", " : "", release);
}

static void linux_release(struct load_request *request)
{
	struct linux_state *state = linux_state(request);

	if (!state)
		return;
	handover_release(request, &state->params);
	handover_release(request, &state->setup_data);
	handover_release(request, &state->efi_map);
	kho_release(request, &state->kho);
	free(state);
	request->kho = NULL;
	request->state = NULL;
}

const struct loader loader_linux = {
	.name = "linux",
	.takes_setup = true,
	.can_come_back = true,
	.probe = linux_probe,
	.plan = linux_plan,
	.finish = linux_finish,
	.record = linux_record,
	.describe = linux_describe,
	.release = linux_release,
};
