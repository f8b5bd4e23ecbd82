/* test_auditor.c - unit tests of auditor.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auditor.h"
#include "report_helper.h"

static void test_record(void **state)
{
    struct aif_record job = fixture_record(7);
    struct aif_text text = {0};

    (void)state;
    job.cpus = 16;
    job.elapsed = 3000; /* ten minutes in suspension */
    assert_int_equal(aif_auditor_record(&text, "site", &job), 0);
    assert_string_equal(text.data,
                        "{\"record_id\":\"c1-7-7\",\"meta\":{\"site_id\":[\"site\"],\"user_id\":[\"alice\"],"
                        "\"group_id\":[\"acct\"],\"allocation\":[\"A-1\"],\"ai_mode\":[\"playground\"],"
                        "\"cluster\":[\"c1\"],\"state\":[\"COMPLETED\"]},\"components\":["
                        "{\"name\":\"Cores\",\"amount\":16,\"scores\":[]},{\"name\":\"GPU\",\"amount\":4,\"scores\":[]},"
                        "{\"name\":\"Nodes\",\"amount\":1,\"scores\":[]}],"
                        "\"start_time\":\"2023-11-14T22:15:00Z\",\"stop_time\":\"2023-11-14T23:05:00Z\"}");
    aif_text_free(&text);
    job.user[0] = '\0';
    job.gpus = 0;
    assert_int_equal(aif_auditor_record(&text, "site", &job), 0);
    assert_null(strstr(text.data, "user_id"));
    assert_null(strstr(text.data, "GPU"));
    aif_text_free(&text);
}

static void test_what_is_there_already_is_done(void **state)
{
    (void)state;
    assert_int_equal(aif_auditor_classify(200, ""), AIF_DELIVERY_DONE);
    assert_int_equal(aif_auditor_classify(500, "RECORD_EXISTS"), AIF_DELIVERY_DONE);
    assert_int_equal(aif_auditor_classify(500, "\"RECORD_EXISTS\""), AIF_DELIVERY_DONE);
    assert_int_equal(aif_auditor_classify(500, "database is down"), AIF_DELIVERY_RETRY);
    assert_int_equal(aif_auditor_classify(500, NULL), AIF_DELIVERY_RETRY);
    assert_int_equal(aif_auditor_classify(400, "RECORD_EXISTS"), AIF_DELIVERY_REFUSED);
    assert_int_equal(aif_auditor_classify(201, ""), AIF_DELIVERY_RETRY);
}

static void test_only_the_end_may_move(void **state)
{
    struct aif_record before = fixture_record(7), now = before;

    (void)state;
    now.end += 10;
    now.elapsed += 10;
    assert_true(aif_auditor_can_update(&before, &now));
    now.gpus++;
    assert_false(aif_auditor_can_update(&before, &now));
    now = before;
    now.start++;
    assert_false(aif_auditor_can_update(&before, &now));
    now = before;
    now.allocation[0] = 'B';
    assert_false(aif_auditor_can_update(&before, &now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record),
        cmocka_unit_test(test_what_is_there_already_is_done),
        cmocka_unit_test(test_only_the_end_may_move),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
