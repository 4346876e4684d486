/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* /configurations and the menu entries in it. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "manifest_internal.h"
#include "swing.h"

#define CONFIGURATIONS "/configurations"
#define TIMEOUT_MAX 86400
#define WATCHDOG_MAX 3600000
#define SINGLE_STEP_MAX 1000000
#define REPEAT_MAX 1000000
#define RESCUE_MEMORY_MAX 3072

static enum err find_image(const struct manifest_item *item, const char *name, u32 *out)
{
	const struct manifest_value shown = manifest_element(&item->value, name);
	int found = manifest_find_image(item->reader->manifest, name);

	if (found < 0)
		return manifest_complain(item->reader, &shown, ERR_NOT_FOUND, "no such image");
	*out = (u32)found;
	return ERR_OK;
}

static enum err read_image_name(const struct manifest_item *item)
{
	enum err err = manifest_check_strings(item, 1);

	if (!err)
		err = find_image(item, item->value.data, manifest_field(item));
	if (!err && item->property->also)
		*(bool *)manifest_also(item) = true;
	return err;
}

/* A malloc'd list of image numbers; also: its count. */
static enum err read_image_names(const struct manifest_item *item)
{
	enum err err = manifest_check_strings(item, item->value.size);
	u32 count = 0, *numbers;

	if (err)
		return err;
	for (const char *s = item->value.data; s; s = manifest_next_string(&item->value, s))
		count++;
	numbers = calloc(count, sizeof(*numbers));
	if (!numbers)
		return manifest_refuse(item, ERR_MEMORY, "no memory for %u images", count);
	*(u32 **)manifest_field(item) = numbers;
	*(u32 *)manifest_also(item) = count;
	for (const char *s = item->value.data; s && !err; s = manifest_next_string(&item->value, s))
		err = find_image(item, s, numbers++);
	return err;
}

/* FIT's way to start something else than the kernel. */
static enum err read_firmware(const struct manifest_item *item)
{
	return manifest_refuse(item, ERR_UNSUPPORTED, "an image that runs before the kernel, which is not supported");
}

static enum err read_config_name(const struct manifest_item *item)
{
	enum err err = manifest_check_strings(item, 1);
	int found;

	if (err)
		return err;
	found = manifest_find_config(item->reader->manifest, item->value.data);
	if (found < 0)
		return manifest_refuse(item, ERR_NOT_FOUND, "no such configuration");
	*(u32 *)manifest_field(item) = (u32)found;
	return ERR_OK;
}

static enum err read_flag(const struct manifest_item *item)
{
	if (item->value.size)
		return manifest_refuse(item, ERR_VALUE, "%u bytes, wanted none: it is there or not", item->value.size);
	*(bool *)manifest_field(item) = true;
	return ERR_OK;
}

/* The place of the value among some words; -1: it is none of them. */
static int word_index(const struct manifest_item *item, const char *const *words, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (!strcmp(item->value.data, words[i]))
			return (int)i;
	return -1;
}

/* One of some words: *index is its place among them. */
static enum err read_word(const struct manifest_item *item, const char *const *words, u32 count, const char *otherwise, int *index)
{
	enum err err = manifest_check_strings(item, 1);

	if (err)
		return err;
	*index = word_index(item, words, count);
	return *index < 0 ? manifest_refuse(item, ERR_VALUE, "%s", otherwise) : ERR_OK;
}

static enum err read_mode(const struct manifest_item *item)
{
	static const char *const modes[] = {
		[ENTRY_LONG] = "long", [ENTRY_PROTECTED] = "protected", [ENTRY_REAL] = "real",
	};
	struct manifest_config *config = item->target;
	int mode;
	enum err err = read_word(item, modes, ARRAY_COUNT(modes), "unknown; known: long, protected, real", &mode);

	if (err)
		return err;
	config->mode = (enum entry_mode)mode;
	config->has_mode = true;
	return ERR_OK;
}

static enum err read_args(const struct manifest_item *item)
{
	struct manifest_config *config = item->target;

	return manifest_read_wide(item, config->args, ARRAY_COUNT(config->args), &config->arg_count);
}

static enum err read_on_fault(const struct manifest_item *item)
{
	static const char *const actions[] = {
		[ON_FAULT_MENU] = "menu", [ON_FAULT_HALT] = "halt", [ON_FAULT_REBOOT] = "reboot",
	};
	struct manifest_config *config = item->target;
	enum err err = manifest_check_strings(item, 1);
	int action, found;

	if (err)
		return err;
	action = word_index(item, actions, ARRAY_COUNT(actions));
	if (action >= 0) {
		config->on_fault = (enum on_fault)action;
		return ERR_OK;
	}
	found = manifest_find_config(item->reader->manifest, item->value.data);
	if (found < 0)
		return manifest_refuse(item, ERR_NOT_FOUND, "neither menu, halt, reboot nor a configuration");
	config->on_fault = ON_FAULT_CONFIG;
	config->on_fault_config = (u32)found;
	return ERR_OK;
}

static enum err read_int3(const struct manifest_item *item)
{
	static const struct { const char *name; u32 bit; } places[] = {
		{ "before", SWING_INT3_BEFORE }, { "inside", SWING_INT3_INSIDE }, { "after", SWING_INT3_AFTER },
		{ "entry", SWING_INT3_ENTRY }, { "return", SWING_INT3_RETURN }, { "back", SWING_INT3_BACK },
	};
	enum err err = manifest_check_strings(item, ARRAY_COUNT(places));
	u32 *bits = manifest_field(item);

	for (const char *s = item->value.data; s && !err; s = manifest_next_string(&item->value, s)) {
		const struct manifest_value shown = manifest_element(&item->value, s);
		u32 i = 0;

		while (i < ARRAY_COUNT(places) && strcmp(s, places[i].name))
			i++;
		if (i == ARRAY_COUNT(places))
			err = manifest_complain(item->reader, &shown, ERR_VALUE,
						"unknown; known: before, inside, after, entry, return, back");
		else
			*bits |= places[i].bit;
	}
	return err;
}

static enum err read_on_off(const struct manifest_item *item)
{
	static const char *const words[] = { "off", "on" };
	int word;
	enum err err = read_word(item, words, ARRAY_COUNT(words), "neither on nor off", &word);

	if (!err)
		*(bool *)manifest_field(item) = word;
	return err;
}

static enum err read_recorder(const struct manifest_item *item)
{
	static const char *const words[] = { "off", "ramoops" };
	int word;
	enum err err = read_word(item, words, ARRAY_COUNT(words), "neither ramoops nor off", &word);

	if (!err)
		*(bool *)manifest_field(item) = word;
	return err;
}

static enum err read_quiet(const struct manifest_item *item)
{
	static const char *const words[] = { [QUIET_AUTO] = "auto", [QUIET_ON] = "on", [QUIET_OFF] = "off" };
	int word;
	enum err err = read_word(item, words, ARRAY_COUNT(words), "unknown; known: auto, on, off", &word);

	if (!err)
		((struct manifest_config *)item->target)->quiet = (enum quiet_wish)word;
	return err;
}

/* There is one fault, and one image that is entered then. */
static enum err read_rescue(const struct manifest_item *item)
{
	const struct manifest *m = item->reader->manifest;
	enum err err = read_flag(item);

	for (u32 i = 0; i < m->config_count && !err; i++)
		if (m->configs[i].rescue && &m->configs[i] != item->target)
			return manifest_refuse(item, ERR_VALUE, "%s is the rescue image already", m->configs[i].name);
	return err;
}

#define FIELD(name) offsetof(struct manifest_config, name)

static const struct manifest_property config_properties[] = {
	{ .name = "description", .read = manifest_read_string, .field = FIELD(description) },
	{ .name = "kernel", .read = read_image_name, .field = FIELD(kernel), .also = FIELD(has_kernel) },
	{ .name = "ramdisk", .read = read_image_names, .field = FIELD(ramdisks), .also = FIELD(ramdisk_count) },
	{ .name = "loadables", .read = read_image_names, .field = FIELD(loadables), .also = FIELD(loadable_count) },
	{ .name = "setup", .read = read_image_name, .field = FIELD(setup), .also = FIELD(has_setup) },
	{ .name = "fdt", .read = manifest_read_unused },
	{ .name = "fpga", .read = manifest_read_unused },
	{ .name = "script", .read = manifest_read_unused },
	{ .name = "compatible", .read = manifest_read_unused },
	{ .name = "firmware", .read = read_firmware },
	{ .name = "trapeze,bootargs", .read = manifest_read_string, .field = FIELD(bootargs) },
	{ .name = "trapeze,reuse-bootargs", .read = read_flag, .field = FIELD(reuse_bootargs) },
	{ .name = "trapeze,pass-modules", .read = read_flag, .field = FIELD(pass_modules) },
	{ .name = "trapeze,modules", .read = read_image_names, .field = FIELD(modules), .also = FIELD(module_count) },
	{ .name = "trapeze,preserve-context", .read = read_flag, .field = FIELD(preserve_context) },
	{ .name = "trapeze,mode", .read = read_mode },
	{ .name = "trapeze,args", .read = read_args },
	{ .name = "trapeze,drive", .read = manifest_read_number, .field = FIELD(drive), .also = FIELD(has_drive), .max = 255 },
	{ .name = "trapeze,registers", .read = manifest_read_string, .field = FIELD(registers) },
	{ .name = "trapeze,watchdog", .read = manifest_read_number, .field = FIELD(watchdog_ms),
	  .min = 1, .max = WATCHDOG_MAX },
	{ .name = "trapeze,on-fault", .read = read_on_fault },
	{ .name = "trapeze,int3", .read = read_int3, .field = FIELD(int3) },
	{ .name = "trapeze,repeat", .read = manifest_read_number, .field = FIELD(repeat), .min = 1, .max = REPEAT_MAX },
	{ .name = "trapeze,single-step", .read = manifest_read_number, .field = FIELD(single_step),
	  .min = 1, .max = SINGLE_STEP_MAX },
	{ .name = "trapeze,video-mode", .read = manifest_read_video_mode },
	{ .name = "trapeze,bios-call", .read = manifest_read_wanted_calls },
	{ .name = "trapeze,net", .read = read_on_off, .field = FIELD(keep_net) },
	{ .name = "trapeze,quiet", .read = read_quiet },
	{ .name = "trapeze,recorder", .read = read_recorder, .field = FIELD(keep_recorder) },
	{ .name = "trapeze,rescue", .read = read_rescue, .field = FIELD(rescue) },
	{ .name = "trapeze,rescue-memory", .read = manifest_read_number, .field = FIELD(rescue_memory),
	  .min = 1, .max = RESCUE_MEMORY_MAX },
	{ .name = "trapeze,kho", .read = manifest_read_kho, .field = FIELD(kho) },
	{ .name = "trapeze,kho-scratch", .read = manifest_read_kho_scratch },
	{ .name = "trapeze,kho-memory", .read = manifest_read_kho_memory },
	{ 0 }
};
_Static_assert(ARRAY_COUNT(config_properties) <= MANIFEST_PROPERTIES_MAX, "one bit for each");

static const struct manifest_property configurations_properties[] = {
	{ .name = "default", .read = read_config_name, .field = offsetof(struct manifest, default_config) },
	{ .name = "trapeze,timeout", .read = manifest_read_number, .field = offsetof(struct manifest, timeout),
	  .also = offsetof(struct manifest, has_timeout), .min = MANIFEST_NO_TIMEOUT, .max = TIMEOUT_MAX },
	{ 0 }
};

static enum err read_config(struct manifest_reader *r, int node, struct manifest_config *config)
{
	char parent[MANIFEST_PATH_MAX];
	enum err err;
	int child;

	config->description = "";
	config->keep_net = true;
	manifest_set_path(r, CONFIGURATIONS, config->name);
	err = manifest_read_node(r, node, config_properties, config);
	if (!err && !config->has_kernel && !config->bios_calls)
		err = manifest_complain(r, NULL, ERR_NOT_FOUND, "no property kernel");
	memcpy(parent, r->path, sizeof(parent));
	fdt_for_each_subnode(child, r->fdt, node) {
		if (err)
			break;
		err = manifest_read_foreign(r, child, parent);
	}
	return err;
}

/* A configuration that stands in for itself, at once or by way of others, would fault for ever. */
static enum err check_on_fault(struct manifest_reader *r)
{
	const struct manifest *m = r->manifest;

	for (u32 first = 0; first < m->config_count; first++) {
		u32 now = first;

		for (u32 steps = 0; m->configs[now].on_fault == ON_FAULT_CONFIG && steps < m->config_count; steps++) {
			now = m->configs[now].on_fault_config;
			if (now != first)
				continue;
			manifest_set_path(r, CONFIGURATIONS, m->configs[first].name);
			return manifest_complain(r, NULL, ERR_VALUE, "trapeze,on-fault leads back to itself");
		}
	}
	return ERR_OK;
}

/* The configurations with their names alone: they refer to one another. */
static enum err list_configs(struct manifest_reader *r, int node)
{
	struct manifest *m = r->manifest;
	struct manifest_config *config;
	enum err err = manifest_count_nodes(r, node, &m->config_count);
	int child;

	if (err)
		return err;
	config = m->configs = calloc(m->config_count, sizeof(*m->configs));
	if (!config)
		return manifest_complain(r, NULL, ERR_MEMORY, "no memory for %u entries", m->config_count);
	fdt_for_each_subnode(child, r->fdt, node)
		config++->name = fdt_get_name(r->fdt, child, NULL);
	return ERR_OK;
}

enum err manifest_read_configs(struct manifest_reader *r, int node)
{
	struct manifest_config *config;
	enum err err;
	int child;

	manifest_set_path(r, CONFIGURATIONS, NULL);
	err = list_configs(r, node);
	if (!err)
		err = manifest_read_node(r, node, configurations_properties, r->manifest);
	config = r->manifest->configs;
	fdt_for_each_subnode(child, r->fdt, node) {
		if (err)
			break;
		err = read_config(r, child, config++);
	}
	return err ? err : check_on_fault(r);
}
