# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# What each format costs from the choice in the menu to the entry, and the bytes that are moved for it.

bench-formats: ## measure each format's way from the menu to the entry, under -icount
	@$(MAKE) --no-print-directory ARCH=x86_64 shim payload >/dev/null
	@$(MAKE) --no-print-directory ARCH=i386 shim >/dev/null
	@/usr/bin/python3 test/bench/formats_bench.py --build $(BUILD)
.PHONY: bench-formats
