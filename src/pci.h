/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What PCI devices are. */
#ifndef TRAPEZE_PCI_H
#define TRAPEZE_PCI_H

#include "types.h"

/* The name of class and subclass (0x0106), or of the class alone; never NULL. */
const char *pci_class_name(u16 class);

#endif
