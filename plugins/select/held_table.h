/*
 * held_table.h - which jobs are on each node, and what they hold there
 *
 * So that the time until which a node is in use is known without looking at all jobs, also after one of them has ended.
 * No Slurm in it; not thread-safe. Each call costs the number of jobs on the node.
 */
#ifndef AIF_SELECT_HELD_TABLE_H
#define AIF_SELECT_HELD_TABLE_H

#include <stddef.h>

#include "held.h"

struct held_table;

/* NULL when memory is out. */
extern struct held_table *held_table_create(uint32_t nodes);
extern void held_table_destroy(struct held_table *table);

/* Note what a job holds on a node, instead of what was noted of that job there. -1 when memory is out. */
extern int held_table_set(struct held_table *table, uint32_t node, const struct aif_held *held);

/* False if nothing of that job was noted there. */
extern bool held_table_remove(struct held_table *table, uint32_t node, uint32_t job_id);

/* What a job holds on a node; NULL: nothing was noted. */
extern struct aif_held *held_table_find(struct held_table *table, uint32_t node, uint32_t job_id);

/* The first job on a node, and the one behind held (which the calls above make invalid); NULL: there is none. */
extern struct aif_held *held_table_first(const struct held_table *table, uint32_t node);
extern struct aif_held *held_table_next(const struct held_table *table, const struct aif_held *held);

/* All that is held on one node. */
struct held_sum {
	uint64_t memory;
	uint32_t jobs;
	uint32_t until;	 /* the latest; 0: no job */
	uint8_t sharing; /* of all jobs, or-ed */
};
extern void held_table_sum(const struct held_table *table, uint32_t node, struct held_sum *ret_sum);

/* Bytes of memory in use. */
extern size_t held_table_bytes(const struct held_table *table);

#endif
