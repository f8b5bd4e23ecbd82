/*
 * gating.h - data sets that only the tasks of their own jobs see
 *
 * The files of a data set are below a staging directory that root alone can enter. The job's tasks get a mount namespace
 * of their own each, in which they are bound to the paths that the catalogue names, read-only or not. Elsewhere the same paths
 * are empty directories. There is nothing to undo: a namespace, and what is mounted in it, goes with its last process, however
 * that ends.
 *
 * slurmstepd itself stays where it is. A task's own process enters its namespace after Slurm's job container (Slurm joins that
 * before), as root, before it becomes the user's and goes to its working directory. Mounts of the host come in later as well
 * (automounters), none go out.
 *
 * What is mounted is a list: lines "staging DIR", then "ro PATH" or "rw PATH". No Slurm here.
 */
#ifndef AIF_SPANK_GATING_H
#define AIF_SPANK_GATING_H

#include <stddef.h>

#define SPANK_AIF_GATING_LIST 17408 /* for all that a job can name, see datasets.h and datasetids.h, with its NUL */
#define SPANK_AIF_GATING_TEXT 640   /* for a reason */

/* Add a line to a list: word and path. -1 if there is no room. */
extern int spank_aif_gating_add(char *list, size_t size, const char *word, const char *path);

/*
 * Give this process a mount namespace of its own with what the list says. It has to be root's, with one thread. No symbolic
 * link is followed, in staging or in paths. Returns -1 with the reason for people, without a rule; the process may then
 * be in a namespace that has a part of it.
 */
extern int spank_aif_gating_enter(const char *list, char *ret_why, size_t size);

/* Do the same in a process that is about to end, and look first whether the mount points are empty for all others. */
extern int spank_aif_gating_rehearse(const char *list, char *ret_why, size_t size);

#endif
