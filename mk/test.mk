# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# All tests, one after the other; the single parts are targets of their own (docs/testing.md).

# Packages first, in a make of their own, as for `make run`.
test: ## run all tests: unit, fuzz-smoke, tools-test, qemu-test
	@$(MAKE) --no-print-directory deps
	+@MAKE=$(call shell_quote,$(MAKE)) test/run $(BUILD)/test-all
.PHONY: test
