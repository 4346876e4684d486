# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# A Linux with kexec jump and kexec handover, which no Debian kernel has, built from Debian's source package, and an initramfs
# with kexec-tools: for the tests marked interop. Nothing of it is needed to build Trapeze. 64-bit only:
# docs/preserve-context.md says why.
# Variables: LINUX_JOBS=N compilers at once.

LINUX_JOBS ?= $(shell nproc)

LINUX_DIR := $(BUILD)/linux-7.2
LINUX_FRAGMENTS := $(patsubst %,test/linux/%.fragment,base x64 kaslr-numa efi kexec-jump kho pstore)
# What olddefconfig would drop without a word if what it depends on had another name.
LINUX_NEEDS := $(patsubst %,CONFIG_%=y,KEXEC_JUMP KEXEC_HANDOVER_DEBUGFS TEST_KEXEC_HANDOVER PSTORE_RAM PSTORE_CONSOLE \
	EFI_STUB RANDOMIZE_BASE NUMA)
# What is called (test/payload/payload.mk).
LINUX_IMAGES := $(addprefix $(BUILD)/x86_64/payload/,jumper.elf jumper-sleeps.elf)

BIOSCALL_TOOL := tools/bioscall tools/trapeze/biospage.py tools/trapeze/pinned.py

# That Linux is newer than the stable release: its source comes from suites of their own.
$(LINUX_DIR)/.source-stamp:
	$(Q)$(FETCH_DEB) --suite trixie-backports --suite sid -o $(LINUX_DIR)/deb linux-source-7.2
	$(Q)rm -rf $(LINUX_DIR)/source && mkdir -p $(LINUX_DIR)/source
	$(Q)tar -C $(LINUX_DIR)/source --strip-components=1 -xf $(LINUX_DIR)/deb/usr/src/linux-source-7.2.tar.xz
	@touch $@

$(LINUX_DIR)/bzImage: OBJECTS = $(abspath $(LINUX_DIR))/x86_64
$(LINUX_DIR)/bzImage: LINUX_MAKE = nice -n 19 $(MAKE) -s -C $(LINUX_DIR)/source O=$(OBJECTS) ARCH=x86_64
$(LINUX_DIR)/bzImage: $(LINUX_DIR)/.source-stamp $(LINUX_FRAGMENTS)
	@mkdir -p $(OBJECTS)
	$(Q)$(LINUX_MAKE) tinyconfig
	$(Q)cd $(LINUX_DIR)/source && scripts/kconfig/merge_config.sh -m -O $(OBJECTS) $(OBJECTS)/.config \
		$(abspath $(LINUX_FRAGMENTS)) >$(OBJECTS)/merge.log
	$(Q)$(LINUX_MAKE) olddefconfig
	$(Q)for need in $(LINUX_NEEDS); do grep -qx $$need $(OBJECTS)/.config || \
		{ echo "$(OBJECTS)/.config lacks $$need" >&2; exit 1; }; done
	$(Q)$(LINUX_MAKE) -j$(LINUX_JOBS) bzImage
	$(Q)install -m 644 $(OBJECTS)/arch/x86/boot/bzImage $@

$(LINUX_DIR)/.kexec-stamp:
	$(Q)$(FETCH_DEB) --libraries -o $(LINUX_DIR)/deb-kexec kexec-tools
	@touch $@

# kexec is linked dynamically: what the dynamic linker says that it needs comes along.
$(LINUX_DIR)/initrd.img: $(LINUX_DIR)/.kexec-stamp $(PAYLOADS)/amd64/busybox test/linux/init tools/mkinitrd \
		tools/trapeze/cpio.py $(LINUX_IMAGES)
	$(Q)cd $(LINUX_DIR)/deb-kexec && kexec=$$(find . -path '*/sbin/kexec' -type f) && \
		loader=$$(find . -name ld-linux-x86-64.so.2 | head -n 1) && \
		libraries=$$(find $$PWD -type d -name x86_64-linux-gnu | paste -sd :) && \
		$$loader --library-path $$libraries --list $$kexec | \
			awk -v top=$$PWD 'index($$3, top) == 1 { printf "--file=lib/%s=%s\n", $$1, $$3 }' >../kexec.files && \
		printf '%s\n' --file=sbin/kexec=$$PWD/$$kexec --file=lib64/ld-linux-x86-64.so.2=$$PWD/$$loader >>../kexec.files
	$(Q)tools/mkinitrd --busybox $(PAYLOADS)/amd64/busybox --init test/linux/init $$(cat $(LINUX_DIR)/kexec.files) \
		$(foreach image,$(LINUX_IMAGES),--file=$(notdir $(image))=$(image)) -o $@

$(LINUX_DIR)/.python-stamp:
	$(Q)$(FETCH_DEB) --libraries -o $(LINUX_DIR)/deb-python python3.11-minimal libpython3.11-minimal libpython3.11-stdlib zlib1g
	@touch $@

# For tools/bioscall, which runs in there: Python, its libraries, and what of its modules the tool has loaded once it has run.
$(LINUX_DIR)/python.img: $(LINUX_DIR)/.python-stamp $(BIOSCALL_TOOL) tools/mkinitrd tools/trapeze/cpio.py
	$(Q)cd $(LINUX_DIR)/deb-python && top=$$PWD && loader=$$(find . -name ld-linux-x86-64.so.2 | head -n 1) && \
		libraries=$$(find $$PWD -type d -name x86_64-linux-gnu | paste -sd :) && \
		$$loader --library-path $$libraries --list usr/bin/python3.11 | \
			awk -v top=$$top 'index($$3, top) == 1 { printf "--file=lib/%s=%s\n", $$1, $$3 }' >../python.files && \
		PYTHONHOME=$$top/usr $$loader --library-path $$libraries usr/bin/python3.11 -B $(abspath test/linux/modules.py) \
			$(abspath tools/bioscall) $$top >>../python.files
	$(Q)tools/mkinitrd --file=usr/bin/python3=$(LINUX_DIR)/deb-python/usr/bin/python3.11 \
		$$(cat $(LINUX_DIR)/python.files) -o $@

linux-kernel: $(LINUX_DIR)/bzImage $(LINUX_DIR)/initrd.img $(LINUX_DIR)/python.img ## build Linux 7.2 with kexec jump and handover, for tests (minutes; cached)

test-interop: linux-kernel ## the QEMU tests with that Linux: kexec to and from it, what is handed over to it
	@$(MAKE) --no-print-directory qemu-test QEMU_TESTS=$(call shell_quote,-m interop $(QEMU_TESTS))
.PHONY: linux-kernel test-interop
