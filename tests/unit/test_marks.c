/* test_marks.c - the texts of plain jobs are those that would be made for each of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admincomment.h"
#include "marks.h"
#include "options.h"

#define HASH "0123456789abcdef0123456789abcdef"

static void check(const char *mode, const char *alloc)
{
    struct aif_marks *marks = aif_marks_create(mode, alloc);
    struct aif_admincomment comment = {.policy = "0123456789abcdef"};
    struct aif_options options = {0};
    char request[AIF_OPTIONS_TEXT_MAX], text[AIF_ADMINCOMMENT_MAX];
    char *marked;

    assert_non_null(marks);
    strcpy(comment.mode, mode);
    strcpy(comment.alloc, alloc);
    strcpy(options.mode, mode);
    strcpy(options.allocation, alloc);
    assert_int_equal(aif_admincomment_format(&comment, text, sizeof(text)), 0);
    assert_int_equal(aif_options_format(&options, request, sizeof(request)), 0);
    marked = malloc(marks->comment_length + AIF_MARKS_MORE);
    aif_marks_comment(marks, HASH, marked);
    assert_string_equal(marked, text);
    assert_string_equal(marks->request, request);
    free(marked);
    free(marks);
}

static void test_same_texts(void **state)
{
    (void)state;
    check("playground", "EHPC-AIF-2026PG01-905");
    check("m", "a");
    check("a%b", "x;y=z"); /* escaped in the one, plain in the other */
}

static void test_too_long(void **state)
{
    char name[65];

    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    name[64] = '\0';
    assert_null(aif_marks_create(name, "a"));
    assert_null(aif_marks_create("m", name));
    name[63] = '\0';
    check(name, name);
    assert_null(aif_marks_create("m", "a\"b")); /* JSON would have to escape it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_texts),
        cmocka_unit_test(test_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
