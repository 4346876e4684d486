/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "video.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "bios.h"
#include "loader.h"
#include "log.h"
#include "number.h"
#include "vbe.h"

#define SIDE_MAX 16384
#define DEPTH_MAX 32
#define DEFAULT_WIDTH 1024u
#define DEFAULT_HEIGHT 768u
/* The VBE information as multiboot has it: mode, interface segment, offset, length, control block, mode block. */
#define TAG_CONTROL 8u
#define TAG_MODE (TAG_CONTROL + 512u)
#define TAG_SIZE (TAG_MODE + 256u)

struct video {
	struct bootinfo info;		/* a copy, with the chosen screen */
	u16 mode, before;		/* before: VBE's number of the mode that was set */
	bool is_chosen;
	u8 tag[TAG_SIZE];
};

bool video_parse(const char *text, struct video_wish *wish)
{
	u64 width, height, depth = 0;

	text = number_digits(text, 10, SIDE_MAX, &width);
	if (!text || *text != 'x')
		return false;
	text = number_digits(text + 1, 10, SIDE_MAX, &height);
	if (text && *text == 'x')
		text = number_digits(text + 1, 10, DEPTH_MAX, &depth);
	if (!text || *text || !width || !height)
		return false;
	*wish = (struct video_wish){ .width = (u32)width, .height = (u32)height, .depth = (u32)depth };
	return true;
}

/* How well a mode fits: 0 not at all, more is better. Without a depth the deepest. */
static u32 rate(const struct vbe_mode *mode, const struct video_wish *wish)
{
	const struct boot_framebuffer *fb = &mode->framebuffer;

	if (!mode->is_usable || (fb->type == 0 && wish->depth != 8))
		return 0;
	if (wish->vbe_mode)
		return mode->number == wish->vbe_mode;
	if (fb->width != wish->width || fb->height != wish->height || (wish->depth && fb->bpp != wish->depth))
		return 0;
	return fb->bpp;
}

/* The mode's block, and what goes with it, while it is in the buffer. */
static void keep(struct video *video, paddr_t buffer, const struct vbe_mode *mode)
{
	video->mode = mode->number;
	video->info.framebuffer = mode->framebuffer;
	memcpy(video->tag, &mode->number, sizeof(mode->number));
	memcpy(video->tag + TAG_MODE, arch_phys(buffer, TAG_SIZE - TAG_MODE), TAG_SIZE - TAG_MODE);
}

static bool choose_among(struct video *video, paddr_t buffer, const struct video_wish *wish, const struct vbe_info *info)
{
	struct vbe_mode mode;
	u32 best = 0;

	memcpy(video->tag + TAG_CONTROL, arch_phys(buffer, VBE_BUFFER), VBE_BUFFER);
	for (u32 i = 0; i < info->mode_count; i++) {
		u32 rating = vbe_get_mode(buffer, info->version, info->modes[i], &mode) ? rate(&mode, wish) : 0;

		if (rating <= best)
			continue;
		best = rating;
		keep(video, buffer, &mode);
	}
	return best;
}

static bool choose(struct video *video, const struct video_wish *wish, u32 *modes)
{
	struct vbe_info *info = malloc(sizeof(*info));
	paddr_t buffer;
	bool found = false;

	*modes = 0;
	if (info && !bios_buffer(VBE_BUFFER, &buffer)) {
		if (!vbe_get_info(buffer, info)) {
			found = choose_among(video, buffer, wish, info);
			*modes = info->mode_count;
		}
		bios_release(buffer);
	}
	free(info);
	return found;
}

static enum err find(struct load_request *request, const char *who, const struct video_wish *wish)
{
	const struct boot_framebuffer *fb = &request->info->framebuffer;
	struct video *video = malloc(sizeof(*video));
	u32 modes;

	if (!video) {
		log_err("video", "%s: heap is full", who);
		return ERR_MEMORY;
	}
	*video = (struct video){ .info = *request->info, .before = vbe_current() };
	if (!choose(video, wish, &modes)) {
		log_err("video", "%s: none of the BIOS's %u modes is %ux%u depth=%u vbe_mode=0x%x", who, modes, wish->width,
			wish->height, wish->depth, wish->vbe_mode);
		free(video);
		return ERR_NOT_FOUND;
	}
	video->is_chosen = true;
	video->info.vbe = (struct boot_blob){ .data = video->tag, .size = TAG_SIZE };
	request->video = video;
	request->info = &video->info;
	fb = &video->info.framebuffer;
	log_info("video", "%s: mode 0x%03x %ux%ux%u pitch=%u framebuffer=0x%llx", who, video->mode, fb->width, fb->height,
		 fb->bpp, fb->pitch, fb->addr);
	return ERR_OK;
}

static bool has_bios(const struct load_request *request)
{
	const struct boot_framebuffer *fb = &request->info->framebuffer;
	const char *why;

	if (bios_present(&why))
		return true;
	log_warn("video", "%s: trapeze,video-mode is not set: %s; the boot loader's screen stays: %s %ux%u", request->config->name,
		 why, !fb->present ? "none" : fb->type == 2 ? "text" : "graphics", fb->width, fb->height);
	return false;
}

enum err video_plan(struct load_request *request)
{
	const struct manifest_config *config = request->config;

	if (!config->has_video_mode || !has_bios(request) || !config->video.width)
		return ERR_OK;
	return find(request, config->name, &config->video);
}

void video_wish(struct load_request *request, const char *who, const struct video_wish *wish)
{
	const struct manifest_config *config = request->config;
	struct video_wish whole = *wish;

	if (!config->has_video_mode || config->video.width || request->video || !bios_present(NULL))
		return;
	if (!whole.width || !whole.height) {
		whole.width = DEFAULT_WIDTH;
		whole.height = DEFAULT_HEIGHT;
	}
	/* A kernel can do with another screen than the one that it asks for. */
	if (find(request, who, &whole))
		log_warn("video", "%s: the screen stays as the boot loader left it", config->name);
}

bool video_is_chosen(const struct load_request *request)
{
	return request->video != NULL;
}

enum err video_set(const struct load_request *request)
{
	const struct video *video = request->video;

	if (!video)
		return ERR_OK;
	if (vbe_set(video->mode))
		return ERR_OK;
	log_err("video", "%s: the BIOS did not set mode 0x%03x", request->config->name, video->mode);
	return ERR_DEVICE;
}

void video_restore(const struct load_request *request)
{
	if (request->video && !vbe_set_as_was(request->video->before))
		log_warn("video", "%s: the BIOS did not set mode 0x%03x again", request->config->name, request->video->before);
}

void video_release(struct load_request *request)
{
	if (!request->video)
		return;
	free(request->video);
	request->video = NULL;
}
