/*
 * slurmconn.h - reaching slurmctld and slurmdbd, with Slurm's chatter kept off the user's terminal
 *
 * libslurm prints its own lines to stderr and ends the process when slurm.conf is unusable. Calls that may do so
 * run between aif_slurm_quiet() and aif_slurm_loud(); what they said goes into our one line.
 */
#ifndef AIF_TOOL_SLURMCONN_H
#define AIF_TOOL_SLURMCONN_H

#include "slurmdb.h"

/*
 * Read slurm.conf. Returns 0, or an exit code after one line. If libslurm itself ends the process (it does for a
 * broken slurm.conf), an exit handler still prints our line and the exit code is AIF_EXIT_SLURM.
 */
int aif_slurm_init(void);

/* Redirect stderr into memory; nestable. */
void aif_slurm_quiet(void);
/* Back to the terminal. */
void aif_slurm_loud(void);
/* The last thing libslurm said while it was quiet, without its "error: "; "" if nothing. Static storage. */
const char *aif_slurm_said(void);

/* All that was said since it became quiet, malloc'ed, at most the first 256 KiB; to be asked before it is loud again. */
char *aif_slurm_heard(void);

/* Connect to slurmdbd (aif_slurm_init() first). NULL after one line. */
void *aif_slurmdb_open(void);
void aif_slurmdb_close(void **conn);

/*
 * slurmdbd's id of a TRES such as "gres/gpu" or "node"; *ret_id is 0 if it does not count it. Returns AIF_EXIT_OK or
 * an exit code after one line.
 */
int aif_slurmdb_tres_id(void *conn, const char *name, uint32_t *ret_id);

/* For Slurm's plugin, not for us; see there. */
char *slurmdbd_msg_type_2_str(int type, int get_enum);

/* Print why a slurmdb or slurm call failed ("cannot <what>: ..."), with a next step; returns AIF_EXIT_SLURM. */
int aif_slurmdb_failed(const char *what, int code);
int aif_slurmctld_failed(const char *what, int code);

/*
 * All jobs that slurmctld shows to this user, task lists of arrays in full; free with slurm_free_job_info_msg(). Returns
 * AIF_EXIT_OK, or an exit code after one line ("cannot <what>: ...").
 */
int aif_slurmctld_jobs(const char *what, job_info_msg_t **ret_jobs);

/* Walk a list: fn(item, arg) until it returns nonzero. A NULL list is empty. */
int aif_slurm_each(list_t *list, int (*fn)(void *item, void *arg), void *arg);

#endif
