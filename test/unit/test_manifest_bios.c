/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* /bios-calls, trapeze,bios-call and trapeze,video-mode: what is read, what is refused. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bios_services.h"
#include "dts.h"
#include "fake.h"
#include "manifest.h"

#define DTS(calls, configs) "/dts-v1/; / { images { k { data = [00]; }; }; configurations {" configs " };" calls " };"
#define CALLS(text) "bios-calls {" text " };"
#define USE "a { trapeze,bios-call = \"c\"; };"
#define CALL(text) DTS(CALLS("c {" text " };"), USE)
#define CONFIG(text) DTS(CALLS("c { trapeze,vector = <0x12>; };"), "a {" text " };")

static void test_read(void **state)
{
	size_t size;
	void *tree = dts_compile(DTS(CALLS(
		"c { description = \"a sector\"; trapeze,vector = <0x13>; trapeze,registers = \"ax=0x201 cx=1\"; trapeze,buffer = <512>;"
		"    trapeze,buffer-at = \"es:bx\"; trapeze,data = [01 02]; trapeze,repeat = <7>; trapeze,watchdog = <250>; };"
		"d { trapeze,far = \"c000:01Ab\"; trapeze,data = [05]; };"),
		"a { trapeze,bios-call = \"d\", \"memory-map\", \"c\"; }; b { kernel = \"k\"; trapeze,bios-call = \"edid\"; };"), &size);
	const struct manifest_bios_call *c, *d;
	struct manifest m;
	u32 es_bx;

	(void)state;
	assert_int_equal(manifest_parse(&m, tree, size), ERR_OK);
	c = manifest_find_bios_call(&m, "c");
	d = manifest_find_bios_call(&m, "d");
	assert_null(manifest_find_bios_call(&m, "e"));
	assert_true(bios_pointer_find("es:bx", &es_bx));
	assert_true(c->has_vector && !c->has_far && c->target == 0x13 && c->buffer_size == 512 && c->pointer == es_bx);
	assert_true(c->data_size == 2 && !memcmp(c->data, "\1\2", 2) && c->rounds == 7 && c->watchdog_ms == 250);
	assert_string_equal(c->description, "a sector");
	assert_string_equal(c->registers, "ax=0x201 cx=1");
	/* Data without a size brings its own. */
	assert_true(!d->has_vector && d->has_far && d->target == 0xc00001ab && d->buffer_size == 1 && d->rounds == 1 && !d->watchdog_ms);
	assert_string_equal(d->registers, "");
	assert_false(m.configs[0].has_kernel);
	assert_int_equal(m.configs[0].bios_calls_size, sizeof("d\0memory-map\0c"));
	assert_memory_equal(m.configs[0].bios_calls, "d\0memory-map\0c", sizeof("d\0memory-map\0c"));
	assert_true(m.configs[1].has_kernel);
	manifest_free(&m);
	assert_null(m.bios_calls);
	free(tree);
}

static const struct {
	const char *source;
	enum err err;
	const char *message;
} cases[] = {
	{ CALL(""), ERR_VALUE, "/bios-calls/c: neither trapeze,vector nor trapeze,far" },
	{ CALL("trapeze,vector = <1>; trapeze,far = \"0000:0000\";"), ERR_VALUE, "/bios-calls/c: both trapeze,vector and trapeze,far" },
	{ CALL("trapeze,vector = <256>;"), ERR_VALUE, "trapeze,vector=<0x100>: 256 is out of range 0..255" },
	{ CALL("trapeze,far = \"c000\";"), ERR_VALUE, "trapeze,far=\"c000\": not understood: SEGMENT:OFFSET" },
	{ CALL("trapeze,far = \"c000:00x3\";"), ERR_VALUE, "not understood: SEGMENT:OFFSET" },
	{ CALL("trapeze,far = \"c0000:003\";"), ERR_VALUE, "not understood: SEGMENT:OFFSET" },
	{ CALL("trapeze,far = <1>;"), ERR_VALUE, "trapeze,far=<0x1>: not a string" },
	{ CALL("trapeze,vector = <1>; trapeze,buffer = <0>;"), ERR_VALUE, "trapeze,buffer=<0x0>: 0 is out of range 1..65536" },
	{ CALL("trapeze,vector = <1>; trapeze,buffer = <65537>;"), ERR_VALUE, "65537 is out of range 1..65536" },
	{ CALL("trapeze,vector = <1>; trapeze,buffer-at = \"ax:bx\";"), ERR_VALUE,
	  "trapeze,buffer-at=\"ax:bx\": unknown; known: es:di, es:bx, es:bp, es:dx, ds:si, ds:dx" },
	{ CALL("trapeze,vector = <1>; trapeze,repeat = <0>;"), ERR_VALUE, "trapeze,repeat=<0x0>: 0 is out of range 1..1000000" },
	{ CALL("trapeze,vector = <1>; trapeze,watchdog = <0>;"), ERR_VALUE, "trapeze,watchdog=<0x0>: 0 is out of range 1..86400000" },
	{ CALL("trapeze,vector = <1>; trapeze,wings = <1>;"), ERR_UNKNOWN, "/bios-calls/c trapeze,wings=<0x1>: unknown property" },
	{ CALL("trapeze,vector = <1>; sub { trapeze,far = \"a\"; };"), ERR_UNKNOWN, "unknown property" },
	{ DTS(CALLS("edid { trapeze,vector = <1>; };"), USE), ERR_DUPLICATE, "/bios-calls/edid: this name is one that Trapeze knows by itself" },
	{ DTS(CALLS(""), "a { kernel = \"k\"; };"), ERR_NOT_FOUND, "/bios-calls: no nodes in it" },
	{ DTS(CALLS("trapeze,far = \"x\"; c { trapeze,vector = <1>; };"), USE), ERR_UNKNOWN, "/bios-calls trapeze,far=\"x\": unknown property" },
	{ CONFIG("trapeze,bios-call = \"c\", \"d\";"), ERR_NOT_FOUND,
	  "/configurations/a trapeze,bios-call=\"d\": neither a node of /bios-calls nor one of: memory-map, vbe, edid" },
	{ CONFIG("trapeze,bios-call = <1>;"), ERR_VALUE, "trapeze,bios-call=<0x1>: not a string" },
	{ CONFIG("kernel = \"k\"; trapeze,video-mode = \"big\";"), ERR_VALUE,
	  "trapeze,video-mode=\"big\": not understood: WIDTHxHEIGHT, WIDTHxHEIGHTxDEPTH or kernel" },
	{ CONFIG("kernel = \"k\"; trapeze,video-mode = <3>;"), ERR_VALUE, "trapeze,video-mode=<0x3>: not a string" },
	{ CONFIG(""), ERR_NOT_FOUND, "/configurations/a: no property kernel" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (u32 i = 0; i < ARRAY_COUNT(cases); i++) {
		struct manifest m;
		size_t size;
		void *tree = dts_compile(cases[i].source, &size);
		enum err err;

		fake_log_reset();
		err = manifest_parse(&m, tree, size);
		if (err != cases[i].err || !fake_log_has(cases[i].message))
			print_error("wanted: %s\n   got: %s", cases[i].message, fake_log_text());
		assert_int_equal(err, cases[i].err);
		assert_true(fake_log_has(cases[i].message));
		assert_int_equal(fake_log_errors(), 1);
		assert_null(m.bios_calls);
		free(tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_read), cmocka_unit_test(test_refusals) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
