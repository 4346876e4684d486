/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The x87, SSE and AVX state around code that is not the shim's. One state is kept. Where the processor has XSAVE it is all user
 * state up to AVX-512 and protection keys, whether firmware left it enabled or not, and XCR0 itself; tiles (AMX) are left out.
 */
#ifndef TRAPEZE_FPU_H
#define TRAPEZE_FPU_H

void fpu_save(void);
void fpu_restore(void);

#endif
