/*
 * record.h - one job's usage as reports and ledger carry it
 *
 * Key of a record is (cluster, db_index): job ids wrap and requeues repeat them (reference slurm-plugin-api.md
 * section 6). Quantity charged is allocated GPUs x elapsed seconds, suspension excluded.
 */
#ifndef AIF_RECORD_H
#define AIF_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "error.h"

struct aif_record {
    char cluster[64];
    uint64_t db_index; /* slurmdbd's job_db_inx */
    uint32_t job_id;
    char account[64];
    char user[64];
    char qos[64];
    char allocation[64]; /* project ID; "" for jobs that are not ours */
    char mode[64];
    char residency[256];
    char partition[64];
    char state[24];
    int64_t submit;
    int64_t start; /* 0: never started */
    int64_t end;   /* 0: still running */
    uint64_t elapsed; /* seconds, without suspension, as slurmdbd has it */
    uint64_t gpus;  /* allocated */
    uint64_t nodes; /* allocated */
};

/* GPU-seconds charged so far. */
uint64_t aif_record_gpu_secs(const struct aif_record *record);

/*
 * The part of the charge that falls into [from, until): elapsed seconds are spread evenly over start..end (or
 * ..now for a running job). Parts of adjoining windows add up to the whole, exactly.
 */
uint64_t aif_record_gpu_secs_between(const struct aif_record *record, int64_t from, int64_t until,
                                     int64_t now);

/* GPU-seconds -> hours in hundredths, rounded half up: the two decimals that Waldur takes. */
uint64_t aif_record_centihours(uint64_t gpu_secs);

/*
 * One line of canonical JSON (fixed key order, no blanks, ASCII with \u escapes): the bytes that the ledger hashes
 * and that "aif export --format=jsonl" prints. *ret_text is malloc'ed.
 */
int aif_record_canonical(const struct aif_record *record, char **ret_text, struct aif_error *err);

#endif
