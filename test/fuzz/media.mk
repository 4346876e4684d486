# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
# Seeds of fuzz_iso9660, fuzz_fat and fuzz_partition: small media with what the targets ask for.

MEDIA_SEEDS := $(BUILD)/fuzz/seeds
MEDIA_TREE := $(MEDIA_SEEDS)/media-tree
FUZZ_SEEDS_iso9660 := $(addprefix $(MEDIA_SEEDS)/iso9660/,rock-ridge.bin joliet.bin)
FUZZ_SEEDS_fat := $(addprefix $(MEDIA_SEEDS)/fat/,fat12.bin fat16.bin fat32.bin)
FUZZ_SEEDS_partition := $(addprefix $(MEDIA_SEEDS)/partition/,mbr.bin gpt.bin)

$(MEDIA_TREE)/.stamp: test/fuzz/media.mk
	@rm -rf $(@D) && mkdir -p $(@D)/deep/er
	@cd $(@D) && echo file >file && echo text >file.txt && echo deep >deep/er/file && ln -s deep/er/file link && \
		ln -s ../deep/.. deep/up && echo long >'a long name in two entries' && touch .stamp

# The descriptors, paths and directories; of the files' bytes some.
$(MEDIA_SEEDS)/iso9660/%.bin: $(MEDIA_TREE)/.stamp
	@mkdir -p $(@D)
	@xorriso -report_about FATAL -as mkisofs -quiet -no-pad $(if $(filter rock-ridge,$*),-r,--norock -J) -m .stamp \
		-o $@.iso $(MEDIA_TREE) 2>/dev/null
	@dd if=$@.iso of=$@ bs=2048 skip=16 count=64 status=none && rm $@.iso

# What is cut off is zeros, which the target puts there again.
FAT_SIZE_12 := 64K
FAT_SIZE_16 := 2200K
$(MEDIA_SEEDS)/fat/fat12.bin $(MEDIA_SEEDS)/fat/fat16.bin: $(MEDIA_SEEDS)/fat/fat%.bin: $(MEDIA_TREE)/.stamp
	@mkdir -p $(@D) && rm -f $@ && truncate -s $(FAT_SIZE_$*) $@
	@/usr/sbin/mkfs.fat -F $* -s 1 -r 64 -f 1 $@ >/dev/null 2>&1
	@cd $(MEDIA_TREE) && export MTOOLS_SKIP_CHECK=1 && mmd -i $(abspath $@) ::deep ::deep/er && \
		mcopy -i $(abspath $@) file file.txt 'a long name in two entries' :: && mcopy -i $(abspath $@) deep/er/file ::deep/er
	@truncate -s 64K $@

# So small a FAT32 as mtools would not take for one: FILE is cluster 3, five bytes of it.
$(MEDIA_SEEDS)/fat/fat32.bin: test/fuzz/media.mk
	@mkdir -p $(@D) && rm -f $@ && truncate -s 64K $@
	@/usr/sbin/mkfs.fat -F 32 -s 1 -f 1 -R 8 $@ >/dev/null 2>&1
	@printf '\377\377\377\17' | dd of=$@ bs=1 seek=$$((8 * 512 + 12)) conv=notrunc status=none
	@printf 'FILE       \40%b\3\0\5\0\0\0' '\0\0\0\0\0\0\0\0\0\0\0\0\0\0' | \
		dd of=$@ bs=1 seek=$$((9 * 512)) conv=notrunc status=none

$(MEDIA_SEEDS)/partition/mbr.bin: test/fuzz/media.mk
	@mkdir -p $(@D) && rm -f $@ && truncate -s 60K $@
	@printf 'label: dos\n1: start=8, size=8\n2: start=20, size=80, type=5\n5: start=30, size=8\n6: start=50, size=8\n' | \
		/usr/sbin/sfdisk -q --force $@ >/dev/null 2>&1

# As small as a GPT can be: the tables are 32 sectors each.
$(MEDIA_SEEDS)/partition/gpt.bin: test/fuzz/media.mk
	@mkdir -p $(@D) && rm -f $@ && truncate -s 60K $@
	@printf 'label: gpt\nfirst-lba: 34\n1: start=40, size=8\n2: start=50, size=8\n' | /usr/sbin/sfdisk -q --force $@ >/dev/null 2>&1
