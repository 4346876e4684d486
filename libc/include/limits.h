/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Complete by itself, and harmless behind the compiler's own <limits.h>, which asks for the next one. */
#ifndef LIBC_LIMITS_H
#define LIBC_LIMITS_H

#undef CHAR_BIT
#define CHAR_BIT __CHAR_BIT__
#undef SCHAR_MAX
#define SCHAR_MAX __SCHAR_MAX__
#undef UCHAR_MAX
#define UCHAR_MAX (SCHAR_MAX * 2 + 1)
#undef SHRT_MAX
#define SHRT_MAX __SHRT_MAX__
#undef USHRT_MAX
#define USHRT_MAX (SHRT_MAX * 2 + 1)
#undef INT_MAX
#define INT_MAX __INT_MAX__
#undef INT_MIN
#define INT_MIN (-INT_MAX - 1)
#undef UINT_MAX
#define UINT_MAX (INT_MAX * 2u + 1u)
#undef LONG_MAX
#define LONG_MAX __LONG_MAX__
#undef LONG_MIN
#define LONG_MIN (-LONG_MAX - 1l)
#undef ULONG_MAX
#define ULONG_MAX (LONG_MAX * 2ul + 1ul)
#undef LLONG_MAX
#define LLONG_MAX __LONG_LONG_MAX__
#undef LLONG_MIN
#define LLONG_MIN (-LLONG_MAX - 1ll)
#undef ULLONG_MAX
#define ULLONG_MAX (LLONG_MAX * 2ull + 1ull)

#endif
