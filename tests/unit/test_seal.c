/* test_seal.c - unit tests of what seal.h does without munged; with it: tests/cluster_tests/test_ticket.py */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "seal.h"

static void test_socket(void **state)
{
    char path[16];

    (void)state;
    assert_int_equal(aif_seal_socket(NULL, path, sizeof(path)), 0);
    assert_string_equal(path, "");
    assert_int_equal(aif_seal_socket("ttl=60", path, sizeof(path)), 0);
    assert_string_equal(path, "");
    assert_int_equal(aif_seal_socket("ttl=60,socket=/run/m,x", path, sizeof(path)), 0);
    assert_string_equal(path, "/run/m");
    assert_int_equal(aif_seal_socket("socket=/a/path/that/is/longer", path, sizeof(path)), -1);
}

static void test_without_munged(void **state)
{
    char *text = NULL, long_seal[AIF_SEAL_MAX + 8];
    struct aif_error err = {0};
    size_t length = 7;
    uid_t maker = 7;

    (void)state;
    assert_int_equal(aif_seal_make("text", "/nonexistent/socket", 0, &text, &err), -1);
    assert_null(text);
    assert_non_null(strstr(err.text, "AIF-R010"));
    assert_int_equal(aif_seal_open("MUNGE:AwQDAAB:", "/nonexistent/socket", &text, &length, &maker, &err), -1);
    memset(long_seal, 'x', sizeof(long_seal));
    long_seal[sizeof(long_seal) - 1] = '\0';
    assert_int_equal(aif_seal_open(long_seal, "/nonexistent/socket", &text, &length, &maker, &err), -1);
    assert_null(text);
    assert_int_equal(length, 7);
    assert_int_equal(maker, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket),
        cmocka_unit_test(test_without_munged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
