/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "bios.h"

#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "log.h"
#include "memory.h"

#define IVT_ENTRY_SIZE 4
#define BDA_END 0x500
#define ROM_START 0xc0000
#define ROM_END 0x100000
#define VECTOR_SYSTEM 0x15
#define VECTOR_KEYBOARD 0x16
#define VECTOR_ROM_BASIC 0x18
#define VECTOR_BOOTSTRAP 0x19
#define LOOK_SIZE 16			/* bytes of a handler that must not all be alike */

static struct {
	const char *absent;		/* NULL: there is one */
	struct memory *memory;
	u32 limit_ms;			/* 0: by service */
} bios = { .absent = "the machine has not been looked at yet" };

/* Where nothing answers, every byte reads alike. */
static bool is_blank(const u8 *bytes)
{
	for (u32 i = 1; i < LOOK_SIZE; i++)
		if (bytes[i] != bytes[0])
			return false;
	return true;
}

/* Does the vector lead to something that can be code: in memory above the BIOS's data, or in ROM? */
static bool is_handler(u8 vector)
{
	const u8 *entry = arch_phys(vector * IVT_ENTRY_SIZE, IVT_ENTRY_SIZE);
	paddr_t at = entry ? bios_linear((u16)(entry[2] | entry[3] << 8), (u16)(entry[0] | entry[1] << 8)) : 0;
	const u8 *code;

	if (at < BDA_END || at > ROM_END - LOOK_SIZE || (at >= BIOS_LOW_END && at < ROM_START))
		return false;
	code = arch_phys(at, LOOK_SIZE);
	return code && !is_blank(code);
}

/* Video, memory size, disks, system, keyboard, time: the ones that every BIOS has had since the AT. */
static bool has_vectors(u8 *missing)
{
	static const u8 vectors[] = { 0x10, 0x12, 0x13, 0x15, 0x16, 0x1a };

	for (u32 i = 0; i < sizeof(vectors); i++) {
		*missing = vectors[i];
		if (!is_handler(vectors[i]))
			return false;
	}
	return true;
}

void bios_start(struct memory *memory, bool is_efi)
{
	const struct memory_where where = { .min = PAGE_SIZE, .max = BIOS_LOW_END };
	paddr_t page;
	u8 missing;

	bios.memory = memory;
	if (!has_vectors(&missing)) {
		bios.absent = is_efi ? "the firmware is UEFI, without a BIOS beside it: its interrupt vectors are not set up" :
				       "interrupt vectors lead nowhere";
		log_info("bios", "none: %s vector=0x%02x", bios.absent, missing);
	} else if (memory_alloc(memory, ARCH_BIOS_SIZE, &where, OWNER_STAGE, "BIOS calls", &page)) {
		bios.absent = "no room below 640 KiB for the real-mode code";
		log_warn("bios", "%s bytes=%u", bios.absent, ARCH_BIOS_SIZE);
	} else {
		bios.absent = NULL;
		arch_bios_start(page);
		log_info("bios", "%s code=0x%llx", is_efi ? "UEFI with a BIOS beside it" : "present", page);
	}
}

bool bios_present(const char **why)
{
	if (why)
		*why = bios.absent;
	return !bios.absent;
}

static enum err refuse(const char *what, u32 number)
{
	log_err("bios", "%s 0x%x: there is no BIOS: %s", what, number, bios.absent);
	return ERR_UNSUPPORTED;
}

void bios_set_limit(u32 ms)
{
	bios.limit_ms = ms;
}

/* Int 16h AH=00h, 10h and 20h wait for a key, int 15h AH=86h for a time (Ralf Brown's list; IBM PS/2 BIOS interface, 1987). */
static bool may_wait(u8 vector, u8 ah)
{
	return vector == VECTOR_KEYBOARD ? ah == 0x00 || ah == 0x10 || ah == 0x20 : vector == VECTOR_SYSTEM && ah == 0x86;
}

static u32 limit_of(bool waits)
{
	return bios.limit_ms ? bios.limit_ms : waits ? 0 : BIOS_LIMIT_MS;
}

static enum err call(const struct arch_bios_target *target, struct bios_regs *regs, const char *what)
{
	static const char *const ends[] = {
		[ARCH_BIOS_TIMEOUT] = "did not come back, ended", [ARCH_BIOS_ABORTED] = "ended by Ctrl-C",
		[ARCH_BIOS_STUCK] = "did not come back and let no tick through, ended",
	};
	u32 eax = regs->eax, left;
	enum arch_bios_end end = arch_bios_call(target, regs, &left);
	char limit[16] = "", place[16];

	if (end == ARCH_BIOS_RETURNED)
		return ERR_OK;
	if (end != ARCH_BIOS_ABORTED)
		fmt_snprintf(limit, sizeof(limit), " ms=%u", target->limit_ms);
	if (target->kind == ARCH_BIOS_CALL32)
		fmt_snprintf(place, sizeof(place), "0x%x", left);
	else
		fmt_snprintf(place, sizeof(place), "%04x:%04x", left >> 16, left & 0xffff);
	log_err("bios", "%s 0x%x eax=0x%x: %s%s at=%s", what, target->address, eax, ends[end], limit, place);
	return end == ARCH_BIOS_ABORTED ? ERR_CANCELLED : ERR_TIMEOUT;
}

enum err bios_int(u8 vector, struct bios_regs *regs)
{
	const struct arch_bios_target target = {
		.kind = ARCH_BIOS_INT, .address = vector, .is_watched = vector != VECTOR_ROM_BASIC && vector != VECTOR_BOOTSTRAP,
		.limit_ms = limit_of(may_wait(vector, bios_ah(regs))),
	};

	return bios.absent ? refuse("int", vector) : call(&target, regs, "int");
}

enum err bios_far_call(u16 segment, u16 offset, struct bios_regs *regs, const u16 *words, u32 word_count)
{
	const struct arch_bios_target target = {
		.kind = ARCH_BIOS_FAR, .address = (u32)segment << 16 | offset, .words = words, .word_count = word_count,
		.is_watched = true, .limit_ms = limit_of(false),
	};

	if (bios.absent)
		return refuse("far call", target.address);
	if (word_count > BIOS_STACK_WORDS) {
		log_err("bios", "far call: %u words for the stack, at most %u", word_count, BIOS_STACK_WORDS);
		return ERR_VALUE;
	}
	return call(&target, regs, "far call");
}

enum err bios_call32(u32 entry, struct bios_regs *regs)
{
	const struct arch_bios_target target = {
		.kind = ARCH_BIOS_CALL32, .address = entry, .is_watched = true, .limit_ms = limit_of(false),
	};

	return bios.absent ? refuse("32-bit call", entry) : call(&target, regs, "32-bit call");
}

/* Of up to 64 KiB: inside one block of 64 KiB. */
static bool in_one_block(const void *size, paddr_t start, paddr_t end)
{
	return *(const u32 *)size > KIB(64) || start >> 16 == (end - 1) >> 16;
}

enum err bios_buffer(u32 size, paddr_t *paddr)
{
	const struct memory_where where = { .min = PAGE_SIZE, .max = BIOS_LOW_END, .is_clear = in_one_block, .ctx = &size };
	enum err err;

	if (bios.absent)
		return refuse("buffer of bytes", size);
	err = size ? memory_alloc(bios.memory, size, &where, OWNER_STAGE, "BIOS buffer", paddr) : ERR_VALUE;
	if (err) {
		log_err("bios", "no room below 640 KiB for a buffer bytes=%u", size);
		return err;
	}
	memset(arch_phys(*paddr, size), 0, size);
	return ERR_OK;
}

void bios_release(paddr_t paddr)
{
	memory_release(bios.memory, paddr);
}

static bool low_copy(u32 paddr, void *to, const void *from, u32 size)
{
	bool is_open;
	u8 *low;

	if (size > PAGE_SIZE || paddr > PAGE_SIZE - size)
		return false;
	is_open = arch_paging_open_low(&low);
	if (is_open)
		memcpy(to ? to : low + paddr, from ? from : low + paddr, size);
	arch_paging_seal_low();
	return is_open;
}

bool bios_low_read(u32 paddr, void *buf, u32 size)
{
	return low_copy(paddr, buf, NULL, size);
}

bool bios_low_write(u32 paddr, const void *buf, u32 size)
{
	return low_copy(paddr, NULL, buf, size);
}
