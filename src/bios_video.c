/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the video BIOS can do, and what it knows of the monitor. */
#include <stdlib.h>

#include "bios_private.h"
#include "edid.h"
#include "log.h"
#include "vbe.h"

static void log_mode(const struct vbe_mode *mode)
{
	const struct boot_framebuffer *fb = &mode->framebuffer;

	log_debug("bios", "vbe: mode 0x%03x %ux%ux%u pitch=%u framebuffer=0x%llx%s", mode->number, fb->width, fb->height,
		  fb->bpp, fb->pitch, fb->addr, mode->is_usable ? "" : " not usable");
}

static void log_modes(const struct bios_scene *scene, const struct vbe_info *info)
{
	struct boot_framebuffer largest = { 0 };
	struct vbe_mode mode;
	u32 usable = 0;

	for (u32 i = 0; i < info->mode_count; i++) {
		if (!vbe_get_mode(scene->buffer, info->version, info->modes[i], &mode))
			continue;
		log_mode(&mode);
		if (!mode.is_usable)
			continue;
		usable++;
		if (mode.framebuffer.width * mode.framebuffer.height >= largest.width * largest.height)
			largest = mode.framebuffer;
	}
	log_info("bios", "vbe: modes=%u with_linear_framebuffer=%u largest=%ux%ux%u framebuffer=0x%llx current=0x%x", info->mode_count,
		 usable, largest.width, largest.height, largest.bpp, largest.addr, vbe_current());
}

enum err bios_vbe(const struct bios_scene *scene)
{
	struct vbe_info *info = malloc(sizeof(*info));
	enum err err = info ? vbe_get_info(scene->buffer, info) : ERR_MEMORY;

	if (err) {
		log_info("bios", "vbe: the video BIOS has none");
	} else {
		log_info("bios", "vbe: version=%u.%u memory_kib=%u oem=\"%s\"", info->version >> 8, info->version & 0xff,
			 info->memory_kib, info->oem);
		log_modes(scene, info);
	}
	free(info);
	return ERR_OK;
}

enum err bios_edid(const struct bios_scene *scene)
{
	struct edid edid;
	enum err err;

	if (!vbe_read_edid(scene->buffer)) {
		log_info("bios", "edid: the video BIOS does not read it");
		return ERR_OK;
	}
	err = edid_parse(scene->bytes, &edid);
	if (err) {
		log_info("bios", "edid: %s", err_text(err));
		return ERR_OK;
	}
	log_info("bios", "edid: %s product=0x%04x serial=%u name=\"%s\" year=%u version=%u.%u", edid.maker, edid.product, edid.serial,
		 edid.name, edid.year, edid.version, edid.revision);
	log_info("bios", "edid: prefers %ux%u hz=%u pixel_khz=%u size_cm=%ux%u extensions=%u", edid.width, edid.height,
		 edid.refresh_hz, edid.pixel_khz, edid.width_cm, edid.height_cm, edid.extensions);
	return ERR_OK;
}
