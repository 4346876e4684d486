/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The watchdog of real mode. There the 8259 and LINT0 are the BIOS's; but the timer's line also goes to an I/O APIC, whose pin
 * can deliver it as NMI besides. Intel 82093AA data sheet, 3.2; Intel SDM vol. 3, 10.6.1.
 */
#include "apic.h"
#include "control/control.h"
#include "log.h"
#include "paging.h"
#include "pit.h"
#include "real16_build.h"
#include "watchdog.h"
#include "x86.h"

#define PIN_NMI 0x400
#define PIN_ACTIVE_LOW 0x2000
#define PIN_MASKED 0x10000
#define DESTINATION_SHIFT 24
#define APIC_ID(ebx) ((ebx) >> 24)
#define NO_LIMIT (1ull << 62)

static struct arch_timer_wire wire;
static bool is_wired;

static struct {
	bool running;
	u32 low, high;
	volatile u32 *io_apic;
} saved;

void arch_timer_is_wired(const struct arch_timer_wire *timer)
{
	wire = *timer;
	is_wired = true;
}

static u32 io_apic_read(u32 reg)
{
	saved.io_apic[0] = reg;
	return saved.io_apic[IO_APIC_WINDOW / 4];
}

static void io_apic_write(u32 reg, u32 value)
{
	saved.io_apic[0] = reg;
	saved.io_apic[IO_APIC_WINDOW / 4] = value;
}

static u32 pin_register(void)
{
	return IO_APIC_TABLE + 2 * wire.pin;
}

/* Why there can be no watchdog; NULL: there can, and saved.io_apic is its I/O APIC. */
static const char *find_io_apic(void)
{
	const char *why = watchdog_no_local_apic();

	if (why)
		return why;
	if (!is_wired)
		return "firmware's tables name no I/O APIC";
	if (!arch_features.tsc_khz)
		return "nothing tells the processor's clock rate";
	if (paging_reach(wire.io_apic, wire.io_apic + PAGE_SIZE))
		return "the I/O APIC is out of reach";
	saved.io_apic = (volatile u32 *)(uintptr_t)wire.io_apic;
	if (wire.pin > IO_APIC_LAST_PIN(io_apic_read(IO_APIC_VERSION)))
		return "the I/O APIC has no such pin as firmware names";
	return NULL;
}

static void set_uart(struct real16_watch *watch, const struct control *c)
{
	if (c->uart_access != CONTROL_UART_IO)
		return;
	watch->uart_data = (u16)c->uart_base;
	watch->uart_status = (u16)(c->uart_base + (UART_LSR_OFFSET << c->uart_shift));
}

void watchdog16_start(paddr_t page, const struct control *control, u32 limit_ms)
{
	struct real16_watch *watch = &((struct real16 *)(uintptr_t)page)->watch;
	const char *why = find_io_apic();

	if (why) {
		log_warn("watchdog", "not available in real mode: %s", why);
		return;
	}
	saved.low = io_apic_read(pin_register());
	saved.high = io_apic_read(pin_register() + 1);
	saved.running = true;
	watch->io_apic = (u32)wire.io_apic;
	watch->pin = pin_register();
	/* NMI is edge-triggered whatever the line is otherwise. */
	watch->pin_on = PIN_NMI | (wire.is_active_low ? PIN_ACTIVE_LOW : 0);
	watch->pin_off = watch->pin_on | PIN_MASKED;
	watch->deadline = limit_ms ? (u64)limit_ms * arch_features.tsc_khz : NO_LIMIT;
	set_uart(watch, control);
	io_apic_write(pin_register(), watch->pin_off);
	io_apic_write(pin_register() + 1, APIC_ID(cpuid(1, 0).ebx) << DESTINATION_SHIFT);
	/* At the BIOS's own rate, 18.2 times a second: it counts these interrupts as its clock. */
	pit_program(PIT_CH0_MODE2, 0);
}

bool watchdog16_stop(void)
{
	if (!saved.running)
		return false;
	io_apic_write(pin_register(), saved.low | PIN_MASKED);
	io_apic_write(pin_register() + 1, saved.high);
	io_apic_write(pin_register(), saved.low);
	saved.running = false;
	return true;
}
