/* usage_read.c - see usage_read.h */
#include "usage_read.h"

#include "charge.h"

#include <stdio.h>
#include <string.h>

static int _find(const char *tres)
{
	char type[64], *name;
	slurmdb_tres_rec_t key = { .type = type };

	snprintf(type, sizeof(type), "%s", tres);
	name = strchr(type, '/');
	if (name)
		*name++ = '\0';
	key.name = name;
	return assoc_mgr_find_tres_pos(&key, true);
}

extern void aif_usage_places_find(const struct aif_policy *policy,
				  struct aif_usage_places *ret_places)
{
	bool counts = slurm_conf.accounting_storage_enforce & ACCOUNTING_ENFORCE_LIMITS;

	ret_places->at[AIF_CHARGE_GPU] = counts ? _find(policy->gpu_tres) : -1;
	ret_places->at[AIF_CHARGE_NODE] = counts ? TRES_ARRAY_NODE : -1;
	ret_places->at[AIF_CHARGE_BILLING] = counts ? TRES_ARRAY_BILLING : -1;
}

extern bool aif_usage_places_known(const struct aif_usage_places *places,
				   const struct aif_alloc *alloc)
{
	return places->at[alloc->charge.tres] >= 0;
}

/* Both arrays may be missing in a record that was just made. */
static uint64_t _used(const long double *raw, int at, const struct aif_alloc *alloc)
{
	return raw && at >= 0 ? aif_charge_cost(&alloc->charge, (uint64_t) raw[at]) : 0;
}

static uint64_t _reserved(const uint64_t *secs, int at, const struct aif_alloc *alloc)
{
	return secs && at >= 0 ? aif_charge_cost(&alloc->charge, secs[at]) : 0;
}

extern void aif_usage_read_qos(const slurmdb_qos_rec_t *qos, const struct aif_usage_places *places,
			       const struct aif_alloc *alloc, bool is_free, struct aif_usage *usage)
{
	const slurmdb_qos_usage_t *counted = qos->usage;
	int at = places->at[alloc->charge.tres];

	if (!counted)
		return;
	usage->submits += counted->grp_used_submit_jobs;
	if (is_free) {
		usage->free_used_secs = _used(counted->usage_tres_raw, at, alloc);
		usage->free_reserved_secs = _reserved(counted->grp_used_tres_run_secs, at, alloc);
	} else {
		usage->used_secs = _used(counted->usage_tres_raw, at, alloc);
		usage->reserved_secs = _reserved(counted->grp_used_tres_run_secs, at, alloc);
	}
}

extern void aif_usage_read_assoc(const slurmdb_assoc_rec_t *assoc,
				 const struct aif_usage_places *places,
				 const struct aif_alloc *alloc, struct aif_usage *usage)
{
	const slurmdb_assoc_usage_t *counted = assoc->usage;
	int at = places->at[alloc->charge.tres];

	if (!counted)
		return;
	usage->submits = counted->used_submit_jobs;
	usage->used_secs = _used(counted->usage_tres_raw, at, alloc);
	usage->reserved_secs = _reserved(counted->grp_used_tres_run_secs, at, alloc);
}

static int _is_of(void *x, void *key)
{
	const slurmdb_used_limits_t *limits = x;
	const uint32_t *uid = key;

	return limits->uid == *uid;
}

extern uint32_t aif_usage_read_submits(const slurmdb_qos_rec_t *qos, uint32_t uid)
{
	const slurmdb_used_limits_t *limits = NULL;

	if (qos->usage && qos->usage->user_limit_list)
		limits = list_find_first_ro(qos->usage->user_limit_list, _is_of, &uid);
	return limits ? limits->submit_jobs : 0;
}
