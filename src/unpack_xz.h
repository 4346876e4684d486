/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef TRAPEZE_UNPACK_XZ_H
#define TRAPEZE_UNPACK_XZ_H

#include "unpack_private.h"

/* What the indexes of all streams say, from the last to the first. Every number is checked again while the bytes are unpacked. */
enum err xz_measure(struct unpack_job *job, u64 *size, u64 *limit) MUST_CHECK;

#endif
