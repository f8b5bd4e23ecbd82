/*
 * usage_read.h - from the counters of the association manager to the usage of an allocation
 */
#ifndef AIF_USAGE_READ_H
#define AIF_USAGE_READ_H

#include "slurmctld.h"

#include "decide.h"

/* Where in Slurm's arrays of TRES the charged ones are. TRES can be added while slurmctld runs: valid under the lock only. */
struct aif_usage_places {
	int at[AIF_CHARGE_BILLING + 1]; /* by enum aif_charge_tres; -1: not tracked */
};

/* Find them. Association manager TRES read lock. Nothing is tracked where Slurm does not enforce limits. */
extern void aif_usage_places_find(const struct aif_policy *policy,
				  struct aif_usage_places *ret_places);

/* Whether Slurm counts what the allocation is charged by. */
extern bool aif_usage_places_known(const struct aif_usage_places *places,
				   const struct aif_alloc *alloc);

/*
 * Add what a QOS of the allocation counts (QOS read lock), its free one or the other. In the unit of the allocation,
 * rounded up.
 */
extern void aif_usage_read_qos(const slurmdb_qos_rec_t *qos, const struct aif_usage_places *places,
			       const struct aif_alloc *alloc, bool is_free, struct aif_usage *usage);

/* The same for the association of the allocation's account (association read lock). */
extern void aif_usage_read_assoc(const slurmdb_assoc_rec_t *assoc,
				 const struct aif_usage_places *places,
				 const struct aif_alloc *alloc, struct aif_usage *usage);

/* Jobs of one user that are queued or running in a QOS. QOS read lock. */
extern uint32_t aif_usage_read_submits(const slurmdb_qos_rec_t *qos, uint32_t uid);

#endif
