/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Ends what libc_rename.h began: the plain names are the host's again. */
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strstr
#undef strspn
#undef strcspn
#undef strdup
#undef strndup
#undef strtoul
#undef strtoull
#undef qsort
#undef malloc
#undef calloc
#undef realloc
#undef free
