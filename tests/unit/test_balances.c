/* test_balances.c - unit tests of balances.h */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "balances.h"
#include "configtest.h"

#define HEAD "{\"version\":1,\"at\":\"2026-11-21T09:00:00Z\",\"allocations\":["
#define ONE "{\"id\":\"A\",\"used\":18000,\"inference\":60,\"free\":0,\"first_month\":\"2026-09\",\"months\":[3600,14400]}"

static time_t noon(int year, int month, int day)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = 12, .tm_isdst = -1};

    return mktime(&tm);
}

static void add(struct aif_balances *balances, const char *id, time_t when, uint64_t secs, unsigned what)
{
    struct aif_error err = {0};

    if (aif_balances_add(balances, id, when, secs, what, &err))
        fail_msg("%s", err.text);
}

static struct aif_balances *parse(const char *text)
{
    struct aif_balances *balances = NULL;
    struct aif_error err = {0};

    if (aif_balances_parse(text, strlen(text), "b", &balances, &err))
        fail_msg("%s", err.text);
    return balances;
}

static void test_reads_what_the_header_shows(void **state)
{
    struct aif_balances *balances = parse(HEAD ONE "]}");
    const struct aif_balance *balance = aif_balances_find(balances, "a");

    (void)state;
    assert_int_equal(aif_balances_at(balances), 1795251600);
    assert_int_equal(aif_balances_count(balances), 1);
    assert_string_equal(balance->id, "A");
    assert_int_equal(balance->used_secs, 18000);
    assert_int_equal(balance->inference_secs, 60);
    assert_int_equal(balance->first_month, 2026 * 12 + 8);
    assert_int_equal(balance->months, 2);
    assert_int_equal(balance->by_month[1], 14400);
    assert_null(aif_balances_find(balances, "B"));
    assert_null(aif_balances_find(NULL, "A"));
    aif_balances_destroy(balances);
    aif_balances_destroy(NULL);
}

static void test_refuses_in_one_line(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "not JSON"},
        {"[]", "must be an object"},
        {"{\"version\":2,\"at\":\"2026-11-21T09:00:00Z\",\"allocations\":[]}", "b:1: version: out of range"},
        {"{\"version\":1,\"at\":\"yesterday\",\"allocations\":[]}", "b:1: at: out of range"},
        {"{\"version\":1,\"allocations\":[]}", "at: required key"},
        {HEAD ONE "," ONE "]}", "allocations[1]: id given twice: \"A\" (AIF-C006)"},
        {HEAD ONE "],\"more\":1}", "unknown key"},
        {HEAD "{\"id\":\"\",\"used\":0,\"inference\":0,\"free\":0,\"first_month\":\"2026-09\",\"months\":[0]}]}", "id: out of range"},
        {HEAD "{\"id\":\"A b\",\"used\":0,\"inference\":0,\"free\":0,\"first_month\":\"2026-09\",\"months\":[0]}]}", "id: out of range"},
        {HEAD "{\"id\":\"A\",\"used\":-1,\"inference\":0,\"free\":0,\"first_month\":\"2026-09\",\"months\":[0]}]}", "used: out of range"},
        {HEAD "{\"id\":\"A\",\"used\":5,\"inference\":6,\"free\":0,\"first_month\":\"2026-09\",\"months\":[5]}]}", "inference 6, limit used and free, 5"},
        {HEAD "{\"id\":\"A\",\"used\":5,\"inference\":0,\"free\":0,\"first_month\":\"2026-09\",\"months\":[1,2]}]}", "sum of the months, 3"},
        {HEAD "{\"id\":\"A\",\"used\":0,\"inference\":0,\"free\":0,\"first_month\":\"2026-13\",\"months\":[0]}]}", "first_month: out of range"},
        {HEAD "{\"id\":\"A\",\"used\":0,\"inference\":0,\"free\":0,\"first_month\":\"2026-9\",\"months\":[0]}]}", "first_month: out of range"},
        {HEAD "{\"id\":\"A\",\"used\":0,\"inference\":0,\"free\":0,\"first_month\":\"2199-12\",\"months\":[0,0]}]}", "limit the year 2199"},
        {HEAD "{\"id\":\"A\",\"used\":1.5,\"inference\":0,\"free\":0,\"first_month\":\"2026-09\",\"months\":[0]}]}", "wrong type"},
        {HEAD "{\"id\":\"A\",\"used\":0,\"inference\":0,\"free\":0,\"first_month\":\"2026-09\",\"months\":0}]}", "wrong type"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aif_balances *balances = NULL;
        struct aif_error err = {0};

        assert_int_equal(aif_balances_parse(cases[i].text, strlen(cases[i].text), "b", &balances, &err), -1);
        assert_null(balances);
        drop_column(err.text);
        if (!strstr(err.text, cases[i].message))
            fail_msg("%s: %s", cases[i].message, err.text);
        assert_null(strchr(err.text, '\n'));
    }
}

static void test_sums_by_month_in_any_order(void **state)
{
    const time_t days[] = {noon(2026, 9, 1), noon(2026, 11, 30), noon(2026, 7, 31), noon(2026, 9, 30)};
    struct aif_balances *forth = aif_balances_create(1), *back = aif_balances_create(2);
    const struct aif_balance *balance;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        add(forth, "A", days[i], 10 * (i + 1), i == 1 ? AIF_BALANCES_INFERENCE : 0);
        add(back, "A", days[COUNT_OF(days) - 1 - i], 10 * (COUNT_OF(days) - i), i == 2 ? AIF_BALANCES_INFERENCE : 0);
    }
    balance = aif_balances_find(forth, "A");
    assert_int_equal(balance->used_secs, 100);
    assert_int_equal(balance->inference_secs, 20);
    assert_int_equal(balance->first_month, 2026 * 12 + 6);
    assert_int_equal(balance->months, 5);
    assert_int_equal(balance->by_month[0], 30);
    assert_int_equal(balance->by_month[1], 0);
    assert_int_equal(balance->by_month[2], 50);
    assert_int_equal(balance->by_month[4], 20);
    assert_true(aif_balances_same(forth, back));
    add(back, "A", days[0], 1, 0);
    assert_false(aif_balances_same(forth, back));
    aif_balances_destroy(forth);
    aif_balances_destroy(back);
}

static void test_many_ids(void **state)
{
    struct aif_balances *balances = aif_balances_create(0), *copy = aif_balances_create(0);
    char id[32];

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(id, sizeof(id), "EHPC-%u", i);
        add(balances, id, noon(2026, 1, 1), i, 0);
        snprintf(id, sizeof(id), "EHPC-%u", 999 - i);
        add(copy, id, noon(2026, 1, 1), 999 - i, 0);
    }
    assert_int_equal(aif_balances_find(balances, "ehpc-777")->used_secs, 777);
    assert_true(aif_balances_same(balances, copy));
    aif_balances_destroy(balances);
    aif_balances_destroy(copy);
}

static void test_caps(void **state)
{
    struct aif_balances *balances = aif_balances_create(0);
    const struct aif_balance *balance;
    struct aif_error err = {0};

    (void)state;
    add(balances, "A", noon(2026, 1, 1), UINT64_MAX, AIF_BALANCES_INFERENCE);
    add(balances, "A", noon(2026, 2, 1), UINT64_MAX, AIF_BALANCES_INFERENCE);
    add(balances, "A", noon(2026, 2, 1), UINT64_MAX, AIF_BALANCES_FREE);
    add(balances, "A", 0, 1, 0);
    balance = aif_balances_find(balances, "A");
    assert_int_equal(balance->used_secs, 1000000000000000000);
    assert_int_equal(balance->inference_secs, 1000000000000000000);
    assert_int_equal(balance->by_month[balance->months - 1], 0);
    assert_int_equal(balance->first_month, 2000 * 12);
    assert_int_equal(aif_balances_add(balances, "a b", 0, 1, 0, &err), -1);
    assert_int_equal(err.code, AIF_EINVAL);
    aif_balances_destroy(balances);
}

/* Whole tables, because charging looks rules up by id. */
static void test_charges_by_the_unit_rule(void **state)
{
    struct aif_balances *balances = aif_balances_create(0);
    struct aif_alloctable *table = NULL;
    struct aif_policy *policy = NULL;
    struct aif_alloc *alloc;
    const struct aif_balance *balance;

    (void)state;
    assert_int_equal(aif_policy_load(ETC_DIR "/policy.json", &policy, NULL), 0);
    assert_int_equal(aif_alloctable_load(ETC_DIR "/allocations.json", policy, &table, NULL), 0);
    alloc = (struct aif_alloc *)aif_alloctable_at(table, 0);
    alloc->charge = (struct aif_charge){AIF_CHARGE_GPU, 500000};
    add(balances, alloc->id, noon(2026, 9, 1), 3, AIF_BALANCES_INFERENCE);
    add(balances, alloc->id, noon(2026, 10, 1), 5, 0);
    add(balances, alloc->id, noon(2026, 11, 1), 1, 0);
    add(balances, alloc->id, noon(2026, 12, 1), 9, AIF_BALANCES_INFERENCE | AIF_BALANCES_FREE);
    add(balances, "gone", noon(2026, 11, 1), 7, 0);
    aif_balances_charge(balances, table);
    balance = aif_balances_find(balances, alloc->id);
    assert_int_equal(balance->used_secs, 5); /* 4.5, once rounded up */
    assert_int_equal(balance->inference_secs, 6);
    assert_int_equal(balance->free_secs, 5);
    assert_int_equal(balance->months, 4);
    assert_int_equal(balance->by_month[3], 0);
    assert_int_equal(balance->by_month[0], 2);
    assert_int_equal(balance->by_month[1], 2);
    assert_int_equal(balance->by_month[2], 1);
    assert_int_equal(aif_balances_find(balances, "gone")->used_secs, 7);
    aif_balances_destroy(balances);
    aif_alloctable_destroy(table);
    aif_policy_destroy(policy);
}

static void save(const struct aif_balances *balances, const char *path)
{
    struct aif_error err = {0};

    if (aif_balances_save(balances, path, &err))
        fail_msg("%s", err.text);
}

static void test_save_and_load(void **state)
{
    char dir[] = "/tmp/aif-balances-XXXXXX", path[64], stale[64];
    struct aif_balances *balances = aif_balances_create(1795251600), *again = NULL;
    struct aif_error err = {0};
    struct stat st;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/balances.json", dir);
    snprintf(stale, sizeof(stale), "%s/balances.json.new", dir);
    assert_int_equal(aif_balances_load(path, &again, &err), -1);
    assert_int_equal(err.code, AIF_ENOENT);
    save(balances, path); /* nothing at all is fine too */
    assert_int_equal(aif_balances_load(path, &again, NULL), 0);
    assert_int_equal(aif_balances_count(again), 0);
    aif_balances_destroy(again);
    add(balances, "B", noon(2026, 11, 1), 7, AIF_BALANCES_INFERENCE);
    add(balances, "A", noon(2025, 12, 1), 8, 0);
    umask(027);
    save(balances, path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(access(stale, F_OK), -1);
    assert_int_equal(aif_balances_load(path, &again, NULL), 0);
    assert_true(aif_balances_same(balances, again));
    assert_int_equal(aif_balances_at(again), 1795251600);
    aif_balances_destroy(again);
    aif_balances_destroy(balances);
    unlink(path);
    rmdir(dir);
}

static void test_saved_text_is_in_order(void **state)
{
    static const char expected[] =
        "{\"version\":1,\"at\":\"2026-11-21T09:00:00Z\",\"allocations\":[\n"
        "{\"id\":\"A\",\"used\":8,\"inference\":0,\"free\":0,\"first_month\":\"2025-12\",\"months\":[8]},\n"
        "{\"id\":\"B\",\"used\":9,\"inference\":7,\"free\":0,\"first_month\":\"2026-10\",\"months\":[2,7]}\n]}\n";
    struct aif_balances *balances = aif_balances_create(1795251600);
    char path[] = "/tmp/aif-balances-XXXXXX", text[512] = "";
    int fd = mkstemp(path);

    (void)state;
    add(balances, "B", noon(2026, 11, 1), 7, AIF_BALANCES_INFERENCE);
    add(balances, "B", noon(2026, 10, 1), 2, 0);
    add(balances, "A", noon(2025, 12, 1), 8, 0);
    save(balances, path);
    close(fd);
    fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, text, sizeof(text) - 1), strlen(expected));
    assert_string_equal(text, expected);
    close(fd);
    unlink(path);
    aif_balances_destroy(balances);
}

static void test_a_failed_save_says_where(void **state)
{
    struct aif_balances *balances = aif_balances_create(0);
    struct aif_error err = {0};

    (void)state;
    assert_int_equal(aif_balances_save(balances, "/nonexistent/balances.json", &err), -1);
    assert_int_equal(err.code, AIF_EIO);
    assert_non_null(strstr(err.text, "/nonexistent/balances.json"));
    aif_balances_destroy(balances);
}

static void check_use(const char *text, uint64_t live, time_t now, uint64_t used, size_t count, const uint64_t *months)
{
    const struct aif_alloc alloc = {.start = noon(2026, 8, 15), .end = noon(2027, 8, 14)};
    struct aif_balances *balances = parse(text);
    uint64_t room[AIF_PACE_MONTHS_MAX];
    struct aif_pace_use use;

    aif_balance_use(aif_balances_find(balances, "A"), &alloc, live, room, now, &use);
    assert_int_equal(use.used_secs, used);
    assert_non_null(use.by_month);
    assert_int_equal(use.months, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(use.by_month[i], months[i]);
    aif_balances_destroy(balances);
}

static void test_use_starts_with_the_allocation(void **state)
{
    static const char late[] = HEAD ONE "]}";
    static const char even[] = HEAD "{\"id\":\"A\",\"used\":6,\"inference\":0,\"free\":0,\"first_month\":\"2026-08\",\"months\":[1,2,3]}]}";
    static const char early[] = HEAD "{\"id\":\"A\",\"used\":6,\"inference\":0,\"free\":0,\"first_month\":\"2026-07\",\"months\":[1,2,3]}]}";

    (void)state;
    check_use(late, 0, noon(2026, 10, 15), 18000, 2, (const uint64_t[]){0, 3600});
    check_use(late, 20000, noon(2026, 11, 1), 20000, 3, (const uint64_t[]){0, 3600, 14400});
    check_use(even, 6, noon(2026, 10, 31), 6, 2, (const uint64_t[]){1, 2});
    check_use(even, 6, noon(2027, 5, 31), 6, 3, (const uint64_t[]){1, 2, 3}); /* those missing count as 0 */
    check_use(early, 0, noon(2026, 9, 1), 6, 1, (const uint64_t[]){3});
    check_use(early, 0, noon(2026, 8, 1), 6, 0, NULL);
    check_use(early, 0, noon(2026, 6, 1), 6, 0, NULL);
}

static void test_use_without_a_balance(void **state)
{
    const struct aif_alloc alloc = {.start = 0};
    struct aif_pace_use use;

    (void)state;
    aif_balance_use(NULL, &alloc, 42, NULL, 1795251600, &use);
    assert_int_equal(use.used_secs, 42);
    assert_null(use.by_month);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_the_header_shows),
        cmocka_unit_test(test_refuses_in_one_line),
        cmocka_unit_test(test_sums_by_month_in_any_order),
        cmocka_unit_test(test_many_ids),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_charges_by_the_unit_rule),
        cmocka_unit_test(test_save_and_load),
        cmocka_unit_test(test_saved_text_is_in_order),
        cmocka_unit_test(test_a_failed_save_says_where),
        cmocka_unit_test(test_use_starts_with_the_allocation),
        cmocka_unit_test(test_use_without_a_balance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
