/* test_gating.c - unit tests of spank/gating.h; those that mount run in processes of their own, as root */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "gating.h"

#define TEXT_SIZE (2 * PATH_MAX)

static char top[64];

static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *format, ...)
{
	char command[TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	assert_int_equal(system(command), 0);
}

/* A staging directory with two data sets, and their mount points. */
static int make_site(void **state)
{
	(void)state;
	strcpy(top, "/tmp/test-gating-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	shell("cd %s && mkdir -m 700 staging && mkdir -p read write staging%s/read staging%s/write && "
	      "echo secret >staging%s/read/file && ln -s read link && ln -s staging stlink && ln -s read staging%s/link",
	      top, top, top, top, top);
	return 0;
}

static int remove_site(void **state)
{
	(void)state;
	shell("rm -rf --one-file-system '%s'", top);
	return 0;
}

/* Not in a chroot either, unless its root is a mount. */
static bool can_mount(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(geteuid() || unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_SLAVE, NULL) ? 1 : 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void need_mounts(void)
{
	if (!can_mount()) {
		print_message("not root, or no mount namespaces here: nothing to test\n");
		skip();
	}
}

/* A list with the words "staging NAME", then "ro NAME", ... of names below top. */
static const char *list_of(const char *words)
{
	static char list[SPANK_AIF_GATING_LIST];
	char copy[256], path[512], *word, *name, *rest;

	list[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		name = strtok_r(NULL, " ", &rest);
		snprintf(path, sizeof(path), "%s/%s", top, name);
		assert_int_equal(spank_aif_gating_add(list, sizeof(list), word, path), 0);
	}
	return list;
}

typedef int (*enter_fn)(const char *list, char *ret_why, size_t size);

/* In a process of its own: enter, then run the command. Exit status of the command, or 100 and the reason. */
static int run_in(enter_fn enter, const char *list, const char *command, char ret_why[SPANK_AIF_GATING_TEXT])
{
	int ends[2], status;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		char why[SPANK_AIF_GATING_TEXT] = "";

		if (!enter(list, why, sizeof(why)))
			_exit(WEXITSTATUS(system(command)));
		_exit(write(ends[1], why, strlen(why)) > 0 ? 100 : 101);
	}
	close(ends[1]);
	got = read(ends[0], ret_why, SPANK_AIF_GATING_TEXT - 1);
	ret_why[got > 0 ? got : 0] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_lists(void **state)
{
	char list[32] = "";

	(void)state;
	assert_int_equal(spank_aif_gating_add(list, sizeof(list), "staging", "/a b"), 0);
	assert_int_equal(spank_aif_gating_add(list, sizeof(list), "ro", "/data"), 0);
	assert_string_equal(list, "staging /a b\nro /data\n");
	assert_int_equal(spank_aif_gating_add(list, sizeof(list), "rw", "/data2"), -1);
	assert_string_equal(list, "staging /a b\nro /data\n");
}

static void test_damaged_lists(void **state)
{
	static const char *const bad[] = {"", "ro /a\n", "staging", "staging\n", "staging x\n", "staging /a", "stagings /a\n",
					  "verylongword /a\n", "\n"};
	char why[SPANK_AIF_GATING_TEXT], longer[400];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(run_in(spank_aif_gating_enter, bad[i], "true", why), 100);
	snprintf(longer, sizeof(longer), "staging /%0300d\n", 0);
	assert_int_equal(run_in(spank_aif_gating_enter, longer, "true", why), 100);
	assert_non_null(strstr(why, "damaged"));
}

static void test_only_inside(void **state)
{
	char why[SPANK_AIF_GATING_TEXT], command[TEXT_SIZE];

	(void)state;
	need_mounts();
	snprintf(command, sizeof(command),
		 "cd %s && grep -q secret read/file && ! touch read/other 2>/dev/null && touch write/mine && "
		 "test $(grep -c ' %s/[a-z]* [^ ]*nosuid,nodev' /proc/self/mountinfo) = 2",
		 top, top);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(run_in(again ? spank_aif_gating_enter : spank_aif_gating_rehearse,
					list_of("staging staging ro read rw write"), command, why),
				 0);
		shell("cd %s && test -z \"$(ls -A read; ls -A write)\" && ! grep -q %s /proc/self/mountinfo", top, top);
	}
	shell("test -e %s/staging%s/write/mine", top, top);
}

static void test_reasons(void **state)
{
	static const struct {
		const char *before, *words, *why;
	} cases[] = {
	    {"true", "staging none ro read", "/none, reached without symbolic links: No such file"},
	    {"true", "staging stlink ro read", "/stlink, reached without symbolic links"},
	    {"true", "staging staging ro link", "/link in the staging directory, reached without symbolic links"},
	    {"true", "staging staging ro none", "/none in the staging directory, reached without"},
	    {"rmdir write; ln -s read write", "staging staging rw write", "mount point "},
	    {"rm write; echo >write", "staging staging rw write", "Not a directory"},
	    {"true", "staging staging rx write", "the list of the job's data sets is damaged"},
	    {"chmod 750 staging", "staging staging ro read", "is not root's alone: owner 0, mode 0750, limit 0700 of root"},
	    {"chmod 700 staging; chown 1 staging", "staging staging ro read", "owner 1, mode 0700"},
	};
	char why[SPANK_AIF_GATING_TEXT];

	(void)state;
	need_mounts();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		shell("cd %s; %s", top, cases[i].before);
		assert_int_equal(run_in(spank_aif_gating_enter, list_of(cases[i].words), "true", why), 100);
		if (!strstr(why, cases[i].why))
			fail_msg("%s: %s", cases[i].words, why);
	}
}

static void test_what_all_would_see(void **state)
{
	char why[SPANK_AIF_GATING_TEXT];

	(void)state;
	need_mounts();
	shell("touch %s/read/open", top);
	assert_int_equal(run_in(spank_aif_gating_rehearse, list_of("staging staging ro write ro read"), "true", why), 100);
	assert_non_null(strstr(why, "/read is not empty: all jobs see what is there"));
	assert_int_equal(run_in(spank_aif_gating_enter, list_of("staging staging ro read"), "true", why), 0);
}

static int as_a_user(const char *list, char *ret_why, size_t size)
{
	if (geteuid() == 0 && seteuid(1))
		return 0;
	return spank_aif_gating_enter(list, ret_why, size);
}

static void test_as_a_user(void **state)
{
	char why[SPANK_AIF_GATING_TEXT];

	(void)state;
	assert_int_equal(run_in(as_a_user, list_of("staging staging ro read"), "true", why), 100);
	assert_string_equal(why, "slurmd does not run as root here");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test_setup_teardown(test_damaged_lists, make_site, remove_site),
	    cmocka_unit_test_setup_teardown(test_only_inside, make_site, remove_site),
	    cmocka_unit_test_setup_teardown(test_reasons, make_site, remove_site),
	    cmocka_unit_test_setup_teardown(test_what_all_would_see, make_site, remove_site),
	    cmocka_unit_test_setup_teardown(test_as_a_user, make_site, remove_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
