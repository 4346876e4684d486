/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Names, paths with symbolic links, and where a file's bytes are. Names that are asked for are ASCII. */
#include <string.h>

#include "fmt.h"
#include "iso9660_directory.h"
#include "log.h"
#include "printable.h"

#define PATH_MAX_SIZE 1024
#define LINKS_MAX 8			/* followed for one path; a circle of them has no end */
#define SHOWN 64

/* A name in a directory, and what it stands for. */
struct entry {
	struct iso9660_record record;
	struct rock_ridge rr;
	struct iso9660_walk walk;	/* where the next record is: a file's further sections */
};

/* 7.5, 7.6: a version number behind ';' and a dot without extension are no part of what people call a file. */
static bool plain_matches(const struct iso9660_record *record, const char *name, size_t length)
{
	const u8 *version = memchr(record->id, ';', record->id_size);
	size_t size = version ? (size_t)(version - record->id) : record->id_size;

	if (size && record->id[size - 1] == '.' && size != length)
		size--;
	for (size_t i = 0; i < size && size == length; i++)
		if (!path_same_letter(record->id[i], (u8)name[i]))
			return false;
	return size == length;
}

/* UCS-2, big-endian. */
static bool joliet_matches(const struct iso9660_record *record, const char *name, size_t length)
{
	const u8 *id = record->id;
	size_t units = record->id_size / 2;

	if (units == length + 2 && id[2 * length + 1] == ';' && id[2 * length + 3] == '1')
		units -= 2;
	for (size_t i = 0; i < units && units == length; i++)
		if (!path_same_letter((u32)id[2 * i] << 8 | id[2 * i + 1], (u8)name[i]))
			return false;
	return units == length;
}

static enum err read_rock_ridge(struct volume *volume, struct entry *e)
{
	u32 skip = volume->iso9660.skip;

	if (e->record.area_size < skip)
		skip = e->record.area_size;
	return rock_ridge_read(volume, e->record.area + skip, e->record.area_size - skip, &e->rr);
}

static bool matches(const struct volume *volume, const struct entry *e, const char *name, size_t length)
{
	if (volume->iso9660.names == ISO9660_JOLIET)
		return joliet_matches(&e->record, name, length);
	if (e->rr.name[0])
		return !e->rr.is_name_cut && strlen(e->rr.name) == length && !memcmp(e->rr.name, name, length);
	return plain_matches(&e->record, name, length);
}

/* "." and "..": identifiers 0 and 1. */
static bool is_dot(const struct iso9660_record *record)
{
	return record->id_size == 1 && record->id[0] <= 1;
}

static enum err look_up(struct volume *volume, const char *name, size_t length, struct entry *e)
{
	enum err err;

	while (!(err = iso9660_next(volume, &e->walk, &e->record))) {
		if (is_dot(&e->record) || e->record.flags & ISO9660_ASSOCIATED)
			continue;
		memset(&e->rr, 0, sizeof(e->rr));
		if (volume->iso9660.names == ISO9660_ROCK_RIDGE && (err = read_rock_ridge(volume, e)))
			return err;
		if (!e->rr.is_relocated && matches(volume, e, name, length))
			return ERR_OK;
	}
	return err;
}

static enum err refuse(struct volume *volume, const struct entry *e, enum err err, const char *why)
{
	char shown[SHOWN];

	log_err("media", "%s: \"%s\": %s block=%u", volume->name,
		printable(shown, sizeof(shown), e->rr.name, strlen(e->rr.name)), why, e->record.block);
	return err;
}

static bool is_same_name(const struct iso9660_record *a, const struct iso9660_record *b)
{
	return a->id_size == b->id_size && !memcmp(a->id, b->id, a->id_size);
}

/* A file of 4 GiB and more has several records, one behind the other (6.5.1): sections of its bytes. */
static enum err open_file(struct volume *volume, struct entry *e, struct file *file)
{
	struct iso9660_record next;
	enum err err;

	if (e->rr.is_packed)
		return refuse(volume, e, ERR_UNSUPPORTED, "packed by zisofs, which is not supported");
	if (e->record.unit)
		return refuse(volume, e, ERR_UNSUPPORTED, "interleaved, which is not supported");
	err = file_add(volume, file, (u64)e->record.block << ISO9660_BLOCK_SHIFT, e->record.bytes);
	while (!err && e->record.flags & ISO9660_CONTINUES) {
		err = iso9660_next(volume, &e->walk, &next);
		if (err == ERR_NOT_FOUND || (!err && !is_same_name(&next, &e->record)))
			return refuse(volume, e, ERR_VALUE, "the directory ends before the file's last section");
		e->record.flags = next.flags;
		if (!err)
			err = file_add(volume, file, (u64)next.block << ISO9660_BLOCK_SHIFT, next.bytes);
	}
	return err;
}

/* Drop the last part of a path without its slash at the end. */
static void drop_part(char *path)
{
	char *slash = strrchr(path, '/');

	*(slash ? slash : path) = '\0';
}

/* Where a link in folder `done` leads, `rest` behind it: without "..", as a path from the root. False: too long. */
static bool follow(char *done, const char *target, const char *rest)
{
	const char *texts[] = { target, rest };

	if (target[0] == '/')
		done[0] = '\0';
	for (u32 i = 0; i < ARRAY_COUNT(texts); i++) {
		const char *at = texts[i], *part;
		size_t length, used;

		while ((length = path_part(&at, &part))) {
			used = strlen(done);
			if (length == 2 && !memcmp(part, "..", 2))
				drop_part(done);
			else if (used + length + 2 > PATH_MAX_SIZE)
				return false;
			else
				fmt_snprintf(done + used, PATH_MAX_SIZE - used, "/%.*s", (int)length, part);
		}
	}
	return true;
}

static enum err open_root(struct volume *volume, struct entry *e)
{
	memset(&e->rr, 0, sizeof(e->rr));
	e->record.flags = ISO9660_DIRECTORY;
	return iso9660_open_directory(volume, volume->iso9660.root_block, volume->iso9660.root_size, &e->walk);
}

/*
 * The directory that was found, to be walked. CL: it was moved, because directories nest at most eight deep (6.8.2.1).
 */
static enum err enter(struct volume *volume, struct entry *e)
{
	if (e->rr.child)
		return iso9660_open_directory(volume, e->rr.child, 0, &e->walk);
	if (!(e->record.flags & ISO9660_DIRECTORY))
		return ERR_NOT_FOUND;
	return iso9660_open_directory(volume, e->record.block, e->record.bytes, &e->walk);
}

/*
 * Walk to the end of the path. At a symbolic link it stops, with the link in *e, what was walked before in `done` and
 * *path behind it: ERR_CANCELLED.
 */
static enum err walk_path(struct volume *volume, const char **path, char *done, struct entry *e)
{
	const char *part;
	size_t length, used;
	enum err err = open_root(volume, e);
	bool is_first = true;

	done[0] = '\0';
	while (!err && (length = path_part(path, &part))) {
		if (!is_first)
			err = enter(volume, e);
		is_first = false;
		if (!err)
			err = look_up(volume, part, length, e);
		if (err || e->rr.target[0])
			return err ? err : ERR_CANCELLED;
		used = strlen(done);
		if (fmt_snprintf(done + used, PATH_MAX_SIZE - used, "/%.*s", (int)length, part) >= PATH_MAX_SIZE - used)
			return ERR_NOT_FOUND;
	}
	return err;
}

enum err iso9660_find(struct volume *volume, const char *path, struct file *file)
{
	char done[PATH_MAX_SIZE], linked[PATH_MAX_SIZE];
	struct entry e;
	enum err err = walk_path(volume, &path, done, &e);

	for (u32 links = 0; err == ERR_CANCELLED; links++) {
		if (links == LINKS_MAX || e.rr.is_target_cut || !follow(done, e.rr.target, path))
			return refuse(volume, &e, ERR_VALUE, "leads through too many or too long symbolic links");
		memcpy(linked, done, sizeof(linked));
		path = linked;
		err = walk_path(volume, &path, done, &e);
	}
	if (!err && (e.record.flags & ISO9660_DIRECTORY || e.rr.child))
		err = ERR_NOT_FOUND;
	return err ? err : open_file(volume, &e, file);
}
