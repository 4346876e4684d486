# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Unpacking: the shim's own code on the host against the programs, and in the shim.

UNPACK_BENCH_CFLAGS = -std=gnu11 -Os -ffunction-sections -Wl,--gc-sections -Wall -Wextra -Werror $(HOST_DEFINES) $(HOST_INCLUDE) $(call host_deb_flags,m64)

$(BUILD)/bench/unpack_bench: test/bench/unpack_bench.c $(HOST_SOURCES) $(BUILD)/deb/amd64/.libs-stamp test/bench/unpack.mk
	@mkdir -p $(@D)
	$(Q)gcc $(UNPACK_BENCH_CFLAGS) -o $@ $< $(HOST_SOURCES) $(call host_deb_libs,m64)

bench-unpack: $(BUILD)/bench/unpack_bench ## unpacking rates, against gzip, xz, zstd and lz4 on this machine
	@$(MAKE) --no-print-directory ARCH=x86_64 shim payloads >/dev/null
	@$(MAKE) --no-print-directory ARCH=i386 shim >/dev/null
	@/usr/bin/python3 test/bench/unpack_bench.py --build $(BUILD)
.PHONY: bench-unpack
