/*
 * exporting.h - the parts of "aif export": what is wanted, how a row looks, and where it goes
 *
 * Memory does not depend on the size of the ledger: rows go through one buffer.
 */
#ifndef AIF_EXPORTING_H
#define AIF_EXPORTING_H

#include <stdbool.h>
#include <stdio.h>

#include "ledger.h"
#include "statement.h"

/* ---- where it goes ---- */

struct aif_export_out {
    FILE *file;
    char *part;          /* the file's name until it is complete; NULL: standard output */
    const char *path;    /* its name then */
    struct aif_text text; /* what was not written yet */
    struct aif_digest *digest; /* NULL: not asked for */
    uint64_t total;      /* events there are, for the bar; 0: no bar */
    uint64_t shown;
};

/* path NULL: standard output. 0, or -1 after a line, as of all functions here. */
int aif_export_open(struct aif_export_out *out, const char *path, bool digest);
/* Write what has gathered in out->text if that is much. */
int aif_export_flow(struct aif_export_out *out, struct aif_error *err);
/* The first lines of a complete jsonl export; 0, or -1 with err filled. */
int aif_export_header(struct aif_export_out *out, struct aif_ledger *ledger, struct aif_error *err);
/* Say how far it is, on a terminal. */
void aif_export_show(struct aif_export_out *out, uint64_t done);
/* Write the rest; the file gets its name when it is on disk. */
int aif_export_finish(struct aif_export_out *out);
/* Give up; nothing is left of a file. */
void aif_export_drop(struct aif_export_out *out);

/* Sign what was written (opened with digest, finished): "<path>.sig". statement has all but digest and bytes. */
int aif_export_sign(struct aif_export_out *out, const struct aif_signkey *key, struct aif_statement *statement);

/* ---- how a row looks ---- */

struct aif_export_csv {
    int64_t day; /* the last one that was written, and its text */
    char date[16];
    uint64_t jobs, gpu_secs, node_secs, billing_secs; /* saturating */
};

void aif_export_csv_head(struct aif_text *text);
int aif_export_csv_row(struct aif_export_csv *csv, const struct aif_record *record, const struct aif_event *event,
                       struct aif_text *text);
/* One cell, so that nothing that adds up a column counts it as well. */
int aif_export_csv_totals(const struct aif_export_csv *csv, const struct aif_chain *head, struct aif_text *text);

#endif
