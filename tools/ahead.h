/*
 * ahead.h - why other jobs are ahead of one in the queue: by kinds and counts, never whose they are
 *
 * Pure.
 */
#ifndef AIF_TOOL_AHEAD_H
#define AIF_TOOL_AHEAD_H

#include <stddef.h>

#include "livejob.h"

/* The one thing that puts a job ahead most. */
enum aif_ahead_kind {
    AIF_AHEAD_LANE,       /* of the same lane, could start earlier */
    AIF_AHEAD_OTHER_LANE, /* a lane lifts it */
    AIF_AHEAD_GUARD,      /* waits for so long outside of all lanes that the guard lifts it */
    AIF_AHEAD_SET_BACK,   /* the job itself is set back: its allocation's pacing, or its free QOS */
    AIF_AHEAD_ADMIN,      /* an administrator set its priority or site factor */
    AIF_AHEAD_AGE,
    AIF_AHEAD_FAIR_SHARE,
    AIF_AHEAD_SIZE,
    AIF_AHEAD_OTHER,   /* partition, QOS, TRES, nice; or not known which of all these */
    AIF_AHEAD_EARLIER, /* the same priority, submitted earlier */
    AIF_AHEAD_KINDS
};

struct aif_ahead_lane {
    const struct aif_mode *mode;
    uint64_t jobs;
};

#define AIF_AHEAD_LANES 16 /* modes that are counted on their own; further ones only in counts[]   \
                            */

struct aif_ahead {
    uint64_t total; /* tasks of arrays that wait are counted one by one */
    uint64_t counts[AIF_AHEAD_KINDS];
    struct aif_ahead_lane
        lanes[AIF_AHEAD_LANES]; /* of AIF_AHEAD_OTHER_LANE, in order of appearance */
    size_t lane_count;
    uint32_t top;   /* highest priority among them */
    uint64_t place; /* in its lane, 1 is first; 0: it is in none, or in one that is closed */
    uint64_t of;    /* jobs of its lane that are ready to start, itself included */
};

/*
 * jobs: the queue, the job itself included (by id). Only jobs that wait for nothing but their turn,
 * in a partition that the job waits for, are ahead; its place is among those of its lane wherever
 * they wait. O(count).
 */
void aif_ahead_count(const struct aif_livejob *jobs, size_t count, const struct aif_livejob *job,
                     time_t now, uint32_t guard_after, struct aif_ahead *ret_ahead);

/* What puts other, which is ahead, ahead of the job. */
enum aif_ahead_kind aif_ahead_why(const struct aif_livejob *other, const struct aif_livejob *job,
                                  time_t now, uint32_t guard_after);

/* "of its lane waiting longer", ...: what follows the count. */
const char *aif_ahead_words(enum aif_ahead_kind kind);

/* For JSON: "lane", "other_lane", ... */
const char *aif_ahead_name(enum aif_ahead_kind kind);

#endif
