# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# All tests, part by part; the single parts are targets of their own (docs/testing.md).

# Packages first, in a make of their own, as for `make run`.
test: ## run all tests: unit, fuzz-smoke, tools-test, qemu-test
	@$(MAKE) --no-print-directory deps
	+@MAKE=$(call shell_quote,$(MAKE)) test/run $(BUILD)/test-all
.PHONY: test

# $(call pytest_parallel,N): words for pytest for N tests at once; without pytest-xdist it runs one after the other.
pytest_parallel = $(if $(shell /usr/bin/python3 -c 'import xdist' 2>/dev/null && echo yes),-n $(1))
