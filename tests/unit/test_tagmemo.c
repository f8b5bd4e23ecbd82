/* test_tagmemo.c - unit tests of tagmemo.h: only the very same question gets an answer, and that is the right one */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>

#include "admincomment.h"
#include "options.h"
#include "tagmemo.h"

#define HASH "0123456789abcdef0123456789abcdef"
#define THREADS 4
#define ROUNDS 2000

static char mode_name[] = "playground", alloc_id[] = "PG-1";
static const struct aif_mode mode = {.name = mode_name};
static const struct aif_alloc alloc = {.id = alloc_id, .mode = &mode};

static struct aif_restag tag_of(const char *text)
{
    struct aif_restag tag = {0};
    struct aif_error err = {0};

    if (aif_restag_parse(text, NULL, 0, &tag, &err))
        fail_msg("%s", err.text);
    return tag;
}

static const struct aif_tagmemo_tag *put(struct aif_tagmemo *memo, size_t index, const char *residency,
                                         const char *datasets, const char *text)
{
    const struct aif_restag tag = tag_of(text);

    return aif_tagmemo_put(memo, &(struct aif_tagmemo_key){index, residency, datasets}, &alloc, &tag, text);
}

static const struct aif_tagmemo_tag *find(const struct aif_tagmemo *memo, size_t index, const char *residency,
                                          const char *datasets)
{
    return aif_tagmemo_find(memo, &(struct aif_tagmemo_key){index, residency, datasets});
}

static void test_answers_the_same_question_only(void **state)
{
    struct aif_tagmemo *memo = aif_tagmemo_create(3);
    const struct aif_tagmemo_tag *known = put(memo, 1, "FI|SE", "d", "FI;zone=spe");
    const struct aif_restag tag = tag_of("FI;zone=spe");

    (void)state;
    assert_non_null(known);
    assert_ptr_equal(find(memo, 1, "FI|SE", "d"), known);
    assert_true(aif_restag_equal(&known->tag, &tag));
    assert_string_equal(known->text, "FI;zone=spe");
    assert_null(find(memo, 0, "FI|SE", "d"));
    assert_null(find(memo, 2, "FI|SE", "d"));
    assert_null(find(memo, 1, "FI|S", "d"));
    assert_null(find(memo, 1, "FI|SE|NO", "d"));
    assert_null(find(memo, 1, "fi|SE", "d"));
    assert_null(find(memo, 1, "SE|FI", "d"));
    assert_null(find(memo, 1, "FI|SE", ""));
    assert_null(find(memo, 1, "FI|SE", "d,e"));
    assert_null(find(memo, 1, "", "FI|SEd"));
    assert_ptr_equal(put(memo, 1, "FI|SE", "d", "FI;zone=spe"), known);
    assert_int_equal(*known->note, 0);
    *known->note = 7;
    assert_int_equal(*find(memo, 1, "FI|SE", "d")->note, 7);
    assert_int_equal(*put(memo, 2, "FI|SE", "d", "FI;zone=spe")->note, 0);
    aif_tagmemo_destroy(memo);
}

static void test_makes_the_texts_that_each_job_would_get(void **state)
{
    struct aif_admincomment comment = {.mode = "playground", .alloc = "PG-1", .residency = "FI;zone=spe", .datasets = "d,e",
                                       .policy = "0123456789abcdef"};
    struct aif_options options = {.mode = "playground", .allocation = "PG-1", .residency = "FI;zone=spe", .datasets = "d,e"};
    char request[AIF_OPTIONS_TEXT_MAX], text[AIF_ADMINCOMMENT_MAX], marked[AIF_ADMINCOMMENT_MAX + AIF_MARKS_MORE];
    struct aif_tagmemo *memo = aif_tagmemo_create(1);
    const struct aif_tagmemo_tag *known = put(memo, 0, "", "d,e", "FI;zone=spe");

    (void)state;
    assert_int_equal(aif_admincomment_format(&comment, text, sizeof(text)), 0);
    assert_int_equal(aif_options_format(&options, request, sizeof(request)), 0);
    aif_marks_comment(known->marks, HASH, marked);
    assert_string_equal(marked, text);
    assert_string_equal(known->marks->request, request);
    aif_tagmemo_destroy(memo);
}

/* Members of one allocation cannot take the places of others. */
static void test_keeps_a_few_of_each(void **state)
{
    struct aif_tagmemo *memo = aif_tagmemo_create(2);
    char asked[32];

    (void)state;
    for (int i = 0; i < 3 * AIF_TAGMEMO_EACH; i++) {
        snprintf(asked, sizeof(asked), "FI%.*s", i, "                                ");
        assert_int_equal(put(memo, 0, asked, "", "FI") != NULL, i < AIF_TAGMEMO_EACH);
        assert_int_equal(find(memo, 0, asked, "") != NULL, i < AIF_TAGMEMO_EACH);
    }
    assert_non_null(find(memo, 0, "FI", ""));
    assert_non_null(put(memo, 1, "FI", "", "FI"));
    aif_tagmemo_destroy(memo);
}

/* 1 MiB in all: what is kept stays right when nothing more fits. */
static void test_ends_with_its_memory(void **state)
{
    enum { ALLOCS = 4000 };
    struct aif_tagmemo *memo = aif_tagmemo_create(ALLOCS);
    char asked[32];
    size_t kept = 0;

    (void)state;
    for (size_t i = 0; i < ALLOCS; i++) {
        snprintf(asked, sizeof(asked), "FI|SE-%zu", i);
        kept += put(memo, i, asked, "", i % 2 ? "FI" : "SE") != NULL;
    }
    assert_true(kept > 500 && kept < ALLOCS);
    for (size_t i = 0; i < ALLOCS; i++) {
        snprintf(asked, sizeof(asked), "FI|SE-%zu", i);
        if (find(memo, i, asked, ""))
            assert_string_equal(find(memo, i, asked, "")->text, i % 2 ? "FI" : "SE");
    }
    aif_tagmemo_destroy(memo);
}

static void test_none(void **state)
{
    struct aif_tagmemo *empty = aif_tagmemo_create(0);

    (void)state;
    assert_non_null(empty);
    assert_null(find(NULL, 7, "FI", ""));
    assert_null(put(NULL, 7, "FI", "", "FI"));
    aif_tagmemo_destroy(empty);
    aif_tagmemo_destroy(NULL);
}

/* All threads ask and tell the same of many allocations at once. */
static void *race(void *arg)
{
    struct aif_tagmemo *memo = arg;
    uintptr_t wrong = 0;
    char asked[32];

    for (size_t i = 0; i < ROUNDS; i++) {
        const char *text = i % 3 ? "FI" : "SE";
        const struct aif_tagmemo_tag *known;

        snprintf(asked, sizeof(asked), "%s-%zu", text, i % 5);
        known = find(memo, i % 250, asked, "");
        if (!known)
            known = put(memo, i % 250, asked, "", text);
        if (known && (strcmp(known->text, text) || known != find(memo, i % 250, asked, "")))
            wrong++;
    }
    return (void *)wrong;
}

static void test_threads(void **state)
{
    struct aif_tagmemo *memo = aif_tagmemo_create(250);
    pthread_t threads[THREADS];
    void *wrong;

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, memo), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    aif_tagmemo_destroy(memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_the_same_question_only),
        cmocka_unit_test(test_makes_the_texts_that_each_job_would_get),
        cmocka_unit_test(test_keeps_a_few_of_each),
        cmocka_unit_test(test_ends_with_its_memory),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
