/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Interrupt controllers and timers as the next kernel gets them: nothing pending, nothing let through. Interrupts are off. */
#include "apic.h"
#include "control/control.h"
#include "io_apic.h"
#include "log.h"
#include "paging.h"
#include "pit.h"
#include "platform.h"
#include "watchdog.h"
#include "x86.h"

#define POLLS_MAX 100000		/* of something that takes microseconds */
#define PIT_MODE0 0x00
#define PIT_MODE1 0x02
#define SETTLE_US 1000
#define PIC_POLL 0x0c			/* OCW3 */
#define PIC_POLLED 0x80
#define PIT_STATUS_OUT 0x80
#define PIT_ABSENT 0xff
#define SPURIOUS_VECTOR 0x0f

static struct {
	bool is_x2apic;
	volatile u32 *registers;
} apic;

static u32 apic_read(u32 reg)
{
	return apic.is_x2apic ? (u32)rdmsr(MSR_X2APIC(reg)) : apic.registers[reg / 4];
}

static void apic_write(u32 reg, u32 value)
{
	if (apic.is_x2apic)
		wrmsr(MSR_X2APIC(reg), value);
	else
		apic.registers[reg / 4] = value;
}

static bool find_apic(void)
{
	paddr_t at;

	if (watchdog_no_local_apic())
		return false;
	at = rdmsr(MSR_APIC_BASE);
	apic.is_x2apic = at & APIC_BASE_X2APIC;
	at &= APIC_BASE_ADDRESS;
	apic.registers = (volatile u32 *)(uintptr_t)at;
	return apic.is_x2apic || !paging_reach(at, at + PAGE_SIZE);
}

static u8 read_timer(void)
{
	outb(PIT_COMMAND, PIT_READ_BACK_STATUS0);
	return inb(PIT_CHANNEL0);
}

/* Programmed anew even where all is masked: what is requested or in service is forgotten then (Intel 8259A data sheet, ICW1). */
static u32 quiet_8259s(void)
{
	u8 mask1 = inb(PIC1_DATA), mask2 = inb(PIC2_DATA);

	platform_reset_8259s();
	outb(PIC1_DATA, PIC_NONE);
	outb(PIC2_DATA, PIC_NONE);
	if (mask1 == PIC_NONE && mask2 == PIC_NONE)
		return 0;
	log_info("quiet", "8259s masked were=0x%02x,0x%02x", mask1, mask2);
	return 1;
}

/*
 * Mode 1 waits for its gate to rise, and channel 0's is always up: the output rises at once, and there is no other edge until
 * somebody programs it (Intel 8254 data sheet, mode 1). Emulators may take a moment for that edge, or count once all the same.
 * It is taken from the 8259 by a poll: the 8259 has seen the line up then, and does not take it for another edge.
 */
static void forget_edge(void)
{
	u64 start = arch_time_us();

	while (arch_time_us() - start < SETTLE_US)
		arch_relax();
	outb(PIC1_DATA, PIC_ONLY_TIMER);
	outb(PIC1_COMMAND, PIC_POLL);
	if (inb(PIC1_COMMAND) & PIC_POLLED)
		outb(PIC1_COMMAND, PIC_EOI);
	outb(PIC1_DATA, PIC_NONE);
}

static u32 quiet_timer(void)
{
	u8 status = read_timer(), mode = status & PIT_STATUS_MODE;

	if (status == PIT_ABSENT || mode == PIT_MODE1 || (mode == PIT_MODE0 && status & PIT_STATUS_OUT))
		return 0;
	pit_program(PIT_ACCESS_BOTH | PIT_MODE1, 1);
	forget_edge();
	log_info("quiet", "8254 stopped mode=%u", mode >> 1);
	return 1;
}

/*
 * SMIs are firmware's own; ExtINT is the 8259s' way to the processor where LINT0 is none (MultiProcessor Specification 1.4,
 * 3.6.2.2).
 */
static u32 quiet_io_apic(paddr_t at, bool *has_extint)
{
	volatile u32 *io_apic = (volatile u32 *)(uintptr_t)at;
	u32 masked = 0, pins;

	if (paging_reach(at, at + PAGE_SIZE))
		return 0;
	pins = IO_APIC_LAST_PIN(io_apic_read(io_apic, IO_APIC_VERSION)) + 1;
	for (u32 reg = IO_APIC_TABLE; reg < IO_APIC_TABLE + 2 * pins; reg += 2) {
		u32 low = io_apic_read(io_apic, reg), delivery = low & LVT_DELIVERY;

		if (low & LVT_MASKED || delivery == LVT_SMI)
			continue;
		if (delivery == LVT_EXTINT) {
			*has_extint = true;
			continue;
		}
		io_apic_write(io_apic, reg, low | LVT_MASKED);
		io_apic_write(io_apic, reg, LVT_MASKED);	/* edge: a level one that was not acknowledged is forgotten */
		io_apic_write(io_apic, reg + 1, 0);
		masked++;
	}
	if (masked)
		log_info("quiet", "I/O APIC at=0x%llx pins=%u masked=%u", at, pins, masked);
	return masked != 0;
}

static u32 set(u32 reg, u32 value)
{
	if (apic_read(reg) == value)
		return 0;
	apic_write(reg, value);
	return 1;
}

static u32 set_line(u32 reg, u32 delivery)
{
	u32 now = apic_read(reg);

	return (now & (LVT_DELIVERY | LVT_MASKED)) == delivery ? 0 : set(reg, delivery);
}

static u32 end_interrupts(void)
{
	u32 ended = 0, in_service;

	do {
		in_service = 0;
		for (u32 i = 0; i < APIC_ISR_COUNT; i++)
			in_service |= apic_read(APIC_ISR + i * APIC_ISR_STRIDE);
		if (in_service)
			apic_write(APIC_EOI, 0);
	} while (in_service && ++ended < 2 * APIC_ISR_COUNT);
	return ended;
}

/* Virtual wire (MultiProcessor Specification 1.4, 3.6.2.2): the 8259s by LINT0, NMI by LINT1, nothing else. */
static u32 quiet_local_apic(bool has_extint)
{
	static const u16 others[] = { APIC_LVT_ERROR, APIC_LVT_COUNTERS, APIC_LVT_THERMAL, APIC_LVT_CMCI };
	u32 last = VERSION_LAST_LVT(apic_read(APIC_VERSION)), svr = apic_read(APIC_SVR), changed = 0;

	/* Switched off it takes no entries that are not masked. */
	if (!(svr & APIC_SVR_ENABLED))
		changed += set(APIC_SVR, APIC_SVR_ENABLED | SPURIOUS_VECTOR);
	changed += set(APIC_LVT_TIMER, LVT_MASKED) + set(APIC_TIMER_COUNT, 0);
	/* Timer, LINT0, LINT1 come first; what else there is, the last one's number tells (Intel SDM vol. 3, 10.5.1). */
	for (u32 i = 0; i < ARRAY_COUNT(others) && i + 3 <= last; i++)
		if (!(apic_read(others[i]) & LVT_MASKED))
			changed += set(others[i], LVT_MASKED);
	if (!has_extint)
		changed += set_line(APIC_LVT_LINT0, LVT_EXTINT);
	changed += set_line(APIC_LVT_LINT1, LVT_NMI) + set(APIC_TPR, 0) + end_interrupts();
	if (changed)
		log_info("quiet", "local APIC in virtual-wire mode changed=%u", changed);
	return changed != 0;
}

/*
 * They halt in firmware's memory, or in that of a kernel that is gone: there any NMI would have them go on. Once they have
 * got INIT nothing but a start from outside does. To the boot processor INIT means to begin with firmware: another must not
 * send it.
 */
static void park_others(u32 processors)
{
	if (processors == 1)
		return;
	if (!(rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP)) {
		log_warn("quiet", "this is not the boot processor: the others stay as they are");
		return;
	}
	if (apic.is_x2apic)
		wrmsr(MSR_X2APIC(APIC_ICR), ICR_INIT_OTHERS);
	else
		apic_write(APIC_ICR, ICR_INIT_OTHERS);
	for (u32 i = 0; i < POLLS_MAX && !apic.is_x2apic && (apic_read(APIC_ICR) & ICR_PENDING); i++)
		arch_relax();
	log_debug("quiet", "the other processors wait to be started processors=%u", processors);
}

u32 arch_quiet(const struct arch_quiet *machine)
{
	bool has_extint = false;
	u32 done = quiet_8259s();

	done += quiet_timer();
	for (u32 i = 0; i < machine->io_apic_count; i++)
		done += quiet_io_apic(machine->io_apics[i], &has_extint);
	if (!find_apic())
		return done;
	done += quiet_local_apic(has_extint);
	park_others(machine->processors);
	return done;
}

void arch_quiet_bios(void)
{
	platform_bios_enter();
}
