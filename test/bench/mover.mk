# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# The mover on the host: the very objects that are linked into the control pages of the two builds.

MOVER_BENCHES := $(BUILD)/bench/mover_bench.m64 $(BUILD)/bench/mover_bench.m32
MOVER_BENCH_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -Isrc -Iarch/x86/include

$(BUILD)/bench/mover_bench.m64: MOVER_OBJECTS = $(patsubst %,$(BUILD)/x86_64/control/src/%.o,mover checksum)
$(BUILD)/bench/mover_bench.m32: MOVER_OBJECTS = $(patsubst %,$(BUILD)/i386/control/src/%.o,mover checksum)

$(BUILD)/bench/mover_bench.%: test/bench/mover_bench.c bench-mover-objects
	@mkdir -p $(@D)
	$(Q)gcc -$* $(MOVER_BENCH_CFLAGS) -o $@ $< $(MOVER_OBJECTS)

# Each is a matter of its own build's rules.
bench-mover-objects:
	$(Q)$(MAKE) --no-print-directory ARCH=x86_64 $(patsubst %,$(BUILD)/x86_64/control/src/%.o,mover checksum)
	$(Q)$(MAKE) --no-print-directory ARCH=i386 $(patsubst %,$(BUILD)/i386/control/src/%.o,mover checksum)

bench-mover: $(MOVER_BENCHES) ## the mover's rates on this machine, against memcpy and a three-copy swap
	$(Q)for bench in $(MOVER_BENCHES); do $$bench; done
.PHONY: bench-mover bench-mover-objects
