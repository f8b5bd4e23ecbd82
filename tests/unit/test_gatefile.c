/* test_gatefile.c - unit tests of spank/gatefile.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include <cmocka.h>

#include "gatefile.h"

static char dir[64], parent[48];

static int make_parent(void **state)
{
	(void)state;
	strcpy(parent, "gatefile-XXXXXX");
	if (!mkdtemp(parent))
		return -1;
	snprintf(dir, sizeof(dir), "%s/aif", parent);
	return 0;
}

static int remove_parent(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", parent);
	return system(command);
}

static void write_text(uint32_t job, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%u", dir, job);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void test_there_and_back(void **state)
{
	const struct spank_aif_gate allowed = {.open = true, .array = 17, .data = "staging /s\nro /data/a b\nrw /c\n"},
				    refused = {.text = "no: it is in SE (AIF-R011)"};
	struct spank_aif_gate gate;
	struct stat found;

	(void)state;
	assert_int_equal(spank_aif_gatefile_read(dir, 1, &gate), 0);
	assert_int_equal(spank_aif_gatefile_remove(dir, 1), 0);
	assert_int_equal(spank_aif_gatefile_write(dir, 1, &allowed), 0);
	assert_int_equal(spank_aif_gatefile_write(dir, 2, &refused), 0);
	assert_int_equal(stat(dir, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0700);
	assert_int_equal(spank_aif_gatefile_read(dir, 1, &gate), 1);
	assert_true(gate.open);
	assert_int_equal(gate.array, 17);
	assert_string_equal(gate.data, allowed.data);
	assert_int_equal(spank_aif_gatefile_read(dir, 2, &gate), 1);
	assert_false(gate.open);
	assert_string_equal(gate.text, refused.text);
	assert_int_equal(spank_aif_gatefile_read(dir, 3, &gate), 0);
	assert_int_equal(spank_aif_gatefile_write(dir, 1, &refused), 0);
	assert_int_equal(spank_aif_gatefile_read(dir, 1, &gate), 1);
	assert_false(gate.open);
	assert_int_equal(spank_aif_gatefile_remove(dir, 1), 0);
	assert_int_equal(spank_aif_gatefile_read(dir, 1, &gate), 0);
}

static void test_damaged_is_no_yes(void **state)
{
	static const char *const bad[] = {"", "1 ok 0", "1 ok \n", "1 ok x\n", "1 ok 0 \n", "2 ok 0\n", "1 ok 4294967296\n",
					  "1 ok 0\n\n", "ok\n", "1 no text", "1 no text\n\n", "1 ok 0\nro /data\n",
					  "1 ok 0\nstaging /s\nro /data"};
	const struct spank_aif_gate allowed = {.open = true};
	struct spank_aif_gate gate;

	(void)state;
	assert_int_equal(spank_aif_gatefile_write(dir, 5, &allowed), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_text(5, bad[i]);
		assert_int_equal(spank_aif_gatefile_read(dir, 5, &gate), -1);
	}
}

static void test_the_longest(void **state)
{
	static struct spank_aif_gate allowed = {.open = true, .array = UINT32_MAX}, gate;
	static char text[2 * SPANK_AIF_GATING_LIST];

	(void)state;
	memset(allowed.data, 'x', sizeof(allowed.data) - 1);
	memcpy(allowed.data, "staging /", strlen("staging /"));
	allowed.data[sizeof(allowed.data) - 2] = '\n';
	assert_int_equal(spank_aif_gatefile_write(dir, 6, &allowed), 0);
	assert_int_equal(spank_aif_gatefile_read(dir, 6, &gate), 1);
	assert_string_equal(gate.data, allowed.data);
	snprintf(text, sizeof(text), "1 ok 0\n%sx\n", allowed.data);
	write_text(6, text);
	assert_int_equal(spank_aif_gatefile_read(dir, 6, &gate), -1);
}

static void test_unsafe_places(void **state)
{
	const struct spank_aif_gate allowed = {.open = true};
	struct spank_aif_gate gate;
	char path[128];

	(void)state;
	assert_int_equal(spank_aif_gatefile_write(dir, 7, &allowed), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(spank_aif_gatefile_read(dir, 7, &gate), -1);
	assert_int_equal(spank_aif_gatefile_write(dir, 7, &allowed), -1);
	assert_int_equal(chmod(dir, 0700), 0);
	snprintf(path, sizeof(path), "%s/8", dir);
	assert_int_equal(symlink("7", path), 0);
	assert_int_equal(spank_aif_gatefile_read(dir, 8, &gate), -1);
	snprintf(path, sizeof(path), "%s/link", parent);
	assert_int_equal(symlink("aif", path), 0);
	assert_int_equal(spank_aif_gatefile_read(path, 7, &gate), -1);
}

static void test_old_ones_go(void **state)
{
	const struct spank_aif_gate allowed = {.open = true};
	const struct utimbuf old = {.modtime = time(NULL) - 3 * 86400};
	struct spank_aif_gate gate;
	char path[128];

	(void)state;
	assert_int_equal(spank_aif_gatefile_write(dir, 10, &allowed), 0);
	assert_int_equal(spank_aif_gatefile_write(dir, 11, &allowed), 0);
	snprintf(path, sizeof(path), "%s/10", dir);
	assert_int_equal(utime(path, &old), 0);
	spank_aif_gatefile_prune(dir, 4);
	assert_int_equal(spank_aif_gatefile_read(dir, 10, &gate), 1);
	spank_aif_gatefile_prune(dir, 2);
	assert_int_equal(spank_aif_gatefile_read(dir, 10, &gate), 0);
	assert_int_equal(spank_aif_gatefile_read(dir, 11, &gate), 1);
	spank_aif_gatefile_prune("nowhere", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_there_and_back, make_parent, remove_parent),
	    cmocka_unit_test_setup_teardown(test_damaged_is_no_yes, make_parent, remove_parent),
	    cmocka_unit_test_setup_teardown(test_the_longest, make_parent, remove_parent),
	    cmocka_unit_test_setup_teardown(test_unsafe_places, make_parent, remove_parent),
	    cmocka_unit_test_setup_teardown(test_old_ones_go, make_parent, remove_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
