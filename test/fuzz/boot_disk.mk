# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Seeds of fuzz_boot_disk: the control bytes, then a disk with one partition; a CD with a boot catalog.

FUZZ_SEEDS_boot_disk := $(addprefix $(BUILD)/fuzz/seeds/boot_disk/,mbr.bin cd.bin)

$(BUILD)/fuzz/seeds/boot_disk/mbr.bin: test/fuzz/boot_disk.mk
	@mkdir -p $(@D)
	$(Q){ printf '\004\001'; head -c 446 /dev/zero; printf '\200\001\001\000\014\376\377\377\010\000\000\000\100\000\000\000'; \
		head -c 48 /dev/zero; printf '\125\252'; head -c 65024 /dev/zero; } > $@

# Boot record in sector 17, catalog in 20, image in 22.
$(BUILD)/fuzz/seeds/boot_disk/cd.bin: test/fuzz/boot_disk.mk
	@mkdir -p $(@D)
	$(Q){ printf '\001\000'; head -c 34816 /dev/zero; printf '\000CD001\001EL TORITO SPECIFICATION'; head -c 41 /dev/zero; \
		printf '\024\000\000\000'; head -c 6069 /dev/zero; printf '\001'; head -c 27 /dev/zero; printf '\252\125\125\252'; \
		printf '\210\000\000\000\000\000\004\000\026\000\000\000'; head -c 8148 /dev/zero; } > $@
