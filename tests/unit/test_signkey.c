/* test_signkey.c - unit tests of signkey.h */
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

#include "signkey.h"

struct files {
    char dir[64];
    char path[96];
};

static int setup(void **state)
{
    struct files *files = calloc(1, sizeof(*files));

    snprintf(files->dir, sizeof(files->dir), "/tmp/aif-unit-XXXXXX");
    *state = files;
    if (!mkdtemp(files->dir))
        return -1;
    snprintf(files->path, sizeof(files->path), "%s/key", files->dir);
    return 0;
}

static int teardown(void **state)
{
    struct files *files = *state;

    unlink(files->path);
    rmdir(files->dir);
    free(files);
    return 0;
}

static struct aif_signkey *fresh(void)
{
    struct aif_signkey *key = NULL;
    struct aif_error err;

    if (aif_signkey_generate(&key, &err) < 0)
        fail_msg("%s", err.text);
    return key;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
}

/* RFC 8410, section 10: the key pair of the examples; id and public key as openssl(1) says. */
static void test_published_key(void **state)
{
    static const char public[] = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    const struct files *files = *state;
    struct aif_signkey *pair, *alone;
    char signature[AIF_SIGNATURE_SIZE];

    put(files->path, "-----BEGIN PRIVATE KEY-----\n"
                     "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                     "-----END PRIVATE KEY-----\n");
    assert_int_equal(chmod(files->path, 0600), 0);
    assert_int_equal(aif_signkey_load(files->path, &pair, NULL), 0);
    assert_string_equal(aif_signkey_public(pair), public);
    assert_int_equal(aif_signkey_parse(public, &alone, NULL), 0);
    assert_string_equal(aif_signkey_id(alone), aif_signkey_id(pair));
    assert_int_equal(aif_signkey_sign(pair, "text", 4, signature, NULL), 0);
    assert_true(aif_signkey_verify(alone, "text", 4, signature));
    assert_int_equal(aif_signkey_sign(alone, "text", 4, signature, NULL), -1);
    aif_signkey_destroy(pair);
    aif_signkey_destroy(alone);
}

static void test_file_comes_back(void **state)
{
    const struct files *files = *state;
    struct aif_signkey *key = fresh(), *back, *other = fresh();
    struct aif_error err;
    struct stat st;

    assert_int_equal(aif_signkey_load(files->path, &back, &err), -1);
    assert_int_equal(err.code, AIF_ENOENT);
    assert_int_equal(aif_signkey_save(key, files->path, &err), 0);
    assert_int_equal(stat(files->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(aif_signkey_load(files->path, &back, &err), 0);
    assert_string_equal(aif_signkey_public(key), aif_signkey_public(back));
    assert_int_equal(aif_signkey_save(other, files->path, &err), -1); /* never over another key */
    assert_string_not_equal(aif_signkey_id(key), aif_signkey_id(other));
    aif_signkey_destroy(key);
    aif_signkey_destroy(back);
    aif_signkey_destroy(other);
}

static void test_file_must_be_private(void **state)
{
    const struct files *files = *state;
    struct aif_signkey *key = fresh(), *back;
    struct aif_error err;
    char link_name[112];

    assert_int_equal(aif_signkey_save(key, files->path, NULL), 0);
    assert_int_equal(chmod(files->path, 0640), 0);
    assert_int_equal(aif_signkey_load(files->path, &back, &err), -1);
    assert_non_null(strstr(err.text, "must be 0600"));
    assert_int_equal(chmod(files->path, 0600), 0);
    snprintf(link_name, sizeof(link_name), "%s.link", files->path);
    assert_int_equal(symlink(files->path, link_name), 0);
    assert_int_equal(aif_signkey_load(link_name, &back, &err), -1);
    assert_non_null(strstr(err.text, "symbolic link"));
    unlink(link_name);
    assert_int_equal(aif_signkey_load(files->dir, &back, &err), -1);
    put(files->path, "no key");
    assert_int_equal(aif_signkey_load(files->path, &back, &err), -1);
    assert_int_equal(aif_signkey_load_public(files->path, &back, &err), -1);
    aif_signkey_destroy(key);
}

static void test_every_bit_counts(void **state)
{
    struct aif_signkey *key = fresh(), *back;
    char signature[AIF_SIGNATURE_SIZE], changed[AIF_SIGNATURE_SIZE], public[AIF_PUBLIC_SIZE], text[] = "some bytes";

    (void)state;
    assert_int_equal(aif_signkey_sign(key, text, sizeof(text), signature, NULL), 0);
    assert_true(aif_signkey_verify(key, text, sizeof(text), signature));
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] ^= 1;
        assert_false(aif_signkey_verify(key, text, sizeof(text), signature));
        text[i] ^= 1;
    }
    for (size_t i = 0; i < strlen(signature); i++) {
        memcpy(changed, signature, sizeof(changed));
        changed[i] = changed[i] == 'A' ? 'B' : 'A'; /* also the bits that base64 leaves unused */
        if (strcmp(changed, signature))
            assert_false(aif_signkey_verify(key, text, sizeof(text), changed));
    }
    snprintf(public, sizeof(public), "%s", aif_signkey_public(key));
    public[0] = 'N';
    assert_int_equal(aif_signkey_parse(public, &back, NULL), -1);
    assert_int_equal(aif_signkey_parse("", &back, NULL), -1);
    aif_signkey_destroy(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_published_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file_must_be_private, setup, teardown),
        cmocka_unit_test(test_every_bit_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
