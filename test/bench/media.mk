# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# How fast the shim reads a file from its boot medium, against GRUB.

bench-media: ## measure reading from the boot medium against GRUB, in the same run
	@$(MAKE) --no-print-directory ARCH=x86_64 shim >/dev/null
	@$(MAKE) --no-print-directory ARCH=i386 shim >/dev/null
	@/usr/bin/python3 test/bench/media_bench.py --build $(BUILD)
.PHONY: bench-media
