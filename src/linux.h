/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The Linux loader's private header: field offsets, the setup header decoded, and what its parts (linux_*.c) share.
 * Source of every offset: Documentation/arch/x86/boot.rst and zero-page.rst of Linux, screen_info also
 * include/uapi/linux/screen_info.h. The setup header has the same offsets in a kernel's file and in the zero page.
 */
#ifndef TRAPEZE_LINUX_H
#define TRAPEZE_LINUX_H

#include "cursor.h"
#include "kho.h"
#include "record.h"

/* --- the setup header; "2.xx" is the first protocol that has the field --- */
#define HDR_SETUP_SECTS 0x1f1
#define HDR_SYSSIZE 0x1f4		/* 16-byte units; 16 bits wide before 2.04 */
#define HDR_VID_MODE 0x1fa
#define HDR_BOOT_FLAG 0x1fe
#define HDR_JUMP 0x200			/* a short jump over the header: its second byte tells where the header ends */
#define HDR_MAGIC 0x202
#define HDR_VERSION 0x206
#define HDR_KERNEL_VERSION 0x20e	/* where the version string stands in the file, less 0x200 */
#define HDR_TYPE_OF_LOADER 0x210
#define HDR_LOADFLAGS 0x211
#define HDR_SETUP_MOVE_SIZE 0x212
#define HDR_CODE32_START 0x214
#define HDR_RAMDISK_IMAGE 0x218
#define HDR_RAMDISK_SIZE 0x21c
#define HDR_HEAP_END_PTR 0x224		/* 2.01 */
#define HDR_CMD_LINE_PTR 0x228		/* 2.02 */
#define HDR_INITRD_ADDR_MAX 0x22c	/* 2.03 */
#define HDR_KERNEL_ALIGNMENT 0x230	/* 2.05 */
#define HDR_RELOCATABLE 0x234		/* 2.05 */
#define HDR_MIN_ALIGNMENT 0x235		/* 2.10, a power of two */
#define HDR_XLOADFLAGS 0x236		/* 2.12 */
#define HDR_CMDLINE_SIZE 0x238		/* 2.06 */
#define HDR_SETUP_DATA 0x250		/* 2.09 */
#define HDR_PREF_ADDRESS 0x258		/* 2.10 */
#define HDR_INIT_SIZE 0x260		/* 2.10 */
#define HDR_LIMIT 0x290			/* the zero page uses what follows for other things */

#define LINUX_BOOT_FLAG 0xaa55
#define LINUX_MAGIC 0x53726448u		/* "HdrS" */
#define LINUX_SECTOR 512u

#define LOADFLAG_LOADED_HIGH 0x01	/* bzImage: goes to 1 MiB */
#define LOADFLAG_KASLR 0x02		/* the kernel's own */
#define LOADFLAG_QUIET 0x20
#define LOADFLAG_CAN_USE_HEAP 0x80	/* for the 16-bit code */

#define XLF_KERNEL_64 0x0001
#define XLF_ABOVE_4G 0x0002

/* --- the zero page apart from the header --- */
#define ZP_EXT_MEM_K 0x002
#define ZP_SCREEN_MODE 0x006
#define ZP_SCREEN_COLUMNS 0x007
#define ZP_SCREEN_LINES 0x00e
#define ZP_SCREEN_TYPE 0x00f		/* orig_video_isVGA */
#define ZP_SCREEN_POINTS 0x010
#define ZP_LFB_WIDTH 0x012
#define ZP_LFB_HEIGHT 0x014
#define ZP_LFB_DEPTH 0x016
#define ZP_LFB_BASE 0x018
#define ZP_LFB_SIZE 0x01c
#define ZP_CL_MAGIC 0x020		/* the command line before 2.02 */
#define ZP_CL_OFFSET 0x022
#define ZP_LFB_PITCH 0x024
#define ZP_LFB_RED 0x026		/* size, position; green, blue and reserved follow alike */
#define ZP_LFB_CAPABILITIES 0x036
#define ZP_LFB_EXT_BASE 0x03a
#define ZP_ACPI_RSDP 0x070
#define ZP_EXT_RAMDISK_IMAGE 0x0c0
#define ZP_EXT_RAMDISK_SIZE 0x0c4
#define ZP_EFI_SIGNATURE 0x1c0
#define ZP_EFI_SYSTAB 0x1c4
#define ZP_EFI_DESC_SIZE 0x1c8
#define ZP_EFI_DESC_VERSION 0x1cc
#define ZP_EFI_MAP 0x1d0
#define ZP_EFI_MAP_SIZE 0x1d4
#define ZP_EFI_SYSTAB_HI 0x1d8
#define ZP_EFI_MAP_HI 0x1dc
#define ZP_ALT_MEM_K 0x1e0
#define ZP_E820_COUNT 0x1e8
#define ZP_E820_TABLE 0x2d0
#define ZP_SIZE 0x1000u

#define E820_ENTRY_SIZE 20u
#define E820_ZP_MAX 128u
#define SCREEN_TYPE_TEXT 0x01		/* VIDEO_TYPE_VGAC */
#define SCREEN_TYPE_VLFB 0x23		/* lfb_size in units of 64 KiB */
#define SCREEN_TYPE_EFI 0x70		/* lfb_size in bytes */
#define SCREEN_64BIT_BASE 0x02
#define CL_MAGIC 0xa33f

/* struct setup_data: u64 next, u32 type, u32 length, then the data */
#define SETUP_DATA_HEADER 16u
#define SETUP_E820_EXT 1
#define SETUP_RNG_SEED 9
#define SETUP_KEXEC_KHO 10
#define KHO_DATA_SIZE 32u
#define RNG_SEED_SIZE 32u

#define LINUX_ENTRY64 0x200u
#define LINUX_HIGH_LOAD MIB(1)		/* where a bzImage goes */
#define LINUX_OLD_PARAMS 0x90000u	/* where kernels before 2.02 look for the zero page */

/* The header with everything that older protocols lack filled in as boot.rst says it is to be assumed. */
struct linux_header {
	u16 version;			/* 0x0200 ... */
	u32 setup_size;			/* boot sector and 16-bit code: what comes before the kernel in the file */
	u32 header_end;			/* the header is [HDR_SETUP_SECTS, header_end) */
	u64 code_size;			/* bytes of the file from setup_size on */
	u8 loadflags;
	u16 xloadflags;
	u32 code32_start;
	u32 cmdline_max;		/* characters, without the NUL */
	paddr_t initrd_end;		/* one past the last byte that an initrd may occupy */
	bool relocatable;
	u64 alignment, min_alignment;	/* of a relocatable kernel */
	paddr_t pref_address;		/* 0: none */
	u64 init_size;			/* memory needed from the run-time start on; estimated before 2.10 */
};

struct linux_state {
	struct linux_header header;
	enum entry_mode mode;
	u64 alignment;			/* that the kernel will have */
	paddr_t nominal_load;		/* what code32_start counts from */
	u32 entry64;			/* where the 64-bit entry is, from the kernel's start on */
	bool has_vid_mode, quiet;
	u16 vid_mode;
	u32 kernel;			/* segment numbers */
	u32 first_ramdisk;
	struct handover_area params;	/* zero page, then the command line; of the 16-bit entry: see linux_real.c */
	struct handover_area setup_data;	/* nodes: the seed, the handover, more of the memory map; each if there is one */
	bool has_seed;
	u32 e820_ext_max;		/* entries for which the latter has room */
	struct handover_area efi_map;
	struct kho kho;			/* version NULL: none */
	struct kho_places kho_places;
};

static inline bool linux_is_64(const struct linux_header *header)
{
	return header->xloadflags & XLF_KERNEL_64;
}

static inline bool linux_is_high(const struct linux_header *header)
{
	return header->loadflags & LOADFLAG_LOADED_HIGH;
}

static inline struct linux_state *linux_state(const struct load_request *request)
{
	return request->state;
}

/* Where the setup header is: in the kernel's own file, or in FIT's `setup`. */
static inline const struct blob *linux_setup_blob(const struct load_request *request)
{
	return request->setup.image ? &request->setup.blob : &request->kernel.blob;
}

/* linux_header.c. Probe: NULL, or why these bytes are no kernel of ours. Parse: checks all of the header, logs. */
const char *linux_header_probe(const void *data, u64 size);
enum err linux_header_parse(const struct load_request *request, struct linux_header *header) MUST_CHECK;
/* First word of the kernel's version string, or "". */
void linux_header_release(const struct blob *blob, const struct linux_header *header, char *buf, size_t size);

/* linux_options.c: the words of a command line that a boot loader must honour, and its length. */
enum err linux_read_options(struct load_request *request, struct linux_state *state) MUST_CHECK;

/* linux_plan.c: add the segments. */
enum err linux_plan_kernel(struct load_request *request) MUST_CHECK;
/* linux_split.c: a kernel that comes apart from its setup code, in FIT's way. */
enum entry_mode linux_split_mode(const struct load_request *request);
enum err linux_split_plan_kernel(struct load_request *request, struct plan_segment *segment) MUST_CHECK;
enum err linux_plan_ramdisks(struct load_request *request) MUST_CHECK;
/* An area anywhere above 1 MiB and below 4 GiB. */
enum err linux_plan_area(struct load_request *request, struct handover_area *area, const char *name, u64 size) MUST_CHECK;
/* One at 0x90000, where kernels before 2.02 look. */
enum err linux_plan_old_params(struct load_request *request, struct handover_area *area, const char *name,
			       u64 size) MUST_CHECK;

/* linux_setup_data.c: the handover, setup_data nodes and the memory map. */
enum err linux_plan_kho(struct load_request *request) MUST_CHECK;
/* Before anything that says what is preserved. */
enum err linux_finish_kho(struct load_request *request) MUST_CHECK;
enum err linux_plan_setup_data(struct load_request *request) MUST_CHECK;
/* Write the memory map and link the nodes; the zero page's pointer and table included. */
enum err linux_finish_setup_data(struct load_request *request, u8 *zero_page) MUST_CHECK;

/* linux_firmware.c: what the firmware gave us, handed on. */
enum err linux_plan_efi(struct load_request *request) MUST_CHECK;
enum err linux_finish_efi(const struct load_request *request, u8 *zero_page) MUST_CHECK;
/* linux_efi_map.c: the map anew, in the area planned for it; *size is what it takes. */
enum err linux_finish_efi_map(const struct load_request *request, u64 *size) MUST_CHECK;
void linux_finish_screen(const struct load_request *request, u8 *zero_page);

/*
 * linux_real.c: the 16-bit entry. Its `params` are the whole real-mode part: setup code with the header, heap, command line.
 */
enum err linux_check_real(const struct load_request *request) MUST_CHECK;
enum err linux_plan_real(struct load_request *request) MUST_CHECK;
enum err linux_finish_real(struct load_request *request) MUST_CHECK;
void linux_record_real(const struct load_request *request, const struct record *record);
/* Whatever the entry. */
paddr_t linux_command_line_at(const struct load_request *request);

/* linux_zeropage.c */
/* The fields that every entry needs; setup code and zero page have them at the same offsets. */
void linux_put_header(const struct load_request *request, u8 *page);
enum err linux_plan_params(struct load_request *request) MUST_CHECK;
enum err linux_finish(struct load_request *request) MUST_CHECK;

/* linux_record.c */
void linux_record(const struct load_request *request, const struct record *to);

#endif
