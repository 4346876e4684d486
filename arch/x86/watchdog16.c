/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The watchdog of real mode. There the 8259 and LINT0 are the BIOS's; but the timer's line also goes to an I/O APIC, whose pin
 * can deliver it as NMI besides. Intel 82093AA data sheet, 3.2; Intel SDM vol. 3, 10.6.1.
 */
#include "apic.h"
#include "control/control.h"
#include "io_apic.h"
#include "log.h"
#include "pit.h"
#include "real16_build.h"
#include "watchdog.h"
#include "x86.h"

#define PIN_ACTIVE_LOW 0x2000
#define NO_LIMIT (1ull << 62)

static struct {
	bool running;
	struct io_apic_pin pin;
} saved;

/* Why there can be no watchdog; NULL: there can, and saved.pin is the timer's. */
static const char *find_pin(void)
{
	const struct arch_timer_wire *wire = io_apic_timer();
	const char *why = watchdog_no_local_apic();

	if (why)
		return why;
	if (!arch_features.tsc_khz)
		return "nothing tells the processor's clock rate";
	return io_apic_find_pin(wire ? wire->pin : 0, &saved.pin);
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
	const struct arch_timer_wire *wire = io_apic_timer();
	const char *why = find_pin();

	if (why) {
		log_warn("watchdog", "not available in real mode: %s", why);
		return;
	}
	saved.running = true;
	watch->io_apic = (u32)wire->io_apic;
	watch->pin = saved.pin.reg;
	/* NMI is edge-triggered whatever the line is otherwise. */
	watch->pin_on = LVT_NMI | (wire->is_active_low ? PIN_ACTIVE_LOW : 0);
	watch->pin_off = watch->pin_on | LVT_MASKED;
	watch->deadline = limit_ms ? (u64)limit_ms * arch_features.tsc_khz : NO_LIMIT;
	set_uart(watch, control);
	io_apic_take_pin(&saved.pin, watch->pin_off);
	/* At the BIOS's own rate, 18.2 times a second: it counts these interrupts as its clock. */
	pit_program(PIT_CH0_MODE2, 0);
}

bool watchdog16_stop(void)
{
	if (!saved.running)
		return false;
	io_apic_return_pin(&saved.pin);
	saved.running = false;
	return true;
}
