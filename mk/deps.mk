# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# What comes from outside: system packages, static libraries for the shim, payloads for the demo and the tests.

FETCH_DEB := tools/fetch-deb --cache $(BUILD)/deb-cache

PAYLOADS := $(BUILD)/payloads

.PHONY: deps

deps: ## install the packages that building and running need (prints them where there is no apt)
	@tools/deps

# Static libraries that the shim links, with their headers; cmocka for host tests of either width.
$(BUILD)/deb/%/.libs-stamp: mk/deps.mk
	$(Q)$(FETCH_DEB) --arch $* -o $(@D) libfdt-dev libmbedtls-dev zlib1g-dev liblzma-dev libzstd-dev \
		liblz4-dev libcmocka-dev libcmocka0
	@touch $@

# $(call install_newest,PATTERN,TARGET): several versions can lie there after an update.
install_newest = install -D -m 644 "$$(ls -d $(1) | sort -V | tail -n 1)" $(2)

PAYLOADS_amd64 := $(addprefix $(PAYLOADS)/,amd64/vmlinuz amd64/busybox memtest86+x64.bin memtest86+ia32.bin)
PAYLOADS_xen := $(addprefix $(PAYLOADS)/xen/,xen vmlinuz)
PAYLOADS_i386  := $(addprefix $(PAYLOADS)/i386/,vmlinuz-686-pae vmlinuz-686 busybox)

$(PAYLOADS_amd64) &: mk/deps.mk
	$(Q)$(FETCH_DEB) --arch amd64 -o $(PAYLOADS)/deb-amd64 linux-image-cloud-amd64 memtest86+ busybox-static
	$(Q)$(call install_newest,$(PAYLOADS)/deb-amd64/boot/vmlinuz-*-cloud-amd64,$(PAYLOADS)/amd64/vmlinuz)
	$(Q)install -m 755 $(PAYLOADS)/deb-amd64/bin/busybox $(PAYLOADS)/amd64/busybox
	$(Q)install -m 644 $(PAYLOADS)/deb-amd64/boot/memtest86+*.bin $(PAYLOADS)

$(PAYLOADS_i386) &: mk/deps.mk
	$(Q)$(FETCH_DEB) --arch i386 -o $(PAYLOADS)/deb-i386 linux-image-686-pae linux-image-686 busybox-static
	$(Q)$(call install_newest,$(PAYLOADS)/deb-i386/boot/vmlinuz-*-686-pae,$(PAYLOADS)/i386/vmlinuz-686-pae)
	$(Q)$(call install_newest,$(PAYLOADS)/deb-i386/boot/vmlinuz-*-686,$(PAYLOADS)/i386/vmlinuz-686)
	$(Q)install -m 755 $(PAYLOADS)/deb-i386/bin/busybox $(PAYLOADS)/i386/busybox

# A kernel for its 16-bit entry alone; no program of a machine's, so the package is for all.
$(PAYLOADS)/memdisk: mk/deps.mk
	$(Q)$(FETCH_DEB) --arch amd64 -o $(PAYLOADS)/deb-memdisk syslinux-common
	$(Q)install -m 644 $(PAYLOADS)/deb-memdisk/usr/lib/syslinux/memdisk $@

# Xen's dom0 needs a kernel built for it, which the cloud kernel is not.
$(PAYLOADS_xen) &: mk/deps.mk
	$(Q)$(FETCH_DEB) --arch amd64 -o $(PAYLOADS)/deb-xen xen-hypervisor-4.17-amd64 linux-image-amd64
	@mkdir -p $(PAYLOADS)/xen
	$(Q)gzip -dc $(PAYLOADS)/deb-xen/boot/xen-4.17-amd64.gz > $(PAYLOADS)/xen/xen
	$(Q)$(call install_newest,$(PAYLOADS)/deb-xen/boot/vmlinuz-*-amd64,$(PAYLOADS)/xen/vmlinuz)
