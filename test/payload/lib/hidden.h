/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Put before position-independent sources: no symbol is reached by way of a table of absolute addresses. */
#pragma GCC visibility push(hidden)
