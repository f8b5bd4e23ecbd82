/*
 * residency_mask.h - which nodes a job may use by law: its data residency tag against where the
 * nodes are
 *
 * A job's tag is the intersection of what its allocation, its mode and its admin_comment ("res")
 * demand; the allocation is found by the name of the job's QOS, else by the id in admin_comment.
 * Where nodes are is policy.json's to say: locations by host list or node feature, else the site's
 * home country and zone. Unknown means no: a node without a known country, or placed in a fitting and a
 * non-fitting one at once, is in no tag, and the same holds for zones if the tag names one; a job with a tag that cannot be read gets no node. Nor does,
 * without a valid configuration, a job of an allocation that job_submit/aif has not marked, nor ever one that it has not
 * marked and that asks for a tag.
 *
 * Features are read live from slurmctld's feature table, host lists are expanded once per
 * configuration. All calls need slurmctld's node lock at least for reading; those with a job the
 * job lock too. They take the association manager's QOS read lock inside, as stock scheduling code
 * does.
 */
#ifndef AIF_SELECT_RESIDENCY_MASK_H
#define AIF_SELECT_RESIDENCY_MASK_H

#include "select_api.h"

#include "restag.h"

/* The nodes inside of tag. The caller frees. */
extern bitstr_t *residency_mask_of(const struct aif_restag *tag);

/*
 * A number that is another one whenever a tag may have other nodes inside than before: another configuration, another node
 * table, a feature of a location on other nodes. 0: no configuration, nothing can be said. As with the mask, the node lock is to be kept
 * from here to where the number is used.
 */
extern uint64_t residency_mask_generation(void);

/*
 * Remove from nodes what lies outside of the job's tag. Returns false if the job cannot run on what
 * is left, since a node that it requires by name is gone or no node is left; nodes is then empty of
 * all that is outside.
 *
 * ever: the question is only whether the job could run some day (TEST_ONLY), and Slurm holds a job
 * for good when the answer is no. So nothing is removed as long as the tag or the places of nodes
 * are not known: the job waits, without a node, until they are.
 */
extern bool residency_mask_apply(job_record_t *job_ptr, bool ever, bitstr_t *nodes);

/* True if all of nodes (NULL: none) lie inside of the job's tag. */
extern bool residency_mask_allows(job_record_t *job_ptr, const bitstr_t *nodes);

/* The node table changed: expand host lists anew at the next use, or at once. */
extern void residency_mask_forget(void);
extern void residency_mask_renew(void);
extern void residency_mask_destroy(void);

#endif
