/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Time from the TSC, calibrated against channel 2 of the PIT (Intel 8254 data sheet; port 0x61 gates it as on every PC
 * since the AT). Where the PIT does not run, CPUID leaf 0x15 or 0x16 is taken; where that is silent too, 1 GHz is assumed
 * and said.
 */
#include "div.h"
#include "log.h"
#include "x86.h"

#define PIT_HZ 1193182u
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_CH2_MODE0 0xb0		/* channel 2, low then high byte, mode 0: count once */
#define PORT_B 0x61
#define PORT_B_GATE2 0x01
#define PORT_B_SPEAKER 0x02
#define PORT_B_OUT2 0x20
#define CALIBRATE_HZ 2000		/* one count lasts 0.5 ms: right to the 1 or 2 us that a port takes, 0.4 % */
#define CALIBRATE_ROUNDS 2
#define CALIBRATE_TSC_LIMIT 2000000000ull	/* give up after this many cycles: no PIT */
#define ASSUMED_KHZ 1000000u

static u32 us_per_tsc;			/* times 2^32; one at most */

/* TSC cycles that the PIT takes for one count; 0 when it never ends. */
static u64 calibrate_once(void)
{
	u32 count = PIT_HZ / CALIBRATE_HZ;
	u64 start, now;

	outb(PORT_B, (inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2);
	outb(PIT_COMMAND, PIT_CH2_MODE0);
	outb(PIT_CHANNEL2, count & 0xff);
	/* Read before the count starts: what comes between can only make the time too long, and the shortest round is taken. */
	start = rdtsc();
	outb(PIT_CHANNEL2, count >> 8);
	do {
		now = rdtsc();
		if (now - start > CALIBRATE_TSC_LIMIT)
			return 0;
	} while (!(inb(PORT_B) & PORT_B_OUT2));
	return now - start;
}

static u32 calibrate_pit(void)
{
	u8 port_b = inb(PORT_B);
	u64 best = ~0ull;

	for (int i = 0; i < CALIBRATE_ROUNDS && best; i++)
		best = min_u64(best, calibrate_once());
	outb(PORT_B, port_b);
	return (u32)div_u64_u32(best * CALIBRATE_HZ, 1000, NULL);
}

/* CPUID 0x15: crystal and ratio; 0x16: base frequency in MHz (Intel SDM vol. 2, CPUID). */
static u32 khz_from_cpuid(void)
{
	struct cpuid leaf;

	if (cpu_features.max_leaf >= 0x15) {
		leaf = cpuid(0x15, 0);
		if (leaf.eax && leaf.ebx && leaf.ecx)
			return (u32)div_u64_u32(div_u64_u32((u64)leaf.ecx * leaf.ebx, leaf.eax, NULL), 1000, NULL);
	}
	if (cpu_features.max_leaf >= 0x16)
		return (cpuid(0x16, 0).eax & 0xffff) * 1000;
	return 0;
}

void time_init(void)
{
	const char *source = "pit";
	u32 khz = calibrate_pit();

	if (!khz) {
		source = "cpuid";
		khz = khz_from_cpuid();
	}
	arch_features.tsc_khz = khz;
	if (!khz) {
		source = "assumed";
		khz = ASSUMED_KHZ;
	}
	us_per_tsc = (u32)min_u64(div_u64_u32(1000ull << 32, khz, NULL), ~0u);
	log_info("time", "TSC calibrated khz=%u source=%s", khz, source);
}

/* Each line of the log has a time: without a detour. */
static inline __attribute__((always_inline)) u64 us_of(u64 cycles)
{
	u32 low = (u32)((u64)(u32)cycles * us_per_tsc >> 32);

	return (u64)(u32)(cycles >> 32) * us_per_tsc + low;
}

u64 time_us_of(u64 cycles)
{
	return us_of(cycles);
}

u64 arch_time_us(void)
{
	return us_of(rdtsc() - entry_tsc);
}
