/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "source.h"

#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "log.h"
#include "printable.h"

#define NAME_SHOWN 64

void source_add(struct source_list *list, struct source *source)
{
	struct source **end = &list->first;

	while (*end)
		end = &(*end)->next;
	source->next = NULL;
	*end = source;
}

void source_log_missing(const struct source_list *list, const char *name)
{
	char shown[NAME_SHOWN], asked[128] = "";

	for (const struct source *source = list->first; source; source = source->next) {
		size_t used = strlen(asked);

		fmt_snprintf(asked + used, sizeof(asked) - used, "%s%s", used ? ", " : "", source->origin);
	}
	log_err("source", "\"%s\" not found asked=\"%s\"", printable(shown, sizeof(shown), name, strlen(name)), asked);
}

enum err source_try(struct source_list *list, const char *name, struct blob *out)
{
	for (struct source *source = list->first; source; source = source->next) {
		enum err err = source->find(source, name, out);

		if (err != ERR_NOT_FOUND)
			return err;
	}
	return ERR_NOT_FOUND;
}

enum err source_find(struct source_list *list, const char *name, struct blob *out)
{
	enum err err = source_try(list, name, out);

	if (err == ERR_NOT_FOUND)
		source_log_missing(list, name);
	return err;
}

enum err source_load(struct blob *blob, source_progress progress, void *ctx)
{
	return blob->data ? ERR_OK : blob->source->load(blob, progress, ctx);
}

void source_release(struct blob *blob)
{
	if (blob->source && blob->source->release)
		blob->source->release(blob);
	*blob = (struct blob){ 0 };
}

/* Why a module cannot be used, or NULL: then *data are its bytes. */
static const char *module_flaw(const struct boot_module *module, const void **data)
{
	if (module->start == module->end)
		return "empty";
	if (module->start > module->end)
		return "ends before it starts";
	*data = arch_phys(module->start, module->end - module->start);
	return *data ? NULL : "outside the memory that this build reaches";
}

static bool is_word_end(char c)
{
	return !c || c == ' ' || c == '\t';
}

/* The first word of a module's string: what it is called. */
static size_t word_length(const char *string)
{
	size_t length = 0;

	while (!is_word_end(string[length]))
		length++;
	return length;
}

static const char *skip_slashes(const char *s)
{
	while (*s == '/')
		s++;
	return s;
}

/* Is it the name to the letter, but for a leading '/'? */
static bool is_same(const char *string, const char *name)
{
	const char *word = skip_slashes(string);

	for (; *word == *name && !is_word_end(*word); word++)
		name++;
	return !*name && is_word_end(*word);
}

/* Is the name the end of it, behind a '/'? */
static bool is_path_to(const char *string, const char *name)
{
	size_t length = word_length(string), name_length = strlen(name);

	return length > name_length && string[length - name_length - 1] == '/' &&
	       !strncmp(string + length - name_length, name, name_length);
}

/* Is it the second word, behind the name of a file: `kexec --module="FILE NAME"`? */
static bool is_second(const char *string, const char *name)
{
	const char *word = string + word_length(string);

	word += strspn(word, " \t");
	return *string == '/' && is_same(word, name);
}

static const struct boot_module *find_module(const struct bootinfo *info, const char *name, const void **data,
					     bool (*matches)(const char *string, const char *name))
{
	for (u32 i = 0; i < info->module_count; i++)
		if (matches(info->modules[i].string, name) && !module_flaw(&info->modules[i], data))
			return &info->modules[i];
	return NULL;
}

static enum err modules_find(struct source *self, const char *name, struct blob *out)
{
	const char *bare = skip_slashes(name);
	const struct boot_module *module = NULL;
	const void *data;

	if (*bare)
		module = find_module(self->ctx, bare, &data, is_same);
	if (*bare && !module)
		module = find_module(self->ctx, bare, &data, is_path_to);
	if (*bare && !module)
		module = find_module(self->ctx, bare, &data, is_second);
	if (!module)
		return ERR_NOT_FOUND;
	*out = (struct blob){
		.name = name,
		.origin = self->origin,
		.paddr = module->start,
		.size = module->end - module->start,
		.data = data,
	};
	return ERR_OK;
}

static void log_refused(u32 number, const struct boot_module *module, const char *flaw)
{
	char shown[NAME_SHOWN];

	log_warn("source", "module %u \"%s\" refused: %s start=0x%llx end=0x%llx", number,
		 printable(shown, sizeof(shown), module->string, word_length(module->string)), flaw, module->start,
		 module->end);
}

void source_init_modules(struct source *source, const struct bootinfo *info)
{
	*source = (struct source){ .origin = "module", .find = modules_find, .ctx = (void *)info };
	for (u32 i = 0; i < info->module_count; i++) {
		const void *data;
		const char *flaw = module_flaw(&info->modules[i], &data);

		if (flaw)
			log_refused(i, &info->modules[i], flaw);
	}
}
