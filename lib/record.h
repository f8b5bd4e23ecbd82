/*
 * record.h - one job's usage as reports and ledger carry it
 *
 * Key of a record is (cluster, db_index): job ids wrap and requeues repeat them. Quantity charged is allocated
 * GPUs (or nodes, or billing) x elapsed seconds, suspension excluded. All functions are pure and thread-safe.
 */
#ifndef AIF_RECORD_H
#define AIF_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "error.h"
#include "placescore.h"
#include "policy.h"
#include "text.h"

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
    uint64_t billing; /* allocated, what the partition's TRESBillingWeights made of it; 0 in records of version 1 */
    char purpose[32]; /* "inference" where the user said so, else ""; "" in records of version 1 */
    int64_t eligible; /* since when it could have started, as slurmdbd has it; 0: not known, as in records of versions 1 and 2 */
    char score[AIF_PLACESCORE_SIZE]; /* how well it was placed (placescore.h); "" if not known, as in versions 1 to 3 */
    /* All 0 in versions 1 to 4. What was asked for stands beside what was allocated, so that both can be compared. */
    uint64_t cpus; /* allocated */
    uint64_t req_cpus;
    uint64_t req_gpus;
    uint64_t req_nodes;
    uint64_t req_billing;
    uint64_t timelimit; /* seconds asked for; 0: no limit, or not known */
};

/*
 * Whether the figures can be true: identified, times in order, elapsed within start..end, no more GPUs or nodes than
 * AIF_RECORD_COUNT_MAX, no more of the rest than AIF_RECORD_BILLING_MAX, no control characters. The error's text says what
 * is wrong.
 */
#define AIF_RECORD_COUNT_MAX 10000000ULL
#define AIF_RECORD_BILLING_MAX 1000000000000ULL
int aif_record_check(const struct aif_record *record, struct aif_error *err);

/*
 * Whether now differs from before, both about the same row, in anything that counts: allocation, account, times,
 * quantities, purpose, state. Names that only describe (user, QOS, mode, residency) may fade as a site's configuration
 * changes; an eligible time that one of them does not know, as older records do not, is no difference, nor is the
 * placement's score, for which nobody is charged, nor what was asked for, unless nothing of it was known beside what was allocated.
 */
int aif_record_differs(const struct aif_record *before, const struct aif_record *now);

/* Fill what record does not know (names, eligible time, what was asked for) from an older record of the same row. */
void aif_record_inherit(struct aif_record *record, const struct aif_record *before);

/*
 * The elapsed seconds that fall into [from, until): they are spread evenly over start..end (or ..now for a running
 * job). Parts of adjoining windows add up to the whole, exactly.
 */
uint64_t aif_record_secs_between(const struct aif_record *record, int64_t from, int64_t until,
                                 int64_t now);

/*
 * Seconds from the moment the job could have started (eligible or, where that is not known or earlier, submit) until it
 * did or, where it never did, until it ended; -1 where it has neither.
 */
int64_t aif_record_wait(const struct aif_record *record);

/* Seconds of a resource charged so far, saturating. */
uint64_t aif_record_tres_secs(const struct aif_record *record, enum aif_charge_tres tres);

/* The part of it that falls into a window, see aif_record_secs_between. */
uint64_t aif_record_tres_secs_between(const struct aif_record *record, enum aif_charge_tres tres, int64_t from,
                                      int64_t until, int64_t now);

/* Seconds -> hours in hundredths, rounded half up: the two decimals that Waldur takes. */
uint64_t aif_record_centihours(uint64_t secs);

/* The UTC month in which t lies, moved by offset months: its first second, and its name "YYYY-MM". */
int64_t aif_record_month_start(int64_t t, int offset);
void aif_record_month_name(int64_t t, char ret_name[AIF_MONTH_SIZE]);

/*
 * One line of canonical JSON (fixed key order, no blanks, ASCII with \u escapes): the bytes that the ledger hashes
 * and that "aif export --format=jsonl" prints. db_index is a string there, for readers whose numbers are doubles.
 * *ret_text is malloc'ed. Fails on text that is not UTF-8.
 */
int aif_record_canonical(const struct aif_record *record, char **ret_text, struct aif_error *err);

/* The same appended to text, which may then hold a part of it after a failure. */
int aif_record_write(const struct aif_record *record, struct aif_text *text, struct aif_error *err);

/*
 * Read canonical JSON back; a missing or unknown key, or a value out of range, is refused. In older ledgers versions 1 to
 * 4 have neither CPUs nor what was asked for, 1 to 3 no score, versions 1 and 2 no eligible time, version 1 neither billing nor purpose.
 */
int aif_record_parse(const char *text, struct aif_record *ret_record, struct aif_error *err);

#endif
