/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Fields of setup.h's structures, for assembly; that header checks them. */
#ifndef TRAPEZE_LINUX_SETUP_OFFSETS_H
#define TRAPEZE_LINUX_SETUP_OFFSETS_H

#define REGS_EAX 0
#define REGS_EBX 4
#define REGS_ECX 8
#define REGS_EDX 12
#define REGS_EDI 16
#define REGS_EFLAGS 20

#define MOVE_FROM 0
#define MOVE_TO 4
#define MOVE_WORDS 8
#define MOVE_ENTRY 12

#endif
