/*
 * statement.h - what is signed about an exported file, kept beside it
 *
 * Lines of text, so that openssl(1) and sha256sum(1) suffice to check them:
 *
 *     aif-export 1
 *     sha256 <of the file>
 *     bytes <of the file>
 *     events <in the ledger at that time>
 *     head <of the chain>
 *     at <seconds since 1970>
 *     key <id>
 *     signature <base64, of the lines above with their newlines>
 *
 * Pure but for the digest, which belongs to one thread.
 */
#ifndef AIF_STATEMENT_H
#define AIF_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "chain.h"
#include "signkey.h"

#define AIF_STATEMENT_MAX 1024 /* room for the whole text */

struct aif_statement {
    char sha256[AIF_HASH_SIZE];
    uint64_t bytes;
    uint64_t events;
    char head[AIF_HASH_SIZE];
    int64_t at;
    char key[AIF_KEYID_SIZE];
};

/* The text, with key's signature; statement->key is not read. */
int aif_statement_write(const struct aif_statement *statement, const struct aif_signkey *key,
                        char ret_text[AIF_STATEMENT_MAX], struct aif_error *err);

/*
 * Read a text back. Only the exact form is taken. AIF_ECHAIN when it is another one, or the signature is not key's.
 */
int aif_statement_read(const char *text, const struct aif_signkey *key, struct aif_statement *ret_statement,
                       struct aif_error *err);

/* SHA-256 and length of what was given in pieces. */
struct aif_digest;
struct aif_digest *aif_digest_create(void); /* NULL when memory is out */
void aif_digest_destroy(struct aif_digest *digest);
int aif_digest_update(struct aif_digest *digest, const char *data, size_t length, struct aif_error *err);
int aif_digest_finish(struct aif_digest *digest, char ret_sha256[AIF_HASH_SIZE], uint64_t *ret_bytes,
                      struct aif_error *err);

#endif
