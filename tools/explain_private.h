/*
 * explain_private.h - what the files behind explain.h share
 */
#ifndef AIF_TOOL_EXPLAIN_PRIVATE_H
#define AIF_TOOL_EXPLAIN_PRIVATE_H

#include "explain.h"

/* All texts are malloc'ed. Amounts are rounded down, as what is left and used must be. */
char *aif_explain_amount(const struct aif_explain *e, uint64_t secs);
char *aif_explain_minutes(uint32_t minutes);
char *aif_explain_moment(time_t when);

/* Held by slurm-aif itself: fills why, next and rule, or nothing if it is not. */
void aif_explain_hold(struct aif_explain *e);

/* Waiting for a limit of the allocation. Each fills why, next and rule, or nothing if it does not
 * apply. */
void aif_explain_budget(struct aif_explain *e);
void aif_explain_all_jobs(struct aif_explain *e);
void aif_explain_user_jobs(struct aif_explain *e);
void aif_explain_wall(struct aif_explain *e);

#endif
