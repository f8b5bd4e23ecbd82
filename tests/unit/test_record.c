/* test_record.c - unit tests of record.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "record.h"

#define HOUR 3600

static struct aif_record sample(void)
{
    return (struct aif_record){
        .cluster = "c1", .db_index = 42, .job_id = 7, .account = "ehpc-aif-2026pg01-905",
        .user = "alice", .qos = "ehpc-aif-2026pg01-905", .allocation = "EHPC-AIF-2026PG01-905",
        .mode = "playground", .residency = "EEA30", .partition = "gpu", .state = "COMPLETED",
        .submit = 1700000000, .start = 1700000100, .end = 1700003700, .elapsed = 3600,
        .gpus = 4, .nodes = 1,
    };
}

static void test_charges_gpus_times_elapsed(void **state)
{
    struct aif_record record = sample();

    (void)state;
    assert_int_equal(aif_record_gpu_secs(&record), 4 * HOUR);
    record.elapsed = 1800; /* half of it suspended */
    assert_int_equal(aif_record_gpu_secs(&record), 2 * HOUR);
    record.start = 0;
    assert_int_equal(aif_record_gpu_secs(&record), 0);
}

static void test_rounds_half_up(void **state)
{
    static const uint64_t cases[][2] = {
        {0, 0}, {17, 0}, {18, 1}, {53, 1}, {54, 2}, {3600, 100}, {3617, 100}, {3618, 101},
        {UINT64_MAX, UINT64_MAX / 36}, /* remainder 15 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_true(aif_record_centihours(cases[i][0]) == cases[i][1]);
}

/* Whatever the cuts are, the parts add up to the whole. */
static void test_parts_add_up(void **state)
{
    (void)state;
    srandom(20261121);
    for (int round = 0; round < 2000; round++) {
        struct aif_record record = sample();
        int64_t span = random() % (90 * 24 * HOUR);
        int64_t cut = record.start - random() % (40 * 24 * HOUR);
        uint64_t sum = 0, nodes = 0;

        record.end = record.start + span;
        record.elapsed = span ? (uint64_t)random() % (uint64_t)(span + 1) : 0;
        record.gpus = (uint64_t)random() % 1000;
        record.nodes = (uint64_t)random() % 250;
        while (cut < record.end + 1) {
            int64_t next = cut + 1 + random() % (31 * 24 * HOUR);

            sum += aif_record_gpu_secs_between(&record, cut, next, 0);
            nodes += aif_record_node_secs_between(&record, cut, next, 0);
            cut = next;
        }
        assert_true(sum == aif_record_gpu_secs(&record));
        assert_true(nodes == record.nodes * record.elapsed);
    }
}

static void test_months_add_up(void **state)
{
    struct aif_record record = sample();
    int64_t month;
    uint64_t sum = 0;

    (void)state;
    record.end = record.start + 400LL * 24 * HOUR;
    record.elapsed = (uint64_t)(record.end - record.start) - 12345;
    for (month = aif_record_month_start(record.start, 0); month <= record.end;
         month = aif_record_month_start(month, 1))
        sum += aif_record_gpu_secs_between(&record, month, aif_record_month_start(month, 1), 0);
    assert_true(sum == aif_record_gpu_secs(&record));
}

static void test_running_job_reaches_until_now(void **state)
{
    struct aif_record record = sample();
    int64_t now = record.start + 1000;

    (void)state;
    record.end = 0;
    record.elapsed = 1000;
    assert_int_equal(aif_record_secs_between(&record, 0, now, now), 1000);
    assert_int_equal(aif_record_secs_between(&record, 0, record.start + 500, now), 500);
    assert_int_equal(aif_record_secs_between(&record, now, now + HOUR, now), 0);
    assert_int_equal(aif_record_secs_between(&record, now, 0, now), 0);
}

static void test_months_are_utc(void **state)
{
    char name[AIF_MONTH_SIZE];

    (void)state;
    setenv("TZ", "Pacific/Kiritimati", 1);
    aif_record_month_name(1767225599, name); /* 2025-12-31T23:59:59Z */
    assert_string_equal(name, "2025-12");
    aif_record_month_name(1767225600, name);
    assert_string_equal(name, "2026-01");
    assert_int_equal(aif_record_month_start(1767225599, 1), 1767225600);
    assert_int_equal(aif_record_month_start(1767225600, -1), 1764547200);
    assert_int_equal(aif_record_month_start(1767225600 + 86400, 0), 1767225600);
    unsetenv("TZ");
}

static void test_canonical_form(void **state)
{
    struct aif_record record = sample(), back;
    char *text, *again;

    (void)state;
    snprintf(record.user, sizeof(record.user), "\xc3\xa9ve\"\\");
    record.db_index = UINT64_MAX; /* 24.11 uses the upper bits */
    assert_int_equal(aif_record_canonical(&record, &text, NULL), 0);
    assert_string_equal(
        text, "{\"v\":1,\"cluster\":\"c1\",\"db_index\":\"18446744073709551615\",\"job_id\":7,"
              "\"allocation\":\"EHPC-AIF-2026PG01-905\",\"account\":\"ehpc-aif-2026pg01-905\","
              "\"user\":\"\\u00e9ve\\\"\\\\\",\"qos\":\"ehpc-aif-2026pg01-905\",\"mode\":\"playground\","
              "\"residency\":\"EEA30\",\"partition\":\"gpu\",\"state\":\"COMPLETED\","
              "\"submit\":1700000000,\"start\":1700000100,\"end\":1700003700,\"elapsed\":3600,"
              "\"gpus\":4,\"nodes\":1}");
    assert_int_equal(aif_record_parse(text, &back, NULL), 0);
    assert_int_equal(aif_record_canonical(&back, &again, NULL), 0);
    assert_string_equal(text, again);
    free(text);
    free(again);
}

static void test_parse_refuses(void **state)
{
    static const char *const bad[] = {
        "", "[]", "{}", "{\"v\":2}", "{\"v\":1}",
    };
    struct aif_record record = sample();
    struct aif_error err;
    char *text, *cut;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(aif_record_parse(bad[i], &record, &err), -1);
    assert_int_equal(aif_record_canonical(&record, &text, NULL), 0);
    cut = strstr(text, "\"gpus\":4");
    memcpy(cut, "\"gpus\":x", 8);
    assert_int_equal(aif_record_parse(text, &record, &err), -1);
    memcpy(cut, "\"gpux\":4", 8);
    assert_int_equal(aif_record_parse(text, &record, &err), -1);
    assert_non_null(strstr(err.text, "gpus"));
    memcpy(cut, "\"gpus\":-", 8); /* -,"nodes" … no number at all */
    assert_int_equal(aif_record_parse(text, &record, &err), -1);
    free(text);
    record.user[0] = (char)0xff;
    assert_int_equal(aif_record_canonical(&record, &text, &err), -1);
    assert_non_null(strstr(err.text, "user"));
}

static void refused(struct aif_record record, const char *words)
{
    struct aif_error err = {0};

    assert_int_equal(aif_record_check(&record, &err), -1);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void test_check_refuses_the_impossible(void **state)
{
    struct aif_record good = sample(), record;

    (void)state;
    assert_int_equal(aif_record_check(&good, NULL), 0);
    record = good, record.db_index = 0;
    refused(record, "database index");
    record = good, record.cluster[0] = '\0';
    refused(record, "cluster");
    record = good, record.end = record.start - 1;
    refused(record, "before it started");
    record = good, record.elapsed++;
    refused(record, "3601 s");
    record = good, record.start = 0;
    refused(record, "without a start");
    record = good, record.submit = -5;
    refused(record, "outside");
    record = good, record.gpus = AIF_RECORD_COUNT_MAX + 1;
    refused(record, "GPUs");
    record = good, snprintf(record.partition, sizeof(record.partition), "a\nb");
    refused(record, "partition has control");
    record = good, record.start = record.end = 0, record.elapsed = 0;
    assert_int_equal(aif_record_check(&record, NULL), 0); /* cancelled before it started */
}

static void test_differs_and_inherits(void **state)
{
    struct aif_record before = sample(), now = sample();

    (void)state;
    assert_false(aif_record_differs(&before, &now));
    now.mode[0] = now.user[0] = now.qos[0] = '\0';
    assert_false(aif_record_differs(&before, &now));
    aif_record_inherit(&now, &before);
    assert_string_equal(now.user, "alice");
    now.elapsed--;
    assert_true(aif_record_differs(&before, &now));
    now = before;
    snprintf(now.state, sizeof(now.state), "TIMEOUT");
    assert_true(aif_record_differs(&before, &now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_charges_gpus_times_elapsed),
        cmocka_unit_test(test_rounds_half_up),
        cmocka_unit_test(test_parts_add_up),
        cmocka_unit_test(test_months_add_up),
        cmocka_unit_test(test_running_job_reaches_until_now),
        cmocka_unit_test(test_months_are_utc),
        cmocka_unit_test(test_canonical_form),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_check_refuses_the_impossible),
        cmocka_unit_test(test_differs_and_inherits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
