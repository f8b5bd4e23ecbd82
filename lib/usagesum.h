/*
 * usagesum.h - jobs, wall and CPU seconds by allocation and month of the job's end (UTC)
 *
 * Memory depends on the number of allocations and months, not of jobs. Not thread-safe: one thread for each struct.
 */
#ifndef AIF_USAGESUM_H
#define AIF_USAGESUM_H

#include <stddef.h>

#include "error.h"
#include "record.h"

#define AIF_USAGESUM_MAX 1000000 /* items */

struct aif_usagesum_item {
    char month[AIF_MONTH_SIZE]; /* "2026-11" */
    char allocation[64];
    uint64_t jobs; /* that started */
    uint64_t wall_secs;
    uint64_t cpu_secs; /* allocated CPUs x elapsed */
    uint64_t gpu_secs;
    int64_t first_end;
    int64_t last_end;
};

/* Sorted by month, then allocation. Starts as {0}. */
struct aif_usagesum {
    struct aif_usagesum_item *items;
    size_t count;
    size_t size;
};

/* Add a job; one that never started or has not ended adds nothing. Sums saturate. */
int aif_usagesum_add(struct aif_usagesum *sum, const struct aif_record *record, struct aif_error *err);

/* Free the items; the struct can be used again. */
void aif_usagesum_free(struct aif_usagesum *sum);

#endif
