/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Packed images that are wrong in one way each: one line that says so, nothing taken, nothing changed. */
#include "unpack_fixture.h"

#define RAM MIB(32)
#define PLAIN_SIZE 30000u

static u32 get_le32(const u8 *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (u32)at[3] << 24;
}

static void put_le32(u8 *at, u32 value)
{
	for (u32 i = 0; i < 4; i++)
		at[i] = (u8)(value >> (8 * i));
}

/* --- how a good file becomes a bad one --- */

typedef struct bytes (*spoiler)(struct bytes packed);

static struct bytes cut(struct bytes b, size_t size)
{
	b.size = size;
	return b;
}

static struct bytes set(struct bytes b, long at, u8 value)
{
	b.data[at < 0 ? (long)b.size + at : at] = value;
	return b;
}

static struct bytes more(struct bytes b, const char *text, size_t size)
{
	return bytes_join(b, bytes_copy((struct bytes){ (u8 *)text, size }));
}

static struct bytes cut_half(struct bytes b) { return cut(b, b.size / 2); }
static struct bytes cut_last(struct bytes b) { return cut(b, b.size - 1); }
static struct bytes cut_header(struct bytes b) { return cut(b, 5); }
static struct bytes cut_to_magic(struct bytes b) { return cut(b, 4); }
static struct bytes cut_all(struct bytes b) { return cut(b, 0); }
static struct bytes trailing(struct bytes b) { return more(b, "something behind it", 19); }
static struct bytes other_magic(struct bytes b) { return set(b, 0, 0x42); }
static struct bytes middle(struct bytes b) { return set(b, (long)b.size / 2, b.data[b.size / 2] ^ 0x55); }
static struct bytes no_change(struct bytes b) { return b; }

static struct bytes gzip_method(struct bytes b) { return set(b, 2, 7); }
static struct bytes gzip_flags(struct bytes b) { return set(b, 3, 0xe0); }
static struct bytes gzip_sum(struct bytes b) { return set(b, -8, b.data[b.size - 8] ^ 1); }
static struct bytes gzip_size_less(struct bytes b) { put_le32(b.data + b.size - 4, PLAIN_SIZE - 1); return b; }
static struct bytes gzip_size_more(struct bytes b) { put_le32(b.data + b.size - 4, PLAIN_SIZE + 1); return b; }
static struct bytes gzip_size_huge(struct bytes b) { put_le32(b.data + b.size - 4, UINT32_MAX); return b; }
static struct bytes gzip_cut_member(struct bytes b) { return bytes_join(b, cut(bytes_copy(b), b.size - 9)); }
static struct bytes gzip_block_type(struct bytes b) { return set(b, 10, 0x07); }

static struct bytes xz_flags(struct bytes b) { return set(b, 7, 0x0f); }
static struct bytes xz_header_sum(struct bytes b) { return set(b, 8, b.data[8] ^ 1); }
static struct bytes xz_footer_magic(struct bytes b) { return set(b, -1, 'X'); }
static struct bytes xz_footer_sum(struct bytes b) { return set(b, -12, b.data[b.size - 12] ^ 1); }
static struct bytes xz_index_long(struct bytes b) { put_le32(b.data + b.size - 8, 0x00ffffff); return b; }
static struct bytes xz_index_wraps(struct bytes b) { put_le32(b.data + b.size - 8, 0xffffffff); return b; }
static struct bytes xz_padding_odd(struct bytes b) { return more(b, "\0\0\0", 3); }
static struct bytes xz_filter(struct bytes b) { return set(b, 14, 0x3f); }

/* The first record of the index, in a file of one block: behind its indicator and count. */
static u8 *xz_record(struct bytes b)
{
	return b.data + b.size - 12 - 4 * ((size_t)get_le32(b.data + b.size - 8) + 1) + 2;
}

static struct bytes xz_block_size_wraps(struct bytes b)
{
	memset(xz_record(b), 0xff, 5);
	return b;
}

static struct bytes xz_index_count(struct bytes b)
{
	xz_record(b)[-1] = 0x7f;
	return b;
}

/* The size that comes out, one less; the index with its own sum, as someone who means it would have it. */
static struct bytes xz_size_less(struct bytes b)
{
	u8 *record = xz_record(b), *sum = b.data + b.size - 16;

	while (*record++ & 0x80)
		;
	record[0]--;
	put_le32(sum, lzma_crc32(xz_record(b) - 2, (size_t)(sum - xz_record(b) + 2), 0));
	return b;
}

static struct bytes zstd_reserved(struct bytes b) { return set(b, 4, b.data[4] | 0x08); }
static struct bytes zstd_dictionary(struct bytes b) { return set(b, 4, b.data[4] | 0x01); }
static struct bytes zstd_sum(struct bytes b) { return set(b, -1, b.data[b.size - 1] ^ 1); }
static struct bytes zstd_old_frame(struct bytes b) { return more(b, "\x27\xb5\x2f\xfd\x00\x00\x00\x00\x00", 9); }
static struct bytes zstd_skips_too_far(struct bytes b) { return more(b, "\x50\x2a\x4d\x18\xff\xff\xff\x00", 8); }

/* The frame's header with a size of two bytes (RFC 8878, 3.1.1.1), counted from 256. */
static struct bytes zstd_size(struct bytes b, u32 size)
{
	assert_int_equal(b.data[4] >> 6, 1);
	b.data[5] = (u8)(size - 256);
	b.data[6] = (u8)((size - 256) >> 8);
	return b;
}

static struct bytes zstd_size_less(struct bytes b) { return zstd_size(b, PLAIN_SIZE - 1); }
static struct bytes zstd_size_more(struct bytes b) { return zstd_size(b, PLAIN_SIZE + 1); }

static struct bytes lz4_version(struct bytes b) { return set(b, 4, b.data[4] ^ 0xc0); }
static struct bytes lz4_reserved(struct bytes b) { return set(b, 4, b.data[4] | 2); }
static struct bytes lz4_dictionary(struct bytes b) { return set(b, 4, b.data[4] | 1); }
static struct bytes lz4_block_code(struct bytes b) { return set(b, 5, 0x30); }
static struct bytes lz4_header_sum(struct bytes b) { return set(b, 6, b.data[6] ^ 1); }
static struct bytes lz4_sum(struct bytes b) { return set(b, -1, b.data[b.size - 1] ^ 1); }
static struct bytes lz4_block_huge(struct bytes b) { put_le32(b.data + 7, 0x7fffffff); return b; }
static struct bytes lz4_block_stored(struct bytes b) { put_le32(b.data + 7, get_le32(b.data + 7) | 0x80000000u); return b; }
static struct bytes lz4_block_zero(struct bytes b) { put_le32(b.data + 7, 0); return b; }
static struct bytes lz4_block_sum(struct bytes b) { return set(b, -5, b.data[b.size - 5] ^ 1); }
static struct bytes lz4_skips_too_far(struct bytes b) { return more(b, "\x5f\x2a\x4d\x18\xff\xff\xff\xff", 8); }

unsigned int LZ4_XXH32(const void *data, size_t size, unsigned int seed);

/* The content size, with the header's sum made right again (LZ4 Frame Format Description, HC Byte). */
static struct bytes lz4_size(struct bytes b, u64 size)
{
	memcpy(b.data + 6, &size, sizeof(size));
	b.data[14] = (u8)(LZ4_XXH32(b.data + 4, 10, 0) >> 8);
	return b;
}

static struct bytes lz4_size_less(struct bytes b) { return lz4_size(b, PLAIN_SIZE - 1); }
static struct bytes lz4_size_more(struct bytes b) { return lz4_size(b, PLAIN_SIZE + 1); }
static struct bytes lz4_size_huge(struct bytes b) { return lz4_size(b, UINT64_MAX); }

static const struct bad {
	const char *method;
	struct bytes (*make)(struct bytes plain);
	spoiler spoil;
	const char *says;
} bads[] = {
	{ "gzip", make_gzip, cut_all, "gzip: not its magic number at=0 bytes=0" },
	{ "gzip", make_gzip, cut_header, "gzip: too short for a member" },
	{ "gzip", make_gzip, cut_half, "gzip: " },
	{ "gzip", make_gzip_stored, cut_last, "gzip: ends in the middle" },
	{ "gzip", make_gzip, trailing, "gzip: " },
	{ "gzip", make_gzip, other_magic, "gzip: not its magic number" },
	{ "gzip", make_gzip, middle, "gzip: " },
	{ "gzip", make_gzip, gzip_method, "gzip: unknown compression method" },
	{ "gzip", make_gzip, gzip_flags, "gzip: unknown header flags set" },
	{ "gzip", make_gzip, gzip_sum, "gzip: incorrect data check" },
	{ "gzip", make_gzip, gzip_size_less, "gzip: incorrect length check" },
	{ "gzip", make_gzip, gzip_size_more, "gzip: incorrect length check" },
	{ "gzip", make_gzip, gzip_size_huge, "gzip: says that it has more bytes than so few can hold" },
	{ "gzip", make_gzip, gzip_cut_member, "gzip: " },
	{ "gzip", make_gzip, gzip_block_type, "gzip: invalid block type" },
	{ "gzip", make_xz, no_change, "gzip: not its magic number" },
	{ "xz", make_xz, cut_all, "xz: not its magic number" },
	{ "xz", make_xz, cut_to_magic, "xz: too short for a stream" },
	{ "xz", make_xz, cut_half, "xz: no stream footer at the end" },
	{ "xz", make_xz, cut_last, "xz: no stream footer at the end" },
	{ "xz", make_xz, trailing, "xz: no stream footer at the end" },
	{ "xz", make_xz, middle, "xz: damaged" },
	{ "xz", make_xz, xz_flags, "xz: " },
	{ "xz", make_xz, xz_header_sum, "xz: damaged" },
	{ "xz", make_xz, xz_footer_magic, "xz: no stream footer at the end" },
	{ "xz", make_xz, xz_footer_sum, "xz: damaged" },
	{ "xz", make_xz, xz_index_long, "xz: the index is damaged" },
	{ "xz", make_xz, xz_index_wraps, "xz: the index is damaged" },
	{ "xz", make_xz, xz_padding_odd, "xz: no stream footer at the end" },
	{ "xz", make_xz, xz_block_size_wraps, "xz: the index is damaged" },
	{ "xz", make_xz, xz_index_count, "xz: the index is damaged" },
	{ "xz", make_xz, xz_size_less, "xz: more than the 29999 bytes that its headers say" },
	{ "xz", make_xz_unchecked, xz_filter, "xz: damaged" },
	{ "xz", make_gzip, no_change, "xz: not its magic number" },
	{ "zstd", make_zstd, cut_all, "zstd: not its magic number" },
	{ "zstd", make_zstd, cut_to_magic, "zstd: ends in the middle" },
	{ "zstd", make_zstd, cut_half, "zstd: ends in the middle" },
	{ "zstd", make_zstd, cut_last, "zstd: ends in the middle" },
	{ "zstd", make_zstd, trailing, "zstd: bytes that begin no frame" },
	{ "zstd", make_zstd, middle, "zstd: " },
	{ "zstd", make_zstd, zstd_reserved, "zstd: a frame of a kind that libzstd does not know" },
	{ "zstd", make_zstd, zstd_dictionary, "zstd: " },
	{ "zstd", make_zstd, zstd_sum, "zstd: wrong checksum" },
	{ "zstd", make_zstd, zstd_old_frame, "zstd: bytes that begin no frame" },
	{ "zstd", make_zstd, zstd_skips_too_far, "zstd: ends in the middle" },
	{ "zstd", make_zstd, zstd_size_less, "zstd: more than the 29999 bytes that its headers say" },
	{ "zstd", make_zstd, zstd_size_more, "zstd: damaged" },
	{ "zstd", make_lz4, no_change, "zstd: not its magic number" },
	{ "lz4", make_lz4, cut_all, "lz4: not its magic number" },
	{ "lz4", make_lz4, cut_to_magic, "lz4: ends in the middle" },
	{ "lz4", make_lz4, cut_half, "lz4: ends in the middle" },
	{ "lz4", make_lz4, cut_last, "lz4: ends in the middle" },
	{ "lz4", make_lz4, trailing, "lz4: bytes that begin no frame" },
	{ "lz4", make_lz4, middle, "lz4: " },
	{ "lz4", make_lz4, lz4_version, "lz4: a frame of a version that is not known" },
	{ "lz4", make_lz4, lz4_reserved, "lz4: a frame of a version that is not known" },
	{ "lz4", make_lz4, lz4_block_code, "lz4: a frame of a version that is not known" },
	{ "lz4", make_lz4, lz4_dictionary, "lz4: needs a dictionary" },
	{ "lz4", make_lz4, lz4_header_sum, "lz4: wrong checksum of a frame's header" },
	{ "lz4", make_lz4, lz4_sum, "lz4: wrong checksum" },
	{ "lz4", make_lz4_sums, lz4_block_sum, "lz4: wrong checksum of a block" },
	{ "lz4", make_lz4, lz4_block_huge, "lz4: a block larger than its frame allows" },
	{ "lz4", make_lz4, lz4_block_stored, "lz4: wrong checksum" },
	{ "lz4", make_lz4_bare, lz4_block_zero, "lz4: bytes that begin no frame" },
	{ "lz4", make_lz4, lz4_skips_too_far, "lz4: ends in the middle" },
	{ "lz4", make_lz4_linked, lz4_size_less, "lz4: a block that is damaged, or holds more than its frame said" },
	{ "lz4", make_lz4_linked, lz4_size_more, "lz4: fewer bytes than its header says" },
	{ "lz4", make_lz4_linked, lz4_size_huge, "lz4: says that it has more bytes than its blocks can hold" },
	{ "lz4", make_zstd, no_change, "lz4: not its magic number" },
};

/* Good files, and a manifest that says another size. */
static const struct {
	const char *method;
	struct bytes (*make)(struct bytes plain);
	const char *says;
	u64 size;			/* trapeze,unpacked-size */
} sizes[] = {
	{ "gzip", make_gzip, "gzip: more than the 29999 bytes that trapeze,unpacked-size says", PLAIN_SIZE - 1 },
	{ "gzip", make_gzip, "gzip: fewer bytes than trapeze,unpacked-size says", PLAIN_SIZE + 1 },
	{ "xz", make_xz, "xz: more than the 29999 bytes that trapeze,unpacked-size says", PLAIN_SIZE - 1 },
	{ "xz", make_xz, "xz: fewer bytes than trapeze,unpacked-size says", PLAIN_SIZE + 1 },
	{ "zstd", make_zstd, "zstd: more than the 29999 bytes that trapeze,unpacked-size says", PLAIN_SIZE - 1 },
	{ "zstd", make_zstd_bare, "zstd: fewer bytes than trapeze,unpacked-size says", PLAIN_SIZE + 1 },
	{ "lz4", make_lz4, "lz4: a block that is damaged, or holds more than its frame said", PLAIN_SIZE - 1 },
	{ "lz4", make_lz4, "lz4: fewer bytes than trapeze,unpacked-size says", PLAIN_SIZE + 1 },
};

/* `packed` is freed. */
static void assert_bad(const char *method, struct bytes packed, const char *says, u64 size)
{
	struct bytes exact = bytes_copy(packed);
	struct outcome o;

	machine_give(exact);
	o = unpack_now(method, (struct unpack_wish){ .size = size });
	if (!o.err || !fake_log_has(says))
		print_error("wanted: %s\n   got: %s", says, fake_log_text());
	assert_true(fake_log_has(says));
	assert_refused(&o);
	free(packed.data);
	free(exact.data);
}

static void test_each_is_refused(void **state)
{
	struct bytes plain = plain_make(PLAIN_SIZE);

	(void)state;
	rig_init(&rig, RAM);
	for (size_t i = 0; i < ARRAY_COUNT(bads); i++)
		assert_bad(bads[i].method, bads[i].spoil(bads[i].make(plain)), bads[i].says, 0);
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++)
		assert_bad(sizes[i].method, sizes[i].make(plain), sizes[i].says, sizes[i].size);
	rig_free(&rig);
	free(plain.data);
}

/* --- bombs: much out of little --- */

static const struct {
	const char *method;
	struct bytes (*make)(struct bytes plain);
	const char *says;
} bombs[] = {
	{ "gzip", make_gzip, "gzip: no room for what is in it: there is no memory of 100000000 bytes in a piece" },
	{ "gzip", make_gzip_members, "gzip: no room for what is in it: there is no memory of " },
	{ "xz", make_xz, "xz: no room for what is in it: there is no memory of 100000000 bytes in a piece" },
	{ "zstd", make_zstd, "zstd: no room for what is in it: there is no memory of 100000000 bytes in a piece" },
	{ "zstd", make_zstd_bare, "zstd: no room for what is in it: there is no memory of " },
	{ "lz4", make_lz4_linked, "lz4: no room for what is in it: there is no memory of 100000000 bytes in a piece" },
	{ "lz4", make_lz4, "lz4: no room for what is in it: there is no memory of 100663296 bytes in a piece" },
};

static void test_bombs(void **state)
{
	struct bytes plain = bytes_new(100000000);

	(void)state;
	rig_init(&rig, MIB(64));
	for (size_t i = 0; i < ARRAY_COUNT(bombs); i++) {
		struct bytes packed = bombs[i].make(plain);
		struct outcome o;

		machine_give(packed);
		o = unpack_now(bombs[i].method, (struct unpack_wish){ 0 });
		if (!fake_log_has(bombs[i].says))
			print_error("wanted: %s\n   got: %s", bombs[i].says, fake_log_text());
		assert_true(fake_log_has(bombs[i].says));
		assert_refused(&o);
		o = unpack_now(bombs[i].method, (struct unpack_wish){ .size = 5000000 });
		assert_refused(&o);
		free(packed.data);
	}
	rig_free(&rig);
	free(plain.data);
}

/* A size that only fits 64 bits is no size at all for memory. */
static void test_sizes_beyond_all_memory(void **state)
{
	struct bytes plain = plain_make(1000), packed = make_gzip(plain);

	(void)state;
	rig_init(&rig, RAM);
	machine_give(packed);
	for (u32 shift = 31; shift < 52; shift++) {
		struct outcome o = unpack_now("gzip", (struct unpack_wish){ .size = 1ull << shift, .load = MIB(4) });

		assert_refused(&o);
		assert_true(fake_log_has("gzip: no room for what is in it"));
	}
	rig_free(&rig);
	free(packed.data);
	free(plain.data);
}

/* The dictionary's size in the header of the first block (The .xz File Format, 3.1 and 5.3.1); 34 stands for 512 MiB. */
static void xz_set_dictionary(struct bytes b, u8 code)
{
	u8 *header = b.data + 12;
	size_t size = ((size_t)header[0] + 1) * 4;
	u8 *filter = header + 2;

	/* Behind the sizes of the block, packed and not, where they are there. */
	for (u32 sizes_left = (header[1] >> 6 & 1) + (header[1] >> 7); sizes_left;)
		sizes_left -= !(*filter++ & 0x80);
	assert_int_equal(*filter, LZMA_FILTER_LZMA2);
	filter[2] = code;
	put_le32(header + size - 4, lzma_crc32(header, size - 4, 0));
}

/* The dictionary of an xz file is as large as the file says, whatever is in it. */
static void test_dictionary_larger_than_memory(void **state)
{
	struct bytes plain = plain_make(1000), packed = make_xz(plain);
	struct outcome o;

	(void)state;
	rig_init(&rig, RAM);
	xz_set_dictionary(packed, 34);
	machine_give(packed);
	o = unpack_now("xz", (struct unpack_wish){ 0 });
	assert_refused(&o);
	assert_true(fake_log_has("xz: no room for the dictionary: there is no memory of 536870912 bytes in a piece"));
	rig_free(&rig);
	free(packed.data);
	free(plain.data);
}

/* Wherever memory ends, there is one line, and all that was taken is given back. */
static void test_no_memory_for_the_decoder(void **state)
{
	struct bytes plain = plain_make(3000000);

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(makers); i++) {
		struct bytes packed = makers[i].make(plain);

		for (u64 ram = MIB(1) + KIB(64); ram < MIB(5); ram += KIB(68)) {
			struct outcome o;

			rig_init(&rig, ram);
			machine_give(packed);
			o = unpack_now(makers[i].method, (struct unpack_wish){ 0 });
			if (o.err)
				assert_refused(&o);
			source_release(&o.blob);
			rig_free(&rig);
		}
		free(packed.data);
	}
	free(plain.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_refused),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_sizes_beyond_all_memory),
		cmocka_unit_test(test_dictionary_larger_than_memory),
		cmocka_unit_test(test_no_memory_for_the_decoder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
