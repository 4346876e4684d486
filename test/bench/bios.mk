# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# What a BIOS call costs, by part, in instructions and in time.

bench-bios: ## count the instructions of a BIOS call and the way back
	@$(MAKE) --no-print-directory ARCH=x86_64 shim >/dev/null
	@$(MAKE) --no-print-directory ARCH=i386 shim >/dev/null
	@/usr/bin/python3 test/bench/bios_bench.py --build $(BUILD)
.PHONY: bench-bios
