# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# The multiboot test kernels, which print what they are handed: 32-bit code, at any address. The 64-bit ELF file holds the
# same code, as kernels do that switch modes themselves.

MULTIBOOT_PAYLOADS := $(addprefix $(BUILD)/i386/payload/,got-multiboot1.elf got-multiboot1-64.elf got-multiboot1-flat.bin \
	got-multiboot2.elf got-multiboot2-flat.bin got-multiboot2-relocatable.elf got-multiboot2-screen.elf)

payload: $(MULTIBOOT_PAYLOADS)

# $(call multiboot_payload,NAME,FORMAT,FLAT,RELOCATABLE,SCREEN)
define multiboot_payload
$(BUILD)/i386/payload/$(1).elf: test/payload/multiboot_header.S test/payload/lib/entry32.h test/payload/multiboot.lds \
		test/payload/multiboot.mk $(patsubst %,$(BUILD)/i386/payload/pic/%.o,got_multiboot lib/print lib/keys lib/regs lib/memory)
	$$(Q)gcc -m32 -Wa,--defsym,FORMAT=$(2),--defsym,FLAT=$(3),--defsym,RELOCATABLE=$(4),--defsym,SCREEN=$(if $(5),1,0) \
		-Wa,--defsym,SCRATCH=$(if $(filter 1,$(2)),60,4) -c -o $$(@:.elf=.o) test/payload/multiboot_header.S
	$$(Q)ld -m elf_i386 -static --build-id=none --no-warn-rwx-segments -z noexecstack -T test/payload/multiboot.lds \
		-o $$@ $$(@:.elf=.o) $$(filter %.o,$$^)
endef

$(eval $(call multiboot_payload,got-multiboot1,1,0,0))
$(eval $(call multiboot_payload,got-multiboot1-flat,1,1,0))
$(eval $(call multiboot_payload,got-multiboot2,2,0,0))
$(eval $(call multiboot_payload,got-multiboot2-flat,2,1,0))
$(eval $(call multiboot_payload,got-multiboot2-relocatable,2,0,1))
$(eval $(call multiboot_payload,got-multiboot2-screen,2,0,0,1))

$(BUILD)/i386/payload/%-64.elf: $(BUILD)/i386/payload/%.elf
	$(Q)objcopy -I elf32-i386 -O elf64-x86-64 $< $@

$(BUILD)/i386/payload/%-flat.bin: $(BUILD)/i386/payload/%-flat.elf
	$(Q)objcopy -O binary $< $@
