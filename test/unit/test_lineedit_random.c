/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* Keys at random at the line editor, and the cursor in every place of a long line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lineedit.h"
#include "term.h"
#include "vt100.h"

/* Keys at random against a line that a child could write; after each the cursor stands on the character it should. */
struct model {
	char text[200];
	size_t at;
};

static const char model_keys[] = "abc =\x01\x02\x04\x05\x06\x08\x0b\x0c";

static void model_type(struct model *m, char key)
{
	size_t length = strlen(m->text);

	switch (key) {
	case 0x01:
		m->at = 0;
		break;
	case 0x02:
		m->at -= m->at ? 1 : 0;
		break;
	case 0x05:
		m->at = length;
		break;
	case 0x06:
		m->at += m->at < length ? 1 : 0;
		break;
	case 0x08:
		if (m->at)
			m->at--, memmove(m->text + m->at, m->text + m->at + 1, length - m->at);
		break;
	case 0x04:
		if (m->at < length)
			memmove(m->text + m->at, m->text + m->at + 1, length - m->at);
		break;
	case 0x0b:
		m->text[m->at] = '\0';
		break;
	case 0x0c:
		break;
	default:
		if (length < 150) {
			memmove(m->text + m->at + 1, m->text + m->at, length - m->at + 1);
			m->text[m->at++] = key;
		}
		break;
	}
}

static u32 next_random(u32 *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

static void check_random(u32 seed, size_t count)
{
	struct lineedit edit = { .prompt = ": ", .initial = "", .max_length = 150 };
	struct model model = { .at = 0 };
	char keys[600], *text;
	struct vt100_step steps[] = { { .keys = keys }, { .keys = "\r" } };
	u32 random = seed;

	for (size_t i = 0; i < count; i++) {
		/* Letters more often than the rest, and a cut to the end now and then only. */
		keys[i] = model_keys[next_random(&random) % (next_random(&random) % 3 ? 5 : 11)];
		if (next_random(&random) % 200 == 0)
			keys[i] = model_keys[11 + next_random(&random) % 2];
		model_type(&model, keys[i]);
	}
	keys[count] = '\0';
	vt100_play(steps, ARRAY_COUNT(steps));
	text = lineedit_run(&edit);
	assert_string_equal(text, model.text);
	assert_int_equal(vt100_strange, 0);
	if (model.at < strlen(model.text))
		assert_int_equal(vt100_cell(vt100_row, vt100_column), model.text[model.at]);
	else
		assert_int_equal(vt100_cell(vt100_row, vt100_column), ' ');
	if (model.at)
		assert_int_equal(vt100_cell(vt100_row, vt100_column - 1), model.text[model.at - 1]);
	free(text);
}

static void test_random(void **state)
{
	(void)state;
	for (u32 seed = 0; seed < 1000; seed++)
		check_random(seed, 1 + seed % 590);
}

/* Wherever the cursor is in a long line, it stands on its character and not on a mark, and off the last column. */
static void test_cursor_in_sight(void **state)
{
	static const char line[] = "console=ttyS0,115200n8 earlyprintk=serial,ttyS0,115200 root=/dev/vda1 "
				   "rootfstype=ext4 ro quiet panic=10 trapeze.test=1 and so on and so on";
	struct lineedit edit = { .prompt = ": ", .initial = line, .max_length = 200 };
	char keys[160];
	struct vt100_step steps[] = { { .keys = keys }, { .keys = "\r" } };

	(void)state;
	for (u32 i = 0; i < 2 * strlen(line); i++) {
		u32 at = i < strlen(line) ? i : (u32)(2 * strlen(line) - 1 - i);

		/* Forward from the start, then back from the end. */
		memset(keys, i < strlen(line) ? 0x06 : 0x02, sizeof(keys));
		keys[0] = i < strlen(line) ? 0x01 : 0x05;
		keys[1 + (i < strlen(line) ? at : strlen(line) - at)] = '\0';
		vt100_play(steps, ARRAY_COUNT(steps));
		free(lineedit_run(&edit));
		assert_int_equal(vt100_cell(vt100_row, vt100_column), line[at]);
		assert_true(vt100_column < TERM_COLUMNS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_cursor_in_sight),
	};

	return cmocka_run_group_tests_name("lineedit_random", tests, NULL, NULL);
}
