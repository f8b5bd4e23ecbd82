/* test_plugstack.c - unit tests of plugstack.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugstack.h"

static char dir[] = "/tmp/aif-plugstack-XXXXXX";
static char conf[64], more[64];

static void write_text(const char *path, const char *text)
{
    FILE *out = fopen(path, "we");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static int make(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(conf, sizeof(conf), "%s/plugstack.conf", dir);
    snprintf(more, sizeof(more), "%s/more.conf", dir);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    unlink(conf);
    unlink(more);
    return rmdir(dir);
}

static enum aif_plugstack_found find(const char *text, struct aif_plugstack_line *ret_line)
{
    write_text(conf, text);
    return aif_plugstack_find(conf, "spank_aif.so", ret_line);
}

static void test_lines(void **state)
{
    struct aif_plugstack_line line;

    (void)state;
    assert_int_equal(aif_plugstack_find("/nonexistent", "spank_aif.so", &line), AIF_PLUGSTACK_NO_FILE);
    assert_int_equal(find("", &line), AIF_PLUGSTACK_NO_LINE);
    assert_int_equal(find("optional\n# optional spank_aif.so\noptional other.so\nspank_aif.so\nallowed spank_aif.so\n", &line),
                     AIF_PLUGSTACK_NO_LINE);
    assert_int_equal(find("optional other.so\n\tOptional   /usr/lib/spank_aif.so conf_dir=/x # ours\n", &line), AIF_PLUGSTACK_LINE);
    assert_int_equal(line.number, 2);
    assert_false(line.required);
    assert_string_equal(line.plugin, "/usr/lib/spank_aif.so");
    assert_string_equal(line.file, conf);
    assert_int_equal(find("required spank_aif.so", &line), AIF_PLUGSTACK_LINE);
    assert_true(line.required);
    assert_string_equal(line.plugin, "spank_aif.so");
}

static void test_includes(void **state)
{
    struct aif_plugstack_line line;

    (void)state;
    unlink(more);
    assert_int_equal(find("include more.conf\ninclude /nonexistent/*\n", &line), AIF_PLUGSTACK_NO_LINE);
    write_text(more, "\n\noptional spank_aif.so\n");
    assert_int_equal(find("include mor*.conf\n", &line), AIF_PLUGSTACK_LINE);
    assert_int_equal(line.number, 3);
    assert_string_equal(line.file, more);
    /* A file that includes itself ends. */
    assert_int_equal(find("include plugstack.conf\n", &line), AIF_PLUGSTACK_NO_LINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_includes)};

    return cmocka_run_group_tests(tests, make, clear);
}
