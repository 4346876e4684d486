# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Seeds of fuzz_pvh: the control bytes, then the test kernels.

FUZZ_SEEDS_pvh := $(patsubst %,$(BUILD)/fuzz/seeds/pvh/%.bin,got-pvh got-pvh-64 got-pvh-low)

$(BUILD)/fuzz/seeds/pvh/%.bin: $(BUILD)/i386/payload/%.elf
	@mkdir -p $(@D)
	$(Q)objcopy --strip-debug $< $@.elf
	$(Q){ printf '\003\002\002'; cat $@.elf; } > $@
	$(Q)rm -f $@.elf
