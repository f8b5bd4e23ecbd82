/* test_refusals.c - unit tests of refusals.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "refusals.h"

static struct aif_refusal make(uint32_t uid, int64_t at, const char *text)
{
    struct aif_refusal refusal = {.uid = uid, .by = uid, .at = at, .times = 1};

    aif_refusal_set(refusal.rule, sizeof(refusal.rule), "AIF-M005");
    aif_refusal_set(refusal.text, sizeof(refusal.text), text);
    return refusal;
}

static void add(struct aif_refusals *refusals, uint32_t uid, int64_t at, int number)
{
    char text[32];
    struct aif_refusal refusal;

    snprintf(text, sizeof(text), "number %d", number);
    refusal = make(uid, at, text);
    aif_refusals_add(refusals, &refusal);
}

static size_t list_of(const struct aif_refusals *refusals, uint32_t uid, struct aif_refusal *list)
{
    int place = aif_refusals_place(refusals, uid);

    assert_true(place >= 0);
    return aif_refusals_at(refusals, (size_t)place, list);
}

static void test_the_last_of_each_user(void **state)
{
    struct aif_refusals *refusals = aif_refusals_create();
    struct aif_refusal list[AIF_REFUSALS_EACH];

    (void)state;
    add(refusals, 2, 1, 0);
    for (int i = 1; i <= 100; i++)
        add(refusals, 1, i, i);
    assert_int_equal(list_of(refusals, 1, list), AIF_REFUSALS_EACH);
    for (int i = 0; i < AIF_REFUSALS_EACH; i++)
        assert_int_equal(list[i].at, 101 - AIF_REFUSALS_EACH + i);
    assert_int_equal(list_of(refusals, 2, list), 1);
    assert_int_equal(aif_refusals_place(refusals, 3), -1);
    aif_refusals_destroy(refusals);
}

static void test_the_same_again_is_counted(void **state)
{
    struct aif_refusals *refusals = aif_refusals_create();
    struct aif_refusal list[AIF_REFUSALS_EACH];

    (void)state;
    add(refusals, 1, 10, 1);
    add(refusals, 1, 11, 1);
    add(refusals, 1, 9, 1);
    add(refusals, 1, 12, 2);
    add(refusals, 1, 13, 1);
    assert_int_equal(list_of(refusals, 1, list), 3);
    assert_int_equal(list[0].times, 3);
    assert_int_equal(list[0].at, 11);
    assert_int_equal(list[2].times, 1);
    aif_refusals_destroy(refusals);
}

static void test_older_ones_get_their_place(void **state)
{
    struct aif_refusals *refusals = aif_refusals_create();
    struct aif_refusal list[AIF_REFUSALS_EACH];

    (void)state;
    for (int i = 1; i <= AIF_REFUSALS_EACH; i++)
        add(refusals, 1, 10 * i, i);
    add(refusals, 1, 5, 100);  /* older than all: no room */
    add(refusals, 1, 25, 101); /* in between: the oldest goes */
    assert_int_equal(list_of(refusals, 1, list), AIF_REFUSALS_EACH);
    assert_int_equal(list[0].at, 20);
    assert_int_equal(list[1].at, 25);
    assert_int_equal(list[AIF_REFUSALS_EACH - 1].at, 10 * AIF_REFUSALS_EACH);
    aif_refusals_destroy(refusals);
}

static void test_users_are_bounded(void **state)
{
    struct aif_refusals *refusals = aif_refusals_create();

    (void)state;
    for (uint32_t uid = 0; uid < AIF_REFUSALS_USERS; uid++)
        add(refusals, uid, 1000 + uid, 1);
    add(refusals, 7777, 999, 1); /* older than everybody's */
    assert_int_equal(aif_refusals_place(refusals, 7777), -1);
    add(refusals, 7777, 5000, 1);
    assert_int_not_equal(aif_refusals_place(refusals, 7777), -1);
    assert_int_equal(aif_refusals_place(refusals, 0), -1);
    assert_int_not_equal(aif_refusals_place(refusals, 1), -1);
    aif_refusals_destroy(refusals);
}

static void test_newest_of_several(void **state)
{
    struct aif_refusal one[3] = {make(1, 10, "a"), make(1, 30, "b"), make(1, 50, "c")};
    struct aif_refusal other[3] = {make(2, 5, "d"), make(2, 20, "e"), make(2, 40, "f")};
    struct aif_refusal newest[4];
    size_t count = aif_refusals_newest(one, 3, 6, newest, 0, 4);

    (void)state;
    assert_int_equal(count, 3);
    count = aif_refusals_newest(other, 3, 6, newest, count, 4);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(newest[i].at, 50 - 10 * (int64_t)i);
    assert_int_equal(aif_refusals_newest(other, 1, 6, newest, 0, 4), 0);
}

static void test_lines_come_back(void **state)
{
    struct aif_refusals *refusals = aif_refusals_create();
    struct aif_refusal refusal = make(7, 1234567890, "aif: \"x\" \\ \n\303\266: asked 1 (AIF-M005); ask less");
    struct aif_refusal list[AIF_REFUSALS_EACH];
    struct aif_text text = {0};

    (void)state;
    refusal.times = 3;
    refusal.job = 12;
    aif_refusal_set(refusal.name, sizeof(refusal.name), "train");
    assert_int_equal(aif_refusal_write(&refusal, &text), 0);
    assert_int_equal(aif_text_printf(&text, "rubbish\n{}\n[1]\n{\"v\":1"), 0);
    assert_int_equal(aif_refusals_read(refusals, text.data), 4);
    assert_int_equal(list_of(refusals, 7, list), 1);
    assert_memory_equal(&list[0], &refusal, offsetof(struct aif_refusal, rule));
    assert_string_equal(list[0].text, refusal.text);
    assert_string_equal(list[0].name, "train");
    assert_null(strchr(refusal.text, '\n'));
    aif_text_free(&text);
    aif_refusals_destroy(refusals);
}

static void test_longest_line_fits(void **state)
{
    struct aif_refusal refusal = make(UINT32_MAX, INT64_C(253402300799), ""), again;
    struct aif_text text = {0};
    struct aif_error err;

    (void)state;
    refusal.by = refusal.job = refusal.times = UINT32_MAX;
    memset(refusal.text, '"', sizeof(refusal.text) - 1);
    memset(refusal.name, '\\', sizeof(refusal.name) - 1);
    memset(refusal.account, '"', sizeof(refusal.account) - 1);
    assert_int_equal(aif_refusal_write(&refusal, &text), 0);
    assert_int_equal(aif_refusal_parse(text.data, text.length - 1, &again, &err), 0);
    assert_string_equal(again.text, refusal.text);
    assert_int_equal(aif_refusal_parse(text.data, text.length - 2, &again, &err), -1);
    aif_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_of_each_user),
        cmocka_unit_test(test_the_same_again_is_counted),
        cmocka_unit_test(test_older_ones_get_their_place),
        cmocka_unit_test(test_users_are_bounded),
        cmocka_unit_test(test_newest_of_several),
        cmocka_unit_test(test_lines_come_back),
        cmocka_unit_test(test_longest_line_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
