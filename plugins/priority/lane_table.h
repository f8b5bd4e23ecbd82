/*
 * lane_table.h - what the lane plugins know of each job, by job id
 *
 * Entries lie one after the other in the order in which they were added, which is that of slurmctld's job list, so a walk
 * along that list finds the next one without a look-up; any other is found through a hash index. With the index and the
 * room to grow an entry takes at most AIF_LANE_TABLE_BYTES. Knows nothing of Slurm. Not thread-safe.
 */
#ifndef AIF_LANE_TABLE_H
#define AIF_LANE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AIF_LANE_TABLE_MAX (4u << 20) /* entries */
#define AIF_LANE_TABLE_BYTES 64	      /* per entry, once there are some thousands */
#define AIF_LANE_OWN_UNKNOWN INT32_MIN

enum aif_lane_flag {
	AIF_LANE_SEEN = 1,  /* in the look that is under way */
	AIF_LANE_WAITS = 2, /* pending, and its priority is Slurm's to compute: not held, not set by hand */
	AIF_LANE_FREE = 4,  /* on the free QOS of its allocation */
	AIF_LANE_LOOSE = 8, /* was ours once, is no longer */
	AIF_LANE_THEIRS = 16, /* ours, but the site's own site_factor plugin sets it: it keeps that */
	AIF_LANE_NOTED = 64,  /* not ours, may be lifted: what it has without us outlives slurmctld */
	AIF_LANE_UNSAVED = 128, /* noted since the last time that this was written down */
	AIF_LANE_KNOWN = 32,  /* alloc was looked up; whatever may change it comes with a request for the priority */
};

/* Times are seconds since the epoch, which fit until 2106. */
struct aif_lane_entry {
	uint32_t job_id;
	uint32_t flags;	    /* enum aif_lane_flag */
	uint32_t alloc;	    /* 1 + position in the table of allocations; 0: not ours */
	uint32_t run_alloc; /* as alloc, of the run that the share windows count; 0: none */
	uint32_t run_gpus;
	uint32_t run_from;
	uint32_t since;	    /* when it could start; 0: it cannot yet */
	uint32_t site;	    /* its site factor, as seen or set last */
	int32_t own;	    /* the rest of its priority, or AIF_LANE_OWN_UNKNOWN */
	int32_t given;	    /* of a job that is not ours: points in site that are from us */
};

struct aif_lane_table;

/* NULL when memory is out. */
extern struct aif_lane_table *aif_lane_table_create(void);
extern void aif_lane_table_destroy(struct aif_lane_table *table);

/* The entry of a job, or NULL. Valid until the next add or drop. */
extern struct aif_lane_entry *aif_lane_table_find(struct aif_lane_table *table, uint32_t job_id);

/* The entry of a job, made (all 0 or unknown) where there is none. NULL for job id 0, a full table, or no memory. */
extern struct aif_lane_entry *aif_lane_table_add(struct aif_lane_table *table, uint32_t job_id);

/* By position, below the count. */
extern size_t aif_lane_table_count(const struct aif_lane_table *table);
extern struct aif_lane_entry *aif_lane_table_at(struct aif_lane_table *table, size_t position);

/* Forget all entries without AIF_LANE_SEEN, after gone() has seen each. The others lose that flag. */
extern void aif_lane_table_drop(struct aif_lane_table *table,
				void (*gone)(const struct aif_lane_entry *entry, void *arg), void *arg);

/* Memory that the table takes now. */
extern size_t aif_lane_table_bytes(const struct aif_lane_table *table);

#endif
