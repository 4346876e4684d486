/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Kernels by the Multiboot2 Specification 2.0; docs/formats.md says what of it is honoured. */
#include "fmt.h"
#include "multiboot.h"

static enum err probe(const struct load_request *request, const char **reason)
{
	*reason = multiboot2_probe_bytes(request->kernel.blob.data, request->kernel.blob.size);
	return *reason ? ERR_FORMAT : ERR_OK;
}

static enum err plan(struct load_request *request)
{
	enum err err = multiboot_open(request, "multiboot2");

	if (!err)
		err = multiboot2_parse(&request->kernel.blob, &multiboot_state(request)->header);
	if (!err)
		err = multiboot_check_screen(request);
	if (!err)
		err = multiboot_plan_image(request);
	return err ? err : multiboot_plan_handover(request, multiboot2_write);
}

static enum err finish(struct load_request *request)
{
	return multiboot_finish(request, multiboot2_write, MULTIBOOT2_BOOTLOADER_MAGIC);
}

static void describe(const struct load_request *request, char *buf, size_t size)
{
	struct multiboot_header header;

	if (multiboot2_parse(&request->kernel.blob, &header))
		fmt_snprintf(buf, size, "Multiboot 2 kernel, damaged: see the log");
	else
		fmt_snprintf(buf, size, "Multiboot 2 kernel, %s%s", multiboot_form(request, &header),
			     header.relocatable ? ", relocatable" : "");
}

const struct loader loader_multiboot2 = {
	.name = "multiboot2",
	.takes_modules = true,
	.uses_bios = true,
	.probe = probe,
	.plan = plan,
	.finish = finish,
	.record = multiboot2_record,
	.describe = describe,
	.release = multiboot_release,
};
