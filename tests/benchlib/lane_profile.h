/*
 * lane_profile.h - how many GPUs are free from when on, as far as time limits tell (tests/bench
 * lane)
 *
 * What backfill plans with: a step for each moment at which a running job's limit ends or a planned
 * one begins or ends.
 */
#ifndef LANE_PROFILE_H
#define LANE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lane_step {
    int64_t at;
    int64_t free; /* from then on, up to the next step */
};

struct lane_profile {
    struct lane_step *steps; /* by time; the first is now */
    size_t count;
    size_t room;
};

/* room: most steps there will ever be. -1: no memory. */
int lane_profile_init(struct lane_profile *profile, size_t room);
void lane_profile_free(struct lane_profile *profile);

/* Nothing but so many free GPUs from now on. */
void lane_profile_reset(struct lane_profile *profile, int64_t now, int64_t free);

/* So many GPUs more from at on; at is not before the last step. */
void lane_profile_release(struct lane_profile *profile, int64_t at, int64_t gpus);

/* Whether gpus are free from now on for length seconds. */
bool lane_profile_fits(const struct lane_profile *profile, int64_t gpus, int64_t length);

/* The first moment from which gpus are free for length seconds; in the end all are. */
int64_t lane_profile_earliest(const struct lane_profile *profile, int64_t gpus, int64_t length);

/* Plan gpus for [from, until); from is not before now. */
void lane_profile_take(struct lane_profile *profile, int64_t from, int64_t until, int64_t gpus);

#endif
