/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The log. A line is `[seconds.micros] area: text key=value ...`: people read the text, grep and tests the keys.
 * Errors and warnings say so: `area: error: text`, `area: warning: text`. Lines go to a ring in memory, always, and to
 * the console when their level is within the console's. Only printable ASCII gets in; any other byte becomes '?'. See
 * docs/log.md.
 */
#ifndef TRAPEZE_LOG_H
#define TRAPEZE_LOG_H

#include <stdarg.h>

#include "types.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_STEP, LOG_LEVEL_COUNT };

/*
 * The ring: `size` bytes at `data`; `total` counts all bytes ever written, so total % size is the write position.
 * `first`, in the same counting, is where the oldest line begins that is still whole; total - first never exceeds
 * size. `sum` is over the bytes from `first` to `total`, each weighted by its place in that counting: a byte more or less at
 * either end costs one multiplication at most, whatever the size.
 */
struct log_ring {
	char *data;
	u32 size;
	u64 total;
	u64 first;
	u32 sum;
};

/*
 * One line; no newline in fmt. Longer than LOG_LINE_MAX - 1: cut, and marked with "..." at the end. The area is printable; behind it, as
 * behind fmt, there is a word that can be read (fmt.h).
 */
#define LOG_LINE_MAX 256
void log_line(enum log_level level, const char *area, const char *fmt, ...) PRINTF_LIKE(3, 4);
void log_vline(enum log_level level, const char *area, const char *fmt, va_list args) PRINTF_LIKE(3, 0);

#define log_err(area, ...) log_line(LOG_ERR, area, __VA_ARGS__)
#define log_warn(area, ...) log_line(LOG_WARN, area, __VA_ARGS__)
#define log_info(area, ...) log_line(LOG_INFO, area, __VA_ARGS__)
#define log_debug(area, ...) log_line(LOG_DEBUG, area, __VA_ARGS__)
#define log_step(area, ...) log_line(LOG_STEP, area, __VA_ARGS__)

/*
 * Where console lines go; NULL: nowhere. The text ends in "\n" and is not NUL-terminated. The level is info until it
 * is set.
 */
void log_set_console(void (*write)(const char *text, size_t size));
void log_set_level(enum log_level level);
/*
 * Send to the console what it did not get because there was none yet or its level was not known yet: of the first hundred
 * lines or so. No line is sent twice.
 */
void log_show_hidden(void);
enum log_level log_level(void);

/* Parse "err", "warn", "info", "debug", "step" or "0".."4". Returns false and leaves *level alone on anything else. */
bool log_parse_level(const char *text, enum log_level *level);

/*
 * Move the ring to other memory (kept by the log from now on): what was logged so far is kept, the newest first when
 * it does not all fit. Before the first call lines collect in a small buffer of the log's own. The two must not
 * overlap; a size below LOG_LINE_MAX changes nothing.
 */
void log_set_ring(char *data, u32 size);
const struct log_ring *log_get_ring(void);
/* Called whenever the ring has changed, with the time of that; NULL: nobody. */
void log_set_watch(void (*changed)(const struct log_ring *ring, u64 time_us));
/* What `sum` has to be, from the bytes. */
u32 log_ring_sum(const struct log_ring *ring);

/*
 * Read the ring from its oldest whole line on: *at is a position in `total` counting (start with 0; it is moved
 * forward to what is still there); copies one line without its newline, NUL-terminated, into line[size] and cuts it
 * there (LOG_LINE_MAX is always enough). Returns false at the end.
 */
bool log_read_line(u64 *at, char *line, size_t size);

#endif
