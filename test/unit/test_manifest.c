/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The manifest reader on whole manifests; what it refuses is in test_manifest_errors.c. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dts.h"
#include "fake.h"
#include "manifest.h"
#include "swing.h"

static void *tree;
static struct manifest m;

static enum err parse(const char *source)
{
	size_t size;

	fake_log_reset();
	tree = dts_compile(source, &size);
	return manifest_parse(&m, tree, size);
}

static int done(void **state)
{
	(void)state;
	manifest_free(&m);
	free(tree);
	tree = NULL;
	return 0;
}

static const char bench[] =
	"/dts-v1/; / {"
	" description = \"Lab bench\"; #address-cells = <1>; timestamp = <1700000000>;"
	" trapeze,console = \"ttyS0,115200n8\"; trapeze,loglevel = \"debug\"; trapeze,shell = \"lspci\", \"\", \"md 1\";"
	" configurations { default = \"hello\"; trapeze,timeout = <5>;"
	"  debian { description = \"Debian 12\"; kernel = \"vmlinuz\"; ramdisk = \"initrd\", \"more\";"
	"   trapeze,bootargs = \"console=ttyS0 quiet\"; trapeze,reuse-bootargs; trapeze,pass-modules; trapeze,net = \"off\";"
	"   trapeze,quiet = \"on\"; };"
	"  hello { kernel = \"hello\"; loadables = \"more\"; trapeze,modules = \"initrd\", \"more\", \"initrd\";"
	"   trapeze,mode = \"protected\"; trapeze,args = /bits/ 64 <1 0x123456789a 3>;"
	"   trapeze,watchdog = <1500>; trapeze,on-fault = \"debian\"; trapeze,int3 = \"after\", \"before\"; };"
	" };"
	" images {"
	"  vmlinuz { description = \"a kernel\"; type = \"kernel\"; arch = \"x86_64\"; os = \"linux\";"
	"   compression = \"zstd\"; load = <0x1000000>; entry = <0x1 0x80000000>; trapeze,unpacked-size = <7>;"
	"   trapeze,path = \"/boot/vmlinuz\"; trapeze,size = <4096>;"
	"   hash-1 { algo = \"sha256\"; value = ["
	"    00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f]; };"
	"   hash@2 { value = [de ad be ef]; algo = \"crc32\"; }; };"
	"  initrd { data = [01 02 03]; trapeze,bootargs = \"as a module\"; trapeze,size = <0 3>; };"
	"  more { trapeze,path = \"more\"; };"
	"  hello { data = [c3]; };"
	" }; };";

static void test_images(void **state)
{
	const struct manifest_image *kernel, *initrd;

	(void)state;
	assert_int_equal(parse(bench), ERR_OK);
	assert_int_equal(m.image_count, 4);
	kernel = &m.images[manifest_find_image(&m, "vmlinuz")];
	assert_string_equal(kernel->name, "vmlinuz");
	assert_string_equal(kernel->description, "a kernel");
	assert_string_equal(kernel->type, "kernel");
	assert_string_equal(kernel->arch, "x86_64");
	assert_string_equal(kernel->os, "linux");
	assert_string_equal(kernel->compression, "zstd");
	assert_int_equal(kernel->unpacked_size, 7);
	assert_string_equal(kernel->path, "/boot/vmlinuz");
	assert_true(kernel->has_load && kernel->load == 0x1000000);
	assert_true(kernel->has_entry && kernel->entry == 0x180000000);
	assert_true(kernel->has_size && kernel->size == 4096);
	assert_null(kernel->data);
	assert_null(kernel->bootargs);
	initrd = &m.images[manifest_find_image(&m, "initrd")];
	assert_null(initrd->path);
	assert_int_equal(initrd->data_size, 3);
	assert_memory_equal(initrd->data, "\1\2\3", 3);
	assert_string_equal(initrd->bootargs, "as a module");
	assert_false(initrd->has_load || initrd->has_entry);
	assert_string_equal(initrd->type, "");
	assert_int_equal(initrd->hash_count, 0);
}

static void test_hashes(void **state)
{
	const struct manifest_image *kernel;

	(void)state;
	assert_int_equal(parse(bench), ERR_OK);
	kernel = &m.images[manifest_find_image(&m, "vmlinuz")];
	assert_int_equal(kernel->hash_count, 2);
	assert_int_equal(kernel->hashes[0].algo, HASH_SHA256);
	assert_string_equal(kernel->hashes[0].node, "hash-1");
	assert_int_equal(kernel->hashes[0].value[31], 0x1f);
	assert_int_equal(kernel->hashes[1].algo, HASH_CRC32);
	assert_string_equal(kernel->hashes[1].node, "hash@2");
	assert_memory_equal(kernel->hashes[1].value, "\xde\xad\xbe\xef", 4);
}

static u32 image(const char *name)
{
	return (u32)manifest_find_image(&m, name);
}

static void test_configs(void **state)
{
	const struct manifest_config *debian, *hello;

	(void)state;
	assert_int_equal(parse(bench), ERR_OK);
	assert_int_equal(m.config_count, 2);
	debian = &m.configs[0];
	assert_string_equal(debian->name, "debian");
	assert_string_equal(debian->description, "Debian 12");
	assert_int_equal(debian->kernel, image("vmlinuz"));
	assert_int_equal(debian->ramdisk_count, 2);
	assert_int_equal(debian->ramdisks[0], image("initrd"));
	assert_int_equal(debian->ramdisks[1], image("more"));
	assert_string_equal(debian->bootargs, "console=ttyS0 quiet");
	assert_true(debian->reuse_bootargs && debian->pass_modules);
	assert_int_equal(debian->quiet, QUIET_ON);
	assert_false(debian->keep_net || debian->has_mode || debian->preserve_context);
	assert_int_equal(debian->on_fault, ON_FAULT_MENU);
	assert_int_equal(debian->int3 | debian->watchdog_ms | debian->arg_count | debian->module_count, 0);
	hello = &m.configs[1];
	assert_string_equal(hello->description, "");
	assert_null(hello->bootargs);
	assert_int_equal(hello->loadable_count, 1);
	assert_int_equal(hello->loadables[0], image("more"));
	assert_int_equal(hello->module_count, 3);
	assert_int_equal(hello->modules[2], image("initrd"));
	assert_true(hello->has_mode && hello->mode == ENTRY_PROTECTED);
	assert_int_equal(hello->arg_count, 3);
	assert_true(hello->args[0] == 1 && hello->args[1] == 0x123456789a && hello->args[2] == 3);
	assert_int_equal(hello->watchdog_ms, 1500);
	assert_int_equal(hello->on_fault, ON_FAULT_CONFIG);
	assert_int_equal(hello->on_fault_config, 0);
	assert_int_equal(hello->int3, SWING_INT3_BEFORE | SWING_INT3_AFTER);
	assert_int_equal(hello->quiet, QUIET_AUTO);
	assert_true(hello->keep_net && !hello->reuse_bootargs && !hello->pass_modules);
}

static void test_whole(void **state)
{
	(void)state;
	assert_int_equal(parse(bench), ERR_OK);
	assert_int_equal(fake_log_errors(), 0);
	assert_string_equal(m.description, "Lab bench");
	assert_string_equal(m.console, "ttyS0,115200n8");
	assert_true(m.has_log_level && m.log_level == LOG_DEBUG);
	assert_int_equal(m.shell_size, sizeof("lspci\0\0md 1"));
	assert_memory_equal(m.shell, "lspci\0\0md 1", m.shell_size);
	assert_true(m.has_timeout && m.timeout == 5);
	assert_int_equal(m.default_config, 1);
	assert_int_equal(manifest_find_config(&m, "hello"), 1);
	assert_int_equal(manifest_find_config(&m, "hell"), -1);
	assert_int_equal(manifest_find_image(&m, "debian"), -1);
}

#define SMALL(root, in_configs, in_config) \
	"/dts-v1/; / { images { k { data = [00]; }; };" root " configurations {" in_configs \
	" a { kernel = \"k\";" in_config " }; b { kernel = \"k\"; }; }; };"

static void test_little(void **state)
{
	(void)state;
	assert_int_equal(parse(SMALL("", "", "")), ERR_OK);
	assert_string_equal(m.description, "");
	assert_null(m.console);
	assert_false(m.has_log_level || m.has_timeout);
	assert_null(m.shell);
	assert_int_equal(m.default_config, 0);
	assert_string_equal(m.configs[0].name, "a");
	assert_string_equal(fake_log_text(), "");
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(parse(SMALL("", "trapeze,timeout = <0xffffffff>;", "trapeze,watchdog = <3600000>;")), ERR_OK);
	assert_int_equal(m.timeout, MANIFEST_NO_TIMEOUT);
	assert_int_equal(m.configs[0].watchdog_ms, 3600000);
	done(state);
	assert_int_equal(parse(SMALL("", "trapeze,timeout = <86400>;", "trapeze,args = /bits/ 64 <1 2 3 4 5 6>;")),
			 ERR_OK);
	assert_int_equal(m.timeout, 86400);
	assert_true(m.configs[0].arg_count == 6 && m.configs[0].args[5] == 6);
	done(state);
	assert_int_equal(parse(SMALL("", "trapeze,timeout = <0>;", "trapeze,args;")), ERR_OK);
	assert_true(m.has_timeout && m.timeout == 0);
	assert_int_equal(m.configs[0].arg_count, 0);
}

/* Every word that a property knows. */
static void test_words(void **state)
{
	static const char *const sources[] = {
		SMALL("", "", "trapeze,mode = \"long\"; trapeze,on-fault = \"menu\"; trapeze,net = \"on\";"),
		SMALL("", "", "trapeze,mode = \"protected\"; trapeze,on-fault = \"halt\"; trapeze,int3 = \"before\";"),
		SMALL("", "", "trapeze,mode = \"real\"; trapeze,on-fault = \"reboot\";"
		      "trapeze,int3 = \"inside\", \"after\", \"inside\";"),
	};
	static const enum entry_mode modes[] = { ENTRY_LONG, ENTRY_PROTECTED, ENTRY_REAL };
	static const enum on_fault actions[] = { ON_FAULT_MENU, ON_FAULT_HALT, ON_FAULT_REBOOT };
	static const u32 int3[] = { 0, SWING_INT3_BEFORE, SWING_INT3_INSIDE | SWING_INT3_AFTER };

	for (size_t i = 0; i < ARRAY_COUNT(sources); i++) {
		assert_int_equal(parse(sources[i]), ERR_OK);
		assert_true(m.configs[0].has_mode && m.configs[0].keep_net);
		assert_int_equal(m.configs[0].mode, modes[i]);
		assert_int_equal(m.configs[0].on_fault, actions[i]);
		assert_int_equal(m.configs[0].int3, int3[i]);
		done(state);
	}
}

/* What mkimage makes: hashes, a signature, names with '@', properties that mean nothing here. */
/* A handover of our own, or none of anybody's. */
static void test_kho(void **state)
{
	(void)state;
	assert_int_equal(parse(SMALL("", "", "trapeze,kho = \"drop\";")), ERR_OK);
	assert_true(!m.configs[0].kho && m.configs[0].kho_drop);
	done(state);
	assert_int_equal(parse(SMALL("", "", "trapeze,kho = \"kho-v4\";")), ERR_OK);
	assert_string_equal(m.configs[0].kho, "kho-v4");
	assert_false(m.configs[0].kho_drop);
}

static void test_fit(void **state)
{
	(void)state;
	assert_int_equal(parse(
		"/dts-v1/; / { timestamp = <0x65000000>; description = \"Linux\"; #address-cells = <1>;"
		" creator = \"mkimage\";"
		" images {"
		"  kernel@1 { description = \"Linux\"; data = [4d 5a]; type = \"kernel\"; arch = \"x86\";"
		"   os = \"linux\"; compression = \"none\"; load = <0x1000000>; entry = <0x1000000>;"
		"   hash@1 { value = [00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13]; algo = \"sha1\";"
		"    uboot-ignore = <1>; }; };"
		"  ramdisk@1 { description = \"\"; data = [00]; type = \"ramdisk\"; arch = \"x86\"; os = \"linux\";"
		"   compression = \"none\"; signature-1 { algo = \"sha256,rsa2048\"; key-name-hint = \"dev\"; }; };"
		"  fdt@1 { data = [00]; type = \"flat_dt\"; os = \"flat\"; };"
		" }; configurations { default = \"conf@1\";"
		"  conf@1 { description = \"Boot\"; kernel = \"kernel@1\"; ramdisk = \"ramdisk@1\"; fdt = \"fdt@1\";"
		"   signature { sign-images = \"kernel\"; }; }; }; };"), ERR_OK);
	assert_int_equal(m.image_count, 3);
	assert_int_equal(m.images[0].hash_count, 1);
	assert_true(!m.images[0].is_flat && m.images[2].is_flat);
	assert_int_equal(m.configs[0].kernel, 0);
	assert_int_equal(m.configs[0].ramdisks[0], 1);
	assert_true(fake_log_has("manifest: / creator=\"mkimage\": unknown property; ignored"));
	assert_true(fake_log_has("manifest: /images/kernel@1/hash@1 uboot-ignore=<0x1>: unknown property; ignored"));
	assert_true(fake_log_has("manifest: /images/ramdisk@1/signature-1: signatures are not checked, only hashes"));
	assert_true(fake_log_has("manifest: /configurations/conf@1/signature: signatures are not checked"));
	assert_true(fake_log_has("manifest: /configurations/conf@1 fdt=\"fdt@1\": not used on this machine; ignored"));
	assert_false(fake_log_has("sign-images"));
	assert_int_equal(fake_log_errors(), 0);
}

static void test_notes(void **state)
{
	char source[8192] = "/dts-v1/; / {", *at = source + strlen(source);

	(void)state;
	for (int i = 0; i < 30; i++)
		at += sprintf(at, "p%d = <%d>;", i, i);
	sprintf(at, "extra { deep { x; }; }; images { k { data = [00]; }; };"
		" configurations { a { kernel = \"k\"; }; }; };");
	assert_int_equal(parse(source), ERR_OK);
	assert_true(fake_log_has("manifest: / p19=<0x13>: unknown property; ignored"));
	assert_false(fake_log_has("p20"));
	assert_true(fake_log_has("manifest: 11 more notes are left out"));
	done(state);
	assert_int_equal(parse(SMALL("extra { deep { x; }; };", "", "more {};")), ERR_OK);
	assert_true(fake_log_has("manifest: /extra: unknown node; ignored"));
	assert_true(fake_log_has("manifest: /configurations/a/more: unknown node; ignored"));
	assert_false(fake_log_has("deep"));
	assert_false(fake_log_has("more notes"));
}

/* Hundreds of each: no fixed number anywhere. */
static void test_many(void **state)
{
	static char source[200000];
	char *at = source + sprintf(source, "/dts-v1/; / { images {");

	(void)state;
	for (int i = 0; i < 500; i++)
		at += sprintf(at, "i%d { data = [%02x]; };", i, i & 255);
	at += sprintf(at, "}; configurations {");
	for (int i = 0; i < 500; i++)
		at += sprintf(at, "c%d { kernel = \"i%d\"; };", i, 499 - i);
	at += sprintf(at, "all { kernel = \"i0\"; trapeze,modules = \"i0\"");
	for (int i = 1; i < 500; i++)
		at += sprintf(at, ", \"i%d\"", i);
	sprintf(at, "; }; }; };");
	assert_int_equal(parse(source), ERR_OK);
	assert_int_equal(m.image_count, 500);
	assert_int_equal(m.config_count, 501);
	for (u32 i = 0; i < 500; i++) {
		assert_int_equal(m.configs[i].kernel, 499 - i);
		assert_int_equal(m.configs[500].modules[i], i);
	}
}

/* FIT's external data lies behind the tree: what follows the tree's own size is no damage. */
static void test_bytes_behind(void **state)
{
	size_t size;
	void *more;

	fake_log_reset();
	tree = dts_compile(bench, &size);
	more = calloc(1, size + 1000);
	memcpy(more, tree, size);
	free(tree);
	tree = more;
	assert_int_equal(manifest_parse(&m, tree, size + 1000), ERR_OK);
	assert_int_equal(m.config_count, 2);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_images, done),
		cmocka_unit_test_teardown(test_hashes, done),
		cmocka_unit_test_teardown(test_configs, done),
		cmocka_unit_test_teardown(test_whole, done),
		cmocka_unit_test_teardown(test_little, done),
		cmocka_unit_test_teardown(test_limits, done),
		cmocka_unit_test_teardown(test_words, done),
		cmocka_unit_test_teardown(test_kho, done),
		cmocka_unit_test_teardown(test_fit, done),
		cmocka_unit_test_teardown(test_notes, done),
		cmocka_unit_test_teardown(test_many, done),
		cmocka_unit_test_teardown(test_bytes_behind, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
