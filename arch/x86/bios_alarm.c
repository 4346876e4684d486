/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * A timer of the HPET's, once: as a message to the local APIC where the timer can send one, else by a pin of the I/O APIC that is
 * no ISA device's. The 8254 and its line stay the BIOS's. IA-PC HPET Specification 1.0a, 2.3; messages: Intel SDM vol. 3, 10.11.
 */
#include "bios_alarm.h"

#include "apic.h"
#include "arch.h"
#include "div.h"
#include "hpet.h"
#include "io_apic.h"
#include "log.h"
#include "watchdog.h"
#include "x86.h"

/*
 * Behind the limit. The BIOS's own tick ends a call at it; one that is inside the BIOS with interrupts off for longer may be in
 * protected mode without an interrupt table, where an NMI resets the machine.
 */
#define GRACE_MS 5000u

#define PERIOD_MAX 100000000u		/* femtoseconds, of the specification */
#define FEMTOSECONDS_A_MS 1000000000000ull
#define TIMER_COMPARATOR 0x08
#define TIMER_MESSAGE 0x10
#define TIMER_MESSAGE_ADDRESS 0x14
#define TIMER_PINS 0x04			/* that it can be routed to, a bit each */
#define TIMER_LEVEL 0x2u
#define TIMER_PERIODIC 0x8u
#define TIMER_IS_WIDE 0x20u
#define TIMER_NARROW 0x100u		/* 32 bits by choice */
#define TIMER_ROUTE_SHIFT 9
#define TIMER_ROUTE (0x1fu << TIMER_ROUTE_SHIFT)
#define TIMER_SENDS 0x4000u
#define TIMER_CAN_SEND 0x8000u
#define TIMER_WANTED (TIMER_LEVEL | TIMER_INTERRUPTS | TIMER_PERIODIC | TIMER_NARROW | TIMER_ROUTE | TIMER_SENDS)
#define ISA_PINS 0xffffu
#define MESSAGE_ADDRESS 0xfee00000u
#define MESSAGE_ID_SHIFT 12

static struct {
	bool is_known, is_there, is_set;
	volatile u32 *hpet;
	u32 timer, config;		/* what it is to be like */
	u64 ticks_a_ms;
	struct io_apic_pin pin;
} alarm;

static struct {
	u32 general, config, comparator[2], message[2];
} saved;

static u32 read(u32 at)
{
	return alarm.hpet[at / 4];
}

static void write(u32 at, u32 value)
{
	alarm.hpet[at / 4] = value;
}

static bool sends(void)
{
	return alarm.config & TIMER_SENDS;
}

/* The last one that can: the first two are the ones that stand in for the 8254 and the clock. */
static const char *choose_timer(void)
{
	u32 count = CAPABILITIES_TIMERS(read(HPET_CAPABILITIES)), pins;

	for (u32 i = count; i--;) {
		alarm.timer = HPET_TIMER(i);
		alarm.config = TIMER_INTERRUPTS | TIMER_SENDS;
		if (read(alarm.timer) & TIMER_CAN_SEND)
			return NULL;
	}
	for (u32 i = count; i--;) {
		alarm.timer = HPET_TIMER(i);
		pins = read(alarm.timer + TIMER_PINS) & ~ISA_PINS;
		if (pins) {
			u32 pin = 31 - (u32)__builtin_clz(pins);

			alarm.config = TIMER_INTERRUPTS | pin << TIMER_ROUTE_SHIFT;
			return io_apic_find_pin(pin, &alarm.pin);
		}
	}
	return "the HPET's timers reach the old devices' lines alone";
}

static const char *find(void)
{
	const char *why = watchdog_no_local_apic();
	u32 period;

	if (why)
		return why;
	if (!arch_features.tsc_khz)
		return "nothing tells the processor's clock rate";
	alarm.hpet = hpet_registers();
	if (!alarm.hpet)
		return "there is no HPET";
	period = read(HPET_PERIOD);
	if (!period || period > PERIOD_MAX)
		return "the HPET's rate cannot be";
	alarm.ticks_a_ms = div_u64_u32(FEMTOSECONDS_A_MS, period, NULL);
	return choose_timer();
}

static bool is_there(void)
{
	const char *why;

	if (alarm.is_known)
		return alarm.is_there;
	why = find();
	alarm.is_known = true;
	alarm.is_there = !why;
	if (why)
		log_info("bios", "a call that hangs with interrupts off keeps the machine: %s", why);
	else if (sends())
		log_info("bios", "a call that hangs with interrupts off is ended by NMI, from the HPET");
	else
		log_info("bios", "a call that hangs with interrupts off is ended by NMI, from the HPET by the I/O APIC pin=%u",
			 (alarm.config & TIMER_ROUTE) >> TIMER_ROUTE_SHIFT);
	return alarm.is_there;
}

/* Its high half may step between two reads. */
static u64 now(void)
{
	u32 high, low;

	do {
		high = read(HPET_COUNTER + 4);
		low = read(HPET_COUNTER);
	} while (read(HPET_COUNTER + 4) != high);
	return (u64)high << 32 | low;
}

static void save(void)
{
	saved.general = read(HPET_CONFIG);
	saved.config = read(alarm.timer);
	for (u32 i = 0; i < 2; i++) {
		saved.comparator[i] = read(alarm.timer + TIMER_COMPARATOR + 4 * i);
		if (sends())
			saved.message[i] = read(alarm.timer + TIMER_MESSAGE + 4 * i);
	}
}

static void set_comparator(u32 low, u32 high)
{
	write(alarm.timer + TIMER_COMPARATOR, low);
	if (saved.config & TIMER_IS_WIDE)
		write(alarm.timer + TIMER_COMPARATOR + 4, high);
}

static void set_message(u32 data, u32 address)
{
	write(alarm.timer + TIMER_MESSAGE, data);
	write(alarm.timer + TIMER_MESSAGE_ADDRESS, address);
}

void bios_alarm_set(u32 limit_ms)
{
	u64 ticks, end;

	if (!limit_ms || !is_there())
		return;
	ticks = ((u64)limit_ms + GRACE_MS) * alarm.ticks_a_ms;
	if (!(read(alarm.timer) & TIMER_IS_WIDE) && ticks >> 32)
		return;
	save();
	write(alarm.timer, saved.config & ~TIMER_WANTED);
	write(HPET_CONFIG, saved.general | CONFIG_RUNS);
	end = now() + ticks;
	set_comparator((u32)end, (u32)(end >> 32));
	if (sends())
		set_message(LVT_NMI, MESSAGE_ADDRESS | APIC_ID(cpuid(1, 0).ebx) << MESSAGE_ID_SHIFT);
	else
		io_apic_take_pin(&alarm.pin, LVT_NMI);
	write(alarm.timer, (saved.config & ~TIMER_WANTED) | alarm.config);
	alarm.is_set = true;
}

void bios_alarm_stop(void)
{
	if (!alarm.is_set)
		return;
	alarm.is_set = false;
	write(alarm.timer, saved.config & ~TIMER_WANTED);
	if (sends())
		set_message(saved.message[0], saved.message[1]);
	else
		io_apic_return_pin(&alarm.pin);
	set_comparator(saved.comparator[0], saved.comparator[1]);
	write(HPET_CONFIG, saved.general);
	write(alarm.timer, saved.config);
}
