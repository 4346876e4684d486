/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* A configuration's command line as its kernel gets it. */
#ifndef TRAPEZE_BOOTARGS_H
#define TRAPEZE_BOOTARGS_H

#include "error.h"
#include "manifest.h"
#include "types.h"

/*
 * `text` with the names in it filled in: ${console}, the UART in use as Linux writes it; ${bootargs}, those words of the shim's
 * own `command_line` that are not the shim's; ${ramoops}, how Linux finds the flight recorder's text; ${elfcorehdr}, where a
 * rescue image finds the fault record. Any other "${" is refused, every other '$' stays. With the configuration's
 * trapeze,reuse-bootargs ${bootargs} is appended unless it is there. *out is malloc'd. Logs what is wrong.
 */
enum err bootargs_expand(const struct manifest_config *config, const char *text, const char *command_line, char **out) MUST_CHECK;

#endif
