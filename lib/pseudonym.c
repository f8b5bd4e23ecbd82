/* pseudonym.c - see pseudonym.h */
#include "pseudonym.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_LENGTH sizeof(((struct aif_pseudonym *)0)->key)
#define FILE_LENGTH (KEY_LENGTH * 2 + 1)

static const char digits[] = "0123456789abcdef";

static void to_hex(const unsigned char *bytes, size_t count, char *ret_text)
{
    for (size_t i = 0; i < count; i++) {
        ret_text[i * 2] = digits[bytes[i] >> 4];
        ret_text[i * 2 + 1] = digits[bytes[i] & 15];
    }
}

static bool from_hex(const char *text, unsigned char *ret_bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *high = memchr(digits, text[i * 2], 16), *low = memchr(digits, text[i * 2 + 1], 16);

        if (!high || !low)
            return false;
        ret_bytes[i] = (unsigned char)((high - digits) << 4 | (low - digits));
    }
    return true;
}

static int check_file(const char *path, int fd, struct aif_error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return aif_error_set(err, AIF_EINVAL, "%s: not a regular file", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return aif_error_set(err, AIF_EINVAL, "%s: belongs to user %u; must be this user's (%u) or root's", path,
                             (unsigned)st.st_uid, (unsigned)geteuid());
    if (st.st_mode & 077)
        return aif_error_set(err, AIF_EINVAL, "%s: mode is %04o; must be 0600", path, (unsigned)st.st_mode & 07777);
    return 0;
}

int aif_pseudonym_load(const char *path, struct aif_pseudonym *ret_pseudonym, struct aif_error *err)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    struct aif_pseudonym pseudonym;
    char text[FILE_LENGTH + 1];
    ssize_t length;
    int rc;

    if (fd < 0)
        return aif_error_set(err, errno == ENOENT ? AIF_ENOENT : AIF_EIO, "%s: %s", path,
                             errno == ELOOP ? "is a symbolic link" : strerror(errno));
    rc = check_file(path, fd, err);
    length = rc < 0 ? 0 : read(fd, text, sizeof(text));
    close(fd);
    if (rc < 0)
        return -1;
    if (length != FILE_LENGTH || text[FILE_LENGTH - 1] != '\n' || !from_hex(text, pseudonym.key, KEY_LENGTH))
        return aif_error_set(err, AIF_EINVAL, "%s: not a line of %zu hex digits", path, KEY_LENGTH * 2);
    *ret_pseudonym = pseudonym;
    return 0;
}

int aif_pseudonym_create(const char *path, struct aif_error *err)
{
    unsigned char key[KEY_LENGTH];
    char text[FILE_LENGTH];
    bool written;
    int fd;

    if (RAND_bytes(key, sizeof(key)) != 1)
        return aif_error_set(err, AIF_EIO, "no random bytes for %s", path);
    to_hex(key, sizeof(key), text);
    text[FILE_LENGTH - 1] = '\n';
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    written = write(fd, text, sizeof(text)) == (ssize_t)sizeof(text) && fsync(fd) == 0;
    close(fd);
    if (written)
        return 0;
    unlink(path);
    return aif_error_set(err, AIF_EIO, "%s: cannot be written", path);
}

int aif_pseudonym_name(const struct aif_pseudonym *pseudonym, const char *user, char ret_name[AIF_PSEUDONYM_SIZE],
                       struct aif_error *err)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    char text[256];
    int length = snprintf(text, sizeof(text), "aif-user 1\n%s", user);

    if (length >= (int)sizeof(text))
        return aif_error_set(err, AIF_EINVAL, "user name of more than %zu bytes", sizeof(text) - 16);
    if (*user && !HMAC(EVP_sha256(), pseudonym->key, (int)KEY_LENGTH, (const unsigned char *)text, (size_t)length, mac, NULL))
        return aif_error_set(err, AIF_ENOMEM, "cannot make a pseudonym");
    ret_name[0] = '\0';
    if (!*user)
        return 0;
    ret_name[0] = 'p';
    to_hex(mac, (AIF_PSEUDONYM_SIZE - 2) / 2, ret_name + 1);
    ret_name[AIF_PSEUDONYM_SIZE - 1] = '\0';
    return 0;
}
