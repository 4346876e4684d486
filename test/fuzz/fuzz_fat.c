/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Arbitrary bytes as a FAT file system. Nothing crashes or hangs; what is found lies on the volume. */
#include "media_disk.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const char *const paths[] = { "file", "FILE.TXT", "deep/er/file", "a long name in two entries", "none" };
	struct fuzz_disk f = { data, 0, size, MIB(3) };
	struct disk disk = fuzz_disk(&f, 9);
	struct volume volume = { .name = "volume" };

	if (!volume_open(&volume, &disk, 0, disk.sectors << 9)) {
		for (u32 i = 0; i < ARRAY_COUNT(paths); i++)
			fuzz_file(&volume, paths[i]);
	}
	volume_close(&volume);
	return 0;
}
