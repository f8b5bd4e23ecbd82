/*
 * gatefile.h - what the prolog of a tagged job found out, kept on the node for the job's steps
 *
 * One file per job in a directory that only slurmd's user can enter. The prolog hears from slurmctld, steps from whoever
 * runs srun: so steps go by the file, and by nothing that came with them. No Slurm here.
 */
#ifndef AIF_SPANK_GATEFILE_H
#define AIF_SPANK_GATEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gating.h"

#define SPANK_AIF_GATE_TEXT 800

struct spank_aif_gate {
	bool open;			 /* tasks may start */
	uint32_t array;			 /* the ticket is of this array; 0: of the job itself */
	char text[SPANK_AIF_GATE_TEXT];	 /* why not */
	char data[SPANK_AIF_GATING_LIST]; /* the data sets that its tasks see, see gating.h; "": none */
};

/* Write a job's file, and make the directory where there is none. -1: it is not there, or not safe. */
extern int spank_aif_gatefile_write(const char *dir, uint32_t job, const struct spank_aif_gate *gate);

/* Returns 1; 0 if the job has none; -1 if it cannot be read, or the directory is not safe. */
extern int spank_aif_gatefile_read(const char *dir, uint32_t job, struct spank_aif_gate *ret_gate);

/* Remove a job's file, if there is one. Returns -1 if it stays. */
extern int spank_aif_gatefile_remove(const char *dir, uint32_t job);

/* Remove the files that are older than that: Slurm does not tell when a job is over without a process per job and node. */
extern void spank_aif_gatefile_prune(const char *dir, uint32_t days);

#endif
