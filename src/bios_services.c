/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "bios_private.h"

#include <string.h>

#include "arch.h"
#include "log.h"
#include "machine.h"

#define SERVICE(name, run) { name, bios_##run },
static const struct {
	const char *name;
	enum err (*run)(const struct bios_scene *scene);
} services[] = { BIOS_SERVICES(SERVICE) };
#undef SERVICE

bool bios_try(const struct bios_scene *scene, u8 vector, struct bios_regs *regs)
{
	regs->es = bios_segment(scene->buffer);
	regs->edi = bios_offset(scene->buffer);
	return !bios_int(vector, regs) && !bios_carry(regs);
}

bool bios_ask(const struct bios_scene *scene, u8 vector, struct bios_regs *regs)
{
	u32 eax = regs->eax;

	if (bios_try(scene, vector, regs))
		return true;
	log_info("bios", "%s: int 0x%02x refused ax=0x%04x ah=0x%02x \"%s\"", scene->name, vector, eax & 0xffff, bios_ah(regs),
		 bios_error_text(vector, bios_ah(regs)));
	return false;
}

enum err bios_service_run(const struct machine *machine, int service)
{
	struct bios_scene scene = { .machine = machine, .name = services[service].name };
	enum err err = bios_buffer(BIOS_SCENE_SIZE, &scene.buffer);

	if (err)
		return err;
	scene.bytes = arch_phys(scene.buffer, BIOS_SCENE_SIZE);
	err = services[service].run(&scene);
	bios_release(scene.buffer);
	return err;
}

enum err bios_calls_run(const struct machine *machine, const struct manifest_config *config)
{
	const char *name = config->bios_calls, *end = name + config->bios_calls_size;
	enum err first = ERR_OK;

	while (name && name < end) {
		int service = bios_service_find(name);
		enum err err = service >= 0 ? bios_service_run(machine, service) :
					      bios_custom_run(machine, manifest_find_bios_call(&machine->manifest, name));

		if (!first)
			first = err;
		name += strlen(name) + 1;
	}
	return first;
}
