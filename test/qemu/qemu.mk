# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Tests of real boots in QEMU (docs/testing.md).
# Variables: QEMU_TESTS="-k menu" are further words for pytest; QEMU_JOBS=N machines at once; RAN="what was run before".

QEMU_TESTS ?=
# A machine sleeps or is waited for a fifth of its time: half as many again as processors keep these busy.
QEMU_JOBS ?= $(shell expr $$(nproc) \* 3 / 2)
RAN ?=

QEMU_PARALLEL = $(if $(call pytest_parallel,$(QEMU_JOBS)),$(call pytest_parallel,$(QEMU_JOBS)) --dist loadgroup)

# All that the tests start. By itself it can be given jobs, of which the tests, whose number is QEMU_JOBS, are not to know.
qemu-build: payload payloads
	@$(MAKE) --no-print-directory ARCH=x86_64 shim
	@$(MAKE) --no-print-directory ARCH=i386 shim
	@$(MAKE) --no-print-directory bioscall

qemu-test: qemu-build ## boot both shims in QEMU and test what they do (QEMU_TESTS="-k menu" for some)
	@/usr/bin/python3 -B -m pytest test/qemu -p no:cacheprovider -rfEs --tb=short $(QEMU_PARALLEL) --build=$(BUILD) \
		--junit-xml=$(BUILD)/test-logs/junit.xml $(if $(RAN),--ran=$(call shell_quote,$(RAN))) $(QEMU_TESTS)
.PHONY: qemu-build qemu-test
