/*
 * lane_book.h - all that the lanes go by: configuration, share windows, what is known of each job
 *
 * One function gives a job's points, whoever asks, so that every refresh ends up with the same numbers. Knows
 * nothing of Slurm. Not thread-safe: slurmctld's job lock guards the one there is.
 */
#ifndef AIF_LANE_BOOK_H
#define AIF_LANE_BOOK_H

#include <stdatomic.h>

#include "lane_table.h"
#include "sharewindow.h"
#include "snapshot.h"

/* What holds for all jobs of an allocation (but those on its free QOS), as of the last look. */
struct aif_lane_standing {
	int32_t pace;	/* what its pacing makes of them */
	int32_t points; /* of one that the guard does not lift, where no lane is open */
	bool known;	/* pace is of this look */
	bool open;	/* their lane is: points change as time goes by */
	bool levels;	/* it is open, and levels */
};

/* Those that wait in a mode's lane, where it levels. */
struct aif_lane_queue {
	int32_t best;	/* the largest "own", if known */
	int32_t joined; /* new jobs since the last look, but for one that found nobody there */
};

/* A job that is not ours and got points from us: the site factor that it has without them. */
struct aif_lane_lifted {
	uint32_t job_id;
	uint32_t base;
};

struct aif_lane_book {
	struct aif_snapshot *snapshot;	 /* a reference; NULL: none yet */
	struct aif_sharewindow *windows; /* NULL: the policy has no shares, or memory is out */
	uint64_t capacity;		 /* GPUs of the cluster */
	struct aif_lane_table *table;
	struct aif_lane_standing *standings; /* by position of the allocation */
	uint32_t *by_qos;	     /* by QOS id, as of the last look: see lane_look.c */
	size_t qos_room;
	struct aif_lane_queue *queues; /* by position of the mode */
	int32_t most_own;	     /* no job's own is larger, as far as can be told */
	time_t from;		     /* what ran before then is in the windows already */
	time_t looked_at;	     /* runs that ended after then may not have been seen */
	bool changed;		     /* what the windows know is to be saved */
	bool lifted_changed;	     /* which jobs that are not ours have points is to be saved */
	atomic_bool saving;	     /* that is under way, or failed */
	size_t running;		     /* runs that are counted */
	struct aif_lane_lifted *lifted;	     /* as saved before a restart, by job id, until the first look */
	size_t lifted_count;
};

/* Knows nothing; NULL when memory is out. */
extern struct aif_lane_book *aif_lane_book_create(void);
extern void aif_lane_book_destroy(struct aif_lane_book *book);

/*
 * Go by this configuration (takes over the reference) and that many GPUs. What shares have used carries over; runs
 * are counted anew from now on, and jobs have to be found their allocations again. False when memory is out: the
 * book then has no configuration and gives no points.
 */
extern bool aif_lane_book_adopt(struct aif_lane_book *book, struct aif_snapshot *snapshot, uint64_t capacity, time_t now);

/* The allocation of an entry's member alloc or run_alloc; NULL for 0. */
extern const struct aif_alloc *aif_lane_book_alloc(const struct aif_lane_book *book, uint32_t alloc);

/* Go on where saved windows ended (text: of aif_sharewindow_save()). Into a book that was just adopted. */
extern int aif_lane_book_restore(struct aif_lane_book *book, const char *text, size_t length, struct aif_error *err);

/* Count a run (the entry remembers it) from a moment on, and up to one. */
extern void aif_lane_book_run(struct aif_lane_book *book, struct aif_lane_entry *entry, uint32_t alloc, uint32_t gpus,
			      time_t from);
extern void aif_lane_book_stop(struct aif_lane_book *book, struct aif_lane_entry *entry, time_t at);

/* A run that nobody saw while it lasted. */
extern void aif_lane_book_ran(struct aif_lane_book *book, uint32_t alloc, uint32_t gpus, time_t from, time_t until);

/*
 * Close and open shares, then find the best of each lane. After a look at all jobs. Returns whether a share
 * changed.
 */
extern bool aif_lane_book_settle(struct aif_lane_book *book, time_t now);

/* What the pacing of an entry's allocation makes of its jobs. */
extern void aif_lane_book_pace(struct aif_lane_book *book, uint32_t alloc, int32_t pace);

/* Whether the entry's job is in an open lane that levels. */
extern bool aif_lane_book_levels(const struct aif_lane_book *book, const struct aif_lane_entry *entry);

/* The largest "own" of that job's lane; to be set where a better one comes up. Only where it levels. */
extern int32_t *aif_lane_book_best(const struct aif_lane_book *book, const struct aif_lane_entry *entry);

/*
 * A new job joins those that wait in its lane. Returns by how many points it stays behind until the next look: behind all of
 * them, those that are as new included. Slurm starts a job when it is submitted unless another has a higher priority, so with
 * an equal one it would pass those that have waited longer. Only where it levels, and before its "own" is the best.
 */
extern int32_t aif_lane_book_join(struct aif_lane_book *book, const struct aif_lane_entry *entry);

/* What the site factor of the entry's job shall be; none: Slurm's value of no points. O(1). */
extern uint32_t aif_lane_book_site(const struct aif_lane_book *book, const struct aif_lane_entry *entry, uint32_t none,
				   time_t now);

/*
 * The job gets that site factor: the entry goes by it from now on. One that is not ours keeps what it has instead of more
 * until the file says what it has without us: slurmctld may end at any time, and its successor would take our points for
 * an administrator's. Returns what the job has now.
 */
extern uint32_t aif_lane_book_give(struct aif_lane_book *book, struct aif_lane_entry *entry, uint32_t none, uint32_t site);

/*
 * What a job that is not ours has without us is to be saved, with the look that is under way. False where the guard has nothing for it, or it was known before.
 */
extern bool aif_lane_book_note(struct aif_lane_book *book, struct aif_lane_entry *entry, time_t now);

/* The same for a job that was lifted already, by so many points. */
extern void aif_lane_book_lifted(struct aif_lane_book *book, struct aif_lane_entry *entry, int32_t given);

/* What was noted so far is about to be written to the file; and: it is there. The second one needs no lock. */
extern void aif_lane_book_saving(struct aif_lane_book *book);
extern void aif_lane_book_saved(struct aif_lane_book *book);

/* An administrator gave a job that is not ours another site factor than we did. */
extern void aif_lane_book_taken(struct aif_lane_book *book, struct aif_lane_entry *entry);

#endif
