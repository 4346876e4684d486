/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The multiboot test kernels: print what they were handed, decoded from the offsets of the two specifications, in the
 * lines of the loaders' own records. The two are compared whole, so nothing here may be shared with the loaders.
 */
#include "abi.h"
#include "received.h"

#define MAGIC_1 0x2badb002u

void multiboot_main(const struct registers *registers);

static void print_module(u64 start, u64 end, u64 text)
{
	print("got: module: 0x%llx 0x%llx crc32=0x%08x\n", start, end, crc32(pointer(start), end - start));
	print_text("module", text);
}

static void print_range(const u8 *at)
{
	print("got: mmap: 0x%llx 0x%llx %llu\n", get(at, 0, 8), get(at, 0, 8) + get(at, 8, 8), get(at, 16, 4));
}

/* Address, pitch, width, height, depth, type, colours: each format has them at a place of its own. */
static void print_framebuffer(const u8 *at, const u8 *colours)
{
	print("got: framebuffer: addr=0x%llx pitch=%llu width=%llu height=%llu bpp=%llu type=%llu\n", get(at, 0, 8),
	      get(at, 8, 4), get(at, 12, 4), get(at, 16, 4), get(at, 20, 1), get(at, 21, 1));
	if (at[21] == 1)
		print("got: framebuffer: colours=0x%llx\n", get(colours, 0, 6));
}

/* ---- format 1: 3.3 */

static void print_modules_1(const u8 *info)
{
	const u8 *entry = pointer(get(info, 24, 4));

	print("got: modules: count=%llu at=0x%llx\n", get(info, 20, 4), get(info, 24, 4));
	for (u64 i = 0; i < get(info, 20, 4); i++, entry += 16)
		print_module(get(entry, 0, 4), get(entry, 4, 4), get(entry, 8, 4));
}

static void print_sections_1(const u8 *info)
{
	print("got: sections: count=%llu size=%llu at=0x%llx names=%llu crc32=0x%08x\n", get(info, 28, 4),
	      get(info, 32, 4), get(info, 36, 4), get(info, 40, 4),
	      crc32(pointer(get(info, 36, 4)), get(info, 28, 4) * get(info, 32, 4)));
}

static void print_map_1(const u8 *info)
{
	const u8 *entry = pointer(get(info, 48, 4)), *end = entry + get(info, 44, 4);

	print("got: mmap: at=0x%llx length=%llu\n", get(info, 48, 4), get(info, 44, 4));
	for (; entry < end; entry += 4 + get(entry, 0, 4))
		print_range(entry + 4);
}

static void print_vbe_1(const u8 *info)
{
	print("got: vbe: mode=0x%llx interface=%llx:%llx+%llx control=0x%08x info=0x%08x\n", get(info, 80, 2),
	      get(info, 82, 2), get(info, 84, 2), get(info, 86, 2), crc32(pointer(get(info, 72, 4)), 512),
	      crc32(pointer(get(info, 76, 4)), 256));
}

static void print_string_1(const u8 *info, const char *name, u32 offset)
{
	print("got: %s: at=0x%llx\n", name, get(info, offset, 4));
	print_text(name, get(info, offset, 4));
}

static void print_1(const struct registers *registers, const u8 *info)
{
	u32 flags = (u32)get(info, 0, 4);

	print("got: multiboot: flags=0x%llx crc32=0x%08x\n", (u64)flags, crc32(info, 116));
	print_registers(registers);
	if (flags & 1 << 0)
		print("got: memory: lower=%llu upper=%llu\n", get(info, 4, 4), get(info, 8, 4));
	if (flags & 1 << 1)
		print("got: boot device: 0x%llx\n", get(info, 12, 4));
	if (flags & 1 << 2)
		print_string_1(info, "cmdline", 16);
	if (flags & 1 << 3)
		print_modules_1(info);
	if (flags & 1 << 5)
		print_sections_1(info);
	if (flags & 1 << 6)
		print_map_1(info);
	if (flags & 1 << 9)
		print_string_1(info, "loader", 64);
	if (flags & 1 << 10)
		print("got: apm: crc32=0x%08x\n", crc32(pointer(get(info, 68, 4)), 20));
	if (flags & 1 << 11)
		print_vbe_1(info);
	if (flags & 1 << 12)
		print_framebuffer(info + 88, info + 110);
}

/* ---- format 2: 3.6 */

static void print_map_2(const u8 *tag, u64 size)
{
	for (u64 at = 16; at < size; at += get(tag, 8, 4))
		print_range(tag + at);
}

static void print_tag(const u8 *tag)
{
	u64 size = get(tag, 4, 4), at = (u64)(unsigned long)tag;
	u32 type = (u32)get(tag, 0, 4);

	print("got: tag: %u size=%llu crc32=0x%08x\n", type, size, crc32(tag, size));
	if (type == 1)
		print_text("cmdline", at + 8);
	else if (type == 2)
		print_text("loader", at + 8);
	else if (type == 3)
		print_module(get(tag, 8, 4), get(tag, 12, 4), at + 16);
	else if (type == 4)
		print("got: memory: lower=%llu upper=%llu\n", get(tag, 8, 4), get(tag, 12, 4));
	else if (type == 5)
		print("got: boot device: 0x%llx 0x%llx 0x%llx\n", get(tag, 8, 4), get(tag, 12, 4), get(tag, 16, 4));
	else if (type == 6)
		print_map_2(tag, size);
	else if (type == 8)
		print_framebuffer(tag + 8, tag + 32);
	else if (type == 9)
		print("got: sections: count=%llu size=%llu names=%llu\n", get(tag, 8, 4), get(tag, 12, 4),
		      get(tag, 16, 4));
	else if (type == 21)
		print("got: load base: 0x%llx\n", get(tag, 8, 4));
}

static void print_2(const struct registers *registers, const u8 *info)
{
	u64 size = get(info, 0, 4);

	print("got: multiboot2: size=%llu reserved=0x%llx\n", size, get(info, 4, 4));
	print_registers(registers);
	for (u64 at = 8; at < size; at += (get(info + at, 4, 4) + 7) & ~7ull)
		print_tag(info + at);
}

void multiboot_main(const struct registers *registers)
{
	const u8 *info = pointer(registers->bx);

	print("\n");
	if (registers->ax == MAGIC_1)
		print_1(registers, info);
	else
		print_2(registers, info);
	print("got: end\n");
	wait_and_stop();
}
