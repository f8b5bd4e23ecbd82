/*
 * score.h - how good the placement of a job is, from the test that found its nodes to its start
 *
 * Kept for some hundred jobs: backfill asks for the nodes of a job long before it starts it. One lock inside.
 */
#ifndef AIF_SELECT_SCORE_H
#define AIF_SELECT_SCORE_H

#include "select_api.h"

#include "placescore.h"

/*
 * Remember the score of the nodes that cons_tres gave, which counts if the job begins on them. ours: where the policy only watches, the nodes that we would have
 * chosen and their score, else NULL; copied.
 */
extern void score_keep(uint32_t job_id, const bitstr_t *nodes, const char *score, const char *ours, const char *ours_nodes);
extern void score_forget(uint32_t job_id);

/* The job begins: write its score into its admin_comment, and into the log where the policy only watches. */
extern void score_begin(job_record_t *job_ptr);

extern void score_destroy(void);

#endif
