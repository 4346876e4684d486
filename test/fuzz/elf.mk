# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Seeds of fuzz_elf: the control bytes, then payloads of both widths, without debug information to be small.

FUZZ_SEEDS_elf := $(foreach arch,x86_64 i386,$(foreach name,hello fault pie pie-packed,$(BUILD)/fuzz/seeds/elf/$(name)-$(arch).bin))

define fuzz_elf_seed
$(BUILD)/fuzz/seeds/elf/%-$(1).bin: $(BUILD)/$(1)/payload/%.elf
	@mkdir -p $$(@D)
	$$(Q)objcopy --strip-debug $$< $$@.elf
	$$(Q){ printf '\002\003'; cat $$@.elf; } > $$@
	$$(Q)rm -f $$@.elf
endef
$(eval $(call fuzz_elf_seed,x86_64))
$(eval $(call fuzz_elf_seed,i386))
