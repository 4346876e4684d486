# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Trapeze. `make help` lists what can be made; variables: ARCH=x86_64|i386 FIRMWARE=bios|uefi ACCEL=tcg|kvm
# MANIFEST=path.its BUILD=dir V=1.

ARCH ?= x86_64
FIRMWARE ?= bios
ACCEL ?= tcg
BUILD ?= build
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

.DELETE_ON_ERROR:
all: shim ## build the shim, build/ARCH/trapeze.elf and .bzimage (the default)

-include $(sort $(wildcard mk/*.mk))
include bioscall/bioscall.mk test/unit/unit.mk
-include $(sort $(wildcard test/payload/*.mk test/fuzz/*.mk test/bench/*.mk test/qemu/*.mk))

help: ## show this list
	@echo "Trapeze: make TARGET [ARCH=x86_64|i386] [FIRMWARE=bios|uefi] [ACCEL=tcg|kvm] [MANIFEST=path.its]"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

clean: ## remove everything that was built (downloads stay; `make distclean` removes them too)
	rm -rf $(filter-out $(BUILD)/deb-cache $(BUILD)/deb $(BUILD)/payloads $(BUILD)/linux-7.2,$(wildcard $(BUILD)/*))

distclean: ## remove the build folder
	rm -rf $(BUILD)

bench: ## print what booting costs, the mover's rates and the size of the shim
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory bench-mover
	@$(MAKE) --no-print-directory bench-boot
	@$(MAKE) --no-print-directory bench-call
	@$(MAKE) --no-print-directory bench-unpack
	@$(MAKE) --no-print-directory bench-swap
	@$(MAKE) --no-print-directory bench-formats
	@$(MAKE) --no-print-directory bench-media
	@$(MAKE) --no-print-directory bench-bios

.PHONY: all help clean distclean bench
