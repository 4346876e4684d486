# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Seeds of fuzz_multiboot1 and fuzz_multiboot2: the control bytes, then each of the test kernels.

multiboot_seeds = $(patsubst $(BUILD)/i386/payload/%,$(BUILD)/fuzz/seeds/multiboot$(1)/%.bin,\
	$(filter $(BUILD)/i386/payload/got-multiboot$(1)%,$(MULTIBOOT_PAYLOADS)))
FUZZ_SEEDS_multiboot1 = $(call multiboot_seeds,1)
FUZZ_SEEDS_multiboot2 = $(call multiboot_seeds,2)

define multiboot_seed
$(BUILD)/fuzz/seeds/multiboot$(1)/%.bin: $(BUILD)/i386/payload/%
	@mkdir -p $$(@D)
	$$(Q){ printf '\002\021\002'; cat $$<; } > $$@
endef
$(eval $(call multiboot_seed,1))
$(eval $(call multiboot_seed,2))
