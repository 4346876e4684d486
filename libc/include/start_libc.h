/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef LIBC_START_LIBC_H
#define LIBC_START_LIBC_H

/* Run the constructors of the archives, once, before anything of theirs is used: liblzma chooses its CRC-64 by the processor in one. */
void libc_start(void);

#endif
