/*
 * view.h - what the wrapper remembers of each node: its GPUs, which are free, what else is left, and until when jobs run
 *
 * Everything is derived from slurmctld's records and never authoritative: a wrong figure costs one useless proposal,
 * since cons_tres has the last word. It is kept up by the wrapper's hooks, and compared with Slurm's own records all the
 * time, some nodes with each use and all of them every RECOUNT_SECONDS; a debug line tells how many differed.
 *
 * One lock, taken by the hooks themselves; whoever reads takes it with view_lock(). Calls that read records need
 * slurmctld's job and node locks at least for reading.
 */
#ifndef AIF_SELECT_VIEW_H
#define AIF_SELECT_VIEW_H

#include "select_api.h"

#include "held_table.h"
#include "room.h"

#define RECOUNT_SECONDS 30

struct view {
	uint64_t generation; /* another one, other memory: what points into this struct's members is gone then */
	uint32_t count; /* of nodes, some of which may not exist: they have no GPUs */
	struct aif_place_node *nodes; /* [count] */
	struct node_room *rooms;      /* [count] */
	const struct aif_node_shape *shapes;
	const struct aif_gpulinks *const *patterns;
	const struct held_table *held; /* the jobs on them */
	uint8_t most_gpus; /* of one node */
};

/* Lock it; NULL: memory is out, and it is not locked. The first use after view_forget() reads all nodes and jobs. */
extern const struct view *view_lock(void);
extern void view_unlock(void);

/* Compare all of it with Slurm's records now. The number of nodes that differed; -1: nothing has been read yet. */
extern int view_recount(void);

/*
 * Compare which GPUs are free with Slurm's records, all of them, if that is longer ago than a second. False: some
 * differed, and are right now. Under the lock.
 */
extern bool view_gpus_are_right(void);

/* Read again until when the jobs on a node run: time limits move without a hook. Under the lock. */
extern void view_renew_ends(uint32_t node);

/* What a GPU type leaves of a node; the node itself for type -1 (any). */
extern struct aif_place_node view_of_type(const struct view *view, uint32_t node, int64_t type_id);

/* Whether all that is known of a node is alike at two times. */
extern bool view_same(const struct aif_place_node *place, const struct node_room *room,
		      const struct aif_place_node *other, const struct node_room *other_room);

/* The node table changed, or what runs where: read it anew at the next use. */
extern void view_forget(void);
/* The same where it has been read, but at once: it is an administrator that waits then, not the next job. */
extern void view_renew(void);
extern void view_destroy(void);

/* What the hooks tell. */
extern void view_job_holds(const job_record_t *job_ptr);
/* An operator suspended or resumed it: it keeps all but its cores. */
extern void view_job_cores(const job_record_t *job_ptr, bool has_cores);
extern void view_job_ended(const job_record_t *job_ptr);
extern void view_job_left(const job_record_t *job_ptr, const node_record_t *node);

/* Bytes of memory per node when they were last counted. Takes no lock: slurmctld saves its state without any. */
extern uint32_t view_bytes_per_node(void);

#endif
