/* test_pseudonym.c - unit tests of pseudonym.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "pseudonym.h"

/* HMAC-SHA256 as openssl(1) computes it with this key. */
static void test_known_name(void **state)
{
    struct aif_pseudonym pseudonym;
    char name[AIF_PSEUDONYM_SIZE], other[AIF_PSEUDONYM_SIZE], long_name[300];

    (void)state;
    memset(pseudonym.key, 0x0b, sizeof(pseudonym.key));
    assert_int_equal(aif_pseudonym_name(&pseudonym, "alice", name, NULL), 0);
    assert_string_equal(name, "p3f6882bb42d64d621185");
    assert_int_equal(aif_pseudonym_name(&pseudonym, "alicf", other, NULL), 0);
    assert_string_not_equal(name, other);
    pseudonym.key[31] ^= 1;
    assert_int_equal(aif_pseudonym_name(&pseudonym, "alice", other, NULL), 0);
    assert_string_not_equal(name, other);
    assert_int_equal(aif_pseudonym_name(&pseudonym, "", other, NULL), 0);
    assert_string_equal(other, "");
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    assert_int_equal(aif_pseudonym_name(&pseudonym, long_name, other, NULL), -1);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
    chmod(path, 0600);
}

static void test_file(void **state)
{
    char dir[] = "/tmp/aif-unit-XXXXXX", path[64];
    struct aif_pseudonym first, again;
    struct aif_error err;
    struct stat st;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/users.key", dir);
    assert_int_equal(aif_pseudonym_load(path, &first, &err), -1);
    assert_int_equal(err.code, AIF_ENOENT);
    assert_int_equal(aif_pseudonym_create(path, &err), 0);
    assert_int_equal(aif_pseudonym_create(path, &err), -1); /* never another one in its place */
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(aif_pseudonym_load(path, &first, &err), 0);
    assert_int_equal(aif_pseudonym_load(path, &again, &err), 0);
    assert_memory_equal(&first, &again, sizeof(first));
    chmod(path, 0640);
    assert_int_equal(aif_pseudonym_load(path, &again, &err), -1);
    assert_non_null(strstr(err.text, "0600"));
    put(path, "0123");
    assert_int_equal(aif_pseudonym_load(path, &again, &err), -1);
    put(path, "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n");
    assert_int_equal(aif_pseudonym_load(path, &again, &err), -1);
    unlink(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_name),
        cmocka_unit_test(test_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
