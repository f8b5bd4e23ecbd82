/* sharewindow_private.h - what the files of sharewindow.h share */
#ifndef AIF_SHAREWINDOW_PRIVATE_H
#define AIF_SHAREWINDOW_PRIVATE_H

#include "sharewindow.h"

/*
 * Bucket number b, of the seconds b * length to (b + 1) * length - 1, is buckets[b % AIF_SHAREWINDOW_BUCKETS]. Sums are
 * modulo 2^64, since a job's end may be told before its start.
 */
struct aif_sharewindow_share {
    uint64_t buckets[AIF_SHAREWINDOW_BUCKETS]; /* GPU-seconds */
    uint64_t running;                          /* GPUs */
    bool closed;
};

struct aif_sharewindow {
    const struct aif_policy *policy;
    uint64_t capacity;                    /* GPUs, of the cluster */
    int64_t length;                       /* of a bucket, seconds */
    int64_t at;                           /* buckets hold what ran up to here, jobs that still run included */
    struct aif_sharewindow_share *shares; /* as in the policy */
    bool *members;                        /* whether a share counts a mode: [share * modes + mode] */
    const struct aif_share **closed;      /* first closed share: [mode * (categories + 1) + category], last: unknown */
};

/* Add GPU-seconds of gpus in [from, to), as far as that is within the buckets that end with the one of "at". */
void aif_sharewindow_fill(const struct aif_sharewindow *windows, struct aif_sharewindow_share *share, uint64_t gpus,
                          int64_t from, int64_t to);

/* Make "at" no less than to, with what ran meanwhile. */
void aif_sharewindow_roll(struct aif_sharewindow *windows, int64_t to);

/* Add secs of a bucket of another length, which covers [from, to), evenly. */
void aif_sharewindow_pour(const struct aif_sharewindow *windows, struct aif_sharewindow_share *share, uint64_t secs,
                          int64_t from, int64_t to);

/* Put the look-up of closed shares right after their "closed" changed. */
void aif_sharewindow_index(struct aif_sharewindow *windows);

/* Number of the first bucket that is kept. */
static inline int64_t aif_sharewindow_oldest(const struct aif_sharewindow *windows)
{
    const int64_t oldest = windows->at / windows->length - (AIF_SHAREWINDOW_BUCKETS - 1);

    return oldest > 0 ? oldest : 0;
}

#endif
