# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# The PVH test kernel, which prints what it is handed: 32-bit code, in files of both classes, far up and right at 1 MiB.
# (multiboot.mk makes 64-bit files out of 32-bit ones.)

PVH_PAYLOADS := $(addprefix $(BUILD)/i386/payload/,got-pvh.elf got-pvh-64.elf got-pvh-low.elf)
PVH_BASE_got-pvh := 0x3000000
PVH_BASE_got-pvh-low := 0x100000

payload: $(PVH_PAYLOADS)

$(BUILD)/i386/payload/got-pvh.elf $(BUILD)/i386/payload/got-pvh-low.elf: $(BUILD)/i386/payload/%.elf: \
		$(patsubst %,$(BUILD)/i386/payload/elf/%.o,pvh_entry got_pvh lib/print lib/keys lib/regs lib/memory) \
		test/payload/pvh.lds test/payload/pvh.mk
	$(Q)ld -m elf_i386 -static --build-id=none --no-warn-rwx-segments -z noexecstack -e 0 \
		--defsym=BASE=$(PVH_BASE_$*) -T test/payload/pvh.lds -o $@ $(filter %.o,$^)
