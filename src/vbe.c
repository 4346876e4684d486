/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "vbe.h"

#include <string.h>

#include "arch.h"
#include "bios_private.h"
#include "edid.h"
#include "printable.h"

/* Function numbers and bits (VBE 3.0, section 4). */
enum { VBE_INFO = 0x4f00, VBE_MODE_INFO = 0x4f01, VBE_SET_MODE = 0x4f02, VBE_GET_MODE = 0x4f03, VBE_DDC = 0x4f15 };
enum { VBE_OK = 0x004f, VBE_LINEAR = 0x4000, VBE_LAST_MODE = 0xffff, VBE_NONE = 0xffff, VBE_NUMBER = 0x41ff };
enum { VGA_TEXT = 3, DDC_READ = 1, VBE_3 = 0x300 };
enum { MODE_SUPPORTED = 0x01, MODE_GRAPHICS = 0x10, MODE_LINEAR = 0x80, MODEL_PACKED = 4, MODEL_DIRECT = 6 };
#define LOW_LIMIT 0x100000u		/* real mode's pointers */

static bool call(struct bios_regs *regs)
{
	return !bios_int(0x10, regs) && (regs->eax & 0xffff) == VBE_OK;
}

/* A far pointer of the BIOS's as bytes of ours, and how many there can be. */
static const u8 *far_bytes(u32 pointer, u32 *size)
{
	paddr_t at = bios_linear((u16)(pointer >> 16), (u16)pointer);

	/* Page 0 is out of the shim's reach; nothing of a video BIOS's lies there. */
	if (at < PAGE_SIZE || at >= LOW_LIMIT)
		return NULL;
	*size = (u32)(LOW_LIMIT - at);
	return arch_phys(at, *size);
}

static void read_oem(struct vbe_info *info, u32 pointer)
{
	u32 size;
	const u8 *text = far_bytes(pointer, &size);

	if (text)
		printable(info->oem, sizeof(info->oem), (const char *)text,
			  strnlen((const char *)text, min_u64(size, sizeof(info->oem))));
}

static void read_modes(struct vbe_info *info, u32 pointer)
{
	u32 size;
	const u8 *list = far_bytes(pointer, &size);

	for (; list && size >= 2 && info->mode_count < VBE_MODES_MAX && le16(list) != VBE_LAST_MODE; list += 2, size -= 2)
		info->modes[info->mode_count++] = le16(list);
}

enum err vbe_get_info(paddr_t buffer, struct vbe_info *info)
{
	struct bios_regs regs = { .eax = VBE_INFO, .es = bios_segment(buffer), .edi = bios_offset(buffer) };
	u8 *block = arch_phys(buffer, VBE_BUFFER);

	*info = (struct vbe_info){ 0 };
	memset(block, 0, VBE_BUFFER);
	memcpy(block, "VBE2", 4);	/* what asks for more than VBE 1.x gave */
	if (!call(&regs) || memcmp(block, "VESA", 4))
		return ERR_DEVICE;
	info->version = le16(block + 4);
	info->memory_kib = le16(block + 18) * 64u;
	read_oem(info, le32(block + 6));
	read_modes(info, le32(block + 14));
	return ERR_OK;
}

static void read_colours(struct boot_framebuffer *fb, const u8 *sizes)
{
	fb->red_size = sizes[0];
	fb->red_pos = sizes[1];
	fb->green_size = sizes[2];
	fb->green_pos = sizes[3];
	fb->blue_size = sizes[4];
	fb->blue_pos = sizes[5];
}

bool vbe_get_mode(paddr_t buffer, u16 version, u16 number, struct vbe_mode *mode)
{
	struct bios_regs regs = { .eax = VBE_MODE_INFO, .ecx = number, .es = bios_segment(buffer), .edi = bios_offset(buffer) };
	u8 *b = arch_phys(buffer, VBE_BUFFER);
	struct boot_framebuffer *fb = &mode->framebuffer;
	bool is_3 = version >= VBE_3;
	u16 wanted = MODE_SUPPORTED | MODE_GRAPHICS | MODE_LINEAR;

	*mode = (struct vbe_mode){ .number = number };
	memset(b, 0, VBE_BUFFER);
	if (!call(&regs))
		return false;
	fb->width = le16(b + 18);
	fb->height = le16(b + 20);
	fb->bpp = b[25];
	/* From VBE 3.0 on a mode has other numbers where its framebuffer is linear. */
	fb->pitch = is_3 && le16(b + 50) ? le16(b + 50) : le16(b + 16);
	fb->addr = le32(b + 40);
	fb->type = b[27] == MODEL_DIRECT ? 1 : 0;
	read_colours(fb, is_3 && b[54] ? b + 54 : b + 31);
	fb->present = true;
	mode->is_usable = (le16(b) & wanted) == wanted && (b[27] == MODEL_DIRECT || b[27] == MODEL_PACKED) && fb->addr;
	return true;
}

u16 vbe_current(void)
{
	struct bios_regs regs = { .eax = VBE_GET_MODE };

	return call(&regs) ? (u16)regs.ebx : VBE_NONE;
}

bool vbe_set(u16 number)
{
	struct bios_regs regs = { .eax = VBE_SET_MODE, .ebx = number | VBE_LINEAR };

	return call(&regs);
}

bool vbe_set_as_was(u16 number)
{
	struct bios_regs regs = { .eax = VBE_SET_MODE, .ebx = number == VBE_NONE ? VGA_TEXT : number & VBE_NUMBER };

	return call(&regs);
}

bool vbe_read_edid(paddr_t buffer)
{
	struct bios_regs regs = { .eax = VBE_DDC, .ebx = DDC_READ, .es = bios_segment(buffer), .edi = bios_offset(buffer) };

	memset(arch_phys(buffer, EDID_SIZE), 0, EDID_SIZE);
	return call(&regs);
}
