/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

size_t strlen(const char *s)
{
	size_t length = 0;

	for (; s[length]; length += 4) {
		if (!s[length + 1])
			return length + 1;
		if (!s[length + 2])
			return length + 2;
		if (!s[length + 3])
			return length + 3;
	}
	return length;
}

size_t strnlen(const char *s, size_t max)
{
	size_t length = 0;

	while (length < max && s[length])
		length++;
	return length;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max; a++, b++, max--) {
		int difference = (unsigned char)*a - (unsigned char)*b;

		if (difference || !*a)
			return difference;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	do {
		if (*s == (char)c)
			found = s;
	} while (*s++);
	return (char *)found;
}

char *strstr(const char *s, const char *what)
{
	size_t length = strlen(what);

	for (; strncmp(s, what, length); s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

size_t strspn(const char *s, const char *accept)
{
	size_t length = 0;

	while (s[length] && strchr(accept, s[length]))
		length++;
	return length;
}

size_t strcspn(const char *s, const char *reject)
{
	size_t length = 0;

	while (s[length] && !strchr(reject, s[length]))
		length++;
	return length;
}

char *strndup(const char *s, size_t max)
{
	size_t length = strnlen(s, max);
	char *copy = malloc(length + 1);

	if (!copy)
		return NULL;
	copy[length] = '\0';
	return memcpy(copy, s, length);
}

char *strdup(const char *s)
{
	return strndup(s, (size_t)-1);
}
