# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# What a call and the return from it cost, by step, in instructions.

bench-call: ## count the instructions of a call, by step
	@$(MAKE) --no-print-directory ARCH=x86_64 shim payload >/dev/null
	@$(MAKE) --no-print-directory ARCH=i386 shim >/dev/null
	@/usr/bin/python3 test/bench/call_bench.py --build $(BUILD)
.PHONY: bench-call
