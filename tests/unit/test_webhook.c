/* test_webhook.c - unit tests of webhook.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "webhook.h"
#include "report_helper.h"

static void test_event(void **state)
{
    struct aif_record job = fixture_record(7);
    struct aif_text text = {0};
    char *canonical;

    (void)state;
    assert_int_equal(aif_record_canonical(&job, &canonical, NULL), 0);
    assert_int_equal(aif_webhook_event(&text, "abc", 3, true, 1700000000, &job, NULL), 0);
    assert_ptr_equal(strstr(text.data, "{\"version\":1,\"id\":\"abc\",\"seq\":3,\"kind\":\"correction\",\"at\":1700000000,"
                                        "\"record\":{"), text.data);
    assert_non_null(strstr(text.data, canonical));
    assert_int_equal(text.data[text.length - 1], '}');
    aif_text_free(&text);
    free(canonical);
    job.user[0] = '\xff';
    assert_int_equal(aif_webhook_event(&text, "abc", 3, false, 1700000000, &job, NULL), -1);
    aif_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
