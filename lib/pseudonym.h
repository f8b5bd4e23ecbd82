/*
 * pseudonym.h - names of users that only the site can tell whose they are
 *
 * "p" and the first 20 hex digits of HMAC-SHA256(key, "aif-user 1\n" name): the same person has the same name in all
 * rows, and nobody without the key can find it by trying names. The key is 32 random bytes in a file, in hex.
 */
#ifndef AIF_PSEUDONYM_H
#define AIF_PSEUDONYM_H

#include "error.h"

#define AIF_PSEUDONYM_SIZE 22 /* with NUL */

struct aif_pseudonym {
    unsigned char key[32];
};

/*
 * Read the key. AIF_ENOENT when there is no file. Refused: symbolic links, files that are not regular, belong to neither
 * this user nor root, are accessible to others, or hold anything but 64 hex digits in a line.
 */
int aif_pseudonym_load(const char *path, struct aif_pseudonym *ret_pseudonym, struct aif_error *err);

/* Write a new random key to a new file, mode 0600, and sync it. */
int aif_pseudonym_create(const char *path, struct aif_error *err);

/* An empty name stays empty. */
int aif_pseudonym_name(const struct aif_pseudonym *pseudonym, const char *user, char ret_name[AIF_PSEUDONYM_SIZE],
                       struct aif_error *err);

#endif
