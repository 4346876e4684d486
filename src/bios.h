/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Calls of the BIOS, from either build, any number of times. A piece of real-mode code lies below 640 KiB from the start on;
 * each call goes there, hands the BIOS a full register set, its own stack, vectors, interrupt masks and enabled interrupts,
 * and comes back with all registers. While nothing calls, the BIOS is as it was left; the shim itself runs with interrupts off,
 * so its clock stands still between calls.
 *
 * For those who build on it (disks, the shell):
 *   - ask bios_present() once; every call of a machine without a BIOS is ERR_UNSUPPORTED, with a line in the log
 *   - data goes through buffers of bios_buffer(): reached by real mode as bios_segment(paddr):bios_offset(paddr) and by the shim
 *     as arch_phys(paddr, size). A buffer of up to 64 KiB crosses no 64 KiB boundary, as DMA and segments want it. Keep one
 *     for many calls: there are some hundred KiB for everybody.
 *   - a call succeeds when the BIOS came back; whether the service did, its registers say: bios_carry(), bios_error_text()
 *   - memory and page tables are the shim's again after each call; registers of devices are what the BIOS made of them
 */
#ifndef TRAPEZE_BIOS_H
#define TRAPEZE_BIOS_H

#include "error.h"
#include "types.h"

struct memory;

/* The assembly knows this layout (arch/x86/include/bios16.h). */
struct bios_regs {
	u32 eax, ebx, ecx, edx, esi, edi, ebp;
	u16 ds, es, fs, gs;
	u32 eflags;			/* in: CF and the like; IF is set and TF clear, whatever it says. Out: as they came back */
};

#define BIOS_FLAG_CF 0x001u
#define BIOS_FLAG_ZF 0x040u
#define BIOS_LOW_END 0xa0000u		/* conventional memory ends there */
#define BIOS_STACK_WORDS 16u

/*
 * Look for a BIOS and place the real-mode code; logs what it found. Before page 0 is sealed. Without a BIOS, or without room below
 * 640 KiB, bios_present() says so from then on. docs/bios.md has the rule by which a BIOS is told from UEFI alone.
 */
void bios_start(struct memory *memory, bool is_efi);
/* Is there one? If not, *why is a sentence (static storage). `why` may be NULL. */
bool bios_present(const char **why);

/*
 * How long the calls from now on may take: 0: BIOS_LIMIT_MS, but for services that wait for a key, or for a time that was asked for, which
 * may wait. A call that takes longer is ended, as is one that the user ends by Ctrl-C three times: ERR_TIMEOUT, ERR_CANCELLED,
 * logged with the place where it was, registers as they were then. It takes the timer's interrupt for that: a BIOS that
 * hangs with interrupts off, or in a 32-bit service, is not ended; nor are int 18h and 19h, which start something else.
 */
#define BIOS_LIMIT_MS 60000u
void bios_set_limit(u32 ms);

/* `int vector`. ERR_UNSUPPORTED without a BIOS, logged. */
enum err bios_int(u8 vector, struct bios_regs *regs) MUST_CHECK;
/* A far call of segment:offset, which returns by a far return; `words` (at most BIOS_STACK_WORDS) lie above the return address. */
enum err bios_far_call(u16 segment, u16 offset, struct bios_regs *regs, const u16 *words, u32 word_count) MUST_CHECK;
/* A far call of a 32-bit service at a physical address, in flat segments without paging; segment registers are not given. */
enum err bios_call32(u32 entry, struct bios_regs *regs) MUST_CHECK;

/* Memory below 640 KiB, zeroed, page aligned. ERR_NO_ROOM (logged) when there is none left. */
enum err bios_buffer(u32 size, paddr_t *paddr) MUST_CHECK;
void bios_release(paddr_t paddr);
static inline u16 bios_segment(paddr_t paddr)
{
	return (u16)(paddr >> 4);
}

static inline u16 bios_offset(paddr_t paddr)
{
	return (u16)(paddr & 15);
}

/* Where a real-mode address points. */
static inline paddr_t bios_linear(u16 segment, u16 offset)
{
	return ((paddr_t)segment << 4) + offset;
}

/*
 * Read or write the first page (interrupt vectors, BIOS data area), which the shim keeps out of reach. False, nothing touched: the
 * range is not in it.
 */
bool bios_low_read(u32 paddr, void *buf, u32 size);
bool bios_low_write(u32 paddr, const void *buf, u32 size);

static inline bool bios_carry(const struct bios_regs *regs)
{
	return regs->eflags & BIOS_FLAG_CF;
}

static inline u8 bios_ah(const struct bios_regs *regs)
{
	return (u8)(regs->eax >> 8);
}

/* What AH means after a call of that vector that came back with carry; never NULL, static storage. */
const char *bios_error_text(u8 vector, u8 ah);

#endif
