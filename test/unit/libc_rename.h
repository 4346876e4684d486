/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Gives the shim's own C library names beside the host's, so that a test can hold one against the other. No guard:
 * include it, then the sources of libc/, then libc_restore.h.
 */
#define memcpy shim_memcpy
#define memmove shim_memmove
#define memset shim_memset
#define memcmp shim_memcmp
#define memchr shim_memchr
#define strlen shim_strlen
#define strnlen shim_strnlen
#define strcmp shim_strcmp
#define strncmp shim_strncmp
#define strchr shim_strchr
#define strrchr shim_strrchr
#define strstr shim_strstr
#define strspn shim_strspn
#define strcspn shim_strcspn
#define strdup shim_strdup
#define strndup shim_strndup
#define strtoul shim_strtoul
#define strtoull shim_strtoull
#define qsort shim_qsort
#define malloc shim_malloc
#define calloc shim_calloc
#define realloc shim_realloc
#define free shim_free

#include "../../libc/include/stdlib.h"
#include "../../libc/include/string.h"
