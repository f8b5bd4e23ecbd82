/* statement.c - see statement.h */
#include "statement.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE "signature "

struct aif_digest {
    EVP_MD_CTX *ctx;
    uint64_t bytes;
};

struct aif_digest *aif_digest_create(void)
{
    struct aif_digest *digest = calloc(1, sizeof(*digest));

    if (!digest)
        return NULL;
    digest->ctx = EVP_MD_CTX_new();
    if (digest->ctx && EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL))
        return digest;
    aif_digest_destroy(digest);
    return NULL;
}

void aif_digest_destroy(struct aif_digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->ctx);
    free(digest);
}

int aif_digest_update(struct aif_digest *digest, const char *data, size_t length, struct aif_error *err)
{
    digest->bytes += length;
    if (!EVP_DigestUpdate(digest->ctx, data, length))
        return aif_error_set(err, AIF_ENOMEM, "cannot hash");
    return 0;
}

int aif_digest_finish(struct aif_digest *digest, char ret_sha256[AIF_HASH_SIZE], uint64_t *ret_bytes,
                      struct aif_error *err)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    if (!EVP_DigestFinal_ex(digest->ctx, bytes, &size) || size * 2 != AIF_HASH_SIZE - 1)
        return aif_error_set(err, AIF_ENOMEM, "cannot hash");
    for (size_t i = 0; i < size; i++) {
        ret_sha256[i * 2] = digits[bytes[i] >> 4];
        ret_sha256[i * 2 + 1] = digits[bytes[i] & 15];
    }
    ret_sha256[AIF_HASH_SIZE - 1] = '\0';
    *ret_bytes = digest->bytes;
    return 0;
}

/* What is signed; its length. */
static size_t write_lines(const struct aif_statement *statement, const char *key, char text[AIF_STATEMENT_MAX])
{
    return (size_t)snprintf(text, AIF_STATEMENT_MAX,
                            "aif-export 1\nsha256 %s\nbytes %llu\nevents %llu\nhead %s\nat %lld\nkey %s\n",
                            statement->sha256, (unsigned long long)statement->bytes,
                            (unsigned long long)statement->events, statement->head, (long long)statement->at, key);
}

int aif_statement_write(const struct aif_statement *statement, const struct aif_signkey *key,
                        char ret_text[AIF_STATEMENT_MAX], struct aif_error *err)
{
    char signature[AIF_SIGNATURE_SIZE];
    size_t length = write_lines(statement, aif_signkey_id(key), ret_text);

    if (aif_signkey_sign(key, ret_text, length, signature, err) < 0)
        return -1;
    snprintf(ret_text + length, AIF_STATEMENT_MAX - length, SIGNATURE "%s\n", signature);
    return 0;
}

/* The value of the next line, which begins with name and a blank. */
static int take(const char **cursor, const char *name, char *ret_value, size_t size)
{
    const size_t length = strlen(name);
    const char *value = *cursor + length + 1;
    size_t count;

    if (strncmp(*cursor, name, length) || (*cursor)[length] != ' ')
        return -1;
    count = strcspn(value, "\n");
    if (!value[count] || count >= size)
        return -1;
    memcpy(ret_value, value, count);
    ret_value[count] = '\0';
    *cursor = value + count + 1;
    return 0;
}

static int take_number(const char **cursor, const char *name, uint64_t *ret_number)
{
    char digits[24];

    return take(cursor, name, digits, sizeof(digits)) < 0 ? -1 : aif_text_to_u64(digits, ret_number);
}

static int parse(const char *text, struct aif_statement *ret_statement, char signature[AIF_SIGNATURE_SIZE])
{
    const char *cursor = text;
    char version[4];
    uint64_t at;

    if (take(&cursor, "aif-export", version, sizeof(version)) < 0 || strcmp(version, "1") ||
        take(&cursor, "sha256", ret_statement->sha256, AIF_HASH_SIZE) < 0 ||
        take_number(&cursor, "bytes", &ret_statement->bytes) < 0 ||
        take_number(&cursor, "events", &ret_statement->events) < 0 ||
        take(&cursor, "head", ret_statement->head, AIF_HASH_SIZE) < 0 || take_number(&cursor, "at", &at) < 0 ||
        at > INT64_MAX || take(&cursor, "key", ret_statement->key, AIF_KEYID_SIZE) < 0 ||
        take(&cursor, "signature", signature, AIF_SIGNATURE_SIZE) < 0 || *cursor)
        return -1;
    ret_statement->at = (int64_t)at;
    return 0;
}

int aif_statement_read(const char *text, const struct aif_signkey *key, struct aif_statement *ret_statement,
                       struct aif_error *err)
{
    struct aif_statement statement = {0};
    char signature[AIF_SIGNATURE_SIZE], lines[AIF_STATEMENT_MAX];
    size_t length;

    if (parse(text, &statement, signature) < 0)
        return aif_error_set(err, AIF_ECHAIN, "not a signature of \"aif export --sign\"");
    length = write_lines(&statement, statement.key, lines);
    if (!aif_signkey_verify(key, lines, length, signature))
        return aif_error_set(err, AIF_ECHAIN, "signature of key %s, which is not good for the key %s given", statement.key,
                             aif_signkey_id(key));
    *ret_statement = statement;
    return 0;
}
