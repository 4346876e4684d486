# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# The shim: build/ARCH/trapeze.elf, out of src/, drivers/, arch/, libc/ and Debian's static archives; and
# build/ARCH/trapeze.bzimage, the same behind a stub that Linux loaders start (boot/linux/).

VERSION := 0.1
OUT := $(BUILD)/$(ARCH)
DEBARCH := $(if $(filter x86_64,$(ARCH)),amd64,i386)
TRIPLE := $(if $(filter x86_64,$(ARCH)),x86_64-linux-gnu,i386-linux-gnu)
LIBS_STAMP := $(BUILD)/deb/$(DEBARCH)/.libs-stamp
LIBDIR := $(BUILD)/deb/$(DEBARCH)/usr/lib/$(TRIPLE)
CC := gcc
GCC_INCLUDE := $(shell $(CC) -print-file-name=include 2>/dev/null)

WIDTH_FLAGS_x86_64 := -m64 -mno-red-zone -mcmodel=small
WIDTH_FLAGS_i386 := -m32 -march=i686 -mpreferred-stack-boundary=2
COMMON_FLAGS := -std=gnu11 -g -ffreestanding -nostdinc -fno-strict-aliasing -fno-common -fno-asynchronous-unwind-tables \
	-ffunction-sections -fdata-sections -fcf-protection=none \
	-Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla -Wno-main \
	$(WIDTH_FLAGS_$(ARCH)) -MMD -MP -isystem $(GCC_INCLUDE)
# For what is built now, not for the Pentium Pro: shorter, too.
TUNE_FLAGS_i386 := -mtune=generic
SHIM_FLAGS := $(COMMON_FLAGS) -Os $(TUNE_FLAGS_$(ARCH)) -fno-pie -fno-omit-frame-pointer -fstack-protector-strong -isystem libc/include

# Dependencies point one way: src/ sees itself, drivers see themselves, arch sees src/ and drivers/.
SRC_INCLUDE := -Isrc -Iarch/x86/include -isystem $(BUILD)/deb/$(DEBARCH)/usr/include \
	-isystem $(BUILD)/deb/$(DEBARCH)/usr/include/$(TRIPLE)
ARCH_INCLUDE := -Isrc -Iarch/x86/include -Iarch/$(ARCH)/include -Iarch/x86 -Idrivers/uart8250

SRC_C := $(wildcard src/*.c)
LIBC_C := $(wildcard libc/*.c)
DRIVER_C := $(wildcard drivers/*/*.c)
ARCH_C := $(wildcard arch/x86/*.c) arch/$(ARCH)/tables_width.c arch/$(ARCH)/traps_width.c arch/$(ARCH)/trap_frame.c
ARCH_S := boot/header.S arch/$(ARCH)/start.S arch/$(ARCH)/vectors.S arch/$(ARCH)/raise.S arch/$(ARCH)/bios_switch.S \
	arch/x86/bios16.S arch/x86/blob.S arch/x86/int_table.S \
	$(filter arch/i386/%,$(if $(filter i386,$(ARCH)),arch/i386/stack_protector.S))
SHIM_OBJECTS := $(patsubst %,$(OUT)/%.o,$(basename $(SRC_C) $(LIBC_C) $(DRIVER_C) $(ARCH_C) $(ARCH_S)))

CONTROL_C := $(wildcard arch/x86/control/*.c arch/x86/dump*.c) arch/x86/trap_system.c arch/$(ARCH)/trap_frame.c src/mover.c \
	src/checksum.c src/symbols.c src/core_fill.c $(wildcard arch/$(ARCH)/control_*.c)
CONTROL_S := $(wildcard arch/x86/control/*.S) $(wildcard arch/$(ARCH)/control_*.S) arch/$(ARCH)/vectors.S
CONTROL_OBJECTS := $(patsubst %,$(OUT)/control/%.o,$(basename $(CONTROL_C) $(CONTROL_S)))
CONTROL_FLAGS := $(COMMON_FLAGS) -Os -fpie -fvisibility=hidden -mgeneral-regs-only -fno-stack-protector -fno-builtin \
	-fno-jump-tables -fno-tree-loop-distribute-patterns -isystem libc/include $(ARCH_INCLUDE)

STUB_C := $(wildcard boot/linux/*.c) boot/linux/$(ARCH)/tables.c src/fmt.c src/fmt_field.c libc/memory.c libc/string.c
STUB_OBJECTS := $(patsubst %,$(OUT)/stub/%.o,$(basename $(STUB_C) boot/linux/$(ARCH)/start.S))
STUB_FLAGS := $(CONTROL_FLAGS) -Isrc -Iboot/linux -I$(OUT)/stub
HEADER_XLOADFLAGS_x86_64 := (XLF_KERNEL_64 | XLF_CAN_BE_LOADED_ABOVE_4G | XLF_5LEVEL)
HEADER_XLOADFLAGS_i386 := 0

# The 16-bit entry, the same in both builds but for the header's numbers.
SETUP_C := $(wildcard boot/linux/setup/*.c) boot/linux/params.c boot/linux/phys.c
SETUP_OBJECTS := $(patsubst %,$(OUT)/setup/%.o,boot/linux/header boot/linux/setup/bios $(basename $(SETUP_C)))
SETUP_FLAGS = $(filter-out $(WIDTH_FLAGS_$(ARCH)),$(COMMON_FLAGS)) -m16 -march=i386 -mpreferred-stack-boundary=2 -Os \
	-fno-pie -mgeneral-regs-only -fno-stack-protector -fno-builtin -fno-jump-tables -fno-tree-loop-distribute-patterns \
	-isystem libc/include -Isrc -Iarch/x86/include -I$(OUT)/stub

shim: $(OUT)/trapeze.elf $(OUT)/trapeze.bzimage

$(OUT)/src/%.o: src/%.c $(LIBS_STAMP) mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_FLAGS) $(SRC_INCLUDE) -DTRAPEZE_VERSION='"$(VERSION)"' -c -o $@ $<

# An exception can come while CR0.TS is set.
$(OUT)/arch/x86/traps.o $(OUT)/arch/x86/trap_system.o $(OUT)/arch/$(ARCH)/trap_frame.o: SHIM_FLAGS += -mgeneral-regs-only

# What goes over every byte is worth a few more of its own.
$(OUT)/src/mover.o: SHIM_FLAGS += -O2

# So is what each line of the log goes through. Its loops are short: whatever stands before one to align it is executed, too.
$(OUT)/src/fmt.o $(OUT)/src/log.o $(OUT)/src/recorder.o: SHIM_FLAGS += -O2 -fno-align-loops \
	-fno-align-jumps -fno-align-labels

# And small ones that every call goes through.
$(OUT)/src/source.o $(OUT)/libc/heap.o $(OUT)/arch/x86/guard.o $(OUT)/arch/x86/platform.o: SHIM_FLAGS += -O2 -fno-align-functions \
	-fno-align-loops -fno-align-jumps -fno-align-labels

# The string functions must not be turned into calls of themselves.
$(OUT)/libc/%.o: libc/%.c mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_FLAGS) -fno-builtin -fno-tree-loop-distribute-patterns -fno-stack-protector -c -o $@ $<

$(OUT)/drivers/%.o: drivers/%.c mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_FLAGS) -c -o $@ $<

$(OUT)/arch/%.o: arch/%.c mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_FLAGS) $(ARCH_INCLUDE) -c -o $@ $<

$(OUT)/%.o: %.S mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON_FLAGS) $(ARCH_INCLUDE) -c -o $@ $<

$(OUT)/control/%.o: %.c mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(CONTROL_FLAGS) -c -o $@ $<

$(OUT)/control/%.o: %.S mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(CONTROL_FLAGS) -c -o $@ $<

$(OUT)/control/src/mover.o: CONTROL_FLAGS += -O2

$(OUT)/control.elf: $(CONTROL_OBJECTS) arch/x86/control/control.lds
	$(Q)$(CC) $(WIDTH_FLAGS_$(ARCH)) -nostdlib -static-pie -Wl,--no-dynamic-linker -Wl,-z,noexecstack -Wl,--build-id=none \
		-Wl,--fatal-warnings -Wl,--no-warn-rwx-segments -Wl,--gc-sections -T arch/x86/control/control.lds -o $@ $(CONTROL_OBJECTS)

$(OUT)/control.bin: $(OUT)/control.elf
	$(Q)objcopy -O binary -j .text $< $@

# The blob goes into the shim as bytes.
$(OUT)/arch/x86/blob.o: $(OUT)/control.bin
$(OUT)/arch/x86/blob.o: COMMON_FLAGS += -Wa,-I$(OUT)

# libzstd's readers of formats older than its 1.0 (a third of it), which src/unpack_zstd.c never lets it come to.
ZSTD_OLD := $(foreach v,v05 v06 v07,$(addprefix ZBUFF$(v)_,createDCtx freeDCtx decompressInitDictionary decompressContinue) \
	$(addprefix ZSTD$(v)_,createDCtx freeDCtx decompress_usingDict findFrameSizeInfoLegacy getFrameParams))
ARCHIVES := libfdt libmbedcrypto libz liblzma libzstd liblz4

$(OUT)/trapeze.elf: $(SHIM_OBJECTS) boot/trapeze.lds $(LIBS_STAMP)
	$(Q)$(CC) $(WIDTH_FLAGS_$(ARCH)) -nostdlib -static -no-pie -Wl,-z,noexecstack -Wl,--build-id=none -Wl,--gc-sections \
		-Wl,--nmagic -Wl,--fatal-warnings -T boot/trapeze.lds -o $(OUT)/trapeze.debug $(SHIM_OBJECTS) \
		-L$(LIBDIR) $(ARCHIVES:%=-l:%.a) $(ZSTD_OLD:%=-Wl,--defsym,%=zstd_old_format)
	$(Q)objcopy --strip-all $(OUT)/trapeze.debug $@
	@size $(OUT)/trapeze.debug

# $(call symbols,PROGRAM,NAME=SYMBOL...): the addresses of a program's symbols, as macros.
symbols = nm $(1) | awk -v wanted="$(2)" 'BEGIN { n = split(wanted, words) } { at[$$3] = $$1 } \
	END { for (i = 1; i <= n; i++) { split(words[i], w, "="); sub(/^0*/, "0x", at[w[2]]); print "\#define", w[1], at[w[2]] } }' >$@

$(OUT)/stub/shim_layout.h: $(OUT)/trapeze.elf
	@mkdir -p $(@D)
	$(Q)$(call symbols,$(OUT)/trapeze.debug,SHIM_START=image_start SHIM_END=image_end SHIM_ENTRY=start)

$(OUT)/stub/shim.bin: $(OUT)/trapeze.elf
	@mkdir -p $(@D)
	$(Q)objcopy -O binary $< $@

$(OUT)/stub/%.o: %.c $(OUT)/stub/shim_layout.h mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(STUB_FLAGS) -c -o $@ $<

$(OUT)/stub/%.o: %.S $(OUT)/stub/shim_layout.h $(OUT)/stub/shim.bin mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(STUB_FLAGS) -Wa,-I$(OUT)/stub -c -o $@ $<

$(OUT)/stub/stub.elf: $(STUB_OBJECTS) boot/linux/stub.lds
	$(Q)$(CC) $(WIDTH_FLAGS_$(ARCH)) -nostdlib -static-pie -Wl,--no-dynamic-linker -Wl,-z,noexecstack -Wl,--build-id=none \
		-Wl,--fatal-warnings -Wl,--no-warn-rwx-segments -Wl,--gc-sections -T boot/linux/stub.lds -o $@ $(STUB_OBJECTS)

$(OUT)/stub/stub.bin: $(OUT)/stub/stub.elf
	$(Q)objcopy -O binary -j .text $< $@

$(OUT)/stub/stub_layout.h: $(OUT)/stub/stub.elf
	$(Q)$(call symbols,$<,STUB_SIZE=stub_size STUB_INIT_SIZE=stub_image_end STUB_KERNEL_INFO=kernel_info)

$(OUT)/setup/%.o: %.c mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(SETUP_FLAGS) -c -o $@ $<

$(OUT)/setup/%.o: %.S $(OUT)/stub/stub_layout.h mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(SETUP_FLAGS) -Wa,--fatal-warnings -DTRAPEZE_VERSION='"$(VERSION)"' \
		-DHEADER_XLOADFLAGS='$(HEADER_XLOADFLAGS_$(ARCH))' -c -o $@ $<

$(OUT)/setup/setup.elf: $(SETUP_OBJECTS) boot/linux/header.lds
	$(Q)$(CC) -m32 -nostdlib -static -no-pie -Wl,-z,noexecstack -Wl,--build-id=none -Wl,--nmagic -Wl,--gc-sections \
		-Wl,--fatal-warnings -Wl,--no-warn-rwx-segments -T boot/linux/header.lds -o $@ $(SETUP_OBJECTS)

$(OUT)/trapeze.bzimage: $(OUT)/setup/setup.elf $(OUT)/stub/stub.bin
	$(Q)objcopy -O binary -j .setup $< $(OUT)/setup/setup.bin
	$(Q)cat $(OUT)/setup/setup.bin $(OUT)/stub/stub.bin >$@

-include $(STUB_OBJECTS:.o=.d) $(SETUP_OBJECTS:.o=.d)
-include $(SHIM_OBJECTS:.o=.d) $(CONTROL_OBJECTS:.o=.d)
.PHONY: shim
