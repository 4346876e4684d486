# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# trapeze-bioscall.elf: BIOS calls for a running Linux (docs/bioscall.md), out of the shim's own objects and a frame around them.

BIOSCALL_OWN := $(patsubst %,$(OUT)/%.o,$(basename $(wildcard bioscall/*.c bioscall/*.S bioscall/$(ARCH)/*.c bioscall/$(ARCH)/*.S)))
BIOSCALL_SHIM := $(filter $(OUT)/libc/%,$(SHIM_OBJECTS)) $(patsubst %,$(OUT)/%.o,$(addprefix src/,bios bios_text error fmt fmt_field \
	log number plan printable registers) drivers/uart8250/uart8250 $(addprefix arch/x86/,bios16 bios_call cpu fpu platform serial_io \
	tables time) $(addprefix arch/$(ARCH)/,bios_switch stack_protector tables_width traps_width vectors))
BIOSCALL_SHIM := $(filter $(BIOSCALL_SHIM),$(SHIM_OBJECTS))

bioscall: ## build trapeze-bioscall.elf, which tools/bioscall has a running Linux call
	@$(MAKE) --no-print-directory ARCH=x86_64 $(BUILD)/x86_64/trapeze-bioscall.elf
	@$(MAKE) --no-print-directory ARCH=i386 $(BUILD)/i386/trapeze-bioscall.elf
.PHONY: bioscall

$(OUT)/bioscall/%.o: bioscall/%.c bioscall/bioscall.mk mk/shim.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(SHIM_FLAGS) $(ARCH_INCLUDE) -Ibioscall -c -o $@ $<

# An exception can come while the BIOS's own state is in the SSE registers.
$(OUT)/bioscall/machine.o: SHIM_FLAGS += -mgeneral-regs-only

$(OUT)/trapeze-bioscall.elf: $(BIOSCALL_OWN) $(BIOSCALL_SHIM) bioscall/bioscall.lds
	$(Q)$(CC) $(WIDTH_FLAGS_$(ARCH)) -nostdlib -static -no-pie -Wl,-z,noexecstack -Wl,--build-id=none -Wl,--gc-sections \
		-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,--fatal-warnings -T bioscall/bioscall.lds -o $(@:.elf=.debug) \
		$(BIOSCALL_OWN) $(BIOSCALL_SHIM)
	$(Q)objcopy --strip-all $(@:.elf=.debug) $@

-include $(BIOSCALL_OWN:.o=.d)
