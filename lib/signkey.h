/*
 * signkey.h - Ed25519 keys (RFC 8032): files of them, and signatures
 *
 * Private keys are PKCS#8 in PEM, public keys SubjectPublicKeyInfo in PEM (RFC 8410), as openssl(1) reads and writes
 * them. In texts a public key is the base64 of its SubjectPublicKeyInfo, the line between the PEM's two; a signature is
 * the base64 of its 64 bytes. A key's id is the first 16 hex digits of the SHA-256 of its SubjectPublicKeyInfo. A key may
 * be read by many threads at once. All errors come with a complete line.
 */
#ifndef AIF_SIGNKEY_H
#define AIF_SIGNKEY_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define AIF_KEYID_SIZE 17   /* with NUL */
#define AIF_PUBLIC_SIZE 61
#define AIF_SIGNATURE_SIZE 89

struct aif_signkey;

/* A new pair. The caller owns the key. */
int aif_signkey_generate(struct aif_signkey **ret_key, struct aif_error *err);
void aif_signkey_destroy(struct aif_signkey *key);

/*
 * Write the pair to a new file of mode 0600 and sync it. Fails with AIF_EIO when path is there.
 */
int aif_signkey_save(const struct aif_signkey *key, const char *path, struct aif_error *err);

/*
 * Read a pair. AIF_ENOENT when there is no file. Refused: symbolic links, files that are not regular, belong to neither
 * this user nor root, or are accessible to others.
 */
int aif_signkey_load(const char *path, struct aif_signkey **ret_key, struct aif_error *err);

/* Read a public key from a PEM file, which anybody may have. */
int aif_signkey_load_public(const char *path, struct aif_signkey **ret_key, struct aif_error *err);

/* A public key from its base64, which must be in the one canonical form. */
int aif_signkey_parse(const char *public, struct aif_signkey **ret_key, struct aif_error *err);

/* Both live as long as the key. */
const char *aif_signkey_id(const struct aif_signkey *key);
const char *aif_signkey_public(const struct aif_signkey *key);

/* Sign; the key must be a pair. */
int aif_signkey_sign(const struct aif_signkey *key, const char *data, size_t length,
                     char ret_signature[AIF_SIGNATURE_SIZE], struct aif_error *err);

/* Whether signature, in the one canonical form, is this key's of the data. */
bool aif_signkey_verify(const struct aif_signkey *key, const char *data, size_t length, const char *signature);

#endif
