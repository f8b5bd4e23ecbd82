/*
 * projid.h - the grammar of EuroHPC project IDs
 *
 * EHPC-(AIF|AI|BEN|DEV|REG|EXT)-(20dd)(PG|FL|LS|SC|A|B|D|R|E)(dd)-(d{2,4}), case ignored (design.md section 5).
 * The allocation table decides what a project may do; the grammar is only a fallback and a check for typing slips.
 */
#ifndef AIF_PROJID_H
#define AIF_PROJID_H

#include "error.h"

#define AIF_PROJID_MAX 64 /* longest ID of any spelling that an allocation may have, with NUL */

struct aif_projid {
    char call[4];  /* "AIF", "AI", "BEN", "DEV", "REG", "EXT" */
    int year;      /* 2026 */
    char code[3];  /* "PG", "FL", …: the mode's code */
    int cutoff;    /* two digits after the code */
    int number;    /* of the project */
};

/* 0 and *ret_id, or -1 (AIF_ESYNTAX) naming the first character that does not fit. */
int aif_projid_parse(const char *text, struct aif_projid *ret_id, struct aif_error *err);

#endif
