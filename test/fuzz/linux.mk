# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Seeds of fuzz_linux: the control bytes, then each of the test kernels.

FUZZ_SEEDS_linux = $(patsubst %,$(BUILD)/fuzz/seeds/linux/%.bin,$(PAYLOAD_KERNELS))

$(BUILD)/fuzz/seeds/linux/%.bin: $(BUILD)/x86_64/payload/%.bin
	@mkdir -p $(@D)
	$(Q){ printf '\002\000\001\000\010'; cat $<; } > $@
