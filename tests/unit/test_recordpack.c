/* test_recordpack.c - unit tests of recordpack.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recordpack.h"
#include "report_helper.h"

static char *packed(const struct aif_record *record)
{
    struct aif_text text = {0};

    assert_int_equal(aif_recordpack_write(record, &text), 0);
    return text.data;
}

static void check_same(const struct aif_record *record)
{
    struct aif_record back;
    char *before, *after, *text = packed(record);

    assert_int_equal(aif_recordpack_parse(text, &back, NULL), 0);
    assert_int_equal(aif_record_canonical(record, &before, NULL), 0);
    assert_int_equal(aif_record_canonical(&back, &after, NULL), 0);
    assert_string_equal(before, after);
    assert_true(strlen(text) < strlen(before));
    assert_int_equal(aif_recordpack_parse_any(text, &back, NULL), 0);
    assert_int_equal(aif_recordpack_parse_any(before, &back, NULL), 0);
    free(before);
    free(after);
    free(text);
}

static void test_nothing_is_lost(void **state)
{
    struct aif_record record = fixture_record(7), most = fixture_record(UINT64_MAX);

    (void)state;
    check_same(&record);
    most.job_id = UINT32_MAX;
    most.billing = AIF_RECORD_BILLING_MAX;
    most.req_gpus = 3;
    most.timelimit = 86400;
    snprintf(most.user, sizeof(most.user), "J\xc3\xbcrgen \"x\" \\ {");
    memset(most.residency, 'r', sizeof(most.residency) - 1);
    check_same(&most);
    most = (struct aif_record){.cluster = "c", .db_index = 1};
    check_same(&most);
}

/* Each byte of a packed record counts: shorter, longer and other texts are refused or are another record's. */
static void test_only_its_own_form(void **state)
{
    static const char *const bad[] = {"", "{", "c\n1\n", "\n"};
    struct aif_record record = fixture_record(7), back = {.db_index = 99};
    char *text = packed(&record);
    size_t length = strlen(text);
    char *longer = calloc(1, length + 8);
    struct aif_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(aif_recordpack_parse_any(bad[i], &back, &err), -1);
    snprintf(longer, length + 8, "%s1\n", text);
    assert_int_equal(aif_recordpack_parse(longer, &back, &err), -1);
    assert_int_equal(err.code, AIF_ESYNTAX);
    for (size_t cut = 0; cut < length; cut++) {
        snprintf(longer, length + 8, "%.*s", (int)cut, text);
        assert_int_equal(aif_recordpack_parse(longer, &back, &err), -1);
    }
    assert_int_equal(back.db_index, 99);
    *strchr(text, '7') = 'x';
    assert_int_equal(aif_recordpack_parse(text, &back, &err), -1);
    assert_non_null(strstr(err.text, "db_index"));
    free(longer);
    free(text);
}

static void test_numbers_out_of_range(void **state)
{
    struct aif_record record = fixture_record(7), back;
    char *text = packed(&record), *job = strstr(text, "\n7\n7\n");
    char other[1024];

    (void)state;
    assert_non_null(job);
    for (size_t i = 0; i < 2; i++) {
        snprintf(other, sizeof(other), "%.*s\n7\n%s\n%s", (int)(job - text), text, i ? "4294967296" : "07", job + 5);
        assert_int_equal(aif_recordpack_parse(other, &back, NULL), -1);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_lost),
        cmocka_unit_test(test_only_its_own_form),
        cmocka_unit_test(test_numbers_out_of_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
