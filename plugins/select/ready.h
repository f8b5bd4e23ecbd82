/*
 * ready.h - when nodes become free
 *
 * From the expected ends of the jobs on them (held_table.h), as cons_tres simulates it for jobs that have to wait. No
 * Slurm in it. Times are seconds since the epoch.
 */
#ifndef AIF_SELECT_READY_H
#define AIF_SELECT_READY_H

#include "held_table.h"

#define READY_NOW 0
#define READY_NEVER UINT32_MAX

/*
 * When a node of which unused GPUs are free has gpus of them, or (whole) gpus of them and all its cores: what an operator has
 * suspended keeps its GPUs, and cons_tres gives the cores even to jobs that have the node for themselves.
 */
extern uint32_t ready_at(const struct held_table *table, uint32_t node, uint32_t unused, uint32_t gpus, bool whole);

/* GPUs free at a time. */
extern uint32_t ready_gpus(const struct held_table *table, uint32_t node, uint32_t unused, uint32_t when);

/* The nth (from 1) of count times, which are put into another order. */
extern uint32_t ready_nth(uint32_t *times, uint32_t count, uint32_t nth);

#endif
