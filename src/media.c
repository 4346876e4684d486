/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "media.h"

#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "div.h"
#include "fmt.h"
#include "log.h"
#include "partition.h"
#include "printable.h"
#include "volume.h"

/* Linux takes an initrd below this in every version and width: where it lies there, it is not copied again. */
#define LOAD_LIMIT MIB(896)

/* A file that was found. */
struct media_file {
	struct volume *volume;
	struct file file;
	char path[];
};

static void log_volume(const struct volume *volume, bool is_taken)
{
	char shown[2 * VOLUME_NAME_MAX];

	log_line(is_taken ? LOG_INFO : LOG_DEBUG, "media", "%s: %s, %s%s label=\"%s\" bytes=%llu", volume->name,
		 volume->filesystem->name, volume->flavour, is_taken ? "" : "; not searched: another disk, another label",
		 printable(shown, sizeof(shown), volume->label, strlen(volume->label)), volume->size);
}

static void append(struct media *media, struct volume *volume)
{
	struct volume **end = &media->volumes;

	while (*end)
		end = &(*end)->next;
	*end = volume;
}

/* ERR_FORMAT: there is no file system in these sectors. Number 0: the whole disk. */
static enum err add_volume(struct media *media, struct disk *disk, const struct partition *p, bool is_boot_disk)
{
	struct volume *volume = calloc(1, sizeof(*volume));
	bool is_taken;
	enum err err;

	if (!volume) {
		log_err("media", "heap is full bytes=%zu", sizeof(*volume));
		return ERR_MEMORY;
	}
	fmt_snprintf(volume->name, sizeof(volume->name), p->number ? "%s,%u" : "%s", disk->name, p->number);
	err = volume_open(volume, disk, p->start << disk->sector_shift, p->sectors << disk->sector_shift);
	is_taken = !err && (is_boot_disk || !strcmp(volume->label, MEDIA_LABEL));
	if (!err)
		log_volume(volume, is_taken);
	if (is_taken) {
		append(media, volume);
		return ERR_OK;
	}
	volume_close(volume);
	free(volume);
	return err;
}

void media_add_disk(struct media *media, struct disk *disk, bool is_boot_disk)
{
	const struct partition whole = { 0, 0, disk->sectors };
	struct partition_table table;

	if (add_volume(media, disk, &whole, is_boot_disk) != ERR_FORMAT)
		return;
	if (partition_read(&table, disk))
		log_debug("media", "%s: neither a file system nor partitions sectors=%llu", disk->name, disk->sectors);
	for (u32 i = 0; i < table.count; i++)
		if (add_volume(media, disk, &table.partitions[i], is_boot_disk))
			log_debug("media", "%s,%u: no file system that is known", disk->name,
				  table.partitions[i].number);
	partition_free(&table);
}

static struct media_file *new_file(struct volume *volume, const char *path)
{
	struct media_file *f = calloc(1, sizeof(*f) + strlen(path) + 1);

	if (!f) {
		log_err("media", "heap is full bytes=%zu", sizeof(*f) + strlen(path) + 1);
		return NULL;
	}
	f->volume = volume;
	memcpy(f->path, path, strlen(path) + 1);
	return f;
}

static void free_file(struct media_file *f)
{
	file_free(&f->file);
	free(f);
}

static enum err find_in(struct media *media, struct volume *volume, const char *path, struct blob *out)
{
	struct media_file *f = new_file(volume, path);
	enum err err = f ? volume->filesystem->find(volume, path, &f->file) : ERR_MEMORY;
	char shown[64];

	if (!err && !f->file.size) {
		log_err("media", "%s: \"%s\" is empty", volume->name,
			printable(shown, sizeof(shown), path, strlen(path)));
		err = ERR_TRUNCATED;
	}
	if (!err)
		*out = (struct blob){
			.name = path, .origin = volume->name, .size = f->file.size, .source = &media->source, .handle = f
		};
	else if (f)
		free_file(f);
	return err;
}

static enum err media_find(struct source *self, const char *name, struct blob *out)
{
	struct media *media = self->ctx;
	enum err err = ERR_NOT_FOUND;

	if (!media->is_open) {
		media->is_open = true;
		media->open(media, media->ctx);
	}
	for (struct volume *v = media->volumes; v && err == ERR_NOT_FOUND; v = v->next)
		err = find_in(media, v, name, out);
	return err;
}

static void log_read(const struct media_file *f, const struct disk_cost *before, u64 us)
{
	const struct disk_cost *now = &f->volume->disk->cost;
	char shown[64];

	log_info("media", "%s: \"%s\" read bytes=%llu us=%llu calls=%llu sectors=%llu extents=%u rate=%llu unit=MB/s",
		 f->volume->name, printable(shown, sizeof(shown), f->path, strlen(f->path)), f->file.size, us,
		 now->calls - before->calls, now->sectors - before->sectors, f->file.extent_count,
		 div_u64_u32(f->file.size, (u32)max_u64(us, 1), NULL));
}

static enum err take_memory(struct media *media, u64 size, paddr_t *paddr)
{
	const struct memory_where low = { .min = MIB(1), .max = LOAD_LIMIT }, anywhere = { .min = MIB(1) };
	enum err err = memory_alloc(media->memory, size, &low, OWNER_STAGE, "file", paddr);

	return err ? memory_alloc(media->memory, size, &anywhere, OWNER_STAGE, "file", paddr) : ERR_OK;
}

static enum err media_load(struct blob *blob, source_progress progress, void *ctx)
{
	struct media *media = blob->source->ctx;
	struct media_file *f = blob->handle;
	struct disk_cost before = f->volume->disk->cost;
	u64 start = arch_time_us();
	void *bytes;
	enum err err = take_memory(media, blob->size, &blob->paddr);

	if (err) {
		log_err("media", "%s: no room for the file bytes=%llu", blob->name, blob->size);
		return err;
	}
	bytes = arch_phys(blob->paddr, blob->size);
	err = file_read(f->volume, &f->file, bytes, progress, ctx);
	if (err) {
		log_err("media", "%s: not read from %s: %s", blob->name, f->volume->name, err_text(err));
		memory_release(media->memory, blob->paddr);
		return err;
	}
	blob->data = bytes;
	log_read(f, &before, arch_time_us() - start);
	return ERR_OK;
}

static void media_release(struct blob *blob)
{
	struct media *media = blob->source->ctx;

	if (blob->data)
		memory_release(media->memory, blob->paddr);
	free_file(blob->handle);
}

void media_init(struct media *media, struct memory *memory, void (*open)(struct media *media, void *ctx), void *ctx)
{
	*media = (struct media){ .memory = memory, .open = open, .ctx = ctx };
	media->source = (struct source){
		.origin = "medium", .find = media_find, .load = media_load, .release = media_release, .ctx = media
	};
}

void media_free(struct media *media)
{
	while (media->volumes) {
		struct volume *volume = media->volumes;

		media->volumes = volume->next;
		volume_close(volume);
		free(volume);
	}
}
