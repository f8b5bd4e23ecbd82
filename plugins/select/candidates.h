/*
 * candidates.h - those of the offered nodes that would take a job, with their rank among Slurm's node weights
 *
 * Used under the view's lock (view.h), which the memory kept here needs as well.
 */
#ifndef AIF_SELECT_CANDIDATES_H
#define AIF_SELECT_CANDIDATES_H

#include "plan.h"
#include "view.h"

/* False: memory is out, or there are too many different weights to tell apart. Valid until the next call. */
extern bool candidates_read(const struct view *view, const struct aif_fabric *fabric, const bitstr_t *offered,
			    const struct plan_ask *ask, struct candidates *ret);

extern void candidates_destroy(void);

#endif
