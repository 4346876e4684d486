/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Images started by name. */
#include <string.h>

#include "boot.h"
#include "menu_private.h"
#include "shell_private.h"

/* NULL: the menu's, which may have been edited there. */
static const char *arguments(const struct shell_words *words)
{
	return words->count > 2 ? words->word[2] : NULL;
}

bool shell_find_config(struct shell *shell, const struct shell_words *words, u32 *config)
{
	const struct manifest *m = &shell->machine->manifest;

	for (*config = 0; *config < m->config_count; (*config)++)
		if (!strcmp(m->configs[*config].name, words->word[1]))
			return true;
	return shell_complain(words, "no entry \"%s\"; entries lists them", words->word[1]);
}

static bool start(struct shell *shell, const struct shell_words *words, u32 config)
{
	const char *args = arguments(words);
	u32 asleep = boot_asleep_count(shell->machine);

	return shell->run(config, args ? args : menu_bootargs(&shell->machine->menu, config)) ||
	       shell_complain(words, boot_asleep_count(shell->machine) == asleep ? "nothing was changed" :
									   "not started, and what slept is gone");
}

bool shell_boot(struct shell *shell, const struct shell_words *words)
{
	u32 config;

	return shell_find_config(shell, words, &config) && start(shell, words, config);
}

bool shell_call(struct shell *shell, const struct shell_words *words)
{
	u32 config;

	if (!shell_find_config(shell, words, &config))
		return false;
	if (!shell->machine->manifest.configs[config].preserve_context)
		return shell_complain(words, "\"%s\" does not come back (no trapeze,preserve-context): boot starts it",
				      words->word[1]);
	return start(shell, words, config);
}

bool shell_resume(struct shell *shell, const struct shell_words *words)
{
	const struct machine *machine = shell->machine;
	const char *name = words->word[1], *args = arguments(words);
	u32 count = boot_asleep_count(machine);

	if (!strncmp(name, BOOT_RESUME_PREFIX, strlen(BOOT_RESUME_PREFIX)))
		name += strlen(BOOT_RESUME_PREFIX);
	for (u32 i = 0; i < count; i++)
		if (!strcmp(boot_asleep(machine, i)->config->name, name))
			return shell->resume(i, args ? args : "") || shell_complain(words, "nothing was changed");
	return shell_complain(words, count ? "no image \"%s\" sleeps" : "no image \"%s\" sleeps, and no other", name);
}
