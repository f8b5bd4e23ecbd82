/*
 * verifying.h - the parts of "aif verify": what is checked, and what was found
 */
#ifndef AIF_VERIFYING_H
#define AIF_VERIFYING_H

#include <stdbool.h>
#include <stdio.h>

#include "ledger.h"
#include "witness.h"

#define AIF_ARCHIVES_MAX 64

struct aif_check {
    const char *ledger;
    const char *head; /* to be found; NULL: none asked for */
    bool head_found;
    const char *key_path;
    struct aif_signkey *key; /* NULL: none given */
    struct aif_witness *witness;
    const char *archives[AIF_ARCHIVES_MAX];
    size_t archive_count;
    aif_ledger_visit *visit; /* sees each event of an export, too, with the check as its data; NULL: none */
    struct aif_ledger *keeper; /* while its archives are checked */
    uint64_t kept; /* rows that it keeps of them, so far */
    struct aif_chain chain;   /* where it ends */
    struct aif_chain after;   /* where it begins */
    uint64_t anchored;        /* the event that says where those before are; 0: none */
    struct aif_anchor anchor; /* of a ledger */
    uint64_t joined_first;    /* the first event of its archives */
    bool file_signed;         /* the file is the one that was signed */
    bool json, parsable;      /* how what was found is told */
};

/* Check a complete jsonl export: fills chain, after and anchored. 0, or -1 with err filled, as of all functions here. */
int aif_verify_jsonl(struct aif_check *check, FILE *file, struct aif_error *err);

int aif_verify_digest(FILE *file, char ret_sha256[AIF_HASH_SIZE], uint64_t *ret_bytes, struct aif_error *err);

/* Check a ledger's archives, if any were given, and that the ledger goes on where they end; fills after, anchored and anchor. */
int aif_verify_join(struct aif_check *check, struct aif_ledger *ledger, struct aif_error *err);

#endif
