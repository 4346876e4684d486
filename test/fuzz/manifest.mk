# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Seeds of the manifest's fuzz target: trees compiled from source, with a few bytes behind for external data.

FUZZ_SEEDS_manifest := $(patsubst test/fuzz/manifest/%.dts,$(BUILD)/fuzz/seeds/manifest/%.dtb,$(wildcard test/fuzz/manifest/*.dts))

$(BUILD)/fuzz/seeds/manifest/%.dtb: test/fuzz/manifest/%.dts
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<
	$(Q)head -c 64 /dev/zero >> $@
