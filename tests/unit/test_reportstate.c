/* test_reportstate.c - unit tests of reportstate.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report_helper.h"
#include "reportstate.h"

static void test_numbers_last(void **state)
{
    struct fixture *fixture = *state;
    int64_t value = 5;

    assert_int_equal(aif_reportstate_get(fixture->ledger, "cursor", &value, NULL), 0);
    assert_int_equal(value, 0);
    assert_int_equal(aif_reportstate_set(fixture->ledger, "cursor", 1700000000, NULL), 0);
    assert_int_equal(aif_reportstate_set(fixture->ledger, "cursor", 1700000001, NULL), 0);
    assert_int_equal(aif_reportstate_get(fixture->ledger, "cursor", &value, NULL), 0);
    assert_int_equal(value, 1700000001);
}

static void test_sends_last(void **state)
{
    struct fixture *fixture = *state;
    struct aif_send send = {.resource = "r", .component = "gpu_hours", .month = "2026-11"};
    struct aif_send back = send;

    assert_int_equal(aif_reportstate_send_get(fixture->ledger, &back, NULL), 0);
    assert_int_equal(back.status, AIF_SEND_NONE);
    for (int status = AIF_SEND_OK; status <= AIF_SEND_ANOMALY; status++) {
        send.amount = 12345;
        send.at = 99;
        send.status = (enum aif_send_status)status;
        assert_int_equal(aif_reportstate_send_set(fixture->ledger, &send, NULL), 0);
        assert_int_equal(aif_reportstate_send_get(fixture->ledger, &back, NULL), 0);
        assert_int_equal(back.status, status);
        assert_int_equal(back.amount, 12345);
        assert_int_equal(back.at, 99);
    }
}

static void test_quarantine_tells_once(void **state)
{
    struct fixture *fixture = *state;
    bool fresh = false;

    assert_int_equal(aif_reportstate_quarantine(fixture->ledger, "c", 1, 7, "why", 5, &fresh, NULL), 0);
    assert_true(fresh);
    assert_int_equal(aif_reportstate_quarantine(fixture->ledger, "c", 1, 7, "why", 6, &fresh, NULL), 0);
    assert_false(fresh);
    assert_int_equal(aif_reportstate_quarantine(fixture->ledger, "c", 1, 7, "else", 7, &fresh, NULL), 0);
    assert_true(fresh);
    assert_int_equal(aif_reportstate_clear(fixture->ledger, "c", 1, NULL), 0);
    assert_int_equal(aif_reportstate_quarantine(fixture->ledger, "c", 1, 7, "else", 8, &fresh, NULL), 0);
    assert_true(fresh);
}

static int collect_bad(const struct aif_badrow *row, void *data, struct aif_error *err)
{
    char *text = data;
    size_t used = strlen(text);

    (void)err;
    snprintf(text + used, 256 - used, "%s %llu %u %s %lld;", row->cluster, (unsigned long long)row->db_index,
             row->job_id, row->reason, (long long)row->since);
    return 0;
}

static void test_quarantine_is_listed(void **state)
{
    struct fixture *fixture = *state;
    char text[256] = "";
    bool fresh;

    assert_int_equal(aif_reportstate_quarantine(fixture->ledger, "sink:a", 2, 8, "later", 6, &fresh, NULL), 0);
    assert_int_equal(aif_reportstate_quarantine(fixture->ledger, "c", 1, 7, "why", 5, &fresh, NULL), 0);
    assert_int_equal(aif_reportstate_each_bad(fixture->ledger, collect_bad, text, NULL), 0);
    assert_string_equal(text, "c 1 7 why 5;sink:a 2 8 later 6;");
}

static void test_sinks_last(void **state)
{
    struct fixture *fixture = *state;
    const struct aif_sinkstate state_set = {.cursor = 7, .success = 1700000000, .failure = 1700000001,
                                            .why = "cannot: 12 things"};
    struct aif_sinkstate back = {.cursor = 1};

    assert_int_equal(aif_reportstate_sink_get(fixture->ledger, "a", &back, NULL), 0);
    assert_int_equal(back.cursor, 0);
    assert_int_equal(aif_reportstate_sink_set(fixture->ledger, "a", &state_set, NULL), 0);
    assert_int_equal(aif_reportstate_sink_get(fixture->ledger, "a", &back, NULL), 0);
    assert_int_equal(back.cursor, 7);
    assert_int_equal(back.success, 1700000000);
    assert_int_equal(back.failure, 1700000001);
    assert_string_equal(back.why, "cannot: 12 things");
    assert_int_equal(aif_reportstate_sink_get(fixture->ledger, "b", &back, NULL), 0);
    assert_int_equal(back.cursor, 0);
    assert_string_equal(back.why, "");
}

static int count_event(const struct aif_event *event, void *data, struct aif_error *err)
{
    uint64_t *last = data;

    (void)err;
    assert_true(event->seq > *last);
    *last = event->seq;
    return 0;
}

static void test_backlog(void **state)
{
    struct fixture *fixture = *state;
    enum aif_ledger_outcome outcome;
    uint64_t count, last, seen = 0;

    for (uint64_t i = 1; i <= 5; i++) {
        struct aif_record record = fixture_record(i);

        assert_int_equal(aif_ledger_record(fixture->ledger, &record, 1700010000, &outcome, NULL), 0);
    }
    assert_int_equal(aif_ledger_append(fixture->ledger, "sent", "c1", 0, 1700010000, "{}", NULL), 0);
    assert_int_equal(aif_reportstate_backlog(fixture->ledger, 2, &count, &last, NULL), 0);
    assert_int_equal(count, 3);
    assert_int_equal(last, 5); /* what a sink itself wrote is no backlog */
    assert_int_equal(aif_reportstate_backlog(fixture->ledger, 6, &count, &last, NULL), 0);
    assert_int_equal(count, 0);
    assert_int_equal(last, 6);
    assert_int_equal(aif_ledger_iterate_after(fixture->ledger, 1, 3, count_event, &seen, NULL), 0);
    assert_int_equal(seen, 4);
    assert_int_equal(aif_ledger_iterate_after(fixture->ledger, 5, 3, count_event, &seen, NULL), 0);
    assert_int_equal(seen, 4);
}

static void test_resend_starts_over(void **state)
{
    struct fixture *fixture = *state;
    const struct aif_sinkstate far = {.cursor = 7, .success = 5};
    struct aif_send send = {.resource = "r", .component = "c", .month = "2026-11", .amount = 9, .at = 99, .status = AIF_SEND_OK};
    struct aif_sinkstate back;

    assert_int_equal(aif_reportstate_sink_set(fixture->ledger, "a", &far, NULL), 0);
    assert_int_equal(aif_reportstate_sink_set(fixture->ledger, "b", &far, NULL), 0);
    assert_int_equal(aif_reportstate_send_set(fixture->ledger, &send, NULL), 0);
    assert_int_equal(aif_reportstate_resend(fixture->ledger, "a", NULL), 0);
    assert_int_equal(aif_reportstate_sink_get(fixture->ledger, "a", &back, NULL), 0);
    assert_int_equal(back.cursor, 0);
    assert_int_equal(back.success, 5);
    assert_int_equal(aif_reportstate_sink_get(fixture->ledger, "b", &back, NULL), 0);
    assert_int_equal(back.cursor, 7);
    assert_int_equal(aif_reportstate_send_get(fixture->ledger, &send, NULL), 0);
    assert_int_equal(send.at, 0);
    assert_int_equal(send.amount, 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_numbers_last),
        TEST(test_sends_last),
        TEST(test_quarantine_tells_once),
        TEST(test_quarantine_is_listed),
        TEST(test_sinks_last),
        TEST(test_backlog),
        TEST(test_resend_starts_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
