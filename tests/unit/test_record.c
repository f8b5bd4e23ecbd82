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
        .gpus = 4, .nodes = 1, .billing = 64, .purpose = "inference", .eligible = 1700000040,
        .score = "83 leaf 3/2 group 1/1", .cpus = 16, .req_cpus = 12, .req_gpus = 3, .req_nodes = 1,
        .req_billing = 48, .timelimit = 7200,
    };
}

/* As older ledgers have it, whose events must verify for ever. */
#define VERSION_1                                                                                              \
    "{\"v\":1,\"cluster\":\"c1\",\"db_index\":\"42\",\"job_id\":7,\"allocation\":\"A-1\",\"account\":\"acct\","     \
    "\"user\":\"alice\",\"qos\":\"a-1\",\"mode\":\"playground\",\"residency\":\"\",\"partition\":\"gpu\","           \
    "\"state\":\"COMPLETED\",\"submit\":1700000000,\"start\":1700000100,\"end\":1700003700,\"elapsed\":3600," \
    "\"gpus\":4,\"nodes\":1"

static void test_version_1_is_still_read(void **state)
{
    struct aif_record record;
    struct aif_error err;
    char *text;

    (void)state;
    assert_int_equal(aif_record_parse(VERSION_1 "}", &record, &err), 0);
    assert_int_equal(record.nodes, 1);
    assert_int_equal(record.billing, 0);
    assert_string_equal(record.purpose, "");
    assert_int_equal(aif_record_canonical(&record, &text, NULL), 0);
    assert_non_null(strstr(text, "{\"v\":5,"));
    free(text);
    assert_int_equal(aif_record_parse(VERSION_1 ",\"billing\":1,\"purpose\":\"\"}", &record, &err), -1);
    assert_non_null(strstr(err.text, "20 keys instead of 18"));
}

#define VERSION_2 "{\"v\":2" /* and the rest of version 1 */

static void test_version_2_is_still_read(void **state)
{
    const char *rest = strchr(VERSION_1, ',');
    struct aif_record record;
    struct aif_error err;
    char whole[1024];

    (void)state;
    snprintf(whole, sizeof(whole), VERSION_2 "%s,\"billing\":64,\"purpose\":\"inference\"}", rest);
    assert_int_equal(aif_record_parse(whole, &record, &err), 0);
    assert_int_equal(record.billing, 64);
    assert_string_equal(record.purpose, "inference");
    assert_int_equal(record.eligible, 0);
    snprintf(whole, sizeof(whole), VERSION_2 "%s,\"billing\":64,\"purpose\":\"\",\"eligible\":1}", rest);
    assert_int_equal(aif_record_parse(whole, &record, &err), -1);
    assert_non_null(strstr(err.text, "21 keys instead of 20"));
}

static void test_version_3_is_still_read(void **state)
{
    const char *rest = strchr(VERSION_1, ',');
    struct aif_record record;
    struct aif_error err;
    char whole[1024];

    (void)state;
    snprintf(whole, sizeof(whole), "{\"v\":3%s,\"billing\":64,\"purpose\":\"\",\"eligible\":1}", rest);
    assert_int_equal(aif_record_parse(whole, &record, &err), 0);
    assert_int_equal(record.eligible, 1);
    assert_string_equal(record.score, "");
    snprintf(whole, sizeof(whole), "{\"v\":3%s,\"billing\":64,\"purpose\":\"\",\"eligible\":1,\"score\":\"\"}", rest);
    assert_int_equal(aif_record_parse(whole, &record, &err), -1);
    assert_non_null(strstr(err.text, "22 keys instead of 21"));
}

static void test_version_4_is_still_read(void **state)
{
    const char *rest = strchr(VERSION_1, ',');
    struct aif_record record;
    char whole[1024];

    (void)state;
    snprintf(whole, sizeof(whole), "{\"v\":4%s,\"billing\":64,\"purpose\":\"\",\"eligible\":1,\"score\":\"50 leaf 2/1\"}",
             rest);
    assert_int_equal(aif_record_parse(whole, &record, NULL), 0);
    assert_string_equal(record.score, "50 leaf 2/1");
    assert_int_equal(record.cpus, 0);
    assert_int_equal(record.timelimit, 0);
}

/* The quick way to read must say what the slow one says: blanks send the same text the slow way. */
static void test_both_ways_of_reading_agree(void **state)
{
    static const char *const odd[] = {"\"gpus\":04", "\"gpus\":-1", "\"gpus\":4.0", "\"gpus\":9223372036854775808",
                                      "\"gpus\":\"4\"", "\"gpus\":1000000000000000000", "\"gpus\":"};
    struct aif_record record = sample(), quick, slow;
    char *text, whole[2048], blank[2064];

    (void)state;
    snprintf(record.user, sizeof(record.user), "\xc3\xa9ve\"\\");
    assert_int_equal(aif_record_canonical(&record, &text, NULL), 0);
    snprintf(blank, sizeof(blank), " %s", text);
    assert_int_equal(aif_record_parse(text, &quick, NULL), 0);
    assert_int_equal(aif_record_parse(blank, &slow, NULL), 0);
    assert_memory_equal(&quick, &slow, sizeof(quick));
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        char *place = strstr(text, "\"gpus\":4");

        snprintf(whole, sizeof(whole), "%.*s%s%s", (int)(place - text), text, odd[i], place + strlen("\"gpus\":4"));
        snprintf(blank, sizeof(blank), " %s", whole);
        assert_int_equal(aif_record_parse(whole, &quick, NULL), aif_record_parse(blank, &slow, NULL));
    }
    free(text);
}

static void test_wait(void **state)
{
    struct aif_record record = sample();

    (void)state;
    assert_int_equal(aif_record_wait(&record), 60);
    record.eligible = 0; /* an older record */
    assert_int_equal(aif_record_wait(&record), 100);
    record.eligible = record.submit - 10;
    assert_int_equal(aif_record_wait(&record), 100);
    record.eligible = record.start + 5; /* clocks */
    assert_int_equal(aif_record_wait(&record), 0);
    record.eligible = 0, record.start = 0;
    assert_int_equal(aif_record_wait(&record), 3700); /* cancelled while it waited */
    record.end = 0;
    assert_int_equal(aif_record_wait(&record), -1);
}

static void test_charges_by_resource(void **state)
{
    struct aif_record record = sample();

    (void)state;
    assert_int_equal(aif_record_tres_secs(&record, AIF_CHARGE_NODE), 1 * HOUR);
    assert_int_equal(aif_record_tres_secs(&record, AIF_CHARGE_BILLING), 64 * HOUR);
    assert_int_equal(aif_record_tres_secs_between(&record, AIF_CHARGE_BILLING, 0, record.start + 10, 0), 640);
    record.elapsed = UINT64_MAX / 2;
    assert_true(aif_record_tres_secs(&record, AIF_CHARGE_BILLING) == UINT64_MAX);
}

static void test_charges_gpus_times_elapsed(void **state)
{
    struct aif_record record = sample();

    (void)state;
    assert_int_equal(aif_record_tres_secs(&record, AIF_CHARGE_GPU), 4 * HOUR);
    record.elapsed = 1800; /* half of it suspended */
    assert_int_equal(aif_record_tres_secs(&record, AIF_CHARGE_GPU), 2 * HOUR);
    record.start = 0;
    assert_int_equal(aif_record_tres_secs(&record, AIF_CHARGE_GPU), 0);
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

            sum += aif_record_tres_secs_between(&record, AIF_CHARGE_GPU, cut, next, 0);
            nodes += aif_record_tres_secs_between(&record, AIF_CHARGE_NODE, cut, next, 0);
            cut = next;
        }
        assert_true(sum == aif_record_tres_secs(&record, AIF_CHARGE_GPU));
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
        sum += aif_record_tres_secs_between(&record, AIF_CHARGE_GPU, month, aif_record_month_start(month, 1), 0);
    assert_true(sum == aif_record_tres_secs(&record, AIF_CHARGE_GPU));
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
        text, "{\"v\":5,\"cluster\":\"c1\",\"db_index\":\"18446744073709551615\",\"job_id\":7,"
              "\"allocation\":\"EHPC-AIF-2026PG01-905\",\"account\":\"ehpc-aif-2026pg01-905\","
              "\"user\":\"\\u00e9ve\\\"\\\\\",\"qos\":\"ehpc-aif-2026pg01-905\",\"mode\":\"playground\","
              "\"residency\":\"EEA30\",\"partition\":\"gpu\",\"state\":\"COMPLETED\","
              "\"submit\":1700000000,\"start\":1700000100,\"end\":1700003700,\"elapsed\":3600,"
              "\"gpus\":4,\"nodes\":1,\"billing\":64,\"purpose\":\"inference\",\"eligible\":1700000040,"
              "\"score\":\"83 leaf 3/2 group 1/1\",\"cpus\":16,\"req_cpus\":12,\"req_gpus\":3,\"req_nodes\":1,"
              "\"req_billing\":48,\"timelimit\":7200}");
    assert_int_equal(aif_record_parse(text, &back, NULL), 0);
    assert_int_equal(aif_record_canonical(&back, &again, NULL), 0);
    assert_string_equal(text, again);
    free(text);
    free(again);
}

static void test_parse_refuses(void **state)
{
    static const char *const bad[] = {
        "", "[]", "{}", "{\"v\":6}", "{\"v\":5}", "{\"v\":4}", "{\"v\":3}", "{\"v\":2}", "{\"v\":1}", "{\"v\":0}",
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
    record = good, record.eligible = -5;
    refused(record, "outside");
    record = good, record.gpus = AIF_RECORD_COUNT_MAX + 1;
    refused(record, "GPUs");
    record = good, record.billing = AIF_RECORD_BILLING_MAX + 1;
    refused(record, "billing");
    record = good, snprintf(record.partition, sizeof(record.partition), "a\nb");
    refused(record, "partition has control");
    record = good, record.req_gpus = AIF_RECORD_BILLING_MAX + 1;
    refused(record, "over the limit");
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
    now.purpose[0] = '\0'; /* admin_comment was not kept */
    aif_record_inherit(&now, &before);
    assert_false(aif_record_differs(&before, &now));
    now.eligible = 0;
    assert_false(aif_record_differs(&before, &now));
    assert_false(aif_record_differs(&now, &before)); /* an older ledger: no correction only because of that */
    aif_record_inherit(&now, &before);
    assert_int_equal(now.eligible, before.eligible);
    now.eligible++;
    assert_true(aif_record_differs(&before, &now));
    now = before;
    now.score[0] = '\0'; /* nor because of the score, in either direction */
    assert_false(aif_record_differs(&before, &now));
    assert_false(aif_record_differs(&now, &before));
    aif_record_inherit(&now, &before);
    assert_string_equal(now.score, before.score);
    now = before;
    now.req_cpus = now.req_gpus = 0; /* read before slurmdbd had the start, with what was allocated only */
    now.cpus = before.cpus = 8;
    before.req_cpus = 8;
    assert_true(aif_record_differs(&now, &before));
    assert_false(aif_record_differs(&before, &now));
    now = before;
    now.req_gpus = now.cpus = now.timelimit = 0;
    assert_false(aif_record_differs(&before, &now));
    aif_record_inherit(&now, &before);
    assert_int_equal(now.req_gpus, before.req_gpus);
    now.cpus++;
    assert_true(aif_record_differs(&before, &now));
    now = before;
    now.billing++;
    assert_true(aif_record_differs(&before, &now));
    now = before;
    now.elapsed--;
    assert_true(aif_record_differs(&before, &now));
    now = before;
    snprintf(now.purpose, sizeof(now.purpose), "training");
    assert_true(aif_record_differs(&before, &now));
    now = before;
    snprintf(now.state, sizeof(now.state), "TIMEOUT");
    assert_true(aif_record_differs(&before, &now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_charges_gpus_times_elapsed),
        cmocka_unit_test(test_charges_by_resource),
        cmocka_unit_test(test_version_1_is_still_read),
        cmocka_unit_test(test_version_2_is_still_read),
        cmocka_unit_test(test_version_3_is_still_read),
        cmocka_unit_test(test_version_4_is_still_read), cmocka_unit_test(test_both_ways_of_reading_agree),
        cmocka_unit_test(test_wait),
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
