/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Device trees for tests: written as source, compiled by dtc, damaged by hand. */
#ifndef TRAPEZE_TEST_DTS_H
#define TRAPEZE_TEST_DTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void dts_require(int holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	abort();
}

/* The compiled tree, malloc'd without a byte to spare, so that reads behind it are caught; its size in *size. */
static inline void *dts_compile(const char *source, size_t *size)
{
	char path[] = "/tmp/trapeze-dtb-XXXXXX", command[128];
	int file = mkstemp(path);
	long length = 0;
	FILE *stream;
	void *tree;

	dts_require(file >= 0, "mkstemp");
	snprintf(command, sizeof(command), "dtc -q -I dts -O dtb -o %s -", path);
	stream = popen(command, "w");
	dts_require(stream && fputs(source, stream) >= 0 && pclose(stream) == 0, source);
	stream = fdopen(file, "r");
	dts_require(stream && !fseek(stream, 0, SEEK_END) && (length = ftell(stream)) > 0, path);
	rewind(stream);
	tree = malloc((size_t)length);
	dts_require(tree && fread(tree, (size_t)length, 1, stream) == 1, path);
	fclose(stream);
	unlink(path);
	*size = (size_t)length;
	return tree;
}

/* Overwrite the n-th occurrence (from 0) of a text in the tree by another of the same length. */
static inline void dts_patch(void *tree, size_t size, unsigned int n, const char *from, const char *to)
{
	char *at = tree;

	for (;; at++) {
		at = memmem(at, size - (size_t)(at - (char *)tree), from, strlen(from));
		dts_require(at && strlen(from) == strlen(to), from);
		if (!n--)
			break;
	}
	memcpy(at, to, strlen(to));
}

#endif
