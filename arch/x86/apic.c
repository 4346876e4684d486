/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
#include "apic.h"

const char *apic_reach_of_calls(u64 msr)
{
	if (msr & APIC_BASE_X2APIC)
		return "the local APIC is in x2APIC mode";
	/* The code of a call that is 32 bits wide has no address for its registers there, and no table maps them. */
	return (msr & APIC_BASE_ADDRESS) > UINT32_MAX ? "firmware has moved the local APIC above 4 GiB" : NULL;
}
