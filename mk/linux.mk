# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# A Linux with kexec jump and kexec handover, which no Debian kernel has, built from Debian's source package, and an initramfs
# with kexec-tools: for the tests marked interop. Nothing of it is needed to build Trapeze. And a smaller one for i386, which
# runs tools/bioscall: it does not come back from other images (docs/preserve-context.md says why).
# Variables: LINUX_JOBS=N compilers at once.

LINUX_JOBS ?= $(shell nproc)
# A make with jobs of its own shares them out, by the + below: both widths at a time.
LINUX_PARALLEL = $(if $(findstring --jobserver,$(MAKEFLAGS)),,-j$(LINUX_JOBS))

LINUX_DIR := $(BUILD)/linux-7.2

# Of each width: what it is made of; what olddefconfig would drop without a word if what it depends on had another name; what is called
# (test/payload/payload.mk); its names in Debian, and where programs expect the dynamic linker.
LINUX_FRAGMENTS_x86_64 := base lean x64 kaslr-numa efi kexec-jump kho pstore
LINUX_NEEDS_x86_64 := KEXEC_JUMP KEXEC_HANDOVER_DEBUGFS TEST_KEXEC_HANDOVER PSTORE_RAM PSTORE_CONSOLE EFI_STUB RANDOMIZE_BASE NUMA
LINUX_IMAGES_x86_64 := $(addprefix $(BUILD)/x86_64/payload/,jumper.elf jumper-sleeps.elf)
LINUX_DEB_x86_64 := amd64
LINUX_TRIPLE_x86_64 := x86_64-linux-gnu
LINUX_LOADER_x86_64 := lib64/ld-linux-x86-64.so.2

LINUX_FRAGMENTS_i386 := base lean i386 kexec-jump
LINUX_NEEDS_i386 := KEXEC_JUMP
LINUX_IMAGES_i386 :=
LINUX_DEB_i386 := i386
LINUX_TRIPLE_i386 := i386-linux-gnu
LINUX_LOADER_i386 := lib/ld-linux.so.2

BIOSCALL_TOOL := tools/bioscall tools/trapeze/biospage.py tools/trapeze/pinned.py

# That Linux is newer than the stable release: its source comes from suites of their own.
$(LINUX_DIR)/.source-stamp:
	$(Q)$(FETCH_DEB) --suite trixie-backports --suite sid -o $(LINUX_DIR)/deb linux-source-7.2
	$(Q)rm -rf $(LINUX_DIR)/source && mkdir -p $(LINUX_DIR)/source
	$(Q)tar -C $(LINUX_DIR)/source --strip-components=1 -xf $(LINUX_DIR)/deb/usr/src/linux-source-7.2.tar.xz
	@touch $@

# Shell: the dynamic linker of the packages unpacked here, and where its libraries lie.
LINUX_FIND_LOADER = top=$$PWD && loader=$$(find . -name $(notdir $(LINUX_LOADER_$(1))) -type f | head -n 1) && \
	libraries=$$(find $$PWD -type d -name $(LINUX_TRIPLE_$(1)) | paste -sd :)
# Shell: mkinitrd's options for the libraries of program $(2), which the dynamic linker names.
LINUX_LIST_LIBRARIES = $$loader --library-path $$libraries --list $(2) | \
	awk -v top=$$top 'index($$3, top) == 1 { printf "--file=lib/%s=%s\n", $$1, $$3 }'

# $(1): the width; $(2): what its files' names end with.
define linux_rules
$(LINUX_DIR)/bzImage$(2): OBJECTS = $(abspath $(LINUX_DIR))/$(1)
$(LINUX_DIR)/bzImage$(2): LINUX_MAKE = nice -n 19 $(MAKE) -s -C $(LINUX_DIR)/source O=$$(OBJECTS) ARCH=$(1)
$(LINUX_DIR)/bzImage$(2): $(LINUX_DIR)/.source-stamp $(patsubst %,test/linux/%.fragment,$(LINUX_FRAGMENTS_$(1)))
	@mkdir -p $$(OBJECTS)
	+$$(Q)$$(LINUX_MAKE) tinyconfig
	$$(Q)cd $(LINUX_DIR)/source && scripts/kconfig/merge_config.sh -m -O $$(OBJECTS) $$(OBJECTS)/.config \
		$(abspath $(patsubst %,test/linux/%.fragment,$(LINUX_FRAGMENTS_$(1)))) >$$(OBJECTS)/merge.log
	+$$(Q)$$(LINUX_MAKE) olddefconfig
	$$(Q)for need in $(LINUX_NEEDS_$(1)); do grep -qx CONFIG_$$$$need=y $$(OBJECTS)/.config || \
		{ echo "$$(OBJECTS)/.config lacks $$$$need" >&2; exit 1; }; done
	+$$(Q)$$(LINUX_MAKE) $$(LINUX_PARALLEL) bzImage
	$$(Q)install -m 644 $$(OBJECTS)/arch/x86/boot/bzImage $$@

$(LINUX_DIR)/.kexec$(2)-stamp:
	$$(Q)$(FETCH_DEB) --arch $(LINUX_DEB_$(1)) --libraries -o $(LINUX_DIR)/deb-kexec$(2) kexec-tools
	@touch $$@

# kexec is linked dynamically: what the dynamic linker says that it needs comes along.
$(LINUX_DIR)/initrd$(2).img: $(LINUX_DIR)/.kexec$(2)-stamp $(PAYLOADS)/$(LINUX_DEB_$(1))/busybox test/linux/init tools/mkinitrd \
		tools/trapeze/cpio.py $(LINUX_IMAGES_$(1))
	$$(Q)cd $(LINUX_DIR)/deb-kexec$(2) && $$(call LINUX_FIND_LOADER,$(1)) && kexec=$$$$(find . -path '*/sbin/kexec' -type f) && \
		{ $$(call LINUX_LIST_LIBRARIES,$(1),$$$$kexec); \
		printf '%s\n' --file=sbin/kexec=$$$$PWD/$$$$kexec --file=$(LINUX_LOADER_$(1))=$$$$PWD/$$$$loader; } >../kexec$(2).files
	$$(Q)tools/mkinitrd --busybox $(PAYLOADS)/$(LINUX_DEB_$(1))/busybox --init test/linux/init $$$$(cat $(LINUX_DIR)/kexec$(2).files) \
		$(foreach image,$(LINUX_IMAGES_$(1)),--file=$(notdir $(image))=$(image)) -o $$@

$(LINUX_DIR)/.python$(2)-stamp:
	$$(Q)$(FETCH_DEB) --arch $(LINUX_DEB_$(1)) --libraries -o $(LINUX_DIR)/deb-python$(2) python3.11-minimal libpython3.11-minimal \
		libpython3.11-stdlib zlib1g
	@touch $$@

# For tools/bioscall, which runs in there: Python, its libraries, and what of its modules the tool has loaded once it has run.
$(LINUX_DIR)/python$(2).img: $(LINUX_DIR)/.python$(2)-stamp $(BIOSCALL_TOOL) test/linux/modules.py tools/mkinitrd tools/trapeze/cpio.py
	$$(Q)cd $(LINUX_DIR)/deb-python$(2) && $$(call LINUX_FIND_LOADER,$(1)) && \
		$$(call LINUX_LIST_LIBRARIES,$(1),usr/bin/python3.11) >../python$(2).files && \
		PYTHONHOME=$$$$top/usr $$$$loader --library-path $$$$libraries usr/bin/python3.11 -B $(abspath test/linux/modules.py) \
			$(abspath tools/bioscall) $$$$top >>../python$(2).files
	$$(Q)tools/mkinitrd --file=usr/bin/python3=$(LINUX_DIR)/deb-python$(2)/usr/bin/python3.11 \
		$$$$(cat $(LINUX_DIR)/python$(2).files) -o $$@

LINUX_BZIMAGES += $(LINUX_DIR)/bzImage$(2)
LINUX_PACKAGES += $(LINUX_DIR)/.kexec$(2)-stamp $(LINUX_DIR)/.python$(2)-stamp
LINUX_FILES += $(LINUX_DIR)/bzImage$(2) $(LINUX_DIR)/initrd$(2).img $(LINUX_DIR)/python$(2).img
endef

$(eval $(call linux_rules,x86_64,))
$(eval $(call linux_rules,i386,-i386))

# What takes minutes, and writes nowhere but into $(LINUX_DIR): other makes can run beside it.
linux-bzimages: $(LINUX_BZIMAGES)
linux-packages: $(LINUX_PACKAGES)

linux-kernel: $(LINUX_FILES) ## build Linux 7.2 with kexec jump (and handover, 64-bit), for tests (minutes; cached)

test-interop: linux-kernel ## the QEMU tests with that Linux: kexec to and from it, what is handed over to it
	@$(MAKE) --no-print-directory qemu-test QEMU_TESTS=$(call shell_quote,-m interop $(QEMU_TESTS))
.PHONY: linux-bzimages linux-packages linux-kernel test-interop
