/* test_chain.c - unit tests of chain.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "chain.h"

/* A complete export of count events. */
static char *sample(int count)
{
    struct aif_text text = {0};
    struct aif_chain chain;

    aif_chain_start(&chain);
    aif_text_printf(&text, AIF_CHAIN_HEADER "\n");
    for (int i = 0; i < count; i++) {
        struct aif_event event = {.kind = "job", .cluster = "c1", .at = 1700000000 + i};

        event.db_index = (uint64_t)i + 5;
        event.body = "{\"user\":\"alice\",\"gpus\":4}";
        assert_int_equal(aif_chain_seal(&chain, &event, NULL), 0);
        aif_chain_format(&event, &text);
    }
    aif_chain_trailer(&chain, &text);
    return text.data;
}

/* The rest of it after two events, of which the second introduced a key. */
static char *sample_after(int count)
{
    struct aif_event event = {.kind = "job", .cluster = "c1", .db_index = 1, .body = "{}"};
    struct aif_text text = {0};
    struct aif_chain chain;

    aif_chain_start(&chain);
    assert_int_equal(aif_chain_seal(&chain, &event, NULL), 0);
    event = (struct aif_event){.kind = "key", .at = 7, .body = "{\"key\":\"k\"}"};
    assert_int_equal(aif_chain_seal(&chain, &event, NULL), 0);
    assert_int_equal(aif_chain_header(&chain, &text), 0);
    assert_int_equal(aif_chain_format_key(&event, &text), 0);
    for (int i = 0; i < count; i++) {
        event = (struct aif_event){.kind = "job", .cluster = "c1", .db_index = 5, .at = 9, .body = "{\"gpus\":4}"};
        assert_int_equal(aif_chain_seal(&chain, &event, NULL), 0);
        aif_chain_format(&event, &text);
    }
    aif_chain_trailer(&chain, &text);
    return text.data;
}

static int verify(const char *export, size_t length, struct aif_error *err)
{
    struct aif_chain_reader reader;
    char *copy = malloc(length + 1), *line = copy;
    int rc = 0;

    memcpy(copy, export, length);
    copy[length] = '\0';
    assert_int_equal(aif_chain_reader_start(&reader, NULL), 0);
    while (rc == 0 && line < copy + length) {
        char *newline = memchr(line, '\n', (size_t)(copy + length - line));
        char *next = newline ? newline + 1 : copy + length;
        char saved = *next;

        *next = '\0';
        rc = aif_chain_reader_line(&reader, line, (size_t)(next - line), err);
        *next = saved;
        line = next;
    }
    if (rc == 0)
        rc = aif_chain_reader_finish(&reader, err);
    aif_chain_reader_end(&reader);
    free(copy);
    return rc;
}

static void test_accepts_its_own_export(void **state)
{
    char *export;

    (void)state;
    for (int count = 0; count < 5; count++) {
        export = sample(count);
        assert_int_equal(verify(export, strlen(export), NULL), 0);
        free(export);
        export = sample_after(count);
        assert_int_equal(verify(export, strlen(export), NULL), 0);
        free(export);
    }
}

static void check_bytes(char *export)
{
    const size_t length = strlen(export);

    for (size_t i = 0; i < length; i++) {
        static const unsigned char changes[] = {1, 2, 4, 8, 16, 32, 64, 128};
        const char kept = export[i];

        for (size_t c = 0; c < sizeof(changes); c++) {
            export[i] = (char)(kept ^ changes[c]);
            if (verify(export, length, NULL) == 0)
                fail_msg("byte %zu: '%c' may be '%c'", i, kept, export[i]);
        }
        export[i] = '\0';
        assert_int_equal(verify(export, length, NULL), -1);
        export[i] = kept;
    }
    free(export);
}

static void test_every_byte_counts(void **state)
{
    (void)state;
    check_bytes(sample(3));
    check_bytes(sample_after(2));
}

static void check_cuts(char *export)
{
    const size_t length = strlen(export);
    char *longer = malloc(length + 2);

    for (size_t i = 0; i < length; i++)
        assert_int_equal(verify(export, i, NULL), -1);
    for (size_t i = 0; i <= length; i++) {
        memcpy(longer, export, i);
        longer[i] = ' ';
        memcpy(longer + i + 1, export + i, length - i);
        assert_int_equal(verify(longer, length + 1, NULL), -1);
    }
    free(longer);
    free(export);
}

static void test_every_cut_and_insertion_counts(void **state)
{
    (void)state;
    check_cuts(sample(3));
    check_cuts(sample_after(2));
}

/* A key from before stands before all events; what stands there is a key, and from before. */
static void test_keys_from_before(void **state)
{
    char *export = sample_after(1), *key = strstr(export, "{\"before\""), *job = strstr(key, "{\"seq\":3,"), *moved;
    struct aif_error err;

    (void)state;
    moved = malloc(strlen(export) + 1);
    sprintf(moved, "%.*s%s", (int)(key - export), export, job); /* without it the chain is whole, too */
    assert_int_equal(verify(moved, strlen(moved), NULL), 0);
    sprintf(moved, "%.*s%.*s%.*s%s", (int)(key - export), export, (int)(strchr(job, '\n') + 1 - job), job, (int)(job - key), key,
            strchr(job, '\n') + 1);
    assert_int_equal(verify(moved, strlen(moved), &err), -1);
    assert_non_null(strstr(err.text, "line 3: not a key from before"));
    free(moved);
    free(export);
}

static void test_names_the_event(void **state)
{
    struct aif_error err;
    char *export = sample(3);

    (void)state;
    *strstr(strstr(export, "\"seq\":2,"), "alice") = 'A';
    assert_int_equal(verify(export, strlen(export), &err), -1);
    assert_int_equal(err.code, AIF_ECHAIN);
    assert_string_equal(err.text, "event 2: content does not match its hash");
    free(export);
}

static void test_missing_event_is_named(void **state)
{
    struct aif_error err;
    char *export = sample(3), *second = strstr(export, "{\"seq\":2,"), *third = strstr(export, "{\"seq\":3,");

    (void)state;
    memmove(second, third, strlen(third) + 1);
    assert_int_equal(verify(export, strlen(export), &err), -1);
    assert_string_equal(err.text, "event 2: sequence number is 3");
    free(export);
}

static void test_filtered_export_is_told(void **state)
{
    static const char filtered[] = AIF_CHAIN_HEADER_PART ",\"allocation\":\"X\"}\n";
    struct aif_error err;

    (void)state;
    assert_int_equal(verify(filtered, strlen(filtered), &err), -1);
    assert_non_null(strstr(err.text, "filtered"));
    assert_int_equal(verify("", 0, &err), -1);
    assert_non_null(strstr(err.text, "no input"));
}

/* What an export that begins later says of it has one form; whether something vouches for it, the caller asks. */
static void test_header_is_taken_as_it_is(void **state)
{
    static const char hash[] = "58cc09fb922fdeb131daa7f25cddf309424ada66f42e53cbc2e4d8c80141d601";
    static const struct {
        const char *after;
        int digits;
        const char *end;
    } bad[] = {{"0", 64, "\"}"}, {"01", 64, "\"}"}, {"1", 63, "\"}"}, {"1", 64, "\",\"x\":1}"}};
    struct aif_error err;
    char line[256];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(line, sizeof(line), "{\"aif_export\":1,\"complete\":true,\"after\":%s,\"head\":\"%.*s%s\n", bad[i].after,
                 bad[i].digits, hash, bad[i].end);
        assert_int_equal(verify(line, strlen(line), &err), -1);
        assert_non_null(strstr(err.text, "not the header"));
    }
}

static void test_seal_refuses(void **state)
{
    static const struct aif_event bad[] = {
        {.kind = "", .body = "{}"},           {.kind = "Job", .body = "{}"},
        {.kind = "job", .body = ""},          {.kind = "job", .body = "[]"},
        {.kind = "job", .body = "{\n}"},      {.kind = "job", .body = "{\"\xc3\xa9\":1}"},
        {.kind = "job", .cluster = "a\"b", .body = "{}"}, {.kind = "job", .cluster = "a b", .body = "{}"},
    };
    struct aif_chain chain;

    (void)state;
    aif_chain_start(&chain);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct aif_event event = bad[i];

        assert_int_equal(aif_chain_seal(&chain, &event, NULL), -1);
        assert_int_equal(chain.count, 0);
    }
}

static void test_known_hash(void **state)
{
    struct aif_event event = {.kind = "job", .cluster = "c1", .db_index = 5, .at = 1700000000, .body = "{}"};
    struct aif_chain chain;

    /* (printf 'aif-ledger 1\n%064d\n1\njob\nc1\n5\n1700000000\n{}' 0) | sha256sum */
    (void)state;
    aif_chain_start(&chain);
    assert_int_equal(aif_chain_seal(&chain, &event, NULL), 0);
    assert_string_equal(event.hash, "58cc09fb922fdeb131daa7f25cddf309424ada66f42e53cbc2e4d8c80141d601");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts_its_own_export),
        cmocka_unit_test(test_every_byte_counts),
        cmocka_unit_test(test_every_cut_and_insertion_counts),
        cmocka_unit_test(test_keys_from_before),
        cmocka_unit_test(test_names_the_event),
        cmocka_unit_test(test_missing_event_is_named),
        cmocka_unit_test(test_filtered_export_is_told),
        cmocka_unit_test(test_header_is_taken_as_it_is),
        cmocka_unit_test(test_seal_refuses),
        cmocka_unit_test(test_known_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
