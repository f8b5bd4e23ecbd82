/*
 * gate.h - tagged jobs run on a node only after it has checked their tickets itself
 *
 * The prolog (as slurmd's user, root) decides, by what slurmctld has sent; a step's tasks start by what the prolog has
 * decided. With PrologFlags=Alloc slurmd runs the prolog when a job gets the node, before any step; without it the prolog of
 * a node may come with a step, from a user's srun, so a missing ticket says nothing there and only those that are there are
 * checked.
 *
 * Return codes of SPANK are of no use for a no: Slurm passes over them for optional plugins; of required ones, a failing prolog drains
 * the node and a failing init drains it for batch jobs. So the job is taken back by a request to slurmctld (aif-node), and tasks
 * end as root before they become the user's.
 */
#ifndef AIF_SPANK_GATE_H
#define AIF_SPANK_GATE_H

#include <slurm/spank.h>

/* In the prolog: decide and write it down. Always succeeds. */
extern int spank_aif_gate_prolog(spank_t spank, int argc, char *argv[]);

/* In slurmstepd, as root, before there are tasks: read what was decided. */
extern int spank_aif_gate_step(spank_t spank);

/* In each task's process, as root: show it the data sets of its job, or end it here where the job may not run. */
extern int spank_aif_gate_task(spank_t spank);

#endif
