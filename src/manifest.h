/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The manifest: a flattened device tree with FIT's names, read once into plain structs. Strings and data point into the
 * tree, which stays in place. docs/manifest.md describes every property.
 */
#ifndef TRAPEZE_MANIFEST_H
#define TRAPEZE_MANIFEST_H

#include "error.h"
#include "log.h"
#include "plan.h"
#include "quiet.h"
#include "types.h"
#include "verify.h"
#include "video.h"

enum on_fault { ON_FAULT_MENU, ON_FAULT_HALT, ON_FAULT_REBOOT, ON_FAULT_CONFIG };

struct manifest_image {
	const char *name;		/* node name */
	const char *description;	/* "" when absent, as all strings here unless noted */
	const char *type, *arch, *os, *compression;
	bool is_flat;			/* by `os` */
	const char *path;		/* trapeze,path; NULL when the bytes are embedded */
	const void *data;		/* embedded `data`, or FIT's external data behind the tree; or NULL */
	u64 data_size;
	struct {			/* where the latter is said to be, until `data` is known */
		bool has_position, has_offset, has_size;
		u64 position, offset, size;
	} external;
	const char *disk;		/* trapeze,disk, understood by boot_disk_parse; NULL: the bytes are elsewhere */
	u32 sectors;			/* trapeze,sectors of a boot sector; 0: as usual */
	bool has_load, has_entry, has_size;
	u64 load, entry;
	u64 size;			/* trapeze,size as mkiso wrote it: must match the bytes found */
	u64 unpacked_size;		/* trapeze,unpacked-size; 0: not given */
	bool virtual_addresses;		/* trapeze,addresses = "virtual": an ELF file's segments go to p_vaddr */
	const char *bootargs;		/* trapeze,bootargs of a module; NULL: none */
	struct hash_want *hashes;
	u32 hash_count;
};

/* A node of /bios-calls. */
struct manifest_bios_call {
	const char *name, *description;
	bool has_vector, has_far;	/* one of them */
	u32 target;			/* the vector; segment << 16 | offset */
	const char *registers;		/* "" when not given */
	u32 buffer_size;		/* 0: none */
	u32 pointer;			/* what points to it: bios_pointer_find */
	const void *data;		/* its first bytes */
	u32 data_size;
	u32 rounds;
	u32 watchdog_ms;		/* 0: the usual limit */
};

/* Memory that is handed over, by the name by which the next kernel asks for it. */
struct manifest_region {
	char name[16];			/* RESERVE_MEM_NAME_SIZE of Linux, mm/memblock.c */
	u64 start, size;		/* whole pages from 1 MiB on, not empty, no wrap */
};

struct manifest_config {
	const char *name, *description;
	bool has_kernel;		/* it may do without where there are BIOS calls */
	u32 kernel;			/* image numbers */
	bool has_setup;
	u32 setup;			/* FIT's setup.bin of a Linux kernel that comes without its own */
	u32 *ramdisks, *loadables, *modules;
	u32 ramdisk_count, loadable_count, module_count;
	const char *bootargs;		/* NULL: none */
	bool reuse_bootargs;		/* trapeze,reuse-bootargs */
	bool pass_modules;		/* trapeze,pass-modules */
	bool preserve_context;
	bool has_mode;
	enum entry_mode mode;
	u64 args[6];
	u32 arg_count;
	bool has_drive;
	u32 drive;			/* trapeze,drive: the BIOS's number, for a boot sector */
	const char *registers;		/* trapeze,registers; NULL: none */
	u32 watchdog_ms;		/* 0: none */
	enum on_fault on_fault;
	u32 on_fault_config;
	u32 int3;			/* SWING_INT3_... */
	u32 single_step;		/* 0: none */
	u32 repeat;			/* calls in a row; 0: one */
	bool keep_net;			/* trapeze,net: on unless "off" */
	bool keep_recorder;		/* trapeze,recorder = "ramoops" */
	enum quiet_wish quiet;		/* trapeze,quiet */
	bool has_video_mode;		/* trapeze,video-mode */
	struct video_wish video;	/* width 0: what the kernel asks for */
	bool rescue;			/* trapeze,rescue: prepared ahead */
	u32 rescue_memory;		/* trapeze,rescue-memory in MiB; 0: not given */
	const char *bios_calls;		/* trapeze,bios-call: strings one behind the other; NULL: none */
	u32 bios_calls_size;
	const char *kho;		/* trapeze,kho, any word but "drop"; NULL: none */
	bool kho_drop;			/* what the kernel before handed over is given up */
	u64 kho_scratch[6];		/* start, size, start, ... */
	u32 kho_scratch_count;		/* numbers */
	struct manifest_region *kho_memory;
	u32 kho_memory_count;
};

/* Is what the menu lets one edit the arguments of a called image? Else it is a command line. */
static inline bool manifest_config_has_args(const struct manifest_config *config)
{
	return config->preserve_context && !(config->bootargs && config->bootargs[0]);
}

#define MANIFEST_NO_TIMEOUT (-1)

struct manifest {
	const char *description;
	const char *console;		/* NULL: not given */
	bool has_log_level;
	enum log_level log_level;
	bool has_timeout;
	s32 timeout;			/* seconds; MANIFEST_NO_TIMEOUT: wait for a key */
	/* trapeze,shell: `shell_size` bytes of lines, each with its NUL; NULL: none */
	const char *shell;
	u32 shell_size;
	u32 default_config;
	struct manifest_image *images;	/* malloc'd */
	struct manifest_config *configs;
	struct manifest_bios_call *bios_calls;
	u32 image_count, config_count, bios_call_count;
};

/*
 * Read the tree at `data` (8-byte aligned), of which `size` bytes are there: a FIT's external data lies behind the tree.
 * All of it is checked: the tree itself (libfdt), every name
 * that is referred to, every property's type and range. Names and strings are printable ASCII. Each complaint names
 * node, property, value and limit. A complaint about one configuration or image ruins the manifest as a whole: ERR_...,
 * and nothing of *manifest is to be used.
 */
enum err manifest_parse(struct manifest *manifest, const void *data, u64 size) MUST_CHECK;
void manifest_free(struct manifest *manifest);
/* The number of the configuration / image of that name, or -1. */
int manifest_find_config(const struct manifest *manifest, const char *name);
int manifest_find_image(const struct manifest *manifest, const char *name);
const struct manifest_bios_call *manifest_find_bios_call(const struct manifest *manifest, const char *name);

#endif
