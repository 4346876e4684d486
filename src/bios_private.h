/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the services of bios_*.c share. */
#ifndef TRAPEZE_BIOS_PRIVATE_H
#define TRAPEZE_BIOS_PRIVATE_H

#include "bios_services.h"

#define BIOS_SCENE_SIZE 4096u

/* What a service works with: a buffer, zeroed at first, and the machine. */
struct bios_scene {
	const struct machine *machine;
	const char *name;		/* of the service */
	paddr_t buffer;
	u8 *bytes;			/* BIOS_SCENE_SIZE of them */
};

/* Call, with es:di at the buffer; false: it came back with carry. bios_ask says so in the log. */
bool bios_try(const struct bios_scene *scene, u8 vector, struct bios_regs *regs);
bool bios_ask(const struct bios_scene *scene, u8 vector, struct bios_regs *regs);

enum err bios_memory_map(const struct bios_scene *scene);
enum err bios_vbe(const struct bios_scene *scene);
enum err bios_edid(const struct bios_scene *scene);
enum err bios_disks(const struct bios_scene *scene);
enum err bios_smbios(const struct bios_scene *scene);
enum err bios_system(const struct bios_scene *scene);
enum err bios_keyboard(const struct bios_scene *scene);
enum err bios_apm(const struct bios_scene *scene);
enum err bios_time(const struct bios_scene *scene);
enum err bios_bios32(const struct bios_scene *scene);
enum err bios_pnp(const struct bios_scene *scene);

/* Numbers as BIOSes store them, at any alignment. */
static inline u16 le16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static inline u32 le32(const u8 *p)
{
	return (u32)le16(p) | (u32)le16(p + 2) << 16;
}

static inline u64 le64(const u8 *p)
{
	return le32(p) | (u64)le32(p + 4) << 32;
}

#endif
