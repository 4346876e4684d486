# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Host unit tests: every test/unit/test_NAME.c is one cmocka program, linked against an archive of src/ and test/fake/, at
# -m64 and at -m32, under AddressSanitizer and UBSan. A test that includes a source file replaces that archive member.
#
#   make unit                       all of them, both widths
#   make unit TESTS="memmap elf"    these alone
#   make unit WIDTHS=m64            one width
#
# The last line sums up: "N passed, N failed".
#
# A source file that does not compile takes down only the tests that need it: the archive then gets an empty object in its
# place, made again next time, and the run as a whole fails and names it.

TESTS ?= $(sort $(patsubst test/unit/test_%.c,%,$(wildcard test/unit/test_*.c)))
WIDTHS ?= m64 m32
UNIT_TIMEOUT ?= 120

# The pipeline itself needs a machine under it.
HOST_SOURCES := $(filter-out src/main.c,$(sort $(wildcard src/*.c test/fake/*.c)))
HOST_WARNINGS := -Wall -Wextra -Werror -Wformat=2 -Wno-format-nonliteral -Wshadow -Wvla -Wstrict-prototypes
HOST_DEFINES := -DTRAPEZE_VERSION='"test"'
# libc/include comes last: the host's own headers win, only what it does not have (heap.h) is found there.
HOST_INCLUDE := -Isrc -Iarch/x86/include -Itest/fake -idirafter libc/include
HOST_SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_CFLAGS = -std=gnu11 -O1 -g $(HOST_WARNINGS) $(HOST_SANITIZERS) -fno-omit-frame-pointer $(HOST_DEFINES) $(HOST_INCLUDE) \
	-MMD -MP

HOST_DEB_m64 := amd64
HOST_DEB_m32 := i386
HOST_TRIPLE_m64 := x86_64-linux-gnu
HOST_TRIPLE_m32 := i386-linux-gnu
# $(call host_deb_flags,WIDTH) and $(call host_deb_libs,WIDTH): Debian's libraries of that width.
host_deb = $(BUILD)/deb/$(HOST_DEB_$(1))
host_deb_flags = -isystem $(call host_deb,$(1))/usr/include -isystem $(call host_deb,$(1))/usr/include/$(HOST_TRIPLE_$(1))
host_deb_libs = -L$(call host_deb,$(1))/usr/lib/$(HOST_TRIPLE_$(1)) $(ARCHIVES:%=-l:%.a)

# $(call compile_or_empty,COMPILER AND FLAGS): $< to $@; on an error an empty object that is out of date at once.
define compile_or_empty
	$(Q)mkdir -p $(@D); rm -f $@.broken; \
	$(1) -c -o $@ $< || { echo "$<" > $@.broken; $(firstword $(1)) $(filter -m32 -m64,$(1)) -x c -c -o $@ /dev/null && touch -d @0 $@; }
endef

# $(call list_file,FILE,WORDS): FILE changes only when the list does.
define list_file
$(1): FORCE
	@mkdir -p $$(@D); echo "$(2)" | cmp -s - $$@ || echo "$(2)" > $$@
endef

HOST_ARCH_m64 := x86_64
HOST_ARCH_m32 := i386

define host_rules
$(BUILD)/host/$(1)/src/%.o: src/%.c $(BUILD)/deb/$(HOST_DEB_$(1))/.libs-stamp test/unit/unit.mk
	$$(call compile_or_empty,gcc -$(1) $$(HOST_CFLAGS) $$(call host_deb_flags,$(1)))

$(BUILD)/host/$(1)/test/fake/%.o: test/fake/%.c $(BUILD)/deb/$(HOST_DEB_$(1))/.libs-stamp test/unit/unit.mk
	$$(call compile_or_empty,gcc -$(1) $$(HOST_CFLAGS) $$(call host_deb_flags,$(1)))

# Tests may include sources of arch/, boot/ and drivers/, too.
$(BUILD)/host/$(1)/test/unit/%.o: test/unit/%.c $(BUILD)/deb/$(HOST_DEB_$(1))/.libs-stamp test/unit/unit.mk
	@mkdir -p $$(@D)
	$$(Q)gcc -$(1) $$(HOST_CFLAGS) -Iarch/$(HOST_ARCH_$(1))/include $$(call host_deb_flags,$(1)) -c -o $$@ $$<

$(call list_file,$(BUILD)/host/$(1)/sources,$(HOST_SOURCES))

$(BUILD)/host/$(1)/libcore.a: $(patsubst %.c,$(BUILD)/host/$(1)/%.o,$(HOST_SOURCES)) $(BUILD)/host/$(1)/sources
	$$(Q)rm -f $$@ && ar rcs $$@ $$(filter %.o,$$^)

$(BUILD)/host/$(1)/unit/%: $(BUILD)/host/$(1)/test/unit/test_%.o $(BUILD)/host/$(1)/libcore.a
	@mkdir -p $$(@D)
	$$(Q)gcc -$(1) $$(HOST_SANITIZERS) -o $$@ $$^ $$(call host_deb_libs,$(1)) -l:libcmocka.so.0 \
		-Wl,-rpath,$$(abspath $$(call host_deb,$(1)))/usr/lib/$(HOST_TRIPLE_$(1))

-include $$(patsubst %.c,$(BUILD)/host/$(1)/%.d,$(HOST_SOURCES) $(wildcard test/unit/*.c))
endef

$(eval $(call host_rules,m64))
$(eval $(call host_rules,m32))

# One line per program that passes; all it printed when it does not. With V=1 always all.
UNIT_RUNS := $(foreach width,$(WIDTHS),$(addprefix unit-run/$(width)/unit/,$(TESTS)))

$(UNIT_RUNS): unit-run/%: $(BUILD)/host/%
	@status=0; timeout $(UNIT_TIMEOUT) $< > $<.log 2>&1 || status=$$?; echo "exit status $$status" >> $<.log; \
	if test $$status = 0; then \
		$(if $(filter 1,$(V)),cat $<.log;) echo "ok      $* ($$(grep -c '^\[       OK' $<.log) tests)"; \
	else \
		grep -v '^\[ *\(RUN\|OK\) ' $<.log; echo "FAILED  $*"; exit 1; \
	fi

UNIT_LOGS = $(UNIT_RUNS:unit-run/%=$(BUILD)/host/%.log)
HOST_MARKS = $(foreach width,$(WIDTHS),$(patsubst %.c,$(BUILD)/host/$(width)/%.o.broken,$(HOST_SOURCES)))

unit: ## run the host unit tests (-m64 and -m32, sanitizers); TESTS="NAME..." WIDTHS=m64
	@rm -f $(UNIT_LOGS); status=0; $(MAKE) --no-print-directory -k unit-runs || status=1; \
	for mark in $(HOST_MARKS); do \
		test ! -e $$mark || { echo "does not compile: $$(cat $$mark)"; status=1; }; \
	done; test/unit/summary $(UNIT_LOGS) && exit $$status

unit-runs: $(UNIT_RUNS)

.PHONY: unit unit-runs $(UNIT_RUNS) FORCE
.SECONDARY:
