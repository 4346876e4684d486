/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What the shim's code wants from the machine that it runs on, in the few ways in which this image's is another. */
#include "machine.h"

#include "bios_alarm.h"
#include "log.h"
#include "memory.h"
#include "serial.h"
#include "traps.h"
#include "x86.h"

#define STACK_SIZE 2048
#define UART_INTERRUPTS 1		/* its registers */
#define UART_LINE 3
#define UART_MODEM 4

extern char vector_stubs[];
void __stack_chk_fail(void);

static struct cpu_tables tables;
static u8 stacks[STACK_COUNT][STACK_SIZE] __attribute__((aligned(16)));
static u8 bios_page[ARCH_BIOS_SIZE] __attribute__((aligned(4096)));
static struct uart8250 uart;
static struct serial_port port;		/* of the log; Ctrl-C there ends a call */
static u8 uart_interrupts, uart_line, uart_modem;
u8 canary_block[64] __attribute__((aligned(16)));

struct cpu_tables *traps_tables(void)
{
	return &tables;
}

void machine_start(void)
{
	struct tables_config config = {
		.vectors = (uintptr_t)vector_stubs, .canary = (uintptr_t)canary_block, .code_selector = SEL_CODE_BUILD,
	};

	traps_config_width(&config);
	for (unsigned int i = 0; i < STACK_COUNT; i++)
		config.stack_top[i] = (uintptr_t)stacks[i] + STACK_SIZE;
	tables_build(&tables, &config);
	tables_load(&tables);
}

/* The image's own code is wrong: what it says goes to the caller, who gets the machine back. */
NORETURN static void give_up(u32 vector, u64 place)
{
	bioscall_area.status = BIOSCALL_FAULT;
	bioscall_area.vector = vector;
	bioscall_area.place = place;
	log_err("bioscall", "exception %u at 0x%llx", vector, place);
	bioscall_finish();
	bioscall_leave();
}

void trap_handle(struct trap_frame *frame)
{
	give_up((u32)frame->vector, frame->ip);
}

void __stack_chk_fail(void)
{
	give_up(0, (uintptr_t)__builtin_return_address(0));
}

static void write_line(const char *text, size_t size)
{
	uart8250_write(&uart, text, size - 1);
	uart8250_write(&uart, "\r\n", 2);
}

const struct serial_port *serial_current(void)
{
	return &port;
}

void machine_open_port(u32 base)
{
	uart = (struct uart8250){ .io = serial_io(CONSOLE_IO), .base = base };
	log_set_console(NULL);
	port.present = base && uart8250_probe(&uart);
	if (!port.present)
		return;
	port.config.access = CONSOLE_IO;
	port.config.addr = base;
	uart_interrupts = inb((u16)(base + UART_INTERRUPTS));
	uart_line = inb((u16)(base + UART_LINE));
	uart_modem = inb((u16)(base + UART_MODEM));
	uart8250_setup(&uart, 0, 8, 'n');
	log_set_console(write_line);
}

void machine_close_port(void)
{
	u16 base = (u16)uart.base;

	log_set_console(NULL);
	if (!port.present)
		return;
	outb((u16)(base + UART_MODEM), uart_modem);
	outb((u16)(base + UART_LINE), uart_line);
	outb((u16)(base + UART_INTERRUPTS), uart_interrupts);
}

/* Everything that a pointer can name is mapped to itself, the first page too. */
void *arch_phys(paddr_t paddr, u64 size)
{
	return size && (uintptr_t)paddr == paddr ? (void *)(uintptr_t)paddr : NULL;
}

/* The HPET is Linux's. */
void bios_alarm_set(u32 limit_ms)
{
	(void)limit_ms;
}

void bios_alarm_stop(void)
{
}

/* src/bios.c asks once, for the page that its real-mode code lies in. */
enum err memory_alloc(struct memory *memory, u64 size, const struct memory_where *where, enum mem_owner owner,
		      const char *name, paddr_t *out)
{
	(void)memory, (void)where, (void)owner, (void)name;
	*out = (uintptr_t)bios_page;
	return size <= sizeof(bios_page) ? ERR_OK : ERR_NO_ROOM;
}
