/* sharewindow.c - see sharewindow.h */
#include "sharewindow_private.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"

#define CATEGORIES (AIF_CATEGORIES + 1) /* the last: not known */
#define PERCENT 100
#define BASIS_POINTS 10000

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- who is in which share ---- */

static bool has_category(const struct aif_share *share, int category)
{
    if (!share->categories)
        return true;
    return category >= 0 && category < AIF_CATEGORIES &&
           share->categories & (UINT32_C(1) << category);
}

bool aif_share_has_mode(const struct aif_share *share, const struct aif_mode *mode)
{
    if (!share->modes)
        return true;
    for (char **name = share->modes; *name; name++)
        if (!aif_names_compare(*name, mode->name))
            return true;
    return false;
}

bool aif_share_has(const struct aif_share *share, const struct aif_alloc *alloc)
{
    return has_category(share, alloc->category) && aif_share_has_mode(share, alloc->mode);
}

/* By place, and by name where the allocation belongs to another policy. -1: this one has no such
 * mode. */
static ptrdiff_t mode_index(const struct aif_policy *policy, const struct aif_mode *mode)
{
    const uintptr_t at = (uintptr_t)mode, first = (uintptr_t)policy->modes;
    const struct aif_mode *same;

    if (at >= first && at < (uintptr_t)(policy->modes + policy->mode_count))
        return mode - policy->modes;
    same = aif_policy_mode(policy, mode->name);
    return same ? same - policy->modes : -1;
}

static void find_members(struct aif_sharewindow *windows)
{
    const struct aif_policy *policy = windows->policy;
    bool *member = windows->members;

    for (size_t i = 0; i < policy->share_count; i++)
        for (size_t j = 0; j < policy->mode_count; j++)
            *member++ = aif_share_has_mode(&policy->shares[i], &policy->modes[j]);
}

static const struct aif_share *first_closed(const struct aif_sharewindow *windows, size_t mode,
                                            int category)
{
    const struct aif_policy *policy = windows->policy;

    for (size_t i = 0; i < policy->share_count; i++)
        if (windows->shares[i].closed && windows->members[i * policy->mode_count + mode] &&
            has_category(&policy->shares[i], category))
            return &policy->shares[i];
    return NULL;
}

void aif_sharewindow_index(struct aif_sharewindow *windows)
{
    const struct aif_share **closed = windows->closed;

    for (size_t mode = 0; mode < windows->policy->mode_count; mode++)
        for (int category = 0; category < CATEGORIES; category++)
            *closed++ = first_closed(windows, mode, category);
}

const struct aif_share *aif_sharewindow_closed(const struct aif_sharewindow *windows,
                                               const struct aif_alloc *alloc)
{
    const ptrdiff_t mode = windows ? mode_index(windows->policy, alloc->mode) : -1;
    const bool known = alloc->category >= 0 && alloc->category < AIF_CATEGORIES;

    return mode < 0
               ? NULL
               : windows->closed[mode * CATEGORIES + (known ? alloc->category : AIF_CATEGORIES)];
}

/* ---- making ---- */

static int64_t time_of(time_t when)
{
    return when > 0 ? (int64_t)when : 0;
}

/* A window must fit into the buckets with a part of one at each end. */
static int64_t length_of(const struct aif_policy *policy)
{
    const int64_t length =
        (policy->lanes.window + AIF_SHAREWINDOW_BUCKETS - 2) / (AIF_SHAREWINDOW_BUCKETS - 1);

    return length ? length : 1;
}

struct aif_sharewindow *aif_sharewindow_create(const struct aif_policy *policy, uint64_t capacity,
                                               time_t now)
{
    struct aif_sharewindow *windows = calloc(1, sizeof(*windows));

    if (!windows)
        return NULL;
    *windows =
        (struct aif_sharewindow){.policy = policy, .length = length_of(policy), .at = time_of(now)};
    aif_sharewindow_capacity(windows, capacity);
    windows->shares = calloc(policy->share_count + 1, sizeof(*windows->shares));
    windows->members =
        calloc(policy->share_count * policy->mode_count + 1, sizeof(*windows->members));
    windows->closed = calloc(policy->mode_count * CATEGORIES + 1, sizeof(struct aif_share *));
    if (!windows->shares || !windows->members || !windows->closed) {
        aif_sharewindow_destroy(windows);
        return NULL;
    }
    find_members(windows);
    return windows;
}

void aif_sharewindow_destroy(struct aif_sharewindow *windows)
{
    if (!windows)
        return;
    free(windows->shares);
    free(windows->members);
    free(windows->closed);
    free(windows);
}

void aif_sharewindow_capacity(struct aif_sharewindow *windows, uint64_t capacity)
{
    windows->capacity = capacity < AIF_GPUS_MAX ? capacity : AIF_GPUS_MAX;
}

/* ---- buckets ---- */

static uint64_t *bucket_at(struct aif_sharewindow_share *share, int64_t number)
{
    return &share->buckets[(uint64_t)number % AIF_SHAREWINDOW_BUCKETS];
}

void aif_sharewindow_fill(const struct aif_sharewindow *windows,
                          struct aif_sharewindow_share *share, uint64_t gpus, int64_t from,
                          int64_t to)
{
    const int64_t first = aif_sharewindow_oldest(windows) * windows->length;
    int64_t number, until;

    if (!gpus)
        return;
    from = from < first ? first : from;
    for (number = from / windows->length; from < to; from = until, number++) {
        until = least((number + 1) * windows->length, to);
        *bucket_at(share, number) += gpus * (uint64_t)(until - from);
    }
}

/* Buckets whose turn comes again are emptied before. */
static void make_room(const struct aif_sharewindow *windows, struct aif_sharewindow_share *share,
                      int64_t to)
{
    const int64_t now = windows->at / windows->length, then = to / windows->length;

    for (int64_t number = then; number > now && number > then - AIF_SHAREWINDOW_BUCKETS; number--)
        *bucket_at(share, number) = 0;
}

void aif_sharewindow_roll(struct aif_sharewindow *windows, int64_t to)
{
    const int64_t from = windows->at;

    if (to <= from)
        return;
    for (size_t i = 0; i < windows->policy->share_count; i++)
        make_room(windows, &windows->shares[i], to);
    windows->at = to;
    for (size_t i = 0; i < windows->policy->share_count; i++)
        aif_sharewindow_fill(windows, &windows->shares[i], windows->shares[i].running, from, to);
}

/* Running totals are rounded, so that nothing is lost in between. */
void aif_sharewindow_pour(const struct aif_sharewindow *windows,
                          struct aif_sharewindow_share *share, uint64_t secs, int64_t from,
                          int64_t to)
{
    const __int128 whole = (int64_t)secs;
    const int64_t oldest = aif_sharewindow_oldest(windows), length = windows->length;
    int64_t number = from / length, until, before = 0, so_far;

    for (int64_t at = from; secs && at < to; at = until, number++, before = so_far) {
        until = least((number + 1) * length, to);
        so_far = until == to ? (int64_t)secs : (int64_t)(whole * (until - from) / (to - from));
        if (number >= oldest)
            *bucket_at(share, number) += (uint64_t)(so_far - before);
    }
}

static uint64_t used_secs(const struct aif_sharewindow *windows,
                          struct aif_sharewindow_share *share)
{
    const int64_t from = windows->at - windows->policy->lanes.window, length = windows->length;
    const int64_t oldest = from > 0 ? from / length : -1, newest = windows->at / length;
    uint64_t sum = 0;

    for (int64_t number = oldest + 1; number <= newest; number++)
        sum += *bucket_at(share, number);
    if (oldest >= 0) {
        const int64_t part = (int64_t)*bucket_at(share, oldest);

        sum += (uint64_t)(int64_t)((__int128)part * ((oldest + 1) * length - from) / length);
    }
    return (int64_t)sum > 0 ? sum : 0;
}

/* ---- events ---- */

/* gpus modulo 2^64: an end takes away. */
static void change(struct aif_sharewindow *windows, const struct aif_alloc *alloc, uint64_t gpus,
                   time_t when)
{
    const struct aif_policy *policy = windows->policy;
    const ptrdiff_t mode = mode_index(policy, alloc->mode);
    const int64_t from = time_of(when);

    if (mode < 0)
        return;
    aif_sharewindow_roll(windows, from);
    for (size_t i = 0; i < policy->share_count; i++) {
        if (!windows->members[i * policy->mode_count + (size_t)mode] ||
            !has_category(&policy->shares[i], alloc->category))
            continue;
        windows->shares[i].running += gpus;
        aif_sharewindow_fill(windows, &windows->shares[i], gpus, from, windows->at);
    }
}

static uint64_t capped_gpus(uint64_t gpus)
{
    return gpus < AIF_GPUS_MAX ? gpus : AIF_GPUS_MAX;
}

void aif_sharewindow_start(struct aif_sharewindow *windows, const struct aif_alloc *alloc,
                           uint64_t gpus, time_t when)
{
    change(windows, alloc, capped_gpus(gpus), when);
}

void aif_sharewindow_stop(struct aif_sharewindow *windows, const struct aif_alloc *alloc,
                          uint64_t gpus, time_t when)
{
    change(windows, alloc, -capped_gpus(gpus), when);
}

/* ---- closing and opening ---- */

/* GPU-seconds of all of the machine in one window; 0: not known. */
static uint64_t machine_secs(const struct aif_sharewindow *windows)
{
    const struct aif_lanes_conf *conf = &windows->policy->lanes;

    return (conf->capacity ? conf->capacity : windows->capacity) * conf->window;
}

static bool is_used_up(const struct aif_sharewindow *windows, size_t index)
{
    struct aif_sharewindow_share *share = &windows->shares[index];
    const uint64_t limit = machine_secs(windows) * windows->policy->shares[index].percent / PERCENT;
    const uint64_t resume =
        (uint64_t)((unsigned __int128)limit * windows->policy->lanes.resume / PERCENT);

    if (!limit)
        return false;
    return used_secs(windows, share) >= (share->closed ? resume : limit);
}

/* A clock that was wrong by more than a window, and is right again: what was counted belongs to no
 * time. */
static void begin_anew(struct aif_sharewindow *windows, int64_t now)
{
    for (size_t i = 0; i < windows->policy->share_count; i++)
        memset(windows->shares[i].buckets, 0, sizeof(windows->shares[i].buckets));
    windows->at = now;
}

bool aif_sharewindow_advance(struct aif_sharewindow *windows, time_t now)
{
    const int64_t to = time_of(now);
    bool changed = false;

    if (to + windows->policy->lanes.window < windows->at)
        begin_anew(windows, to);
    aif_sharewindow_roll(windows, to);
    for (size_t i = 0; i < windows->policy->share_count; i++) {
        const bool closed = is_used_up(windows, i);

        changed = changed || closed != windows->shares[i].closed;
        windows->shares[i].closed = closed;
    }
    if (changed)
        aif_sharewindow_index(windows);
    return changed;
}

void aif_sharewindow_get(const struct aif_sharewindow *windows, size_t index,
                         struct aif_sharewindow_state *ret_state)
{
    struct aif_sharewindow_share *share = &windows->shares[index];
    const uint64_t machine = machine_secs(windows), used = used_secs(windows, share);
    const unsigned __int128 points = machine ? (unsigned __int128)used * BASIS_POINTS / machine : 0;

    ret_state->used_secs = used;
    ret_state->used_bp = points < UINT32_MAX ? (uint32_t)points : UINT32_MAX;
    ret_state->running_gpus = (int64_t)share->running > 0 ? share->running : 0;
    ret_state->closed = share->closed;
}

/* ---- from one policy to the next ---- */

static void take_over(struct aif_sharewindow *windows, size_t index,
                      const struct aif_sharewindow *old, size_t from)
{
    struct aif_sharewindow_share *share = &windows->shares[index], *known = &old->shares[from];
    const int64_t length = old->length;

    for (int64_t number = aif_sharewindow_oldest(old); number <= old->at / length; number++)
        aif_sharewindow_pour(windows, share, *bucket_at(known, number), number * length,
                             least((number + 1) * length, old->at));
    aif_sharewindow_fill(windows, share, known->running, old->at, windows->at);
    share->closed = known->closed;
}

time_t aif_sharewindow_adopt(struct aif_sharewindow *windows, const struct aif_sharewindow *old)
{
    const struct aif_policy *policy = windows->policy, *before = old->policy;

    aif_sharewindow_roll(windows, old->at);
    for (size_t i = 0; i < policy->share_count; i++)
        for (size_t j = 0; j < before->share_count; j++)
            if (!strcmp(policy->shares[i].title, before->shares[j].title)) {
                take_over(windows, i, old, j);
                break;
            }
    aif_sharewindow_index(windows);
    return (time_t)windows->at;
}
