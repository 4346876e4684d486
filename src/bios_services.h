/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * What can be asked of a BIOS by name: services that Trapeze knows, which log what they find, and the calls that a manifest spells
 * out. docs/bios.md describes each.
 */
#ifndef TRAPEZE_BIOS_SERVICES_H
#define TRAPEZE_BIOS_SERVICES_H

#include "bios.h"
#include "error.h"
#include "types.h"

struct machine;
struct manifest_bios_call;
struct manifest_config;

/* Name, and the function bios_...; tools/trapeze/properties.py has the names as well. */
#define BIOS_SERVICES(X) \
	X("memory-map", memory_map) X("vbe", vbe) X("edid", edid) X("disks", disks) X("smbios", smbios) X("system", system) \
	X("keyboard", keyboard) X("apm", apm) X("time", time) X("bios32", bios32) X("pnp", pnp)

/* The number of the service of that name; -1: there is none. */
int bios_service_find(const char *name);
/* All their names, "memory-map, vbe, ..."; static storage. */
const char *bios_service_names(void);
/* Ask. What the BIOS does not know is no error, and said. */
enum err bios_service_run(const struct machine *machine, int service) MUST_CHECK;

/* A pair of registers that points to a call's buffer, "es:di", as a number. */
bool bios_pointer_find(const char *text, u32 *number);
void bios_pointer_set(u32 number, struct bios_regs *regs, paddr_t paddr);

/* Make a call of /bios-calls. ERR_DEVICE: it came back with carry; logged. */
enum err bios_custom_run(const struct machine *machine, const struct manifest_bios_call *call) MUST_CHECK;
/* All that a configuration names, in its order; one that fails does not keep the others. The first error comes back. */
enum err bios_calls_run(const struct machine *machine, const struct manifest_config *config) MUST_CHECK;

#endif
