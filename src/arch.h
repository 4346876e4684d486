/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The whole contract between the portable core and an architecture. arch/x86 implements it; test/fake implements it for the
 * host tests.
 */
#ifndef TRAPEZE_ARCH_H
#define TRAPEZE_ARCH_H

#include "console.h"
#include "error.h"
#include "mover.h"
#include "plan.h"
#include "types.h"

struct memory;

/* What the processor and the build can do; filled in before main() and constant from then on. */
struct arch_features {
	const char *build;		/* "x86_64" or "i386" */
	bool can_long_mode;		/* the processor has long mode, whichever build this is */
	bool has_pae, has_nx, has_gib_pages;
	bool has_5_levels;		/* of page tables, which a kernel may switch on */
	bool has_local_apic;
	u8 paddr_bits;			/* width of a physical address, from CPUID */
	u32 tsc_khz;			/* 0: not calibrated, times are not to be trusted */
};
extern struct arch_features arch_features;

/* The shim as it was loaded: [*start, *end). */
void arch_image_range(paddr_t *start, paddr_t *end);
/*
 * Build page tables for all memory of the map, with the shim's own rights enforced, and switch to them. Before, only the
 * low 4 GiB are in reach.
 */
enum err arch_paging_start(struct memory *memory) MUST_CHECK;
/* Take page 0 out of reach, so that a NULL pointer faults: once nobody reads the BIOS data area any more. */
void arch_paging_seal_low(void);
/*
 * In reach until it is taken out again, by *first, its first byte: that one's address is a null pointer, which arch_phys cannot give.
 * False: it stays out of reach (logged).
 */
bool arch_paging_open_low(u8 **first);

/*
 * Open the UART whose registers lie where `config` says (access and addr; kind and PCI place are for its name) and give it to
 * console.h. On an error the console stays what it was; ERR_DEVICE is not logged: nothing answers there.
 */
enum err arch_console_open(const struct console_config *config) MUST_CHECK;
void arch_console_close(void);
/* Set it up again as it was: a kernel had it meanwhile. */
void arch_console_renew(void);
/* "uart8250,io,0x3f8,115200n8"; "none" without one. */
void arch_console_name(char *buf, size_t size);
/* Where it is and how it is set, the rate included; false without one. */
bool arch_console_config(struct console_config *config);

/*
 * PCI configuration space, by aligned words: device 0 to 31, function 0 to 7, offset 0 to 252. All ones where there is no
 * device; only to be used where there is PCI at all.
 */
bool arch_has_pci(void);
u32 arch_pci_read(u8 bus, u8 device, u8 function, u32 offset);
void arch_pci_write(u8 bus, u8 device, u8 function, u32 offset, u32 value);
/* Devices are numbered bus by bus, 32 on each. The first from `number` on whose function 0 answers; ARCH_PCI_DEVICES: none. */
#define ARCH_PCI_DEVICES (256u * 32)
u32 arch_pci_find(u32 number);

/* What the dump of an unexpected exception says the shim was doing; static text. */
void arch_set_step(const char *step);
/* Raise an exception on purpose. Returns only for vectors that the shim survives. */
void arch_raise(unsigned int vector);

/*
 * The memory at physical [paddr, paddr + size) as the shim reaches it, or NULL when it lies (in part) where this build maps
 * nothing: the i386 build reaches 4 GiB. The shim runs identity-mapped; the host tests have simulated memory.
 */
void *arch_phys(paddr_t paddr, u64 size);
/*
 * The same of one page, before arch_paging_start too, wherever the build can reach at all. For reading, and until the next call.
 */
const void *arch_phys_page(paddr_t page);
/* The physical address of a byte in memory that arch_phys gave. */
paddr_t arch_paddr(const void *p);
/* One past the highest physical address that images may occupy in this build. */
paddr_t arch_phys_limit(void);

/*
 * BIOS calls (bios.h). The real-mode code takes ARCH_BIOS_SIZE bytes at `page`, below 640 KiB, for good; a call is an interrupt,
 * a far call of segment << 16 | offset with words above its return address, or a 32-bit far call of a physical address.
 */
#define ARCH_BIOS_SIZE 8192u
enum arch_bios_kind { ARCH_BIOS_INT, ARCH_BIOS_FAR, ARCH_BIOS_CALL32 };
struct arch_bios_target {
	enum arch_bios_kind kind;
	u32 address;
	const u16 *words;
	u32 word_count;
	bool is_watched;		/* the BIOS's clock ticks end it, or, where none come through, an NMI some seconds later */
	u32 limit_ms;			/* 0: none; the abort key is heeded all the same */
};
/*
 * How it ended; STUCK: by NMI. Of a call that was ended: where it was, segment << 16 | offset (a 32-bit one's address), is in *left; what
 * the BIOS had begun is half done.
 */
enum arch_bios_end { ARCH_BIOS_RETURNED, ARCH_BIOS_TIMEOUT, ARCH_BIOS_ABORTED, ARCH_BIOS_STUCK };
struct bios_regs;
void arch_bios_start(paddr_t page);
enum arch_bios_end arch_bios_call(const struct arch_bios_target *target, struct bios_regs *regs, u32 *left);
/* What the last call took, in TSC cycles, added: from the caller to the BIOS, in it, and back. */
struct arch_bios_cost {
	u64 there, bios, back;
};
void arch_bios_add_cost(struct arch_bios_cost *cost);

/* Registers of the processor and of the PC's old devices, by number; returns how many there are. */
#define ARCH_STATE_MAX 24
u32 arch_state_take(u64 values[ARCH_STATE_MAX]);
const char *arch_state_name(u32 number);

/* Microseconds since the shim was entered; never runs backwards. */
u64 arch_time_us(void);
/* To be called in loops that wait for something outside the processor. */
void arch_relax(void);
/* Fill buf with random bytes from the processor (RDSEED, RDRAND). Returns false, buf untouched, where it has neither. */
bool arch_random(void *buf, size_t size);

/* Where the timer's interrupt enters an I/O APIC, as firmware says: what the watchdog of images in real mode needs. */
struct arch_timer_wire {
	paddr_t io_apic;
	u32 pin;
	bool is_active_low, is_level;
};
void arch_timer_is_wired(const struct arch_timer_wire *wire);
/* Where the timers are that can stand in for it. */
void arch_hpet_is_at(paddr_t paddr);

/*
 * Before a jump for good: 8259s, 8254, local APIC and I/O APICs as docs/quiet.md has them, and the other processors wait to be started.
 * A log line for each step that changed something; returns how many did.
 */
#define ARCH_IO_APICS_MAX 16
struct arch_quiet {
	paddr_t io_apics[ARCH_IO_APICS_MAX];
	u32 io_apic_count;
	u32 processors;			/* with this one; 0: not known */
};
u32 arch_quiet(const struct arch_quiet *machine);
/* The 8259s as the BIOS wants them, for an image that may call it. */
void arch_quiet_bios(void);

/* Can this processor, from this build, enter code in that mode? If not, *why is a sentence (static storage). */
bool arch_can_enter(enum entry_mode mode, const char **why);

/* mover_checksum, by the widest registers that the processor has for it; their contents are kept. */
struct mover_sum arch_checksum(const void *data, u64 size);

/*
 * Did the shim's own code or constants change since this was last asked, or, the first time, since paging was started? A sum
 * over all of it, so not for a path that matters.
 */
bool arch_self_changed(void);

/*
 * What a person asks of the machine, in the shell. ERR_RESERVED: no memory is mapped there; ERR_PROCESSOR: the processor refused (a
 * fault was caught); nothing is logged. Widths are 1, 2, 4 and, of memory, 8 bytes.
 */
enum err arch_memory_read(paddr_t at, u32 width, u64 *value) MUST_CHECK;
enum err arch_memory_write(paddr_t at, u32 width, u64 value) MUST_CHECK;
enum err arch_msr_read(u32 msr, u64 *value) MUST_CHECK;
enum err arch_msr_write(u32 msr, u64 value) MUST_CHECK;
u32 arch_port_read(u16 port, u32 width);
void arch_port_write(u16 port, u32 width, u32 value);
struct arch_cpuid {
	u32 eax, ebx, ecx, edx;
};
void arch_cpuid(u32 leaf, u32 subleaf, struct arch_cpuid *out);
/* Make device registers reachable, uncached: [start, end) where nothing is mapped so far. What is wrong is logged. */
enum err arch_map_device(paddr_t start, paddr_t end) MUST_CHECK;

NORETURN void arch_reboot(void);
NORETURN void arch_halt(void);

/*
 * The swing. Prepare allocates the control pages outside every destination and claim of the plan, copies code and tables
 * into them and records in swing->control_start/_end what must stay reserved when the net is to stay under the next kernel.
 * May fail; has changed nothing but memory it allocated. arch_swing_release gives that memory back.
 * Arm takes the finished page list and checksums; it may fail for want of memory. Execute does not return unless the image
 * was called. An image that returned by calling its return address (swing->reentry is set then) sleeps: resume makes its swing
 * ready for one more execute, which enters there with its memory as it left it, swing->args and swing->flight.
 */
struct swing;
enum err arch_swing_prepare(struct swing *swing, struct memory *memory) MUST_CHECK;
enum err arch_swing_arm(struct swing *swing, struct memory *memory) MUST_CHECK;
void arch_swing_execute(struct swing *swing);
void arch_swing_resume(struct swing *swing);
/*
 * One that returned, for one more call: as arch_swing_arm left it. A checksum that does not fit then ends it without a word. False: that
 * cannot be had.
 */
bool arch_swing_again(struct swing *swing) MUST_CHECK;
void arch_swing_release(struct swing *swing, struct memory *memory);
/*
 * Release keeps the control pages of a call that returned for the next one; arch_swing_keep_ready makes some for the first. They fit any
 * call whose plan is clear of them. Give them back: somebody needs all memory, or a fixed destination of a plan not yet placed meets
 * them.
 */
void arch_swing_keep_ready(struct memory *memory);
void arch_swing_forget(struct memory *memory);
void arch_swing_make_way(const struct plan *plan, struct memory *memory);

/*
 * The swing, prepared and armed, that is entered when nothing else can be done: from the shim's own traps, and from the control pages of
 * every other swing. swing NULL: there is none (any more). All that it needs lies in [start, end), of which a sum is taken now and
 * compared then; `notes` (struct core_notes) are written before.
 */
struct arch_rescue {
	paddr_t start, end, notes;
};
void arch_rescue_set(const struct swing *swing, const struct arch_rescue *place);

#endif
