/* seal.c - see seal.h */
#include "seal.h"

#include <munge.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"

int aif_seal_socket(const char *authinfo, char *ret_path, size_t size)
{
    const char *path = authinfo ? strstr(authinfo, "socket=") : NULL;
    size_t length;

    path = path ? path + strlen("socket=") : "";
    length = strcspn(path, ",");
    if (length >= size)
        return -1;
    memcpy(ret_path, path, length);
    ret_path[length] = '\0';
    return 0;
}

/* NULL: memory is out, or munged's socket has an impossible path. */
static munge_ctx_t make_context(const char *socket)
{
    munge_ctx_t context = munge_ctx_create();

    if (!context || !socket[0] || munge_ctx_set(context, MUNGE_OPT_SOCKET, socket) == EMUNGE_SUCCESS)
        return context;
    munge_ctx_destroy(context);
    return NULL;
}

static int complain(const char *what, munge_ctx_t context, munge_err_t rc, struct aif_error *err)
{
    const char *why = context ? munge_ctx_strerror(context) : NULL;

    return aif_error_set(err, AIF_EIO, "a ticket cannot be %s: MUNGE says %s (%s)", what,
                         why ? why : munge_strerror(rc), AIF_R_TICKET);
}

int aif_seal_make(const char *text, const char *socket, uid_t reader, char **ret_seal, struct aif_error *err)
{
    munge_ctx_t context = make_context(socket);
    munge_err_t rc = context ? munge_ctx_set(context, MUNGE_OPT_UID_RESTRICTION, reader) : EMUNGE_NO_MEMORY;
    char *seal = NULL;

    if (rc == EMUNGE_SUCCESS)
        rc = munge_encode(&seal, context, text, (int)strlen(text));
    if (rc == EMUNGE_SUCCESS && strlen(seal) >= AIF_SEAL_MAX)
        rc = EMUNGE_BAD_LENGTH;
    if (rc == EMUNGE_SUCCESS) {
        *ret_seal = seal;
    } else {
        complain("sealed", context, rc, err);
        free(seal);
    }
    munge_ctx_destroy(context);
    return rc == EMUNGE_SUCCESS ? 0 : -1;
}

/* MUNGE has checked the credential in full before it says one of these, and hands out what is in it. */
static int is_genuine(munge_err_t rc)
{
    return rc == EMUNGE_SUCCESS || rc == EMUNGE_CRED_EXPIRED || rc == EMUNGE_CRED_REPLAYED;
}

int aif_seal_open(const char *seal, const char *socket, char **ret_text, size_t *ret_length, uid_t *ret_maker,
                  struct aif_error *err)
{
    munge_ctx_t context = NULL;
    munge_err_t rc = EMUNGE_BAD_LENGTH;
    void *text = NULL;
    int length = 0;
    uid_t maker;
    gid_t group;

    if (strlen(seal) < AIF_SEAL_MAX)
        rc = (context = make_context(socket)) ? munge_decode(seal, context, &text, &length, &maker, &group) :
                                                EMUNGE_NO_MEMORY;
    if (is_genuine(rc) && text && length > 0) {
        *ret_text = text;
        *ret_length = (size_t)length;
        *ret_maker = maker;
        munge_ctx_destroy(context);
        return 0;
    }
    complain("opened", context, is_genuine(rc) ? EMUNGE_BAD_LENGTH : rc, err);
    free(text);
    munge_ctx_destroy(context);
    return -1;
}
