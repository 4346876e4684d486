# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Test payloads: hello.elf, fault.elf, rescue.elf, pie*.elf and callee*.elf, entered as C functions; got-linux*.bin, kernels in bzImage format
# that print what they are handed. Built for both widths whatever ARCH is: $(BUILD)/{x86_64,i386}/payload/.

PAYLOAD_WIDTH_x86_64 := -m64 -mno-red-zone -mcmodel=small
PAYLOAD_WIDTH_i386 := -m32 -march=i686
PAYLOAD_LD_x86_64 := elf_x86_64
PAYLOAD_LD_i386 := elf_i386
PAYLOAD_FLAGS := -std=gnu11 -Os -g -ffreestanding -nostdinc -isystem $(shell gcc -print-file-name=include 2>/dev/null) \
	-mgeneral-regs-only -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -fno-jump-tables \
	-fno-omit-frame-pointer -Wall -Wextra -Werror -Wmissing-prototypes -Wshadow -MMD -MP \
	-Itest/payload -Itest/payload/lib

PAYLOAD_KERNELS := got-linux got-linux-fixed got-linux-32 got-linux-210 got-linux-206 got-linux-204 got-linux-202 \
	got-linux-200 got-linux-zimage
# The called payload: far from everything, on top of the shim, below 1 MiB.
PAYLOAD_CALLEES := callee.elf callee-over.elf callee-low.elf
PAYLOAD_BASE_callee := 0x2000000
PAYLOAD_BASE_callee-over := 0x200000
PAYLOAD_BASE_callee-low := 0x20000
PAYLOAD_BASE_callee-high := 0x140000000
# Called, asleep, resumed; one of them on top of the shim.
PAYLOAD_SLEEPERS := sleeper.elf sleeper-over.elf
PAYLOAD_BASE_sleeper := 0x2000000
PAYLOAD_BASE_sleeper-over := 0x200000
PAYLOAD_NAMES := hello.elf fault.elf pie.elf pie-packed.elf rescue.elf $(PAYLOAD_CALLEES) $(PAYLOAD_SLEEPERS) $(addsuffix .bin,$(PAYLOAD_KERNELS))
# That one lies above 4 GiB.
PAYLOAD_FILES_x86_64 := $(addprefix $(BUILD)/x86_64/payload/,$(PAYLOAD_NAMES) callee-high.elf)
PAYLOAD_FILES_i386 := $(addprefix $(BUILD)/i386/payload/,$(PAYLOAD_NAMES) pager.elf)

# Where the two programs lie in a test kernel: linux_header.S says the same.
PAYLOAD_PLACE_i386 := --defsym=OFFSET=0x400 --defsym=LIMIT=0x3c00
PAYLOAD_PLACE_x86_64 := --defsym=OFFSET=0x4000 --defsym=LIMIT=0x4000

payload: $(PAYLOAD_FILES_x86_64) $(PAYLOAD_FILES_i386) ## build the test payloads, both widths
.PHONY: payload

# $(call payload_rules,ARCH)
define payload_rules
$(BUILD)/$(1)/payload/elf/%.o: test/payload/%.c test/payload/payload.mk
	@mkdir -p $$(@D)
	$$(Q)gcc $$(PAYLOAD_WIDTH_$(1)) $$(PAYLOAD_FLAGS) -Itest/payload/$(1) -fno-pie -c -o $$@ $$<

$(BUILD)/$(1)/payload/pic/%.o: test/payload/%.c test/payload/payload.mk
	@mkdir -p $$(@D)
	$$(Q)gcc $$(PAYLOAD_WIDTH_$(1)) $$(PAYLOAD_FLAGS) -Itest/payload/$(1) -fpie -fvisibility=hidden \
		-include test/payload/lib/hidden.h -c -o $$@ $$<

# Two rules: of one with both targets make would think that it makes both.
$(BUILD)/$(1)/payload/elf/%.o: test/payload/%.S test/payload/lib/entry32.h test/payload/payload.mk
	@mkdir -p $$(@D)
	$$(Q)gcc $$(PAYLOAD_WIDTH_$(1)) -c -o $$@ $$<

$(BUILD)/$(1)/payload/pic/%.o: test/payload/%.S test/payload/lib/entry32.h test/payload/payload.mk
	@mkdir -p $$(@D)
	$$(Q)gcc $$(PAYLOAD_WIDTH_$(1)) -c -o $$@ $$<

$(BUILD)/$(1)/payload/hello.elf: $$(patsubst %,$(BUILD)/$(1)/payload/elf/%.o,$(1)/entry hello lib/print \
		lib/keys lib/regs lib/memory) test/payload/elf.lds
	$$(Q)ld -m $$(PAYLOAD_LD_$(1)) -static --build-id=none --fatal-warnings -z noexecstack \
		-T test/payload/elf.lds -o $$@ $$(filter %.o,$$^)

$(BUILD)/$(1)/payload/fault.elf: $$(patsubst %,$(BUILD)/$(1)/payload/elf/%.o,$(1)/entry fault $(1)/nowhere \
		lib/print lib/keys lib/memory) test/payload/elf.lds
	$$(Q)ld -m $$(PAYLOAD_LD_$(1)) -static --build-id=none --fatal-warnings -z noexecstack \
		-T test/payload/elf.lds -o $$@ $$(filter %.o,$$^)

# With the linker's own layout, as anybody's would be. Assembly's absolute addresses need relocations in the code.
$(BUILD)/$(1)/payload/pie.elf $(BUILD)/$(1)/payload/pie-packed.elf: $$(patsubst %,$(BUILD)/$(1)/payload/pic/%.o,$(1)/entry \
		pie lib/print lib/keys lib/regs lib/memory)
	$$(Q)ld -m $$(PAYLOAD_LD_$(1)) -pie --no-dynamic-linker --build-id=none -z noexecstack -z notext \
		-z max-page-size=4096 $$(if $$(findstring packed,$$@),-z pack-relative-relocs) -o $$@ $$(filter %.o,$$^)

# Anywhere, so that what it tells about stays as it is.
$(BUILD)/$(1)/payload/rescue.elf: $$(patsubst %,$(BUILD)/$(1)/payload/pic/%.o,$(1)/entry rescue lib/print lib/keys lib/memory)
	$$(Q)ld -m $$(PAYLOAD_LD_$(1)) -pie --no-dynamic-linker --build-id=none -z noexecstack -z notext \
		-z max-page-size=4096 -o $$@ $$(filter %.o,$$^)

$$(addprefix $(BUILD)/$(1)/payload/,$(PAYLOAD_CALLEES) callee-high.elf): $(BUILD)/$(1)/payload/%.elf: \
		$$(addprefix $(BUILD)/$(1)/payload/pic/,callee.o $(1)/callee_cpu.o lib/print.o lib/memory.o) \
		test/payload/callee.lds
	$$(Q)ld -m $$(PAYLOAD_LD_$(1)) -static --build-id=none --no-warn-rwx-segments -z noexecstack \
		--defsym=BASE=$$(PAYLOAD_BASE_$$*) -T test/payload/callee.lds -o $$@ $$(filter %.o,$$^)

$$(addprefix $(BUILD)/$(1)/payload/,$(PAYLOAD_SLEEPERS)): $(BUILD)/$(1)/payload/%.elf: \
		$$(addprefix $(BUILD)/$(1)/payload/pic/,sleeper.o $(1)/sleeper_entry.o lib/memory.o) test/payload/callee.lds
	$$(Q)ld -m $$(PAYLOAD_LD_$(1)) -static --build-id=none --no-warn-rwx-segments -z noexecstack \
		--defsym=BASE=$$(PAYLOAD_BASE_$$*) -T test/payload/callee.lds -o $$@ $$(filter %.o,$$^)

# Linked at two addresses: the same bytes, or it is not position-independent.
$(BUILD)/$(1)/payload/got-linux.program: $(BUILD)/$(1)/payload/pic/got_linux.o
$(BUILD)/$(1)/payload/got-linux-real.program: $(BUILD)/$(1)/payload/pic/got_linux_real.o
$(BUILD)/$(1)/payload/got-linux.program $(BUILD)/$(1)/payload/got-linux-real.program: \
		$$(patsubst %,$(BUILD)/$(1)/payload/pic/%.o,$(1)/linux_entry lib/print lib/keys lib/regs lib/memory) test/payload/linux.lds
	$$(Q)for image in 0 0x1000000; do \
		ld -m $$(PAYLOAD_LD_$(1)) -static --build-id=none --no-warn-rwx-segments -z noexecstack \
			$$(PAYLOAD_PLACE_$(1)) --defsym=IMAGE=$$$$image -T test/payload/linux.lds \
			-o $$@.$$$$image.elf $$(filter %.o,$$^) && \
		objcopy -O binary -j .program $$@.$$$$image.elf $$@.$$$$image || exit 1; \
	done; cmp $$@.0 $$@.0x1000000
	$$(Q)mv $$@.0 $$@

-include $$(wildcard $(BUILD)/$(1)/payload/*/*.d $(BUILD)/$(1)/payload/*/*/*.d)
endef

# $(call payload_kernel,ARCH,NAME,PROTOCOL,RELOCATABLE,LOADED_HIGH,HAS_64)
define payload_kernel
$(BUILD)/$(1)/payload/$(2).bin: test/payload/linux_header.S test/payload/linux_setup.S test/payload/linux_image.lds \
		test/payload/payload.mk $(BUILD)/i386/payload/got-linux$(findstring -real,$(2)).program $(BUILD)/x86_64/payload/got-linux.program
	$$(Q)gcc -m64 -DPROTOCOL=$(3) -DRELOCATABLE=$(4) -DLOADED_HIGH=$(5) \
		-DHAS_64=$(if $(filter x86_64,$(1)),$(6),0) -DREAL=$(if $(findstring real,$(2)),1,0) \
		-DPROGRAM32='"$(BUILD)/i386/payload/got-linux$(findstring -real,$(2)).program"' \
		-DPROGRAM64='"$(BUILD)/x86_64/payload/got-linux.program"' -c -o $$(@:.bin=.o) \
		test/payload/linux_header.S
	$$(Q)ld -m elf_x86_64 --build-id=none --no-warn-rwx-segments -T test/payload/linux_image.lds \
		-o $$(@:.bin=.image) $$(@:.bin=.o)
	$$(Q)objcopy -O binary $$(@:.bin=.image) $$@
endef

$(foreach arch,x86_64 i386,$(eval $(call payload_rules,$(arch))))

# $(call payload_kernels,NAME,PROTOCOL,RELOCATABLE,LOADED_HIGH,HAS_64): HAS_64 counts where the width has it.
payload_kernels = $(foreach arch,x86_64 i386,$(eval $(call payload_kernel,$(arch),$(1),$(2),$(3),$(4),$(5))))
$(call payload_kernels,got-linux,0x20f,1,1,1)
$(call payload_kernels,got-linux-fixed,0x20f,0,1,1)
$(call payload_kernels,got-linux-32,0x20f,1,1,0)
$(call payload_kernels,got-linux-210,0x20a,1,1,0)
$(call payload_kernels,got-linux-206,0x206,1,1,0)
$(call payload_kernels,got-linux-204,0x204,0,1,0)
$(call payload_kernels,got-linux-202,0x202,0,1,0)
$(call payload_kernels,got-linux-200,0x200,0,1,0)
$(call payload_kernels,got-linux-zimage,0x202,0,0,0)

# By their 16-bit entry, and so the same in both widths.
PAYLOAD_REAL_KERNELS := got-linux-real got-linux-real-202 got-linux-real-201 got-linux-real-zimage got-linux-real-zimage-200
$(eval $(call payload_kernel,i386,got-linux-real,0x20f,1,1,0))
$(eval $(call payload_kernel,i386,got-linux-real-202,0x202,0,1,0))
$(eval $(call payload_kernel,i386,got-linux-real-201,0x201,0,1,0))
$(eval $(call payload_kernel,i386,got-linux-real-zimage,0x202,0,0,0))
$(eval $(call payload_kernel,i386,got-linux-real-zimage-200,0x200,0,0,0))
payload: $(PAYLOAD_REAL_KERNELS:%=$(BUILD)/i386/payload/%.bin)

# Called by Trapeze and by Linux's kexec jump: returns, or sleeps.
PAYLOAD_JUMPERS := $(addprefix $(BUILD)/x86_64/payload/,jumper.elf jumper-sleeps.elf)
$(BUILD)/x86_64/payload/jumper.elf: SLEEPS := 0
$(BUILD)/x86_64/payload/jumper-sleeps.elf: SLEEPS := 1
$(PAYLOAD_JUMPERS): $(addprefix $(BUILD)/x86_64/payload/pic/,jumper.o x86_64/jumper_entry.o lib/print.o) \
		test/payload/jumper.lds
	$(Q)ld -m elf_x86_64 -static --build-id=none --no-warn-rwx-segments -z noexecstack \
		--defsym=SLEEPS=$(SLEEPS) -T test/payload/jumper.lds -o $@ $(filter %.o,$^)
payload: $(PAYLOAD_JUMPERS)

# In protected mode with paging.
$(BUILD)/i386/payload/pager.elf: $(addprefix $(BUILD)/i386/payload/pic/,i386/pager.o) test/payload/callee.lds
	$(Q)ld -m elf_i386 -static --build-id=none --no-warn-rwx-segments -z noexecstack --defsym=BASE=0x2000000 \
		-T test/payload/callee.lds -o $@ $(filter %.o,$^)

# Flat, for real mode: the same in both widths.
$(BUILD)/i386/payload/real.bin: test/payload/real.S test/payload/payload.mk
	@mkdir -p $(@D)
	$(Q)gcc -m32 -c -o $(@:.bin=.o) $<
	$(Q)ld -m elf_i386 --build-id=none -z noexecstack -Ttext 0 -e _start --oformat binary -o $@ $(@:.bin=.o)
payload: $(BUILD)/i386/payload/real.bin

# The same code as a boot sector and as the image of a CD.
BOOTSECTORS := $(addprefix $(BUILD)/i386/payload/,bootsector.bin eltorito.bin)
$(BUILD)/i386/payload/bootsector.bin: BOOTSECTOR_FLAGS := -Wa,--defsym,SIGNED=1
$(BUILD)/i386/payload/bootsector.bin: BOOTSECTOR_AT := 0x7c00
$(BUILD)/i386/payload/eltorito.bin: BOOTSECTOR_FLAGS := -Wa,--defsym,SIGNED=0
$(BUILD)/i386/payload/eltorito.bin: BOOTSECTOR_AT := 0
$(BOOTSECTORS): test/payload/bootsector.S test/payload/payload.mk
	@mkdir -p $(@D)
	$(Q)gcc -m32 $(BOOTSECTOR_FLAGS) -c -o $(@:.bin=.o) $<
	$(Q)ld -m elf_i386 --build-id=none -z noexecstack -Ttext $(BOOTSECTOR_AT) -e _start --oformat binary -o $@ $(@:.bin=.o)
payload: $(BOOTSECTORS)
