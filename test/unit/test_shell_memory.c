/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Memory, ports and registers at the shell: what is shown, what is refused, and that nothing else is touched. */
#include "shell_fixture.h"

static void fill(paddr_t at, u32 size)
{
	for (u32 i = 0; i < size; i++)
		fake_ram[at + i] = (u8)(i + 0x3c);
}

static void test_md(void **state)
{
	(void)state;
	fill(0x1000, 0x40);
	assert_answer("md 0x1000 18", "0000001000  3c 3d 3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b  <=>?@ABCDEFGHIJK\n"
				      "0000001010  4c 4d                                            LM\n");
	assert_answer("md.w 0x1000 3", "0000001000  3d3c 3f3e 4140                           <=>?@A\n");
	assert_answer("md.l 0x1000 4", "0000001000  3f3e3d3c 43424140 47464544 4b4a4948  <=>?@ABCDEFGHIJK\n");
	assert_answer("md.q 0x1001 1", "0000001001  44434241403f3e3d                   =>?@ABCD\n");
	assert_answer("hexdump 0x103e 2", "000000103e  7a 7b                                            z{\n");
	assert_answer("md 0x103f 3", "000000103f  7b 00 00                                         {..\n");
	assert_int_equal(strlen(answer("md 0x1000", true)), 8 * 78);
	assert_int_equal(strlen(answer("md.q 0x1000", true)), 8 * (12 + 2 * 17 + 1 + 16 + 1));
	assert_answer("md 0x1000 0", "");
}

/* Shown up to where it ends, and then a sentence. */
static void test_end_of_memory(void **state)
{
	(void)state;
	fill(SHELL_RAM - 4, 4);
	assert_complaint("md 0x1ffffc 8", "00001ffffc  3c 3d 3e 3f                                      <=>?\n"
					  "md: nothing is mapped at 0x200000\n");
	assert_complaint("md.l 0x1ffffe", "md.l: nothing is mapped at 0x1ffffe\n");
	assert_complaint("hexdump 0x200000 1", "hexdump: nothing is mapped at 0x200000\n");
	assert_complaint("md 0xffffffffffffffff",
			 "md: address 0xffffffffffffffff is too large, at most 0xffffffeff0000\n");
	assert_complaint("md 0 0x10001", "md: count 0x10001 is too large, at most 0x10000\n");
	assert_complaint("md.q 0 0x2001", "md.q: count 0x2001 is too large, at most 0x2000\n");
}

static void test_mw(void **state)
{
	(void)state;
	assert_answer("mw 0x2000 0xab", "");
	assert_answer("mw.w 0x2002 0x1234 2", "");
	assert_answer("mw.l 0x2008 0x12345678", "");
	assert_answer("mw.q 0x2010 0x1122334455667788", "");
	assert_memory_equal(fake_ram + 0x2000,
			    "\xab\0\x34\x12\x34\x12\0\0\x78\x56\x34\x12\0\0\0\0\x88\x77\x66\x55\x44\x33\x22\x11", 24);
	assert_int_equal(fake_ram[0x2018], 0);
	assert_answer("poke 0x3000 1 0xff 3", "");
	assert_memory_equal(fake_ram + 0x3000, "\x01\xff\x03", 4);
	assert_complaint("mw 0x2000 256", "mw: value 0x100 is too large, at most 0xff\n");
	assert_complaint("mw.l 0x2000 0x100000000", "mw.l: value 0x100000000 is too large, at most 0xffffffff\n");
	assert_complaint("poke 0x2000 1 300", "poke: byte 0x12c is too large, at most 0xff\n");
	assert_complaint("mw -f 0x2000", "mw: an address and a value are needed\n");
	assert_complaint("poke -f 0x2000", "poke: an address and a value are needed\n");
	assert_complaint("mw 0x200000 1", "mw: nothing is mapped at 0x200000\n");
	assert_int_equal(fake_ram[0x2000], 0xab);
	fake_refused = 0x4000;
	assert_complaint("mw.l 0x3ff8 1 4", "mw.l: the processor refuses to write 0x4000 (a fault, caught)\n");
	assert_int_equal(fake_ram[0x3ffc], 1);
}

static void claim(paddr_t start, paddr_t end, enum mem_owner owner)
{
	assert_int_equal(memory_claim(&machine.memory, start, end, owner, "mine"), ERR_OK);
}

static void test_own_memory(void **state)
{
	(void)state;
	claim(0x100000, 0x101000, OWNER_SHIM);
	claim(0x110000, 0x111000, OWNER_MODULE);
	claim(0, 0x1000, OWNER_LOW);
	assert_complaint("mw.l 0xffffc 1 2",
			 "mw.l: 0xffffc is in Trapeze's own memory (mine): -f writes all the same\n");
	assert_complaint("poke 0x100fff 1",
			 "poke: 0x100fff is in Trapeze's own memory (mine): -f writes all the same\n");
	assert_int_equal(fake_ram[0xffffc], 0);
	assert_int_equal(fake_ram[0x100fff], 0);
	assert_answer("mw.l -f 0xffffc 1 2", "");
	assert_answer("poke -f 0x100fff 7", "");
	assert_answer("mw 0x110000 1", "");
	assert_answer("mw 0x400 9", "");
	assert_int_equal(fake_ram[0x100000], 1);
	assert_int_equal(fake_ram[0x100fff], 7);
	assert_int_equal(fake_ram[0x400], 9);
}

static void test_map(void **state)
{
	(void)state;
	assert_answer("map 0xfee00030 0x1000", "0xfee00000..0xfee02000 is in reach, uncached\n");
	assert_true(fake_mapped_start == 0xfee00000 && fake_mapped_end == 0xfee02000);
	fake_mapped_start = 0;
	assert_complaint("map 0x1ff000 0x1000", "map: 0x1ff000 is mapped already\n");
	assert_complaint("map 0xfee00000 0x1000001", "map: length 0x1000001 is too large, at most 0x1000000\n");
	assert_complaint("map 0xfee00000 0", "map: a length of 0 brings nothing into reach\n");
	assert_int_equal(fake_mapped_start, 0);
	fake_map_result = ERR_MEMORY;
	assert_complaint("map 0xfee00000 1",
			 "map: 0xfee00000..0xfee01000 cannot be mapped: the log (log 1) says why\n");
}

static void test_ports(void **state)
{
	(void)state;
	memcpy(fake_ports + 0x70, "\x11\x22\x33\x44", 4);
	assert_answer("inb 0x70", "port 0x70 = 0x11\n");
	assert_answer("inw 0x70", "port 0x70 = 0x2211\n");
	assert_answer("inl 0x70", "port 0x70 = 0x44332211\n");
	assert_answer("outb 0x80 255", "");
	assert_answer("outw 0xfffe 0xffff", "");
	assert_answer("outl 0xcf8 0x80000000", "");
	assert_string_equal(fake_port_writes, "80=ff.1 fffe=ffff.2 cf8=80000000.4");
	assert_complaint("outb 0x80 256", "outb: value 0x100 is too large, at most 0xff\n");
	assert_complaint("inl 0xfffd", "inl: port 0xfffd is too large, at most 0xfffc\n");
	assert_complaint("inb 0x10000", "inb: port 0x10000 is too large, at most 0xffff\n");
}

static void test_msrs(void **state)
{
	(void)state;
	fake_msr = 0x1b;
	fake_msr_value = 0xfee00900;
	assert_answer("rdmsr 0x1b", "msr 0x1b = 0x00000000fee00900\n");
	assert_answer("wrmsr 0x1b 0x8000000000000001", "");
	assert_true(fake_msr_value == 0x8000000000000001);
	assert_complaint("rdmsr 0x1c", "rdmsr: the processor has no MSR 0x1c (#GP, caught)\n");
	assert_complaint("wrmsr 0x1c 5", "wrmsr: the processor refuses 0x5 for MSR 0x1c (#GP, caught)\n");
}

/* A processor whose features, names and addresses are known. */
static void give_cpuid(void)
{
	fake_cpuid_set(0, 0, 7, 0x756e6547, 0x6c65746e, 0x49656e69);
	fake_cpuid_set(1, 0, 0x000506e3, 0, 1u << 0 | 1u << 31, 1u << 0 | 1u << 4 | 1u << 10 | 1u << 31);
	fake_cpuid_set(7, 0, 0, 1u << 31 | 1u << 22, 0, 0);
	fake_cpuid_set(0x80000000, 0, 0x80000008, 0, 0, 0);
	fake_cpuid_set(0x80000001, 0, 0, 0, 1, 1u << 29 | 1u << 4);
	for (u32 i = 0; i < 3; i++) {
		u32 words[4];

		memcpy(words, "   A plain processor, from a long line of them  " + 16 * i, sizeof(words));
		fake_cpuid_set(0x80000002 + i, 0, words[0], words[1], words[2], words[3]);
	}
	fake_cpuid_set(0x80000008, 0, 0x3027, 0, 0, 0);
}

static void test_cpuid(void **state)
{
	(void)state;
	give_cpuid();
	assert_answer("cpuid", "vendor    GenuineIntel, family 6 model 94 stepping 3\n"
			       "brand     A plain processor, from a long line of them\n"
			       "leaves    0x0..0x7\n"
			       "addresses 39 bits physical, 48 bits linear\n"
			       "features  fpu tsc pbe sse3 hypervisor avx512vl lm lahf\n");
	assert_answer("cpuid 1", "eax=0x000506e3 ebx=0x00000000 ecx=0x80000001 edx=0x80000411\n");
	assert_answer("cpuid 7 1", "eax=0x00000000 ebx=0x00000000 ecx=0x00000000 edx=0x00000000\n");
}

/* Family 15 adds its extended part; lines of features stay within the screen. */
static void test_many_features(void **state)
{
	const char *text, *line;

	(void)state;
	fake_cpuid_set(0, 0, 1, 0x68747541, 0x444d4163, 0x69746e65);
	fake_cpuid_set(1, 0, 0x00a20f12, 0, ~0u, ~0u);
	text = answer("cpuid", true);
	assert_non_null(strstr(text, "vendor    AuthenticAMD, family 25 model 33 stepping 2\n"));
	assert_null(strstr(text, "addresses"));
	assert_null(strstr(text, " - "));
	for (line = text; *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") < 80);
	assert_non_null(strstr(text, " rdrand hypervisor\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		shell_test(test_md),
		shell_test(test_end_of_memory),
		shell_test(test_mw),
		shell_test(test_own_memory),
		shell_test(test_map),
		shell_test(test_ports),
		shell_test(test_msrs),
		shell_test(test_cpuid),
		shell_test(test_many_features),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
