/*
 * aif-reportd-ask.h - asking slurmdbd for the job rows of our allocations
 *
 * slurmdbd may take long or hang: nobody asks it with the ledger's lock in hand, or in the middle of a transaction.
 */
#ifndef AIF_REPORTD_ASK_H
#define AIF_REPORTD_ASK_H

#include "aif-reportd.h"

struct aif_asking {
    void *conn;
    struct aif_reportd_names qos;
    struct aif_reportd_rows rows;
    int (*answer)(list_t *list, void *data); /* called with each of slurmdbd's answers, which are lists of slurmdb_job_rec_t; -1 ends it */
    void *data;
};

/* Reach slurmdbd, and learn what its numbers mean: fills all but answer and data, which are there. 0; -1 after a line. */
int aif_asking_begin(struct aif_asking *asking, const struct aif_snapshot *snapshot);

/* All rows of our allocations that ran or ended since then. 0; -1 after a line, or when answer returned it. */
int aif_asking_rows(struct aif_asking *asking, int64_t since);

/* Whether it has begun or not. */
void aif_asking_end(struct aif_asking *asking);

#endif
