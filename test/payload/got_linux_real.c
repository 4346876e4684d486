/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The test kernel entered by its 16-bit setup code: prints what that found in its registers and in the header around it, in
 * the lines of the loader's own record. The two are compared whole, so nothing here may be shared with the loader.
 */
#include "abi.h"
#include "received.h"

#define SAVED 0x5a0			/* test/payload/linux_setup.S */
#define FLAGS_FIXED 0x2u		/* always set */

extern char kernel_image[];
void linux_main(const struct registers *registers);

struct saved {
	u32 ax, bx, cx, dx, si, di, bp, sp, flags;
	u16 cs, ds, es, fs, gs, ss;
};

/* What the setup code wrote into itself goes back to zero, so that the sum is that of what was handed over. */
static struct saved take_saved(u8 *page)
{
	struct saved saved;
	u8 *data = page + 0x400;

	memcpy(&saved, page + SAVED, sizeof(saved));
	memset(page + SAVED, 0, sizeof(saved));
	/* The table's address behind its limit of 23, and the far pointer to the selector 8. */
	for (; data < page + SAVED; data++) {
		if (get(data, 0, 2) == 23 && get(data, 10, 2) == 8) {
			memset(data + 2, 0, 8);
			break;
		}
	}
	return saved;
}

static void print_state(const struct saved *s, const u8 *page, u32 size, u32 sum)
{
	u64 version = get(page, 0x206, 2);
	const struct registers general = {
		.ax = s->ax, .bx = s->bx, .cx = s->cx, .dx = s->dx, .si = s->si, .di = s->di, .bp = s->bp,
	};

	print("got: linux: protocol=%llu.%c%c mode=real setup=0x%llx size=%u crc32=0x%08x\n", version >> 8,
	      '0' + (int)(version & 0xff) / 10, '0' + (int)(version & 0xff) % 10, (u64)(unsigned long)page, size, sum);
	print_registers(&general);
	/* The entry is the first byte behind the boot sector: what runs at cs:0. */
	print("got: real: cs=0x%llx ip=0x0 ds=0x%llx es=0x%llx fs=0x%llx gs=0x%llx ss=0x%llx sp=0x%llx flags=0x%llx\n",
	      (u64)s->cs, (u64)s->ds, (u64)s->es, (u64)s->fs, (u64)s->gs, (u64)s->ss, (u64)s->sp,
	      (u64)(s->flags & ~FLAGS_FIXED));
}

static void print_header(const u8 *page)
{
	u64 version = get(page, 0x206, 2);

	print("got: kernel: at=0x%llx size=%llu\n", (u64)(unsigned long)kernel_image, get(page, 0x1f4, 4) * 16);
	print("got: header: heap_end_ptr=0x%llx setup_move_size=0x%llx\n", version >= 0x201 ? get(page, 0x224, 2) : 0,
	      get(page, 0x212, 2));
	print("got: header: type_of_loader=0x%llx loadflags=0x%llx vid_mode=0x%llx\n", get(page, 0x210, 1),
	      get(page, 0x211, 1), get(page, 0x1fa, 2));
	print("got: header: code32_start=0x%llx kernel_alignment=0x%llx\n", get(page, 0x214, 4),
	      version >= 0x205 ? get(page, 0x230, 4) : 0);
}

static void print_command_line(const u8 *page)
{
	u64 at = get(page, 0x206, 2) >= 0x202 ? get(page, 0x228, 4) :
		 get(page, 0x020, 2) == 0xa33f ? (unsigned long)page + get(page, 0x022, 2) : 0;
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

void linux_main(const struct registers *registers)
{
	u8 *page = (u8 *)registers->si;
	struct saved saved = take_saved(page);
	u32 size = (u32)(get(page, 0x1f1, 1) + 1) * 512;
	u64 ramdisk = get(page, 0x218, 4), ramdisk_size = get(page, 0x21c, 4);

	print("\n");
	print_state(&saved, page, size, crc32(page, size));
	print_header(page);
	print_command_line(page);
	if (ramdisk_size)
		print("got: initrd: at=0x%llx size=%llu crc32=0x%08x\n", ramdisk, ramdisk_size,
		      crc32(pointer(ramdisk), ramdisk_size));
	print("got: end\n");
	wait_and_stop();
}
