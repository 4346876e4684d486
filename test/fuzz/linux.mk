# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Seeds of fuzz_linux: the control bytes, then each of the test kernels; those with a 16-bit entry by that.

FUZZ_SEEDS_linux = $(patsubst %,$(BUILD)/fuzz/seeds/linux/%.bin,$(PAYLOAD_KERNELS) $(PAYLOAD_REAL_KERNELS))

$(BUILD)/fuzz/seeds/linux/%.bin: $(BUILD)/x86_64/payload/%.bin
	@mkdir -p $(@D)
	$(Q){ printf '\002\000\001\000\010'; cat $<; } > $@

# These are built once, for both widths: the rule above has nothing to make them of.
$(BUILD)/fuzz/seeds/linux/%.bin: $(BUILD)/i386/payload/%.bin
	@mkdir -p $(@D)
	$(Q){ printf '\002\204\001\000\010'; cat $<; } > $@
