/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The vector stubs' layout, for assembly and C. */
#ifndef TRAPEZE_VECTORS_H
#define TRAPEZE_VECTORS_H

#define VECTOR_STUB_SIZE 16
#define VECTOR_STUBS 32
/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX push an error code (Intel SDM vol. 3, table 6-1; AMD64 APM vol. 2, table 8-1). */
#define VECTORS_WITH_ERROR 0x60227d00

#endif
