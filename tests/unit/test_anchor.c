/* test_anchor.c - unit tests of anchor.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "anchor.h"

static struct aif_anchor example(void)
{
    struct aif_anchor anchor = {.last = 41, .kept = 7, .begin = 1700000000, .before = 1710000000, .file = "usage-2026.jsonl"};

    memset(anchor.head, 'a', AIF_HASH_SIZE - 1);
    memset(anchor.digest, 'b', AIF_HASH_SIZE - 1);
    memset(anchor.sha256, 'c', AIF_HASH_SIZE - 1);
    return anchor;
}

static int read_body(const char *body, uint64_t seq, struct aif_anchor *ret_anchor)
{
    struct aif_event event = {.seq = seq, .kind = AIF_KIND_ARCHIVE, .body = body};
    struct aif_error err = {0};
    int rc = aif_anchor_read(&event, ret_anchor, &err);

    assert_int_equal(err.code, rc < 0 ? AIF_ECHAIN : AIF_EOK);
    return rc;
}

static void test_back_and_forth(void **state)
{
    struct aif_anchor anchor = example(), back = {0};
    struct aif_text text = {0};

    (void)state;
    memset(anchor.file, 0, sizeof(anchor.file));
    snprintf(anchor.file, sizeof(anchor.file), "old \"\xc3\xbc\".jsonl");
    assert_int_equal(aif_anchor_write(&anchor, &text), 0);
    assert_int_equal(read_body(text.data, 60, &back), 0);
    anchor.seq = 60;
    assert_memory_equal(&anchor, &back, sizeof(anchor));
    aif_text_free(&text);
}

static void refuse(const char *find, const char *replace, uint64_t seq)
{
    struct aif_anchor anchor = example(), back;
    struct aif_text text = {0};
    char other[2048], *place;

    assert_int_equal(aif_anchor_write(&anchor, &text), 0);
    place = strstr(text.data, find);
    assert_non_null(place);
    snprintf(other, sizeof(other), "%.*s%s%s", (int)(place - text.data), text.data, replace, place + strlen(find));
    if (read_body(other, seq, &back) == 0)
        fail_msg("%s", other);
    aif_text_free(&text);
}

static void test_only_its_own_form(void **state)
{
    struct aif_anchor back;

    (void)state;
    refuse("\"v\":1", "\"v\":2", 60);
    refuse("\"last\":41", "\"last\":041", 60);
    refuse("\"last\":41", "\"last\":0", 60);
    refuse("\"last\":41", "\"last\":-3", 60);
    refuse("\"last\":41", "\"last\":\"41\"", 60);
    refuse("\"kept\":7,", "", 60);
    refuse("\"kept\":7,", "\"kept\": 7,", 60);
    refuse("aaaa\"", "aaaab\"", 60);
    refuse("\"}", "\",\"x\":1}", 60);
    refuse("{", "{", 41); /* it moves itself */
    assert_int_equal(read_body("{}", 60, &back), -1);
    assert_int_equal(read_body("nothing", 60, &back), -1);
}

static void test_another_kind(void **state)
{
    struct aif_anchor anchor = example(), back;
    struct aif_text text = {0};
    struct aif_event event = {.seq = 60, .kind = "sent"};

    (void)state;
    assert_int_equal(aif_anchor_write(&anchor, &text), 0);
    event.body = text.data;
    assert_int_equal(aif_anchor_read(&event, &back, NULL), -1);
    aif_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back_and_forth),
        cmocka_unit_test(test_only_its_own_form),
        cmocka_unit_test(test_another_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
