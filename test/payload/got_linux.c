/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The test kernel: prints what it was handed, decoded from raw offsets of the zero page (boot.rst, zero-page.rst), in
 * the lines of the loader's own record. The two are compared whole, so nothing here may be shared with the loader.
 */
#include "abi.h"
#include "received.h"

/* Where the 64-bit entry is, seen from the kernel's start; the 32-bit entry is the start. */
#define ENTRY_OFFSET_64 0x200

struct e820 {
	u64 start, size;
	u32 type;
} __attribute__((packed));

struct setup_data {
	u64 next;
	u32 type, size;
	u8 data[];
} __attribute__((packed));

extern char kernel_image[];
void linux_main(const struct registers *registers);

static void print_entry(const struct registers *registers, const u8 *page)
{
	u64 version = get(page, 0x206, 2),
	    entry = (unsigned long)kernel_image + (sizeof(long) == 8 ? ENTRY_OFFSET_64 : 0);

	print("got: linux: protocol=%llu.%c%c mode=" MODE_NAME " entry=0x%llx zeropage=0x%llx crc32=0x%08x\n",
	      version >> 8, '0' + (int)(version & 0xff) / 10, '0' + (int)(version & 0xff) % 10, entry,
	      (u64)(unsigned long)page, crc32(page, 4096));
	print_registers(registers);
	print("got: header: type_of_loader=0x%llx loadflags=0x%llx vid_mode=0x%llx\n", get(page, 0x210, 1),
	      get(page, 0x211, 1), get(page, 0x1fa, 2));
	print("got: header: code32_start=0x%llx kernel_alignment=0x%llx\n", get(page, 0x214, 4),
	      version >= 0x205 ? get(page, 0x230, 4) : 0);
	print("got: memory: ext_mem_k=0x%llx alt_mem_k=0x%llx\n", get(page, 0x002, 2), get(page, 0x1e0, 4));
}

/* From 2.02 on a pointer; before, an offset from 0x90000 beside a magic number. */
static u64 command_line(const u8 *page)
{
	if (get(page, 0x206, 2) >= 0x202)
		return get(page, 0x0c8, 4) << 32 | get(page, 0x228, 4);
	return get(page, 0x020, 2) == 0xa33f ? 0x90000 + get(page, 0x022, 2) : 0;
}

static void print_command_line(const u8 *page)
{
	u64 at = command_line(page);
	const char *text = (const char *)pointer(at);
	u32 size = 0;

	while (at && text[size])
		size++;
	print("got: cmdline: at=0x%llx size=%u\n", at, size);
	for (u32 i = 0; i < size; i++) {
		if (i % 96 == 0)
			print("got: cmdline: \"");
		print("%c", text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?');
		if (i % 96 == 95 || i + 1 == size)
			print("\"\n");
	}
}

static void print_screen(const u8 *page)
{
	u64 type = page[0x0f];

	if (type == 1)
		print("got: screen: type=0x1 mode=0x%llx columns=%u lines=%u points=%llu\n", get(page, 0x06, 1),
		      page[0x07], page[0x0e], get(page, 0x10, 2));
	if (type < 2)
		return;
	print("got: screen: type=0x%llx base=0x%llx size=0x%llx width=%llu height=%llu depth=%llu pitch=%llu\n", type,
	      get(page, 0x3a, 4) << 32 | get(page, 0x18, 4), get(page, 0x1c, 4), get(page, 0x12, 2), get(page, 0x14, 2),
	      get(page, 0x16, 2), get(page, 0x24, 2));
	print("got: screen: red=%u@%u green=%u@%u blue=%u@%u reserved=%u@%u capabilities=0x%llx\n", page[0x26],
	      page[0x27], page[0x28], page[0x29], page[0x2a], page[0x2b], page[0x2c], page[0x2d], get(page, 0x36, 4));
}

static void print_ramdisk(const u8 *page)
{
	u64 start = get(page, 0x0c0, 4) << 32 | get(page, 0x218, 4),
	    size = get(page, 0x0c4, 4) << 32 | get(page, 0x21c, 4);

	if (size)
		print("got: initrd: at=0x%llx size=%llu crc32=0x%08x\n", start, size, crc32(pointer(start), size));
}

static void print_map(const struct e820 *entries, u32 count)
{
	for (u32 i = 0; i < count; i++)
		print("got: e820: 0x%llx 0x%llx %u\n", entries[i].start, entries[i].start + entries[i].size,
		      entries[i].type);
}

static u64 first_node(const u8 *page)
{
	return get(page, 0x206, 2) >= 0x209 ? get(page, 0x250, 8) : 0;
}

static void print_memory_map(const u8 *page)
{
	const struct setup_data *node;

	print_map((const struct e820 *)(page + 0x2d0), page[0x1e8]);
	for (u64 at = first_node(page); at; at = node->next) {
		node = (const struct setup_data *)pointer(at);
		if (node->type == 1)
			print_map((const struct e820 *)node->data, node->size / 20);
	}
}

static void print_setup_data(const u8 *page)
{
	const struct setup_data *node;

	for (u64 at = first_node(page); at; at = node->next) {
		node = (const struct setup_data *)pointer(at);
		print("got: setup_data: at=0x%llx type=%u size=%u crc32=0x%08x\n", at, node->type, node->size,
		      crc32(node->data, node->size));
	}
}

static void print_firmware(const u8 *page)
{
	u64 rsdp = get(page, 0x070, 8), map = get(page, 0x1dc, 4) << 32 | get(page, 0x1d0, 4),
	    size = get(page, 0x1d4, 4);

	if (rsdp)
		print("got: acpi: rsdp=0x%llx\n", rsdp);
	if (!get(page, 0x1c0, 4))
		return;
	print("got: efi: signature=%.*s systab=0x%llx desc_size=%llu desc_version=%llu\n", 4,
	      (const char *)page + 0x1c0, get(page, 0x1d8, 4) << 32 | get(page, 0x1c4, 4), get(page, 0x1c8, 4),
	      get(page, 0x1cc, 4));
	print("got: efi: map=0x%llx size=%llu crc32=0x%08x\n", map, size, crc32(pointer(map), size));
}

void linux_main(const struct registers *registers)
{
	const u8 *page = pointer(registers->si);

	print("\n");
	print_entry(registers, page);
	print_command_line(page);
	print_ramdisk(page);
	print_screen(page);
	print_memory_map(page);
	print_setup_data(page);
	print_firmware(page);
	print("got: end\n");
	wait_and_stop();
}
