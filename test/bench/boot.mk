# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# What booting through Trapeze costs, against GRUB alone, in instructions.

bench-boot: ## measure booting through Trapeze against GRUB alone, under -icount
	@$(MAKE) --no-print-directory ARCH=x86_64 shim payloads >/dev/null
	@$(MAKE) --no-print-directory ARCH=i386 shim >/dev/null
	@/usr/bin/python3 test/bench/boot_bench.py --build $(BUILD)
.PHONY: bench-boot
