/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The processor and its ports. Sources: Intel SDM vol. 2, CPUID; AMD64 APM vol. 3, appendix E. */
#include <string.h>

#include "arch.h"
#include "fmt.h"
#include "shell_private.h"

#define EXTENDED 0x80000000u
#define EXTENDED_LAST 0x8000ffffu
#define BRAND_FIRST 0x80000002u
#define BRAND_LAST 0x80000004u
#define ADDRESS_LEAF 0x80000008u
#define LINE_COLUMNS 68u

/* The names of a register's bits from bit 0 on, a "-" where one has no name (or leaf 1 has it already). */
static const struct {
	u32 leaf;
	u8 word;			/* of struct arch_cpuid */
	const char *names;
} features[] = {
	{ 1, 3,
	  "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 psn clflush - ds acpi mmx fxsr "
	  "sse sse2 ss htt tm ia64 pbe" },
	{ 1, 2,
	  "sse3 pclmulqdq dtes64 monitor ds-cpl vmx smx eist tm2 ssse3 cnxt-id sdbg fma cx16 xtpr pdcm - pcid dca "
	  "sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline aes xsave osxsave avx f16c rdrand hypervisor" },
	{ 7, 1,
	  "fsgsbase tsc-adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm pqm - mpx pqe avx512f avx512dq rdseed "
	  "adx smap avx512-ifma - clflushopt clwb pt avx512pf avx512er avx512cd sha avx512bw avx512vl" },
	{ EXTENDED + 1, 3,
	  "- - - - - - - - - - - syscall - - - - - - - - nx - mmxext - - ffxsr page1gb rdtscp - lm 3dnowext 3dnow" },
	{ EXTENDED + 1, 2,
	  "lahf cmp-legacy svm extapic cr8 abm sse4a misalignsse prefetch osvw ibs xop skinit wdt - lwp fma4 tce - "
	  "nodeid - tbm topoext" },
};

static u32 word_of(const struct arch_cpuid *r, u32 word)
{
	return word == 0 ? r->eax : word == 1 ? r->ebx : word == 2 ? r->ecx : r->edx;
}

/* Leaves exist up to the one that the first of their group names. */
static bool has_leaf(u32 leaf)
{
	struct arch_cpuid r;

	arch_cpuid(leaf & EXTENDED, 0, &r);
	return r.eax >= leaf && r.eax <= (leaf & EXTENDED ? EXTENDED_LAST : EXTENDED - 1);
}

struct feature_line {
	char text[LINE_COLUMNS + 32];
	size_t used;
};

static void put_feature(struct feature_line *line, const char *name, size_t length)
{
	if (line->used + 1 + length > LINE_COLUMNS) {
		shell_print("features  %s", line->text);
		line->used = 0;
	}
	line->used += fmt_snprintf(line->text + line->used, sizeof(line->text) - line->used, "%s%.*s",
				   line->used ? " " : "", (int)length, name);
}

static void show_features(void)
{
	struct feature_line line = { .used = 0 };

	for (u32 i = 0; i < ARRAY_COUNT(features); i++) {
		const char *name = features[i].names;
		struct arch_cpuid r;
		u32 bits;

		if (!has_leaf(features[i].leaf))
			continue;
		arch_cpuid(features[i].leaf, 0, &r);
		for (bits = word_of(&r, features[i].word); *name; bits >>= 1) {
			size_t length = strcspn(name, " ");

			if ((bits & 1) && *name != '-')
				put_feature(&line, name, length);
			name += length + (name[length] == ' ');
		}
	}
	if (line.used)
		shell_print("features  %s", line.text);
}

static void show_brand(void)
{
	char brand[49] = "";
	size_t length;

	if (!has_leaf(BRAND_LAST))
		return;
	for (u32 leaf = BRAND_FIRST; leaf <= BRAND_LAST; leaf++) {
		struct arch_cpuid r;

		arch_cpuid(leaf, 0, &r);
		memcpy(brand + 16 * (leaf - BRAND_FIRST), &r, 16);
	}
	for (length = strlen(brand); length && brand[length - 1] == ' '; length--)
		brand[length - 1] = '\0';
	shell_print("brand     %s", brand + strspn(brand, " "));
}

/* Family and model are put together as the manuals have it: the extended parts count for certain families only. */
static void show_signature(void)
{
	struct arch_cpuid first, r;
	u32 family, model;
	char vendor[13] = "";

	arch_cpuid(0, 0, &first);
	memcpy(vendor, &first.ebx, 4);
	memcpy(vendor + 4, &first.edx, 4);
	memcpy(vendor + 8, &first.ecx, 4);
	arch_cpuid(1, 0, &r);
	family = r.eax >> 8 & 15;
	model = r.eax >> 4 & 15;
	if (family == 6 || family == 15)
		model |= r.eax >> 12 & 0xf0;
	if (family == 15)
		family += r.eax >> 20 & 0xff;
	shell_print("vendor    %s, family %u model %u stepping %u", vendor, family, model, r.eax & 15);
	show_brand();
	shell_print("leaves    0x0..0x%x", first.eax);
}

static void show_addresses(void)
{
	struct arch_cpuid r;

	if (!has_leaf(ADDRESS_LEAF))
		return;
	arch_cpuid(ADDRESS_LEAF, 0, &r);
	shell_print("addresses %u bits physical, %u bits linear", r.eax & 0xff, r.eax >> 8 & 0xff);
}

bool shell_cpuid(struct shell *shell, const struct shell_words *words)
{
	struct arch_cpuid r;
	u64 leaf, subleaf;

	(void)shell;
	if (words->count == 1) {
		show_signature();
		show_addresses();
		show_features();
		return true;
	}
	if (!shell_number(words, 1, "leaf", UINT32_MAX, &leaf) ||
	    !shell_number_or(words, 2, "subleaf", UINT32_MAX, 0, &subleaf))
		return false;
	arch_cpuid((u32)leaf, (u32)subleaf, &r);
	shell_print("eax=0x%08x ebx=0x%08x ecx=0x%08x edx=0x%08x", r.eax, r.ebx, r.ecx, r.edx);
	return true;
}

bool shell_rdmsr(struct shell *shell, const struct shell_words *words)
{
	u64 msr, value;

	(void)shell;
	if (!shell_number(words, 1, "number", UINT32_MAX, &msr))
		return false;
	if (arch_msr_read((u32)msr, &value))
		return shell_complain(words, "the processor has no MSR 0x%llx (#GP, caught)", msr);
	shell_print("msr 0x%llx = 0x%016llx", msr, value);
	return true;
}

bool shell_wrmsr(struct shell *shell, const struct shell_words *words)
{
	u64 msr, value;

	(void)shell;
	if (!shell_number(words, 1, "number", UINT32_MAX, &msr) || !shell_number(words, 2, "value", UINT64_MAX, &value))
		return false;
	if (arch_msr_write((u32)msr, value))
		return shell_complain(words, "the processor refuses 0x%llx for MSR 0x%llx (#GP, caught)", value, msr);
	return true;
}

/* A unit must not reach beyond the last port. */
static bool get_port(const struct shell_words *words, u32 width, u64 *port)
{
	return shell_number(words, 1, "port", 0x10000 - width, port);
}

bool shell_in(struct shell *shell, const struct shell_words *words)
{
	u32 width = shell_width(words);
	u64 port;

	(void)shell;
	if (!get_port(words, width, &port))
		return false;
	shell_print("port 0x%llx = 0x%0*x", port, (int)(2 * width), arch_port_read((u16)port, width));
	return true;
}

bool shell_out(struct shell *shell, const struct shell_words *words)
{
	u32 width = shell_width(words);
	u64 port, value;

	(void)shell;
	if (!get_port(words, width, &port) || !shell_number(words, 2, "value", UINT64_MAX >> (64 - 8 * width), &value))
		return false;
	arch_port_write((u16)port, width, (u32)value);
	return true;
}
