/*
 * error.h - what went wrong, in one line, for the caller to show
 *
 * Every function of libaif that can fail takes a struct aif_error as its last parameter, fills it and
 * returns -1. The library itself never logs. NULL is allowed where the caller does not want the text.
 */
#ifndef AIF_ERROR_H
#define AIF_ERROR_H

enum aif_errcode {
    AIF_EOK = 0,
    AIF_EINVAL,  /* a value is malformed or out of its range */
    AIF_ESYNTAX, /* not JSON, or a text that its grammar does not know */
    AIF_ESCHEMA, /* JSON, but an unknown, missing, repeated or wrongly typed key */
    AIF_ENOENT,  /* something named is not there */
    AIF_EIO,     /* the operating system said no */
    AIF_ENOMEM,
    AIF_ELIMIT,  /* a cap on a size was reached */
    AIF_ECHAIN,  /* a ledger that does not verify */
};

struct aif_error {
    int code;       /* enum aif_errcode */
    char text[768]; /* one line, no newline, complete without context */
};

/*
 * Fill err (may be NULL) and return -1, so that a caller can write "return aif_error_set(...)".
 * A text that does not fit is cut; control characters that came in with a value are shown as '?'.
 */
int aif_error_set(struct aif_error *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
