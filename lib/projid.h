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
    int year;      /* 2026; 0: not told */
    char code[3];  /* "PG", "FL", …: the mode's code */
    int cutoff;    /* two digits after the code */
    int number;    /* of the project */
};

/* 0 and *ret_id, or -1 (AIF_ESYNTAX) naming the first character that does not fit. */
int aif_projid_parse(const char *text, struct aif_projid *ret_id, struct aif_error *err);

/*
 * The project that a site's spelling of an account tells: the ID itself (Discoverer), e-aif-2026fl01-991 (JUPITER),
 * eehpc-ben-2025b09-021x (Deucalion), AIFAC_P02_222 and EUHPC_B38_121 (Leonardo, where cutoff and number are the
 * site's own). 0 and *ret_id, or -1: other sites give projects names that tell nothing.
 */
int aif_projid_of_account(const char *account, struct aif_projid *ret_id);

#endif
