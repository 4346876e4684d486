/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Arbitrary bytes as an ISO 9660 file system, from its first descriptor on. Nothing crashes or hangs; what is found
 * lies on the medium.
 */
#include "media_disk.h"

#define SYSTEM_AREA 32768

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const char *const paths[] = {
		"file", "FILE.TXT", "deep/er/file", "link", "deep/up/file", "a long name in two entries", "none"
	};
	struct fuzz_disk f = { data, SYSTEM_AREA, size, 0 };
	struct disk disk = fuzz_disk(&f, 9);
	struct volume volume = { .name = "volume" };

	if (!volume_open(&volume, &disk, 0, disk.sectors << 9)) {
		for (u32 i = 0; i < ARRAY_COUNT(paths); i++)
			fuzz_file(&volume, paths[i]);
	}
	volume_close(&volume);
	return 0;
}
