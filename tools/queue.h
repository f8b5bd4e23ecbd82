/*
 * queue.h - what the queue asks of each allocation: the part of its standing that Slurm keeps no
 * counter of
 */
#ifndef AIF_TOOL_QUEUE_H
#define AIF_TOOL_QUEUE_H

#include <stdint.h>

#include "snapshot.h"

struct aif_queue;

/*
 * Look at all jobs that slurmctld shows to the caller (PrivateData=jobs hides those of others).
 * Returns AIF_EXIT_OK, or an exit code after one line.
 */
int aif_queue_load(const struct aif_snapshot *snapshot, struct aif_queue **ret_queue);
void aif_queue_free(struct aif_queue *queue);

/* In seconds of the allocation's unit; queue NULL: 0. */
struct aif_queue_sums {
    uint64_t pending; /* asked up to their time limits by jobs that wait, without those of the free
                         QOS */
    uint64_t inference; /* asked by inference jobs that wait or run */
};
void aif_queue_sums(const struct aif_queue *queue, const struct aif_alloc *alloc,
                    struct aif_queue_sums *ret_sums);

#endif
