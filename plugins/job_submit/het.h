/*
 * het.h - what the components of a heterogeneous job ask together
 *
 * slurmctld shows the components of one submission to job_submit one after the other, in order and in one thread, each as
 * a submission of its own. None of them runs before the last was seen, so no usage tells what the earlier ones will
 * cost. This is kept here, per thread, for as long as the next component fits to the last.
 */
#ifndef AIF_HET_H
#define AIF_HET_H

#include "slurmctld.h"

#include "decide.h"

/*
 * A submission came in; call it before any other. The first component of a job makes what is kept void, and so does one
 * that does not follow the last one. Plain jobs cost nothing here, nor below.
 */
extern void aif_het_see(const job_desc_msg_t *job_desc);

/* Whether the submission is without a script: only the first component of a batch job has it. */
extern bool aif_het_is_interactive(const job_desc_msg_t *job_desc);

/* Seconds that the earlier components of this very job ask of an allocation, in its unit. */
extern uint64_t aif_het_secs(const job_desc_msg_t *job_desc, const struct aif_alloc *alloc);

/* The component was accepted and asks so much. */
extern void aif_het_add(const job_desc_msg_t *job_desc, const struct aif_alloc *alloc, uint64_t secs);

#endif
