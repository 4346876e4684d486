/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The layout of format 1's information structure: Multiboot Specification 0.6.96, 3.3. */
#ifndef TRAPEZE_MULTIBOOT1_INFO_H
#define TRAPEZE_MULTIBOOT1_INFO_H

#define MB1_HAS_MEMORY 0x1u
#define MB1_HAS_BOOT_DEVICE 0x2u
#define MB1_HAS_CMDLINE 0x4u
#define MB1_HAS_MODULES 0x8u
#define MB1_HAS_SECTIONS 0x20u
#define MB1_HAS_MMAP 0x40u
#define MB1_HAS_LOADER_NAME 0x200u
#define MB1_HAS_APM 0x400u
#define MB1_HAS_VBE 0x800u
#define MB1_HAS_FRAMEBUFFER 0x1000u

#define MB1_FLAGS 0u
#define MB1_MEM_LOWER 4u
#define MB1_MEM_UPPER 8u
#define MB1_BOOT_DEVICE 12u
#define MB1_CMDLINE 16u
#define MB1_MODS_COUNT 20u
#define MB1_MODS_ADDR 24u
#define MB1_SECTION_COUNT 28u
#define MB1_SECTION_SIZE 32u
#define MB1_SECTION_ADDR 36u
#define MB1_SECTION_NAMES 40u
#define MB1_MMAP_LENGTH 44u
#define MB1_MMAP_ADDR 48u
#define MB1_LOADER_NAME 64u
#define MB1_APM_TABLE 68u
#define MB1_VBE_CONTROL 72u
#define MB1_VBE_MODE_INFO 76u
#define MB1_VBE_MODE 80u		/* then segment, offset and length of its interface, 2 bytes each */
#define MB1_FB_ADDR 88u
#define MB1_FB_PITCH 96u
#define MB1_FB_WIDTH 100u
#define MB1_FB_HEIGHT 104u
#define MB1_FB_BPP 108u
#define MB1_FB_TYPE 109u
#define MB1_FB_COLOURS 110u
#define MB1_INFO_SIZE 116u

#define MB1_MODULE_SIZE 16u		/* start, end, string, 0 */

#endif
