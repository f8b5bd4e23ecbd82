/*
 * record.h - one job's usage as reports and ledger carry it
 *
 * Key of a record is (cluster, db_index): job ids wrap and requeues repeat them. Quantity charged is allocated
 * GPUs (or nodes) x elapsed seconds, suspension excluded. All functions are pure and thread-safe.
 */
#ifndef AIF_RECORD_H
#define AIF_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "error.h"

#define AIF_MONTH_SIZE 8 /* "2026-11" with NUL */

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

/*
 * Whether the figures can be true: identified, times in order, elapsed within start..end, no more GPUs or nodes than
 * AIF_RECORD_COUNT_MAX, no control characters. The error's text says what is wrong.
 */
#define AIF_RECORD_COUNT_MAX 10000000ULL
int aif_record_check(const struct aif_record *record, struct aif_error *err);

/*
 * Whether now differs from before, both about the same row, in anything that counts: allocation, account, times,
 * quantities, state. Names that only describe (user, QOS, mode, residency) may fade as a site's configuration changes.
 */
int aif_record_differs(const struct aif_record *before, const struct aif_record *now);

/* Fill the empty names of record from an older record of the same row. */
void aif_record_inherit(struct aif_record *record, const struct aif_record *before);

/*
 * The elapsed seconds that fall into [from, until): they are spread evenly over start..end (or ..now for a running
 * job). Parts of adjoining windows add up to the whole, exactly.
 */
uint64_t aif_record_secs_between(const struct aif_record *record, int64_t from, int64_t until,
                                 int64_t now);

/* GPU-seconds charged so far. */
uint64_t aif_record_gpu_secs(const struct aif_record *record);

/* The parts of the charge that fall into a window, see aif_record_secs_between. */
uint64_t aif_record_gpu_secs_between(const struct aif_record *record, int64_t from, int64_t until,
                                     int64_t now);
uint64_t aif_record_node_secs_between(const struct aif_record *record, int64_t from, int64_t until,
                                      int64_t now);

/* GPU-seconds -> hours in hundredths, rounded half up: the two decimals that Waldur takes. */
uint64_t aif_record_centihours(uint64_t gpu_secs);

/* The UTC month in which t lies, moved by offset months: its first second, and its name "YYYY-MM". */
int64_t aif_record_month_start(int64_t t, int offset);
void aif_record_month_name(int64_t t, char ret_name[AIF_MONTH_SIZE]);

/*
 * One line of canonical JSON (fixed key order, no blanks, ASCII with \u escapes): the bytes that the ledger hashes
 * and that "aif export --format=jsonl" prints. db_index is a string there, for readers whose numbers are doubles.
 * *ret_text is malloc'ed. Fails on text that is not UTF-8.
 */
int aif_record_canonical(const struct aif_record *record, char **ret_text, struct aif_error *err);

/* Read canonical JSON back; a missing or unknown key, or a value out of range, is refused. */
int aif_record_parse(const char *text, struct aif_record *ret_record, struct aif_error *err);

#endif
