/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the manifest reader refuses: one line each, with node, property, value and what is wrong. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dts.h"
#include "fake.h"
#include "manifest.h"

static void assert_refused(const void *tree, u64 size, enum err want, const char *message)
{
	struct manifest m;
	enum err err;

	fake_log_reset();
	err = manifest_parse(&m, tree, size);
	if (err != want || !fake_log_has(message))
		print_error("wanted: %s\n   got: %s", message, fake_log_text());
	assert_int_equal(err, want);
	assert_true(fake_log_has(message));
	assert_int_equal(fake_log_errors(), 1);
	assert_null(m.images);
	assert_null(m.configs);
	assert_int_equal(m.image_count | m.config_count, 0);
}

#define DTS(root, images, configs) "/dts-v1/; / {" root " images {" images " }; configurations {" configs " }; };"
#define K "k { data = [00]; };"
#define A "a { kernel = \"k\"; };"
#define ROOT(text) DTS(text, K, A)
#define IMAGE(text) DTS("", "k { data = [00]; " text " };", A)
#define BARE(text) DTS("", "k { " text " };", A)
#define CONFIGS(text) DTS("", K, text A)
#define CONFIG(text) DTS("", K, "a { kernel = \"k\"; " text " };")
#define LONG "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"

static const struct {
	const char *source;
	enum err err;
	const char *message;
} cases[] = {
	/* the root */
	{ ROOT("description = <5>;"), ERR_VALUE, "manifest: error: / description=<0x5>: not a string" },
	{ ROOT("description;"), ERR_VALUE, "/ description: not a string" },
	{ ROOT("description = \"a\", \"b\";"), ERR_VALUE, "/ description=\"a b\": 2 strings, at most 1" },
	{ ROOT("description = \"\\x1b[2J\";"), ERR_VALUE,
	  "/ description=\"\\x1b[2J\": byte 0, 0x1b, is not printable ASCII" },
	{ ROOT("description = \"a\\xc3\\xa9\";"), ERR_VALUE, "byte 1, 0xc3, is not printable ASCII" },
	{ ROOT("description = \"a\\x7f\";"), ERR_VALUE, "byte 1, 0x7f, is not printable ASCII" },
	{ ROOT("trapeze,console = \"\";"), ERR_VALUE, "/ trapeze,console=\"\": empty" },
	{ ROOT("trapeze,loglevel = \"loud\";"), ERR_VALUE,
	  "/ trapeze,loglevel=\"loud\": unknown; known: err, warn, info, debug, step" },
	{ ROOT("trapeze,loglevel = <1>;"), ERR_VALUE, "/ trapeze,loglevel=<0x1>: not a string" },
	{ ROOT("trapeze,shell = <1>;"), ERR_VALUE, "/ trapeze,shell=<0x1>: not a string" },
	{ ROOT("trapeze,shell = \"a\", \"\\x07\";"), ERR_VALUE, "byte 2, 0x07, is not printable ASCII" },
	{ ROOT("trapeze,wings = <1 2 3 4>;"), ERR_UNKNOWN,
	  "/ trapeze,wings=<0x1 0x2 0x3 ...>: unknown property; this version does not know it here" },
	{ ROOT("trapeze,timeout = <5>;"), ERR_UNKNOWN, "/ trapeze,timeout=<0x5>: unknown property" },
	{ ROOT("extra { trapeze,net; };"), ERR_UNKNOWN, "/extra trapeze,net: unknown property" },
	{ ROOT("extra { x { }; y { z { trapeze,net = [00 01 02]; }; }; };"), ERR_UNKNOWN,
	  "/extra/z trapeze,net (3 bytes): unknown property" },
	{ "/dts-v1/; / { configurations { " A " }; };", ERR_NOT_FOUND, "/images: no such node; a manifest has" },
	{ "/dts-v1/; / { images { " K " }; };", ERR_NOT_FOUND, "/configurations: no such node; a manifest has" },
	{ "/dts-v1/; / { };", ERR_NOT_FOUND, "/images: no such node" },
	{ DTS("", "", A), ERR_NOT_FOUND, "/images: no nodes in it" },
	{ DTS("", K, ""), ERR_NOT_FOUND, "/configurations: no nodes in it" },
	{ DTS("", "trapeze,path = \"k\"; " K, A), ERR_UNKNOWN, "/images trapeze,path=\"k\": unknown property" },
	/* images */
	{ BARE(""), ERR_NOT_FOUND, "/images/k: no bytes: neither data nor trapeze,path" },
	{ BARE("data;"), ERR_VALUE, "/images/k data: no bytes" },
	{ IMAGE("trapeze,path = \"k\";"), ERR_DUPLICATE, "/images/k: both data and trapeze,path give the bytes" },
	{ BARE("trapeze,path = \"\";"), ERR_VALUE, "/images/k trapeze,path=\"\": empty" },
	{ BARE("trapeze,path = <1>;"), ERR_VALUE, "/images/k trapeze,path=<0x1>: not a string" },
	{ BARE("trapeze,path = \"a\\nb\";"), ERR_VALUE,
	  "trapeze,path=\"a\\x0ab\": byte 1, 0x0a, is not printable ASCII" },
	{ BARE("trapeze,file = \"vmlinux\";"), ERR_UNSUPPORTED,
	  "/images/k trapeze,file=\"vmlinux\": a file of the host; tools/mkiso stages it as trapeze,path" },
	/* external data: dtc writes nothing behind the tree */
	{ BARE("data-size = <1>;"), ERR_NOT_FOUND, "/images/k: no bytes: neither data nor trapeze,path" },
	{ BARE("data-offset = <0>;"), ERR_NOT_FOUND, "/images/k: external data of no size: data-size is missing or 0" },
	{ BARE("data-position = <0>; data-size = <0>;"), ERR_NOT_FOUND, "/images/k: external data of no size" },
	{ BARE("data-position = <64>; data-size = <1>;"), ERR_OVERLAP,
	  "/images/k: data-position 0x40 lies in the tree, which has 0x" },
	{ BARE("data-size = <1>; data-offset = <0>;"), ERR_TRUNCATED, "/images/k: external data 0x" },
	{ BARE("data-size = <1>; data-offset = <0>;"), ERR_TRUNCATED, " bytes" },
	{ BARE("data-size = <1>; data-offset = <0xfffffffc>;"), ERR_TRUNCATED, " reaches beyond the file's 0x" },
	{ BARE("data-size = <0xffffffff>; data-position = <0xffffffff>;"), ERR_TRUNCATED,
	  "/images/k: external data 0xffffffff..0x1fffffffe reaches beyond the file's 0x" },
	{ BARE("data-size = <0xfffff 0xffffffff>; data-offset = <0xfffff 0xffffffff>;"), ERR_TRUNCATED,
	  " reaches beyond the file's 0x" },
	{ BARE("data-size = <0xffffffff 0xffffffff>; data-offset = <0>;"), ERR_VALUE,
	  "/images/k data-size=<0xffffffff 0xffffffff>: above the limit" },
	{ BARE("data-size = <1>; data-offset = <0x100000 0>;"), ERR_VALUE,
	"data-offset=<0x100000 0x0>: above the limit" },
	{ BARE("data-size = \"1\"; data-offset = <0>;"), ERR_VALUE,
	"data-size=\"1\": 2 bytes, wanted one cell of 4 or two" },
	{ BARE("data-size = <1>; data-offset = [00];"), ERR_VALUE, "/images/k data-offset=\"\": 1 bytes, wanted" },
	{ BARE("data-size = <1>; data-position;"), ERR_VALUE, "/images/k data-position: 0 bytes, wanted" },
	{ BARE("data-size = <1>; data-offset = <0>; data-position = <0x1000>;"), ERR_DUPLICATE,
	  "/images/k: both data-position and data-offset give the place" },
	{ BARE("trapeze,disk = \"sda\";"), ERR_VALUE,
	  "/images/k trapeze,disk=\"sda\": no disk: hdN, fdN, cdN or boot, with ,PARTITION or without" },
	{ BARE("trapeze,disk = \"hd0,0\";"), ERR_VALUE, "/images/k trapeze,disk=\"hd0,0\": no disk" },
	{ BARE("trapeze,disk = <0>;"), ERR_VALUE, "/images/k trapeze,disk" },
	{ IMAGE("trapeze,disk = \"hd0\";"), ERR_DUPLICATE, "/images/k: both data and trapeze,disk give the bytes" },
	{ BARE("trapeze,path = \"k\"; trapeze,disk = \"hd0\";"), ERR_DUPLICATE,
	"/images/k: both trapeze,path and trapeze,disk" },
	{ BARE("trapeze,disk = \"hd0\"; trapeze,sectors = <0>;"), ERR_VALUE,
	"trapeze,sectors=<0x0>: 0 is out of range 1..1280" },
	{ IMAGE("data-size = <1>; data-offset = <0>;"), ERR_DUPLICATE, "/images/k: both data and external data give" },
	{ BARE("data-size = <1>; data-offset = <0>; trapeze,path = \"k\";"), ERR_DUPLICATE,
	  "/images/k: both trapeze,path and external data give the bytes" },
	{ IMAGE("description = [41 42];"), ERR_VALUE, "/images/k description (2 bytes): not a string" },
	{ IMAGE("type = <1>;"), ERR_VALUE, "/images/k type=<0x1>: not a string" },
	{ IMAGE("arch = \"a\", \"b\";"), ERR_VALUE, "/images/k arch=\"a b\": 2 strings, at most 1" },
	{ IMAGE("os;"), ERR_VALUE, "/images/k os: not a string" },
	{ IMAGE("trapeze,addresses = \"linear\";"), ERR_VALUE,
	  "/images/k trapeze,addresses=\"linear\": neither physical nor virtual" },
	{ IMAGE("compression = \"lzma\";"), ERR_UNSUPPORTED,
	  "/images/k compression=\"lzma\": not supported; known: none, gzip, xz, zstd, lz4" },
	{ IMAGE("compression = \"gzip\", \"xz\";"), ERR_VALUE, "/images/k compression=\"gzip xz\": 2 strings, at most 1" },
	{ IMAGE("trapeze,unpacked-size = <1 0 0>;"), ERR_VALUE, "trapeze,unpacked-size=<0x1 0x0 0x0>: 12 bytes, wanted one cell of 4 or two" },
	{ IMAGE("compression = <1>;"), ERR_VALUE, "/images/k compression=<0x1>: not a string" },
	{ IMAGE("load = <1 2 3>;"), ERR_VALUE, "/images/k load=<0x1 0x2 0x3>: 12 bytes, wanted one cell of 4 or two" },
	{ IMAGE("load;"), ERR_VALUE, "/images/k load: 0 bytes, wanted one cell of 4 or two" },
	{ IMAGE("load = <0x100000 0>;"), ERR_VALUE,
	  "/images/k load=<0x100000 0x0>: above the limit 0xfffffffffffff" },
	{ IMAGE("entry = \"_start\";"), ERR_VALUE, "/images/k entry=\"_start\": 7 bytes, wanted one cell of 4 or two" },
	{ IMAGE("trapeze,size = <2>;"), ERR_VALUE, "/images/k: trapeze,size is 2, but data has 1 bytes" },
	{ IMAGE("trapeze,size = [00 01];"), ERR_VALUE, "/images/k trapeze,size (2 bytes): 2 bytes, wanted one cell" },
	{ IMAGE("trapeze,bootargs = <1>;"), ERR_VALUE, "/images/k trapeze,bootargs=<0x1>: not a string" },
	{ IMAGE("trapeze,modules = \"k\";"), ERR_UNKNOWN, "/images/k trapeze,modules=\"k\": unknown property" },
	{ IMAGE("extra { trapeze,x; };"), ERR_UNKNOWN, "/images/k/extra trapeze,x: unknown property" },
	{ IMAGE("signature-1 { trapeze,x; };"), ERR_UNKNOWN, "/images/k/signature-1 trapeze,x: unknown" },
	{ IMAGE("cipher { algo = \"aes256\"; };"), ERR_UNSUPPORTED, "/images/k/cipher: the image is encrypted" },
	{ IMAGE(LONG " { trapeze," LONG " = \"" LONG "\"; };"), ERR_UNKNOWN,
	  "/images/k/abcdefghijklmnopqrstuvwxyzabcdef... trapeze,abcdefghijklmnopqrstuvwx...="
	  "\"abcdefghijklmnopqrstuvwxyzabcdefghijklmn...\": unknown property" },
	/* hashes */
	{ IMAGE("hash-1 { value = [00 00 00 00]; };"), ERR_NOT_FOUND, "/images/k/hash-1: no property algo" },
	{ IMAGE("hash { algo = \"crc32\"; };"), ERR_NOT_FOUND, "/images/k/hash: no property value" },
	{ IMAGE("hash@1 { algo = \"md4\"; value = [00]; };"), ERR_UNSUPPORTED,
	  "/images/k/hash@1 algo=\"md4\": not supported; known: crc32, md5, sha1, sha256, sha384, sha512" },
	{ IMAGE("hash-1 { algo = <1>; value = [00]; };"), ERR_VALUE, "/images/k/hash-1 algo=<0x1>: not a string" },
	{ IMAGE("hash-1 { algo = \"crc32\"; value = [00 00 00]; };"), ERR_VALUE,
	  "/images/k/hash-1 value (3 bytes): 3 bytes, but crc32 has 4" },
	{ IMAGE("hash-1 { algo = \"sha1\"; value = <1 2 3 4 5 6>; };"), ERR_VALUE,
	  "/images/k/hash-1 value=<0x1 0x2 0x3 ...>: 24 bytes, but sha1 has 20" },
	{ IMAGE("hash-1 { value = <1 2>; algo = \"sha256\"; };"), ERR_VALUE,
	  "/images/k/hash-1 value=<0x1 0x2>: 8 bytes, but sha256 has 32" },
	{ IMAGE("hash-1 { algo = \"crc32\"; value = <0>; trapeze,weak; };"), ERR_UNKNOWN,
	  "/images/k/hash-1 trapeze,weak: unknown" },
	/* configurations */
	{ CONFIGS("default = \"c\";"), ERR_NOT_FOUND, "/configurations default=\"c\": no such configuration" },
	{ CONFIGS("default = <1>;"), ERR_VALUE, "/configurations default=<0x1>: not a string" },
	{ CONFIGS("trapeze,timeout = <86401>;"), ERR_VALUE,
	  "/configurations trapeze,timeout=<0x15181>: 86401 is out of range -1..86400" },
	{ CONFIGS("trapeze,timeout = <0xfffffffe>;"), ERR_VALUE,
	  "trapeze,timeout=<0xfffffffe>: -2 is out of range -1..86400" },
	{ CONFIGS("trapeze,timeout = <0 5>;"), ERR_VALUE, "trapeze,timeout=<0x0 0x5>: 8 bytes, wanted one cell of 4" },
	{ CONFIGS("trapeze,timeout = \"5\";"), ERR_VALUE, "trapeze,timeout=\"5\": 2 bytes, wanted one cell of 4" },
	{ CONFIGS("trapeze,rescue = \"a\";"), ERR_UNKNOWN, "/configurations trapeze,rescue=\"a\": unknown property" },
	{ DTS("", K, "a { };"), ERR_NOT_FOUND, "/configurations/a: no property kernel" },
	{ DTS("", K, "debian { kernel = \"vmlinux\"; };"), ERR_NOT_FOUND,
	  "manifest: error: /configurations/debian kernel=\"vmlinux\": no such image" },
	{ DTS("", K, "a { kernel = \"k\", \"k\"; };"), ERR_VALUE,
	  "/configurations/a kernel=\"k k\": 2 strings, at most 1" },
	{ DTS("", K, "a { kernel = \"\"; };"), ERR_NOT_FOUND, "/configurations/a kernel=\"\": no such image" },
	{ DTS("", K, "a { kernel = \"images/k\"; };"), ERR_NOT_FOUND, "kernel=\"images/k\": no such image" },
	{ CONFIG("ramdisk = \"k\", \"r\", \"k\";"), ERR_NOT_FOUND, "/configurations/a ramdisk=\"r\": no such image" },
	{ CONFIG("ramdisk;"), ERR_VALUE, "/configurations/a ramdisk: not a string" },
	{ CONFIG("setup = \"k\", \"k\";"), ERR_VALUE, "/configurations/a setup=\"k k\": 2 strings, at most 1" },
	{ CONFIG("setup = \"s\";"), ERR_NOT_FOUND, "/configurations/a setup=\"s\": no such image" },
	{ CONFIG("firmware = \"k\";"), ERR_UNSUPPORTED, "/configurations/a firmware=\"k\": an image that runs before" },
	{ CONFIG("loadables = \"k\", \"\";"), ERR_NOT_FOUND, "/configurations/a loadables=\"\": no such image" },
	{ CONFIG("trapeze,modules = \"m\";"), ERR_NOT_FOUND, "/configurations/a trapeze,modules=\"m\": no such image" },
	{ CONFIG("description = <1>;"), ERR_VALUE, "/configurations/a description=<0x1>: not a string" },
	{ CONFIG("trapeze,bootargs = \"a\\tb\";"), ERR_VALUE, "byte 1, 0x09, is not printable ASCII" },
	{ CONFIG("trapeze,preserve-context = <1>;"), ERR_VALUE,
	  "/configurations/a trapeze,preserve-context=<0x1>: 4 bytes, wanted none: it is there or not" },
	{ CONFIG("trapeze,mode = \"virtual\";"), ERR_VALUE,
	  "/configurations/a trapeze,mode=\"virtual\": unknown; known: long, protected, real" },
	{ CONFIG("trapeze,mode = <64>;"), ERR_VALUE, "/configurations/a trapeze,mode=<0x40>: not a string" },
	{ CONFIG("trapeze,args = <1>;"), ERR_VALUE,
	  "/configurations/a trapeze,args=<0x1>: 4 bytes, wanted 8 for each argument: /bits/ 64 <...>" },
	{ CONFIG("trapeze,args = /bits/ 64 <1 2 3 4 5 6 7>;"), ERR_VALUE, "7 arguments, at most 6" },
	{ CONFIG("trapeze,watchdog = <0>;"), ERR_VALUE, "trapeze,watchdog=<0x0>: 0 is out of range 1..3600000" },
	{ CONFIG("trapeze,watchdog = <3600001>;"), ERR_VALUE, "3600001 is out of range 1..3600000" },
	{ CONFIG("trapeze,watchdog = <0xffffffff>;"), ERR_VALUE, "4294967295 is out of range 1..3600000" },
	{ CONFIG("trapeze,watchdog = \"1\";"), ERR_VALUE, "trapeze,watchdog=\"1\": 2 bytes, wanted one cell of 4" },
	{ CONFIG("trapeze,on-fault = \"panic\";"), ERR_NOT_FOUND,
	  "/configurations/a trapeze,on-fault=\"panic\": neither menu, halt, reboot nor a configuration" },
	{ CONFIG("trapeze,on-fault = <1>;"), ERR_VALUE, "trapeze,on-fault=<0x1>: not a string" },
	{ CONFIG("trapeze,on-fault = \"a\";"), ERR_VALUE, "/configurations/a: trapeze,on-fault leads back to itself" },
	{ DTS("", K, "x { kernel = \"k\"; trapeze,on-fault = \"a\"; }; a { kernel = \"k\"; trapeze,on-fault = \"b\"; };"
	      "b { kernel = \"k\"; trapeze,on-fault = \"a\"; };"), ERR_VALUE,
	  "/configurations/a: trapeze,on-fault leads back to itself" },
	{ CONFIG("trapeze,int3 = \"before\", \"never\";"), ERR_VALUE,
	  "/configurations/a trapeze,int3=\"never\": unknown; known: before, inside, after, entry, return, back" },
	{ CONFIG("trapeze,int3 = \"after\", \"after\", \"after\", \"after\", \"after\", \"after\", \"after\";"),
	ERR_VALUE,
	  "7 strings, at most 6" },
	{ CONFIG("trapeze,int3;"), ERR_VALUE, "trapeze,int3: not a string" },
	{ CONFIG("trapeze,repeat = <0>;"), ERR_VALUE, "trapeze,repeat=<0x0>" },
	{ CONFIG("trapeze,single-step = <0>;"), ERR_VALUE, "trapeze,single-step=<0x0>" },
	{ CONFIG("trapeze,single-step = <1000001>;"), ERR_VALUE, "trapeze,single-step=<0xf4241>" },
	{ CONFIG("trapeze,drive = <256>;"), ERR_VALUE, "trapeze,drive=<0x100>: 256 is out of range 0..255" },
	{ CONFIG("trapeze,registers = <1>;"), ERR_VALUE, "trapeze,registers=" },
	{ CONFIG("trapeze,reuse-bootargs = <1>;"), ERR_VALUE,
	  "trapeze,reuse-bootargs=<0x1>: 4 bytes, wanted none: it is there or not" },
	{ CONFIG("trapeze,pass-modules = \"all\";"), ERR_VALUE,
	  "trapeze,pass-modules=\"all\": 4 bytes, wanted none: it is there or not" },
	{ CONFIG("trapeze,net = \"maybe\";"), ERR_VALUE, "trapeze,net=\"maybe\": neither on nor off" },
	{ CONFIG("trapeze,quiet = \"maybe\";"), ERR_VALUE, "trapeze,quiet=\"maybe\": unknown; known: auto, on, off" },
	{ CONFIG("trapeze,recorder = \"tape\";"), ERR_VALUE, "trapeze,recorder=\"tape\": neither ramoops nor off" },
	{ CONFIG("trapeze,kho = \"\";"), ERR_VALUE, "trapeze,kho=\"\": empty" },
	{ CONFIG("trapeze,kho-scratch = /bits/ 64 <0x400000>;"), ERR_VALUE, "1 numbers, wanted pairs: start, size" },
	{ CONFIG("trapeze,kho-scratch = /bits/ 64 <0x400000 0>;"), ERR_VALUE, "start=0x400000 size=0x0 is no range below" },
	{ CONFIG("trapeze,kho-scratch = /bits/ 64 <1 2 3 4 5 6 7>;"), ERR_VALUE, "7 arguments, at most 6" },
	{ CONFIG("trapeze,kho-memory = \"a b:4K@1M\";"), ERR_VALUE,
	  "trapeze,kho-memory=\"a b:4K@1M\": wanted a name of 1 to 15 letters, digits and '-', then :SIZE@START" },
	{ CONFIG("trapeze,kho-memory = \"a:4K@1M\", \"sixteen-letters-:4K@2M\";"), ERR_VALUE, "wanted a name of 1 to 15 letters" },
	{ CONFIG("trapeze,kho-memory = \":4K@1M\";"), ERR_VALUE, "wanted a name of 1 to 15 letters" },
	{ CONFIG("trapeze,kho-memory = \"a:4K\";"), ERR_VALUE, "wanted NAME:SIZE@START, as in results:64K@0x4000000" },
	{ CONFIG("trapeze,kho-memory = \"a\";"), ERR_VALUE, "wanted NAME:SIZE@START" },
	{ CONFIG("trapeze,kho-memory = \"a:4K@1Mx\";"), ERR_VALUE, "wanted NAME:SIZE@START" },
	{ CONFIG("trapeze,kho-memory = \"a:4097@1M\";"), ERR_VALUE, "start and size are to be whole pages" },
	{ CONFIG("trapeze,kho-memory = \"a:0@1M\";"), ERR_VALUE, "start and size are to be whole pages" },
	{ CONFIG("trapeze,kho-memory = \"a:4K@0xff000\";"), ERR_VALUE, "not within 1 MiB and the end of memory" },
	{ CONFIG("trapeze,kho-memory = \"a:8E@8E\";"), ERR_VALUE, "not within 1 MiB and the end of memory" },
	{ CONFIG("trapeze,kho-memory = \"a:4K@1M\", \"a:4K@2M\";"), ERR_VALUE, "the name is there already" },
	{ CONFIG("trapeze,kho-memory = \"trapeze-log:4K@1M\";"), ERR_VALUE, "that name is the flight recorder's" },
	{ CONFIG("trapeze,net;"), ERR_VALUE, "trapeze,net: not a string" },
	{ CONFIG("trapeze,rescue = <1>;"), ERR_VALUE, "trapeze,rescue=<0x1>: 4 bytes, wanted none: it is there or not" },
	{ CONFIG("trapeze,rescue-memory = <0>;"), ERR_VALUE, "trapeze,rescue-memory=<0x0>: 0 is out of range 1..3072" },
	{ CONFIG("trapeze,rescue-memory = <3073>;"), ERR_VALUE, "trapeze,rescue-memory=<0xc01>: 3073 is out of range 1..3072" },
	{ DTS("", K, "a { kernel = \"k\"; trapeze,rescue; }; b { kernel = \"k\"; trapeze,rescue; };"), ERR_VALUE,
	  "/configurations/b trapeze,rescue: a is the rescue image already" },
	{ CONFIG("trapeze,path = \"k\";"), ERR_UNKNOWN, "/configurations/a trapeze,path=\"k\": unknown property" },
	{ CONFIG("extra { trapeze,x; };"), ERR_UNKNOWN, "/configurations/a/extra trapeze,x: unknown property" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		size_t size;
		void *tree = dts_compile(cases[i].source, &size);

		assert_refused(tree, size, cases[i].err, cases[i].message);
		free(tree);
	}
}

/* dtc does not write these: the bytes are changed afterwards. */
static const struct {
	const char *source;
	unsigned int occurrence;
	const char *from, *to;
	enum err err;
	const char *message;
} patched[] = {
	{ DTS("", "k1 { data = [00]; }; k2 { data = [00]; };", "a { kernel = \"k1\"; };"), 0, "k2", "k1",
	  ERR_DUPLICATE, "/images: node \"k1\" is there twice" },
	{ DTS("", K, "a1 { kernel = \"k\"; }; b { kernel = \"k\"; }; a2 { kernel = \"k\"; };"), 0, "a2", "a1",
	  ERR_DUPLICATE, "/configurations: node \"a1\" is there twice" },
	{ ROOT("imagez { };"), 0, "imagez", "images", ERR_DUPLICATE, "/images: node given twice" },
	{ ROOT("configurationz { };"), 0, "configurationz", "configurations", ERR_DUPLICATE,
	  "/configurations: node given twice" },
	{ IMAGE("osx = \"a\"; arch = \"x\"; arcx = \"y\";"), 0, "arcx", "arch", ERR_DUPLICATE,
	  "/images/k arch=\"y\": property given twice" },
	{ DTS("", "k { data = [00]; }; kitten { data = [00]; };", A), 0, "kitten", "ki\e[2J",
	  ERR_VALUE, "/images: node \"ki\\x1b[2J\" has a name that is not printable ASCII" },
	{ CONFIG("mystery;"), 0, "mystery", "my\x9bt\xffr\n", ERR_OK,
	  "/configurations/a my\\x9bt\\xffr\\x0a: unknown" },
};

static void test_patched(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(patched); i++) {
		size_t size;
		void *tree = dts_compile(patched[i].source, &size);
		struct manifest m;

		dts_patch(tree, size, patched[i].occurrence, patched[i].from, patched[i].to);
		if (patched[i].err) {
			assert_refused(tree, size, patched[i].err, patched[i].message);
		} else {
			fake_log_reset();
			assert_int_equal(manifest_parse(&m, tree, size), ERR_OK);
			assert_true(fake_log_has(patched[i].message));
			manifest_free(&m);
		}
		free(tree);
	}
}

#define GOOD DTS("description = \"d\";", "k { data = [00 01]; hash-1 { algo = \"crc32\"; value = <0>; }; };", A)

static void put_be32(u8 *at, u32 value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (u8)(value >> (24 - 8 * i));
}

static void test_header(void **state)
{
	size_t size;
	u8 *tree = dts_compile(GOOD, &size), *shifted = malloc(size + 8), *more = calloc(1, size);

	(void)state;
	memcpy(shifted + 4, tree, size);
	assert_refused(shifted + 4, size, ERR_ALIGN, "which is no multiple of 8");
	assert_refused(tree, 39, ERR_TRUNCATED, "39 bytes, but the header of a tree alone has 40");
	assert_refused(tree, 0, ERR_TRUNCATED, "0 bytes, but the header");
	assert_refused(tree, size - 1, ERR_TRUNCATED, "bytes, but the header says");
	assert_refused(more, size, ERR_MAGIC, "no device tree: magic 0x00000000, wanted 0xd00dfeed");
	memcpy(more, tree, size);
	put_be32(more + 20, 15);
	assert_refused(more, size, ERR_VERSION, "tree of version 15, wanted 16 or later");
	put_be32(more + 20, 17);
	put_be32(more + 24, 18);
	assert_refused(more, size, ERR_VALUE, "damaged tree: FDT_ERR_BADVERSION");
	put_be32(more + 24, 16);
	put_be32(more + 4, 40);
	assert_refused(more, size, ERR_VALUE, "damaged tree: FDT_ERR_");
	free(tree);
	free(shifted);
	free(more);
}

/* Cut anywhere, with the header's size as it was and made to fit. */
static void test_cut(void **state)
{
	size_t size;
	u8 *tree = dts_compile(GOOD, &size);

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		u8 *part = malloc(cut ? cut : 1);
		struct manifest m;

		memcpy(part, tree, cut);
		fake_log_reset();
		assert_int_equal(manifest_parse(&m, part, cut), ERR_TRUNCATED);
		if (cut >= 40) {
			put_be32(part + 4, (u32)cut);
			assert_int_not_equal(manifest_parse(&m, part, cut), ERR_OK);
			assert_int_equal(fake_log_errors(), 2);
		}
		free(part);
	}
	free(tree);
}

/* Any byte damaged in any way: refused with one line, or read; never a wild access (the sanitizers look on). */
static void test_damaged(void **state)
{
	static const u8 damages[] = { 0x01, 0x02, 0x04, 0x80, 0xff };
	size_t size, read = 0;
	u8 *tree = dts_compile(GOOD, &size);

	(void)state;
	for (size_t i = 0; i < size * ARRAY_COUNT(damages); i++) {
		u8 damage = damages[i % ARRAY_COUNT(damages)];
		struct manifest m;
		enum err err;

		tree[i / ARRAY_COUNT(damages)] ^= damage;
		fake_log_reset();
		err = manifest_parse(&m, tree, size);
		assert_int_equal(fake_log_errors(), err ? 1 : 0);
		read += !err;
		manifest_free(&m);
		tree[i / ARRAY_COUNT(damages)] ^= damage;
	}
	assert_true(read > 0 && read < size * ARRAY_COUNT(damages));
	free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_patched), cmocka_unit_test(test_header),
		cmocka_unit_test(test_cut), cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
