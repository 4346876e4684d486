# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# libFuzzer targets: every test/fuzz/fuzz_NAME.c (one LLVMFuzzerTestOneInput) is one program, linked against an archive of
# src/ and test/fake/, x86_64, clang, AddressSanitizer and UBSan. Beside it, where it helps:
#   test/fuzz/corpus/NAME/   inputs to start from: files as they are, or *.hex (hex digits, blanks, # comments)
#   FUZZ_SEEDS_NAME          inputs that make makes first, under $(BUILD)/fuzz/seeds/NAME/ (in a test/fuzz/NAME.mk)
#   test/fuzz/NAME.dict      words of the format (libFuzzer's syntax)
#   test/fuzz/NAME.options   further libFuzzer options, one a line: max_len=65536
#
#   make fuzz FUZZ_SECONDS=60 FUZZ="bootinfo"    time for each; what is found is kept under $(BUILD)/fuzz/corpus
#   make fuzz-smoke FUZZ_RUNS=20000              a fixed number of runs from a fixed seed; what `make test` does
#
# A source file that does not compile takes down only the targets that need it (see test/unit/unit.mk).

FUZZ ?= $(sort $(patsubst test/fuzz/fuzz_%.c,%,$(wildcard test/fuzz/fuzz_*.c)))
FUZZ_SECONDS ?= 10
FUZZ_RUNS ?= 20000

FUZZ_SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS = -std=gnu11 -O1 -g $(HOST_WARNINGS) $(FUZZ_SANITIZERS) -fsanitize=fuzzer-no-link -fno-omit-frame-pointer \
	$(HOST_DEFINES) $(HOST_INCLUDE) $(call host_deb_flags,m64) -MMD -MP

$(BUILD)/fuzz/src/%.o: src/%.c $(BUILD)/deb/amd64/.libs-stamp test/fuzz/fuzz.mk
	$(call compile_or_empty,clang $(FUZZ_CFLAGS))

$(BUILD)/fuzz/test/fake/%.o: test/fake/%.c $(BUILD)/deb/amd64/.libs-stamp test/fuzz/fuzz.mk
	$(call compile_or_empty,clang $(FUZZ_CFLAGS))

$(BUILD)/fuzz/test/fuzz/%.o: test/fuzz/%.c $(BUILD)/deb/amd64/.libs-stamp test/fuzz/fuzz.mk
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) -c -o $@ $<

$(eval $(call list_file,$(BUILD)/fuzz/sources,$(HOST_SOURCES)))

$(BUILD)/fuzz/libcore.a: $(patsubst %.c,$(BUILD)/fuzz/%.o,$(HOST_SOURCES)) $(BUILD)/fuzz/sources
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)

FUZZ_PROGRAMS = $(addprefix $(BUILD)/fuzz/fuzz_,$(FUZZ))
FUZZ_SEEDS = $(foreach name,$(FUZZ),$(FUZZ_SEEDS_$(name)))

$(FUZZ_PROGRAMS): $(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/test/fuzz/fuzz_%.o $(BUILD)/fuzz/libcore.a
	$(Q)clang $(FUZZ_SANITIZERS) -fsanitize=fuzzer -o $@ $^ $(call host_deb_libs,m64)

-include $(patsubst %.c,$(BUILD)/fuzz/%.d,$(HOST_SOURCES) $(wildcard test/fuzz/*.c))

# Building goes on past a broken target; the runner then misses its program, says so and fails.
fuzz fuzz-smoke:
	@command -v clang > /dev/null || { echo "the fuzz targets need clang with its run-time library (Debian: clang)"; exit 1; }
	@$(MAKE) -s -k $(FUZZ_PROGRAMS) $(FUZZ_SEEDS) || true
	@test/fuzz/run $(FUZZ_LIMIT) --work $(BUILD)/fuzz $(FUZZ)

fuzz: ## run each fuzz target for FUZZ_SECONDS (10); FUZZ="NAME..."
fuzz: FUZZ_LIMIT = --seconds $(FUZZ_SECONDS)
fuzz-smoke: FUZZ_LIMIT = --runs $(FUZZ_RUNS)

.PHONY: fuzz fuzz-smoke
