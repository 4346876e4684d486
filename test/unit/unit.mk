# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Host unit tests: every test/unit/test_*.c is one cmocka program, linked with all of src/ (but the shim's own main) and the
# fake architecture, at -m64 and at -m32, under AddressSanitizer and UBSan.

UNIT_TESTS := $(patsubst test/unit/test_%.c,%,$(wildcard test/unit/test_*.c))
HOST_SOURCES := $(filter-out src/main.c,$(wildcard src/*.c)) $(wildcard test/fake/*.c)
HOST_CFLAGS = -std=gnu11 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Isrc -Iarch/x86/include -Itest/fake -MMD -MP
HOST_DEB_m64 := amd64
HOST_DEB_m32 := i386
HOST_TRIPLE_m64 := x86_64-linux-gnu
HOST_TRIPLE_m32 := i386-linux-gnu

define host_rules
$(BUILD)/host/$(1)/%.o: %.c $(BUILD)/deb/$(HOST_DEB_$(1))/.libs-stamp
	@mkdir -p $$(@D)
	$$(Q)gcc -$(1) $$(HOST_CFLAGS) -isystem $(BUILD)/deb/$(HOST_DEB_$(1))/usr/include \
		-isystem $(BUILD)/deb/$(HOST_DEB_$(1))/usr/include/$(HOST_TRIPLE_$(1)) -c -o $$@ $$<

$(BUILD)/host/$(1)/libcore.a: $$(patsubst %.c,$(BUILD)/host/$(1)/%.o,$(HOST_SOURCES))
	$$(Q)rm -f $$@ && ar rcs $$@ $$^

$(BUILD)/host/$(1)/unit/%: $(BUILD)/host/$(1)/test/unit/test_%.o $(BUILD)/host/$(1)/libcore.a
	@mkdir -p $$(@D)
	$$(Q)gcc -$(1) -fsanitize=address,undefined -o $$@ $$^ $$(HOST_LIBS_$(1))

-include $$(patsubst %.c,$(BUILD)/host/$(1)/%.d,$(HOST_SOURCES) $(wildcard test/unit/*.c))
endef

HOST_LIBS_m64 = -L$(BUILD)/deb/amd64/usr/lib/x86_64-linux-gnu -l:libfdt.a -l:libmbedcrypto.a -l:libz.a -l:libcmocka.so.0 \
	-Wl,-rpath,$(abspath $(BUILD))/deb/amd64/usr/lib/x86_64-linux-gnu
HOST_LIBS_m32 = -L$(BUILD)/deb/i386/usr/lib/i386-linux-gnu -l:libfdt.a -l:libmbedcrypto.a -l:libz.a -l:libcmocka.so.0 \
	-Wl,-rpath,$(abspath $(BUILD))/deb/i386/usr/lib/i386-linux-gnu

$(eval $(call host_rules,m64))
$(eval $(call host_rules,m32))

UNIT_PROGRAMS := $(foreach width,m64 m32,$(addprefix $(BUILD)/host/$(width)/unit/,$(UNIT_TESTS)))

unit: $(UNIT_PROGRAMS) ## run the host unit tests (-m64 and -m32, sanitizers)
	@failed=0; for t in $(UNIT_PROGRAMS); do echo "== $$t"; timeout 300 $$t || failed=1; done; exit $$failed
.PHONY: unit
.SECONDARY:
