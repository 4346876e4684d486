/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#ifndef PAYLOAD_NOWHERE_H
#define PAYLOAD_NOWHERE_H

/* An address that is not mapped, in a mode that notices. */
unsigned long find_nowhere(void);

#endif
