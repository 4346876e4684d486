# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# The ISO of a manifest, and a virtual machine that boots it.
# Variables: MANIFEST=path.its OPTIONS="shim command line" FIRMWARE=bios|uefi ACCEL=tcg|kvm MEMORY=1G CPUS=2
# QEMU=program QEMU_EXTRA="more QEMU options".

DEMO_x86_64 := config/demo.its
DEMO_i386   := config/demo-i386.its
MANIFEST    ?= $(DEMO_$(ARCH))
OPTIONS     ?=
MEMORY      ?= 1G
CPUS        ?= 2
QEMU        ?= qemu-system-x86_64
QEMU_EXTRA  ?=

SHIM := $(BUILD)/$(ARCH)/trapeze.elf
ISO  := $(BUILD)/$(ARCH)/$(basename $(notdir $(MANIFEST))).iso

.PHONY: iso run run-iso payloads FORCE

shell_quote = '$(subst ','\'',$(1))'

iso: $(ISO) ## make the ISO of MANIFEST (the demo by default)
	@echo "$(ISO)"

# What the demo names must exist before mkiso looks; what any manifest names is known after its first ISO.
DEMO_FILES_x86_64 = $(addprefix $(PAYLOADS)/,amd64/vmlinuz amd64/initrd.img memtest86+x64.bin)
DEMO_FILES_i386   = $(addprefix $(PAYLOADS)/,i386/vmlinuz-686-pae i386/initrd.img memtest86+ia32.bin)
DEMO_FILES        = $(DEMO_FILES_$(ARCH)) $(addprefix $(BUILD)/$(ARCH)/payload/,hello.elf fault.elf)

# Holds the options of the last ISO; changes only with them.
ISO_OPTIONS := $(ISO).options
$(ISO_OPTIONS): FORCE
	@mkdir -p $(@D)
	@echo $(call shell_quote,$(OPTIONS)) | cmp -s - $@ || echo $(call shell_quote,$(OPTIONS)) > $@

$(ISO): $(MANIFEST) $(SHIM) $(ISO_OPTIONS) $(if $(filter $(DEMO_$(ARCH)),$(MANIFEST)),$(DEMO_FILES)) \
		tools/mkiso $(wildcard tools/trapeze/*.py)
	$(Q)tools/mkiso --arch $(ARCH) --shim $(SHIM) --options $(call shell_quote,$(OPTIONS)) -I $(BUILD) \
		--depfile $@.d -o $@ $(MANIFEST)

-include $(ISO).d

payloads: $(PAYLOADS_amd64) $(PAYLOADS_i386) $(PAYLOADS_xen) $(PAYLOADS)/memdisk $(PAYLOADS)/amd64/initrd.img $(PAYLOADS)/i386/initrd.img

$(PAYLOADS)/%/initrd.img: $(PAYLOADS)/%/busybox iso/initrd/init tools/mkinitrd tools/trapeze/cpio.py
	$(Q)tools/mkinitrd --busybox $< --init iso/initrd/init --text initrd-id=demo-$* -o $@

# Firmware in flash; the variables are written to, so each build folder has its own copy.
OVMF_CODE := /usr/share/OVMF/OVMF_CODE_4M.fd
OVMF_VARS := /usr/share/OVMF/OVMF_VARS_4M.fd
UEFI_VARS := $(BUILD)/$(ARCH)/uefi-vars.fd

$(UEFI_VARS): $(OVMF_VARS)
	@mkdir -p $(@D)
	@cp $< $@

FIRMWARE_FILES_bios :=
FIRMWARE_FILES_uefi := $(UEFI_VARS)
QEMU_FIRMWARE_bios :=
QEMU_FIRMWARE_uefi := -drive if=pflash,format=raw,readonly=on,file=$(OVMF_CODE) \
	-drive if=pflash,format=raw,file=$(UEFI_VARS)
QEMU_CPU_tcg :=
QEMU_CPU_kvm := -cpu host

QEMU_FLAGS = -machine q35,accel=$(ACCEL) $(QEMU_CPU_$(ACCEL)) -m $(MEMORY) -smp $(CPUS) -nic none \
	-display none -serial mon:stdio $(QEMU_FIRMWARE_$(FIRMWARE)) -cdrom $(ISO) $(QEMU_EXTRA)

# Packages first, in a make of their own: what they bring is looked for when the makefiles are read.
run: deps ## boot the ISO in QEMU with the serial line in the terminal
	@$(MAKE) --no-print-directory run-iso

run-iso: $(ISO) $(FIRMWARE_FILES_$(FIRMWARE))
	$(if $(filter bios uefi,$(FIRMWARE)),,$(error FIRMWARE=$(FIRMWARE): use bios or uefi))
	@echo "QEMU: Ctrl-A X ends it, Ctrl-A C is its monitor, Ctrl-A A sends Ctrl-A"
	$(Q)$(QEMU) $(QEMU_FLAGS)

tools-test: ## run the tests of the host tools
	@/usr/bin/python3 -m pytest -q -p no:cacheprovider $(call pytest_parallel,$(shell nproc)) test/tools
.PHONY: tools-test
