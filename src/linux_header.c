/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The setup header of a bzImage or zImage: recognised, decoded, checked. */
#include "linux.h"

#include "log.h"

/* boot.rst, "Details of Header Fields": what holds where a protocol lacks the field. */
#define DEFAULT_INITRD_END 0x38000000ull
#define DEFAULT_CMDLINE_MAX 255u

/* No relocatable kernel asks for more; a larger one would be a slip that no memory map satisfies. */
#define ALIGNMENT_LIMIT GIB(1)

/* Nothing tells how large a kernel before 2.10 becomes; gzip at its best comes near to a quarter. */
#define UNPACKED_FACTOR 4u

struct parse {
	struct cursor file;
	const struct blob *code;	/* the kernel where it is not behind the setup code; else NULL */
	const char *name;
	struct linux_header *header;
};

static u64 field(struct parse *p, u32 offset, u32 bytes)
{
	u64 value = 0;

	cursor_seek(&p->file, offset);
	for (u32 i = 0; i < bytes; i++)
		value |= (u64)cursor_u8(&p->file) << (8 * i);
	return value;
}

/* The field where the protocol has it, else what is assumed without. */
static u64 field_since(struct parse *p, u16 version, u32 offset, u32 bytes, u64 otherwise)
{
	return p->header->version >= version ? field(p, offset, bytes) : otherwise;
}

const char *linux_header_probe(const void *data, u64 size)
{
	struct cursor c;

	cursor_init(&c, data, size);
	cursor_seek(&c, HDR_BOOT_FLAG);
	if (cursor_u16(&c) != LINUX_BOOT_FLAG)
		return c.failed ? "too short for a boot sector" : "no 0xaa55 at 0x1fe";
	cursor_seek(&c, HDR_MAGIC);
	if (cursor_u32(&c) != LINUX_MAGIC)
		return c.failed ? "too short for a setup header" : "no \"HdrS\" at 0x202";
	return NULL;
}

/* Where each protocol's header ends: behind its newest field (boot.rst, "The Real-Mode Kernel Header"). */
static u32 end_by_version(u16 version)
{
	static const struct {
		u16 version;
		u16 end;
	} ends[] = {
		{ 0x20f, 0x26c }, { 0x20b, 0x268 }, { 0x20a, 0x264 }, { 0x209, 0x258 },
		{ 0x208, 0x250 }, { 0x207, 0x248 }, { 0x206, 0x23c }, { 0x205, 0x235 },
		{ 0x203, 0x230 }, { 0x202, 0x22c }, { 0x201, 0x226 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
		if (version >= ends[i].version)
			return ends[i].end;
	return 0x224;
}

/*
 * The jump at the header's start leads to its end; a header cut shorter than its version is taken at its version's
 * word.
 */
static u32 header_end(struct parse *p)
{
	u64 end = end_by_version(p->header->version);

	if (field(p, HDR_JUMP, 1) == 0xeb)
		end = max_u64(end, HDR_MAGIC + field(p, HDR_JUMP + 1, 1));
	return (u32)min_u64(end, HDR_LIMIT);
}

static enum err parse_sizes(struct parse *p)
{
	struct linux_header *header = p->header;
	u64 sectors = field(p, HDR_SETUP_SECTS, 1), wanted;

	header->setup_size = (u32)(LINUX_SECTOR * (1 + (sectors ? sectors : 4)));
	if (p->file.size <= header->setup_size) {
		log_err("linux", "%s: ends inside its setup code: size=%llu setup_sects=%llu needs more than %u",
			p->name, p->file.size, sectors, header->setup_size);
		return ERR_TRUNCATED;
	}
	header->code_size = p->file.size - header->setup_size;

	/*
	 * Before 2.04 the field has 16 bits, too few for a bzImage. Kernels up to 2.6.25 round it up without padding.
	 */
	wanted = field(p, HDR_SYSSIZE, header->version >= 0x204 ? 4 : 2) * 16;
	if (header->version < 0x204 && linux_is_high(header))
		wanted = 0;
	if (header->code_size + 15 < wanted) {
		log_err("linux", "%s: truncated: syssize promises %llu bytes behind the setup code, the file has %llu",
			p->name, wanted, header->code_size);
		return ERR_TRUNCATED;
	}
	return ERR_OK;
}

/* What comes before the build puts both together does not know sizes: setup_sects and syssize are nothing yet. */
static enum err take_sizes(struct parse *p)
{
	struct linux_header *header = p->header;

	header->setup_size = (u32)min_u64(p->file.size, UINT32_MAX);
	header->code_size = p->code->size;
	if (header->setup_size >= header->header_end)
		return ERR_OK;
	log_err("linux", "%s: ends inside the setup header: size=%llu needs %u", p->name, p->file.size, header->header_end);
	return ERR_TRUNCATED;
}

static enum err parse_alignment(struct parse *p)
{
	struct linux_header *header = p->header;
	u64 shift = field_since(p, 0x20a, HDR_MIN_ALIGNMENT, 1, 0);

	header->relocatable = field_since(p, 0x205, HDR_RELOCATABLE, 1, 0) != 0;
	header->alignment = field_since(p, 0x205, HDR_KERNEL_ALIGNMENT, 4, PAGE_SIZE);
	header->min_alignment = header->alignment;
	if (!header->relocatable)
		return ERR_OK;
	if (!is_power_of_two(header->alignment) || header->alignment > ALIGNMENT_LIMIT) {
		log_err("linux", "%s: kernel_alignment=0x%llx is not a power of two up to 0x%llx", p->name,
			header->alignment, ALIGNMENT_LIMIT);
		return ERR_ALIGN;
	}
	if (shift > 30 || 1ull << shift > header->alignment) {
		log_err("linux", "%s: min_alignment=%llu (a power of two) is above kernel_alignment=0x%llx", p->name,
			shift, header->alignment);
		return ERR_ALIGN;
	}
	if (shift)
		header->min_alignment = 1ull << shift;
	return ERR_OK;
}

static enum err parse_memory_needs(struct parse *p)
{
	struct linux_header *header = p->header;
	u64 needed = field_since(p, 0x20a, HDR_INIT_SIZE, 4, 0);
	paddr_t end;

	header->pref_address = field_since(p, 0x20a, HDR_PREF_ADDRESS, 8, 0);
	if (!needed && __builtin_mul_overflow(header->code_size, (u64)UNPACKED_FACTOR, &needed)) {
		log_err("linux", "%s: size=%llu wraps when the room to unpack it is added", p->name, header->code_size);
		return ERR_OVERFLOW;
	}
	header->init_size = max_u64(needed, header->code_size);
	if (header->pref_address && header->pref_address < MIB(1)) {
		log_err("linux", "%s: pref_address=0x%llx is below 1 MiB", p->name, header->pref_address);
		return ERR_VALUE;
	}
	if (__builtin_add_overflow(header->pref_address, header->init_size, &end) || end > PADDR_LIMIT) {
		log_err("linux", "%s: pref_address=0x%llx + init_size=0x%llx is beyond 0x%llx", p->name,
			header->pref_address, header->init_size, PADDR_LIMIT);
		return ERR_OVERFLOW;
	}
	return ERR_OK;
}

static void parse_limits(struct parse *p)
{
	struct linux_header *header = p->header;
	u64 cmdline_size = field_since(p, 0x206, HDR_CMDLINE_SIZE, 4, 0);
	u64 initrd_max = field_since(p, 0x203, HDR_INITRD_ADDR_MAX, 4, 0);

	header->xloadflags = (u16)field_since(p, 0x20c, HDR_XLOADFLAGS, 2, 0);
	header->code32_start = (u32)field(p, HDR_CODE32_START, 4);
	header->cmdline_max = cmdline_size ? (u32)cmdline_size : DEFAULT_CMDLINE_MAX;
	header->initrd_end = initrd_max ? initrd_max + 1 : DEFAULT_INITRD_END;
}

enum err linux_header_parse(const struct load_request *request, struct linux_header *header)
{
	const struct blob *blob = linux_setup_blob(request);
	struct parse p = { .name = blob->name, .header = header, .code = request->setup.image ? &request->kernel.blob : NULL };
	const char *reason = linux_header_probe(blob->data, blob->size);
	enum err err;

	if (reason) {
		log_err("linux", "%s: %s", blob->name, reason);
		return ERR_FORMAT;
	}
	cursor_init(&p.file, blob->data, blob->size);
	header->version = (u16)field(&p, HDR_VERSION, 2);
	if (header->version >> 8 != 2) {
		log_err("linux", "%s: boot protocol %u.%02u is not known, 2.00 and later 2.xx are", blob->name,
			header->version >> 8, header->version & 0xff);
		return ERR_VERSION;
	}
	header->header_end = header_end(&p);
	header->loadflags = (u8)field(&p, HDR_LOADFLAGS, 1);
	parse_limits(&p);
	err = p.code ? take_sizes(&p) : parse_sizes(&p);
	if (err || (err = parse_alignment(&p)))
		return err;
	return parse_memory_needs(&p);
}

void linux_header_release(const struct blob *blob, const struct linux_header *header, char *buf, size_t size)
{
	struct cursor c;
	size_t length = 0;
	u64 at;
	u8 byte;

	cursor_init(&c, blob->data, header->setup_size);
	cursor_seek(&c, HDR_KERNEL_VERSION);
	at = cursor_u16(&c);
	cursor_seek(&c, at + 0x200);
	for (byte = cursor_u8(&c); at && length + 1 < size && byte > ' ' && byte < 0x7f; byte = cursor_u8(&c))
		buf[length++] = (char)byte;
	if (size)
		buf[length] = '\0';
}
