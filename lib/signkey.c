/* signkey.c - see signkey.h */
#include "signkey.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DER_LENGTH 44 /* of an Ed25519 SubjectPublicKeyInfo, RFC 8410 */
#define SIGNATURE_LENGTH 64
#define FILE_MAX 8192

struct aif_signkey {
    EVP_PKEY *pkey;
    bool pair;
    char id[AIF_KEYID_SIZE];
    char public[AIF_PUBLIC_SIZE];
};

static int no_memory(struct aif_error *err)
{
    return aif_error_set(err, AIF_ENOMEM, "out of memory");
}

static void id_of(const unsigned char *der, char ret_id[AIF_KEYID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};

    EVP_Digest(der, DER_LENGTH, digest, NULL, EVP_sha256(), NULL);
    for (size_t i = 0; i < (AIF_KEYID_SIZE - 1) / 2; i++) {
        ret_id[i * 2] = digits[digest[i] >> 4];
        ret_id[i * 2 + 1] = digits[digest[i] & 15];
    }
    ret_id[AIF_KEYID_SIZE - 1] = '\0';
}

/* Takes pkey, also on failure. */
static int wrap(EVP_PKEY *pkey, bool pair, const char *what, struct aif_signkey **ret_key, struct aif_error *err)
{
    struct aif_signkey *key = calloc(1, sizeof(*key));
    unsigned char *der = NULL;

    if (!key || EVP_PKEY_get_base_id(pkey) != EVP_PKEY_ED25519 || i2d_PUBKEY(pkey, &der) != DER_LENGTH) {
        OPENSSL_free(der);
        EVP_PKEY_free(pkey);
        free(key);
        return key ? aif_error_set(err, AIF_EINVAL, "%s: not an Ed25519 key", what) : no_memory(err);
    }
    key->pkey = pkey;
    key->pair = pair;
    id_of(der, key->id);
    EVP_EncodeBlock((unsigned char *)key->public, der, DER_LENGTH);
    OPENSSL_free(der);
    *ret_key = key;
    return 0;
}

int aif_signkey_generate(struct aif_signkey **ret_key, struct aif_error *err)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    if (!pkey)
        return aif_error_set(err, AIF_EIO, "OpenSSL cannot make an Ed25519 key");
    return wrap(pkey, true, "a new key", ret_key, err);
}

void aif_signkey_destroy(struct aif_signkey *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

/* ---- files ---- */

int aif_signkey_save(const struct aif_signkey *key, const char *path, struct aif_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool written;

    if (!file) {
        aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    written = PEM_write_PKCS8PrivateKey(file, key->pkey, NULL, NULL, 0, NULL, NULL) && fflush(file) == 0 &&
              fsync(fd) == 0;
    if (fclose(file) == 0 && written)
        return 0;
    unlink(path);
    return aif_error_set(err, AIF_EIO, "%s: cannot be written", path);
}

static int check_private(const char *path, const struct stat *st, struct aif_error *err)
{
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return aif_error_set(err, AIF_EINVAL, "%s: belongs to user %u; must be this user's (%u) or root's", path,
                             (unsigned)st->st_uid, (unsigned)geteuid());
    if (st->st_mode & 077)
        return aif_error_set(err, AIF_EINVAL, "%s: mode is %04o; must be 0600", path, (unsigned)st->st_mode & 07777);
    return 0;
}

/* A small regular file as a stream; NULL after err was filled. */
static FILE *open_file(const char *path, bool private, struct aif_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (private ? O_NOFOLLOW : 0));
    FILE *file = NULL;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        aif_error_set(err, errno == ENOENT ? AIF_ENOENT : AIF_EIO, "%s: %s", path,
                      errno == ELOOP ? "is a symbolic link" : strerror(errno));
    else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
        aif_error_set(err, AIF_EINVAL, "%s: not a regular file of at most %d bytes", path, FILE_MAX);
    else if ((!private || check_private(path, &st, err) == 0) && !(file = fdopen(fd, "r")))
        no_memory(err);
    if (!file && fd >= 0)
        close(fd);
    return file;
}

/* OpenSSL would ask on the terminal. */
static int no_password(char *buffer, int size, int writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

int aif_signkey_load(const char *path, struct aif_signkey **ret_key, struct aif_error *err)
{
    FILE *file = open_file(path, true, err);
    EVP_PKEY *pkey;

    if (!file)
        return -1;
    pkey = PEM_read_PrivateKey(file, NULL, no_password, NULL);
    fclose(file);
    if (!pkey)
        return aif_error_set(err, AIF_EINVAL, "%s: not a private key in PEM without a password", path);
    return wrap(pkey, true, path, ret_key, err);
}

int aif_signkey_load_public(const char *path, struct aif_signkey **ret_key, struct aif_error *err)
{
    FILE *file = open_file(path, false, err);
    EVP_PKEY *pkey;

    if (!file)
        return -1;
    pkey = PEM_read_PUBKEY(file, NULL, no_password, NULL);
    fclose(file);
    if (!pkey)
        return aif_error_set(err, AIF_EINVAL, "%s: not a public key in PEM", path);
    return wrap(pkey, false, path, ret_key, err);
}

/* ---- texts ---- */

/* Base64 of exactly count bytes in the form in which it is written here: else the same signature had several. */
static int decode(const char *text, size_t count, unsigned char *ret_bytes)
{
    unsigned char bytes[80], again[128];
    const size_t length = strlen(text);

    if (length != (count + 2) / 3 * 4 || EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length) < 0)
        return -1;
    EVP_EncodeBlock(again, bytes, (int)count);
    if (strcmp((const char *)again, text))
        return -1;
    memcpy(ret_bytes, bytes, count);
    return 0;
}

int aif_signkey_parse(const char *public, struct aif_signkey **ret_key, struct aif_error *err)
{
    unsigned char der[DER_LENGTH];
    const unsigned char *cursor = der;
    EVP_PKEY *pkey;

    if (decode(public, DER_LENGTH, der) < 0 || !(pkey = d2i_PUBKEY(NULL, &cursor, DER_LENGTH)))
        return aif_error_set(err, AIF_EINVAL, "\"%.80s\" is not an Ed25519 public key", public);
    return wrap(pkey, false, "a public key", ret_key, err);
}

const char *aif_signkey_id(const struct aif_signkey *key)
{
    return key->id;
}

const char *aif_signkey_public(const struct aif_signkey *key)
{
    return key->public;
}

int aif_signkey_sign(const struct aif_signkey *key, const char *data, size_t length,
                     char ret_signature[AIF_SIGNATURE_SIZE], struct aif_error *err)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char signature[SIGNATURE_LENGTH];
    size_t size = sizeof(signature);
    bool done = ctx && key->pair && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
                EVP_DigestSign(ctx, signature, &size, (const unsigned char *)data, length) == 1;

    EVP_MD_CTX_free(ctx);
    if (!done || size != sizeof(signature))
        return aif_error_set(err, AIF_EINVAL, "key %s cannot sign", key->id);
    EVP_EncodeBlock((unsigned char *)ret_signature, signature, SIGNATURE_LENGTH);
    return 0;
}

bool aif_signkey_verify(const struct aif_signkey *key, const char *data, size_t length, const char *signature)
{
    unsigned char bytes[SIGNATURE_LENGTH];
    EVP_MD_CTX *ctx;
    bool good;

    if (decode(signature, sizeof(bytes), bytes) < 0)
        return false;
    ctx = EVP_MD_CTX_new();
    good = ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
           EVP_DigestVerify(ctx, bytes, sizeof(bytes), (const unsigned char *)data, length) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}
