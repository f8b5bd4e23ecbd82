/*
 * waits.h - how long the jobs of each mode waited, and how often the promise of its lane was kept
 *
 * Filled from several sources that may know the same start of a job (the ledger, slurmctld's list):
 * each counts once. Pure; out of memory ends the program, as in all tools.
 */
#ifndef AIF_TOOL_WAITS_H
#define AIF_TOOL_WAITS_H

#include <stdint.h>

#include "policy.h"

struct aif_waits;

enum aif_wait_kind {
    AIF_WAIT_STARTED,
    AIF_WAIT_LEFT,   /* ended before it started: cancelled while it waited */
    AIF_WAIT_WAITING /* waits */
};

struct aif_wait {
    const struct aif_mode *mode; /* only compared */
    uint32_t job_id;
    int64_t at;   /* when it started or left; 0 of one that waits */
    int64_t secs; /* how long it waited until then, or until now */
    enum aif_wait_kind kind;
    uint32_t tasks; /* of an array that waits; else 1 */
};

struct aif_waits *aif_waits_create(void);
void aif_waits_destroy(struct aif_waits *waits);

/* Two with the same job_id, kind and at are the same one. */
void aif_waits_add(struct aif_waits *waits, const struct aif_wait *wait);

/* slurmdbd goes on with another row when a job is resized: what "starts" then did not wait. */
void aif_waits_resized(struct aif_waits *waits, uint32_t job_id, int64_t at);

enum { AIF_WAITS_P50, AIF_WAITS_P90, AIF_WAITS_P95, AIF_WAITS_P99, AIF_WAITS_PERCENTILES };

struct aif_waits_sums {
    uint64_t started;
    int64_t percentile[AIF_WAITS_PERCENTILES]; /* seconds, nearest rank, of those started; -1
                                                  without any */
    uint64_t kept;                             /* started within the target */
    uint64_t broken; /* started later, or wait or left when the target had passed */
    int32_t kept_bp; /* kept of both in basis points, rounded down: 100 % is only said where all
                        were; -1: no target, or none */
};

/* Of one mode; target in seconds, 0: none. Call it as often as wanted, after the last add. */
void aif_waits_sum(struct aif_waits *waits, const struct aif_mode *mode, uint32_t target,
                   struct aif_waits_sums *ret_sums);

#endif
