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

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_numbers_last),
        TEST(test_sends_last),
        TEST(test_quarantine_tells_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
