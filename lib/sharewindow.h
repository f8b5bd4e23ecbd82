/*
 * sharewindow.h - how much of the machine each share of the policy has used lately
 *
 * One sliding window per share ("shares" of policy.json), in AIF_SHAREWINDOW_BUCKETS buckets that start at multiples of
 * their length: the GPU-seconds of the last window are the full buckets, the current one, and the part of the oldest
 * that is still inside, taken as evenly spread. What runs now counts as it goes on, so a job costs two O(1) events: its start and its end. Not
 * thread-safe: the caller locks. Belongs to one policy, but carries over to the next one (aif_sharewindow_adopt).
 */
#ifndef AIF_SHAREWINDOW_H
#define AIF_SHAREWINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "alloc.h"
#include "error.h"
#include "policy.h"

#define AIF_SHAREWINDOW_BUCKETS 128

struct aif_sharewindow;

/*
 * Empty windows as of now; capacity is the number of GPUs of the cluster, where the policy does not say another (0:
 * not known, then nothing is ever used up). policy must outlive it. NULL when memory is out.
 */
struct aif_sharewindow *aif_sharewindow_create(const struct aif_policy *policy, uint64_t capacity, time_t now);
void aif_sharewindow_destroy(struct aif_sharewindow *windows);

/* The cluster has another number of GPUs from now on; counts at the next advance. */
void aif_sharewindow_capacity(struct aif_sharewindow *windows, uint64_t capacity);

/*
 * gpus of an allocation's job run from, or up to, when. Events may come late and in any order, an end before its start:
 * the outcome is the same, as past buckets are put right, up to the length of the window. when is never later than
 * the caller's clock. An allocation of another policy counts by the name of its mode. O(shares), no memory.
 */
void aif_sharewindow_start(struct aif_sharewindow *windows, const struct aif_alloc *alloc, uint64_t gpus, time_t when);
void aif_sharewindow_stop(struct aif_sharewindow *windows, const struct aif_alloc *alloc, uint64_t gpus, time_t when);

/*
 * Bring all windows to now, and close or open shares by what they used. Returns whether one changed. A clock that went
 * back changes nothing until it is there again, but by more than a window it empties all of them.
 */
bool aif_sharewindow_advance(struct aif_sharewindow *windows, time_t now);

/* The first closed share that the allocation is in, or NULL (also for windows NULL). Stays until the next advance. */
const struct aif_share *aif_sharewindow_closed(const struct aif_sharewindow *windows, const struct aif_alloc *alloc);

/* Whether a share counts an allocation (by mode and category), and whether it names a mode. */
bool aif_share_has(const struct aif_share *share, const struct aif_alloc *alloc);
bool aif_share_has_mode(const struct aif_share *share, const struct aif_mode *mode);

/* Of share number index of the policy: GPU-seconds in the window, hundredths of a percent of the capacity, closed. */
struct aif_sharewindow_state {
    uint64_t used_secs;
    uint32_t used_bp; /* basis points: 1000 is 10 % */
    uint64_t running_gpus;
    bool closed;
};
void aif_sharewindow_get(const struct aif_sharewindow *windows, size_t index, struct aif_sharewindow_state *ret_state);

/*
 * Take over what old knows of shares with the same title, as if what runs had gone on to the moment windows are at
 * (create's now, or old's if that is later), which is returned. Running jobs are not taken over: the caller starts each
 * that old counted anew, as of that moment. windows must be fresh; old stays as it is.
 */
time_t aif_sharewindow_adopt(struct aif_sharewindow *windows, const struct aif_sharewindow *old);

/*
 * As JSON text (caller frees), NULL when memory is out; and back, into fresh windows: shares are found by title, unknown
 * ones ignored, another window length is put into the new buckets. What ran when it was saved is not running: the caller
 * starts what ran then from the moment that ret_at says (what they used before that is inside), ended meanwhile or not,
 * and what began later from its begin. Bad text: -1, nothing changed.
 */
#define AIF_SHAREWINDOW_TEXT_MAX (2u * 1024 * 1024) /* bytes; no text of ours is longer */
char *aif_sharewindow_save(const struct aif_sharewindow *windows);
int aif_sharewindow_restore(struct aif_sharewindow *windows, const char *text, size_t length, time_t *ret_at,
                            struct aif_error *err);

#endif
