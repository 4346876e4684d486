/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* The shim's own address space: all memory that firmware named, 1:1, and the shim's own segments with their rights. */
#include "cpu.h"
#include "dump.h"
#include "guard.h"
#include "log.h"
#include "paging.h"
#include "serial.h"
#include "x86.h"

#define SPARE_PAGES 64			/* for the first MiB, and what is to be reached later */
#define SHIM_CUTS 8
#define EARLY_POOL_PAGES (BUILD_IS_64 ? 3 : 0)	/* a pointer table, a directory and a table */

struct paging shim_paging;
static u8 early_pool[EARLY_POOL_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* Memory and tables; what firmware calls reserved may be device space, but it is where ROMs and tables lie, too. */
static enum err map_memory(struct paging *paging, const struct memmap *map)
{
	enum err err = ERR_OK;

	for (u32 i = 0; i < map->count && !err; i++)
		err = paging_map(paging, map->ranges[i].start, map->ranges[i].end, PAGING_WRITE);
	/* The first MiB holds the BIOS, its data and video memory, whether the map names them or not. */
	if (!err)
		err = paging_map(paging, 0, MIB(1), PAGING_WRITE);
	return err;
}

static enum err map_shim(struct paging *paging)
{
	const struct {
		char *start, *end;
		u32 attributes;
	} parts[] = {
		{ text_start, text_end, PAGING_EXECUTE },
		{ rodata_start, rodata_end, 0 },
		{ data_start, data_end, PAGING_WRITE },
		{ stack_guard, stack_bottom, PAGING_NONE },
	};
	enum err err = ERR_OK;

	for (u32 i = 0; i < ARRAY_COUNT(parts) && !err; i++)
		err = paging_map(paging, (uintptr_t)parts[i].start, (uintptr_t)parts[i].end, parts[i].attributes);
	return err;
}

static const char *large_name(const struct paging *paging)
{
	if (!paging->large_pages)
		return "no";
	return paging->gib_pages && BUILD_IS_64 ? "1GiB" : paging->format == PAGING_PLAIN ? "4MiB" : "2MiB";
}

enum err arch_paging_start(struct memory *memory)
{
	const struct memory_where where = { .max = EARLY_MAP_END };
	struct paging_pool pool;
	u64 size = (paging_pages_for_map(&memory->map, SHIM_CUTS) + SPARE_PAGES) * PAGE_SIZE;
	enum err err = memory_alloc(memory, size, &where, OWNER_TABLE, "page tables", &pool.next);

	if (err) {
		log_err("paging", "no room for page tables bytes=%llu", size);
		return err;
	}
	pool.end = pool.next + size;
	err = paging_init(&shim_paging, pool);
	if (!err)
		err = map_memory(&shim_paging, &memory->map);
	if (!err)
		err = map_shim(&shim_paging);
	if (!err)
		err = serial_map(&shim_paging);
	if (err)
		return err;
	traps_set_cr3((reg_t)shim_paging.root);
	paging_load(&shim_paging);
	guard_self();
	log_info("paging", "on format=%s large=%s nx=%s tables=%llu",
		 shim_paging.format == PAGING_LONG ? "4-level" : shim_paging.format == PAGING_PAE ? "pae" : "32-bit",
		 large_name(&shim_paging), shim_paging.no_execute ? "yes" : "no", (shim_paging.pool.next - pool.next) / PAGE_SIZE);
	return ERR_OK;
}

static void flush(void)
{
	write_cr3(read_cr3());
}

void arch_paging_seal_low(void)
{
	if (paging_map(&shim_paging, 0, PAGE_SIZE, PAGING_NONE))
		log_warn("paging", "page 0 stays mapped");
	flush();
}

bool arch_paging_open_low(u8 **first)
{
	enum err err = paging_map(&shim_paging, 0, PAGE_SIZE, PAGING_WRITE);

	if (err)
		log_warn("paging", "page 0 stays out of reach");
	flush();
	*first = (u8 *)(uintptr_t)0;
	return !err;
}

/* The start code's tables, of which only the x86_64 build has some: they reach to 4 GiB. */
static enum err reach_early(paddr_t start, paddr_t end)
{
	static struct paging early = { .format = PAGING_LONG, .large_pages = true };
	enum err err;

	if (end <= EARLY_MAP_END)
		return ERR_OK;
	if (!early.root) {
		early.root = read_cr3();
		early.pool.next = (uintptr_t)early_pool;
		early.pool.end = early.pool.next + sizeof(early_pool);
	}
	err = paging_map(&early, start, end, PAGING_WRITE | PAGING_UNCACHED);
	flush();
	return err;
}

enum err paging_reach(paddr_t start, paddr_t end)
{
	enum err err;

	if (end > BUILD_PADDR_LIMIT || start > end) {
		log_err("paging", "address 0x%llx is out of this build's reach limit=0x%llx", end, (u64)BUILD_PADDR_LIMIT);
		return ERR_VALUE;
	}
	if (!shim_paging.root)
		return reach_early(start, end);
	err = paging_map(&shim_paging, start, end, PAGING_WRITE | PAGING_UNCACHED);
	flush();
	return err;
}

/* Before there are tables of our own the start code's reach to 4 GiB. */
static bool is_reachable(paddr_t start, paddr_t end)
{
	if (!shim_paging.root)
		return start <= end && end <= EARLY_MAP_END && end <= BUILD_PADDR_LIMIT;
	return paging_is_mapped(&shim_paging, start, end);
}

/* Apart: most callers ask for what is known, which takes few registers. */
__attribute__((noinline)) static bool look_up(uintptr_t at, uintptr_t size)
{
	return size <= BUILD_PADDR_LIMIT && at <= BUILD_PADDR_LIMIT - size && is_reachable(at, (paddr_t)at + size);
}

void *arch_phys(paddr_t paddr, u64 size)
{
	uintptr_t at = (uintptr_t)paddr, bytes = (uintptr_t)size;

	/* More than a word is out of the build's reach. */
	if (at != paddr || bytes != size)
		return NULL;
	return paging_knows(&shim_paging, at, bytes) || look_up(at, bytes) ? (void *)at : NULL;
}

#define TABLE_ENTRIES (PAGE_SIZE / sizeof(u64))
#define ENTRY_PRESENT 0x1ull
#define ENTRY_TABLE 0x3ull		/* present, writable */
#define ENTRY_LARGE 0x81ull		/* present, 2 MiB */

/* One GiB above the start code's reach at a time, in large pages; the way to the last one is closed. */
static void *window(paddr_t page)
{
	static u64 pointers[TABLE_ENTRIES] __attribute__((aligned(PAGE_SIZE)));
	static u64 directory[TABLE_ENTRIES] __attribute__((aligned(PAGE_SIZE)));
	static u64 *way;
	static paddr_t base;
	u64 *root = (u64 *)(uintptr_t)align_down(read_cr3(), PAGE_SIZE), *top;

	if (!BUILD_IS_64 || page >= BUILD_PADDR_LIMIT)
		return NULL;
	if (way && base == align_down(page, GIB(1)))
		return (void *)(uintptr_t)page;
	if (way)
		*way = 0;
	top = &root[page >> 39];
	if (!*top)
		*top = (uintptr_t)pointers | ENTRY_TABLE;
	way = (u64 *)(uintptr_t)align_down(*top, PAGE_SIZE) + (page >> 30) % TABLE_ENTRIES;
	/* The UART's, perhaps. */
	if (*way & ENTRY_PRESENT)
		return way = NULL;
	base = align_down(page, GIB(1));
	for (u32 i = 0; i < TABLE_ENTRIES; i++)
		directory[i] = (base + i * MIB(2)) | ENTRY_LARGE;
	*way = (uintptr_t)directory | ENTRY_TABLE;
	flush();
	return (void *)(uintptr_t)page;
}

const void *arch_phys_page(paddr_t page)
{
	const void *bytes = arch_phys(page, PAGE_SIZE);

	return bytes || shim_paging.root ? bytes : window(page);
}

paddr_t arch_paddr(const void *p)
{
	return (uintptr_t)p;
}

paddr_t arch_phys_limit(void)
{
	return min_u64(BUILD_PADDR_LIMIT, (paddr_t)1 << arch_features.paddr_bits);
}

bool dump_can_read(u64 address, u64 size)
{
	return arch_phys(address, size) != NULL;
}
