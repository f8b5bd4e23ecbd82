/*
 * tally_table.h - sums per allocation: what the last look at the queue found, and what was accepted since
 *
 * A job that was accepted becomes a record a moment later, so the next look at the queue may or may not see it.
 * What is noted at acceptance therefore counts until a look finds a job that matches it (same allocation, same
 * cost, submitted since), at the longest until the end of the second look after it: what was only tried
 * (--test-only) is forgotten then.
 *
 * Knows nothing of Slurm. Calls that change the same table must not run at the same time, except that a note may
 * be taken while a look is under way and its jobs are being counted.
 */
#ifndef AIF_TALLY_TABLE_H
#define AIF_TALLY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define AIF_TALLY_ID_MAX 64	/* with NUL, as project IDs */
#define AIF_TALLY_NOTES_MAX 4096 /* more only count until the end of the next look */

/* In seconds of the allocation's unit. */
struct aif_tally_sum {
	uint64_t pending;   /* asked by jobs that wait */
	uint64_t inference; /* asked, reserved and not yet booked by inference jobs */
};

struct aif_tally_table;

/* NULL when memory is out. */
extern struct aif_tally_table *aif_tally_table_create(void);
extern void aif_tally_table_destroy(struct aif_tally_table *table);

/* A job was accepted. Without memory it is not noted: Slurm's own limits still hold it. */
extern void aif_tally_table_note(struct aif_tally_table *table, const char *id, const struct aif_tally_sum *asked,
				 time_t now);

/* A job that was seen asks more than then: counts until the end of the next look, which must not be under way. */
extern void aif_tally_table_grow(struct aif_tally_table *table, const char *id, const struct aif_tally_sum *more);

/* Begin a look; what is counted up to the matching _end() becomes the new truth there. */
extern void aif_tally_table_begin(struct aif_tally_table *table);

/*
 * Count one job: cost is what it asked at submission (as in its note), sum what it counts for now. submitted: when.
 */
extern void aif_tally_table_see(struct aif_tally_table *table, const char *id, uint64_t cost,
				const struct aif_tally_sum *sum, time_t submitted);

extern void aif_tally_table_end(struct aif_tally_table *table);

/* 0 for those that never came up. O(1). */
extern void aif_tally_table_get(const struct aif_tally_table *table, const char *id,
				struct aif_tally_sum *ret_sum);

#endif
