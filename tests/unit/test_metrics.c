/* test_metrics.c - unit tests of metrics.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "metrics.h"

static void test_file(void **state)
{
    struct aif_text text = {0};

    (void)state;
    assert_int_equal(aif_metrics_gauge(&text, "aif_a", "What it is."), 0);
    assert_int_equal(aif_metrics_sample(&text, "aif_a", NULL, NULL, -3), 0);
    assert_int_equal(aif_metrics_sample(&text, "aif_a", "sink", "a\"b\\c\nd", 7), 0);
    assert_int_equal(aif_metrics_end(&text), 0);
    assert_string_equal(text.data, "# TYPE aif_a gauge\n# HELP aif_a What it is.\naif_a -3\n"
                                   "aif_a{sink=\"a\\\"b\\\\c\\nd\"} 7\n# EOF\n");
    aif_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
