/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* trapeze,video-mode of a configuration. */
#include <string.h>

#include "manifest_internal.h"
#include "video.h"

enum err manifest_read_video_mode(const struct manifest_item *item)
{
	struct manifest_config *config = item->target;
	enum err err = manifest_check_strings(item, 1);

	if (err)
		return err;
	config->has_video_mode = true;
	if (!strcmp(item->value.data, "kernel") || video_parse(item->value.data, &config->video))
		return ERR_OK;
	return manifest_refuse(item, ERR_VALUE, "not understood: WIDTHxHEIGHT, WIDTHxHEIGHTxDEPTH or kernel");
}
