/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <string.h>

#include "arch.h"
#include "log.h"
#include "unpack_private.h"

/*
 * The highest room below this is looked for first: every Linux takes a ramdisk there (Linux, x86/boot.rst: initrd_addr_max, where a
 * kernel does not say, is 0x37ffffff), so that it can stay.
 */
#define ROOM_MAX 0x38000000u

static const struct unpacker *const unpackers[] = { &unpacker_gzip, &unpacker_xz, &unpacker_zstd, &unpacker_lz4 };
static const char known[] = "none, gzip, xz, zstd, lz4";

/* Packed formats that are in use for kernels, and have no unpacker here. */
static const struct { const char *name, *magic; u32 size; } foreign[] = {
	{ "bzip2", "BZh", 3 },
	{ "lzop", "\x89LZO", 4 },
	{ "lzip", "LZIP", 4 },
	{ "lzma", "\x5d\0\0", 3 },
	{ "lz4 in its legacy frame", "\x02\x21\x4c\x18", 4 },
};

const char *unpack_known(void)
{
	return known;
}

const char *unpack_name(const struct unpacker *unpacker)
{
	return unpacker->name;
}

const struct unpacker *unpack_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_COUNT(unpackers); i++)
		if (!strcmp(unpackers[i]->name, name))
			return unpackers[i];
	return NULL;
}

static bool has_magic(const struct unpacker *unpacker, const u8 *data, u64 size)
{
	u32 magic = 0;

	if (size < unpacker->magic_size)
		return false;
	for (u32 i = 0; i < unpacker->magic_size; i++)
		magic |= (u32)data[i] << (8 * i);
	return magic == unpacker->magic;
}

const struct unpacker *unpack_probe(const void *data, u64 size)
{
	for (u32 i = 0; i < ARRAY_COUNT(unpackers); i++)
		if (has_magic(unpackers[i], data, size))
			return unpackers[i];
	return NULL;
}

const char *unpack_probe_foreign(const void *data, u64 size)
{
	for (u32 i = 0; i < ARRAY_COUNT(foreign); i++)
		if (size >= foreign[i].size && !memcmp(data, foreign[i].magic, foreign[i].size))
			return foreign[i].name;
	return NULL;
}

enum err unpack_fail(struct unpack_job *job, enum err code, const char *why)
{
	job->why = why;
	return code;
}

void unpack_advance(struct unpack_job *job, u64 used)
{
	job->in_at += used;
	if (job->in_at > job->told && job->wish->progress)
		job->wish->progress(job->wish->ctx, job->in_at, job->in_size);
	job->told = job->in_at;
}

void *unpack_alloc(void *ctx, size_t size)
{
	struct unpack_job *job = ctx;
	paddr_t start;

	if (!memory_alloc(job->wish->memory, max_u64(size, 1), &(struct memory_where){ .min = MIB(1) }, OWNER_STAGE, "unpacking", &start))
		return arch_phys(start, max_u64(size, 1));
	job->refused = size;
	return NULL;
}

void unpack_free(void *ctx, void *p)
{
	struct unpack_job *job = ctx;

	if (p)
		memory_release(job->wish->memory, arch_paddr(p));
}

static bool take_room(struct unpack_job *job, paddr_t *start)
{
	const struct unpack_wish *wish = job->wish;
	const struct memory_where places[] = {
		{ .min = wish->load, .max = wish->load + align_up(job->room, PAGE_SIZE) },
		{ .min = MIB(1), .max = ROOM_MAX },
		{ .min = MIB(1) },
	};

	/* Nothing that does not fit a pointer can be had; the sums above and below do not wrap then. */
	if (job->room > arch_phys_limit())
		return false;
	for (u32 i = wish->load ? 0 : 1; i < ARRAY_COUNT(places); i++) {
		if (!memory_alloc(wish->memory, job->room, &places[i], OWNER_STAGE, "unpacked", start)) {
			job->out = arch_phys(*start, job->room);
			return true;
		}
	}
	return false;
}

/* Into larger and larger room where the container does not say how much it has. On success it lies at *staging. */
static enum err run(const struct unpacker *unpacker, struct unpack_job *job, u64 limit, paddr_t *staging)
{
	enum err err;

	for (;;) {
		if (!take_room(job, staging))
			return unpack_fail(job, ERR_MEMORY, NULL);
		job->in_at = job->out_at = job->told = 0;
		err = unpacker->run(job);
		if (!err) {
			unpack_advance(job, unpack_left(job));
			return ERR_OK;
		}
		memory_release(job->wish->memory, *staging);
		if (err != ERR_NO_ROOM || job->room >= limit)
			return err;
		job->room = job->room > limit / 2 ? limit : job->room * 2;
	}
}

static enum err check_result(struct unpack_job *job)
{
	if (job->wish->size && job->out_at != job->wish->size)
		return unpack_fail(job, ERR_TRUNCATED, "fewer bytes than trapeze,unpacked-size says");
	if (!job->out_at)
		return unpack_fail(job, ERR_TRUNCATED, "there is nothing in it");
	return ERR_OK;
}

static enum err log_failed(const struct unpacker *unpacker, const struct unpack_job *job, const struct blob *blob, enum err err)
{
	if (err == ERR_NO_ROOM)
		log_err("unpack", "%s %s: more than the %llu bytes that %s say%s bytes=%llu", blob->name, unpacker->name, job->room,
			job->wish->size ? "trapeze,unpacked-size" : "its headers", job->wish->size ? "s" : "", job->in_size);
	else if (job->refused)
		log_err("unpack", "%s %s: %s: there is no memory of %llu bytes in a piece", blob->name, unpacker->name, job->why,
			job->refused);
	else if (!job->why)
		log_err("unpack", "%s %s: no room for what is in it: there is no memory of %llu bytes in a piece", blob->name,
			unpacker->name, job->room);
	else
		log_err("unpack", "%s %s: %s at=%llu bytes=%llu", blob->name, unpacker->name, job->why, job->in_at, job->in_size);
	return err;
}

static void release(struct blob *blob)
{
	memory_release(blob->handle, blob->paddr);
}

/* What gives back results; nobody asks it for any. */
static struct source unpacked = { .origin = "unpacked", .release = release };

static void replace(struct blob *blob, const struct unpack_job *job, paddr_t start)
{
	struct blob result = {
		.name = blob->name,
		.origin = blob->origin,
		.paddr = start,
		.size = job->out_at,
		.data = job->out,
		.source = &unpacked,
		.handle = job->wish->memory,
	};

	source_release(blob);
	*blob = result;
}

enum err unpack_blob(const struct unpacker *unpacker, struct blob *blob, const struct unpack_wish *wish)
{
	struct unpack_job job = { .in = blob->data, .in_size = blob->size, .wish = wish };
	u64 start = arch_time_us(), limit;
	paddr_t staging = 0;
	enum err err = ERR_OK;

	if (!has_magic(unpacker, blob->data, blob->size))
		err = unpack_fail(&job, ERR_MAGIC, "not its magic number");
	if (!err)
		err = unpacker->measure(&job, &job.room, &limit);
	if (!err && wish->size)
		job.room = limit = wish->size;
	if (!err)
		err = run(unpacker, &job, limit, &staging);
	if (!err && (err = check_result(&job)))
		memory_release(wish->memory, staging);
	if (err)
		return log_failed(unpacker, &job, blob, err);
	log_info("unpack", "%s %s ok bytes=%llu unpacked=%llu at=0x%llx us=%llu", blob->name, unpacker->name, blob->size, job.out_at,
		 staging, arch_time_us() - start);
	replace(blob, &job, staging);
	return ERR_OK;
}
