/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "source.h"

static struct boot_module modules[] = {
	{ 0x1000, 0x3000, "manifest" },
	{ 0x3000, 0x3001, "/boot/trapeze/images/vmlinuz console=ttyS0 vmlinux" },
	{ 0x4000, 0x4000, "nothing" },
	{ 0x6000, 0x5000, "backwards" },
	{ 0xf000, 0x20000, "far" },
	{ 0x5000, 0x5005, "images/initrd" },
	{ 0x5005, 0x5008, "initrd\tsecond" },
	{ 0x6000, 0x6001, "" },
	{ 0x7000, 0x7001, " blank first" },
	{ 0x8000, 0x8001, "initrd" },
	{ 0x9000, 0x9001, "other/far" },
};
static const struct bootinfo info = { .modules = modules, .module_count = ARRAY_COUNT(modules) };
static struct source source;
static struct source_list list;

static int setup(void **state)
{
	(void)state;
	fake_ram_init(0x10000);
	fake_log_reset();
	list.first = NULL;
	source_init_modules(&source, &info);
	source_add(&list, &source);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_ram_free();
	return 0;
}

static void assert_found(const char *name, paddr_t start, u64 size)
{
	struct blob blob;

	assert_int_equal(source_find(&list, name, &blob), ERR_OK);
	assert_string_equal(blob.name, name);
	assert_string_equal(blob.origin, "module");
	assert_true(blob.paddr == start && blob.size == size);
	assert_ptr_equal(blob.data, fake_ram + start);
}

static void assert_missing(const char *name)
{
	struct blob blob;

	fake_log_reset();
	assert_int_equal(source_find(&list, name, &blob), ERR_NOT_FOUND);
	assert_int_equal(fake_log_errors(), 1);
	assert_true(fake_log_has("not found asked=\"module\""));
}

static void test_names(void **state)
{
	(void)state;
	assert_found("manifest", 0x1000, 0x2000);
	assert_found("/manifest", 0x1000, 0x2000);
	assert_found("/boot/trapeze/images/vmlinuz", 0x3000, 1);
	assert_found("boot/trapeze/images/vmlinuz", 0x3000, 1);
	assert_found("images/vmlinuz", 0x3000, 1);
	assert_found("vmlinuz", 0x3000, 1);
	assert_missing("vmlinux");
	assert_missing("linuz");
	assert_missing("manifes");
	assert_missing("manifestx");
	assert_missing("second");
	assert_missing("");
	assert_missing("/");
	assert_missing("/else/manifest");
	assert_missing("initrd\tsecond");
	assert_missing("/boot/trapeze/images/vmlinuz console=ttyS0 vmlinux");
}

/* kexec-tools puts the file in front of what it was given as a name. */
static void test_second_word(void **state)
{
	(void)state;
	modules[7].string = "/tmp/manifest.dtb  named args";
	assert_found("named", 0x6000, 1);
	assert_found("/named", 0x6000, 1);
	assert_missing("args");
	assert_missing("name");
	modules[7].string = "tmp/manifest.dtb named";
	assert_missing("named");
	modules[7].string = "/tmp/manifest.dtb manifest";
	assert_found("manifest", 0x1000, 0x2000);
	modules[7].string = "";
}

/* A name to the letter goes before the end of a path; among equals the first counts. */
static void test_order(void **state)
{
	(void)state;
	assert_found("initrd", 0x5005, 3);
	assert_found("images/initrd", 0x5000, 5);
}

static void test_refused(void **state)
{
	(void)state;
	assert_true(fake_log_has("module 2 \"nothing\" refused: empty start=0x4000 end=0x4000"));
	assert_true(fake_log_has("module 3 \"backwards\" refused: ends before it starts start=0x6000 end=0x5000"));
	assert_true(fake_log_has("module 4 \"far\" refused: outside the memory that this build reaches start=0xf000 "
				 "end=0x20000"));
	assert_missing("nothing");
	assert_missing("backwards");
	assert_found("far", 0x9000, 1);
}

static void test_hostile_name(void **state)
{
	struct blob blob;

	(void)state;
	fake_log_reset();
	assert_int_equal(source_find(&list, "\033[2J", &blob), ERR_NOT_FOUND);
	assert_true(fake_log_has("\"\\x1b[2J\" not found"));
	modules[2].string = "\033[2J args";
	fake_log_reset();
	source_init_modules(&source, &info);
	assert_true(fake_log_has("module 2 \"\\x1b[2J\" refused"));
	modules[2].string = "nothing";
}

static enum err find_on_medium(struct source *self, const char *name, struct blob *out)
{
	if (!strcmp(name, "broken"))
		return ERR_DEVICE;
	if (strcmp(name, "manifest") && strcmp(name, "medium"))
		return ERR_NOT_FOUND;
	*out = (struct blob){ .name = name, .origin = self->origin };
	return ERR_OK;
}

/* Sources are asked in the order in which they were added; an error of one ends the search. */
static void test_two_sources(void **state)
{
	struct source medium = { .origin = "medium", .find = find_on_medium };
	struct blob blob;

	(void)state;
	source_add(&list, &medium);
	assert_found("manifest", 0x1000, 0x2000);
	assert_int_equal(source_find(&list, "medium", &blob), ERR_OK);
	assert_string_equal(blob.origin, "medium");
	fake_log_reset();
	assert_int_equal(source_find(&list, "broken", &blob), ERR_DEVICE);
	assert_int_equal(fake_log_errors(), 0);
	assert_int_equal(source_find(&list, "none", &blob), ERR_NOT_FOUND);
	assert_true(fake_log_has("source: error: \"none\" not found asked=\"module, medium\""));
	assert_int_equal(fake_log_errors(), 1);
}

static void test_no_source(void **state)
{
	struct source_list none = { NULL };
	struct blob blob;

	(void)state;
	assert_int_equal(source_find(&none, "x", &blob), ERR_NOT_FOUND);
	assert_true(fake_log_has("\"x\" not found asked=\"\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_second_word), cmocka_unit_test(test_order), cmocka_unit_test_setup(test_refused, setup),
		cmocka_unit_test(test_hostile_name), cmocka_unit_test_setup(test_two_sources, setup),
		cmocka_unit_test(test_no_source),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
