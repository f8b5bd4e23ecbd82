/* test_statement.c - unit tests of statement.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "statement.h"

static struct aif_statement sample(void)
{
    struct aif_statement statement = {.bytes = 12345, .events = 678, .at = 1795293459};
    struct aif_digest *digest = aif_digest_create();
    uint64_t bytes;

    assert_int_equal(aif_digest_update(digest, "a", 1, NULL), 0);
    assert_int_equal(aif_digest_update(digest, "bc", 2, NULL), 0);
    assert_int_equal(aif_digest_finish(digest, statement.sha256, &bytes, NULL), 0);
    assert_int_equal(bytes, 3);
    /* FIPS 180-4's example. */
    assert_string_equal(statement.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    memcpy(statement.head, statement.sha256, sizeof(statement.head));
    aif_digest_destroy(digest);
    return statement;
}

static void test_comes_back(void **state)
{
    struct aif_statement statement = sample(), back;
    char text[AIF_STATEMENT_MAX];
    struct aif_signkey *key;

    (void)state;
    assert_int_equal(aif_signkey_generate(&key, NULL), 0);
    assert_int_equal(aif_statement_write(&statement, key, text, NULL), 0);
    assert_int_equal(aif_statement_read(text, key, &back, NULL), 0);
    assert_int_equal(back.bytes, 12345);
    assert_int_equal(back.events, 678);
    assert_int_equal(back.at, 1795293459);
    assert_string_equal(back.head, statement.head);
    assert_string_equal(back.key, aif_signkey_id(key));
    aif_signkey_destroy(key);
}

static void test_every_byte_counts(void **state)
{
    struct aif_statement statement = sample(), back;
    char text[AIF_STATEMENT_MAX + 1];
    struct aif_signkey *key;
    size_t length;

    (void)state;
    assert_int_equal(aif_signkey_generate(&key, NULL), 0);
    assert_int_equal(aif_statement_write(&statement, key, text, NULL), 0);
    length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        const char kept = text[i];

        text[i] ^= 1;
        assert_int_equal(aif_statement_read(text, key, &back, NULL), -1);
        text[i] = '\0';
        assert_int_equal(aif_statement_read(text, key, &back, NULL), -1);
        text[i] = kept;
    }
    text[length] = ' ';
    text[length + 1] = '\0';
    assert_int_equal(aif_statement_read(text, key, &back, NULL), -1);
    aif_signkey_destroy(key);
}

static void test_another_key_is_told(void **state)
{
    struct aif_statement statement = sample(), back;
    char text[AIF_STATEMENT_MAX];
    struct aif_signkey *key, *other;
    struct aif_error err;

    (void)state;
    assert_int_equal(aif_signkey_generate(&key, NULL), 0);
    assert_int_equal(aif_signkey_generate(&other, NULL), 0);
    assert_int_equal(aif_statement_write(&statement, key, text, NULL), 0);
    assert_int_equal(aif_statement_read(text, other, &back, &err), -1);
    assert_non_null(strstr(err.text, aif_signkey_id(key)));
    assert_non_null(strstr(err.text, aif_signkey_id(other)));
    aif_signkey_destroy(key);
    aif_signkey_destroy(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_every_byte_counts),
        cmocka_unit_test(test_another_key_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
