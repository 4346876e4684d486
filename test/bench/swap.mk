# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# What calling a large image costs beyond the swap of its pages.

bench-swap: ## a large image called: its page list, and the swap's share of the time
	@$(MAKE) --no-print-directory ARCH=x86_64 shim >/dev/null
	@$(MAKE) --no-print-directory ARCH=i386 shim >/dev/null
	@/usr/bin/python3 test/bench/swap_bench.py --build $(BUILD)
.PHONY: bench-swap
