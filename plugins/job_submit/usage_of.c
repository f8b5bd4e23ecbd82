/* usage_of.c - see usage_of.h */
#include "slurmctld.h"
#include "usage_of.h"

#include "tally.h"
#include "usage_read.h"
#include "usage_table.h"

#include <string.h>

static int _is_named(void *x, void *key)
{
	const slurmdb_qos_rec_t *qos = x;

	return !xstrcasecmp(qos->name, key);
}

/* Not assoc_mgr_fill_in_qos(): that locks the list anew for each of what may be ten thousand QOS. */
static const slurmdb_qos_rec_t *_find_qos(char *name)
{
	if (!assoc_mgr_qos_list || !name)
		return NULL;
	return list_find_first_ro(assoc_mgr_qos_list, _is_named, name);
}

static void _add_qos(const struct aif_usage_query *query, const struct aif_usage_places *places,
		     const struct aif_alloc *alloc, const slurmdb_qos_rec_t *qos,
		     bool is_free, struct aif_usage *usage)
{
	if (!qos)
		return;
	aif_usage_read_qos(qos, places, alloc, is_free, usage);
	if (alloc->mode->submits_per_user)
		usage->user_submits += aif_usage_read_submits(qos, query->uid);
}

__attribute__((noinline)) static void _from_qos(struct aif_usage_query *query, const struct aif_alloc *alloc,
		      struct aif_usage *usage)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK, .tres = READ_LOCK };
	struct aif_usage_places places;
	const slurmdb_qos_rec_t *qos;

	assoc_mgr_lock(&locks);
	aif_usage_places_find(query->snapshot->policy, &places);
	usage->known = aif_usage_places_known(&places, alloc);
	qos = _find_qos(alloc->qos);
	query->missing = !qos;
	_add_qos(query, &places, alloc, qos, false, usage);
	_add_qos(query, &places, alloc, _find_qos(alloc->free_qos), true, usage);
	assoc_mgr_unlock(&locks);
}

/* uid NO_VAL: the account's own. A hash look-up; "enforce" is 0, so nothing is said or asked of slurmdbd. */
static const slurmdb_assoc_rec_t *_find_assoc(char *account, uint32_t uid)
{
	slurmdb_assoc_rec_t key = { .acct = account, .uid = uid };
	slurmdb_assoc_rec_t *found = NULL;

	(void) assoc_mgr_fill_in_assoc(NULL, &key, 0, &found, true);
	return found;
}

__attribute__((noinline)) static void _from_assoc(struct aif_usage_query *query, const struct aif_alloc *alloc,
			struct aif_usage *usage)
{
	assoc_mgr_lock_t locks = { .assoc = READ_LOCK, .tres = READ_LOCK, .user = READ_LOCK };
	struct aif_usage_places places;
	const slurmdb_assoc_rec_t *account, *users = NULL;

	query->decays = slurm_conf.priority_decay_hl ||
			slurm_conf.priority_reset_period != PRIORITY_RESET_NONE;
	assoc_mgr_lock(&locks);
	aif_usage_places_find(query->snapshot->policy, &places);
	usage->known = aif_usage_places_known(&places, alloc);
	account = _find_assoc(alloc->account, NO_VAL);
	query->missing = !account;
	if (account)
		aif_usage_read_assoc(account, &places, alloc, usage);
	if (alloc->mode->submits_per_user)
		users = _find_assoc(alloc->account, query->uid);
	if (users && users->usage)
		usage->user_submits = users->usage->used_submit_jobs;
	assoc_mgr_unlock(&locks);
}

static uint64_t _less(uint64_t all, uint64_t own)
{
	return all > own ? all - own : 0;
}

__attribute__((cold)) static void _take_off(const struct aif_usage *own, struct aif_usage *usage)
{
	usage->pending_secs = _less(usage->pending_secs, own->pending_secs);
	usage->inference_secs = _less(usage->inference_secs, own->inference_secs);
	usage->submits = (uint32_t) _less(usage->submits, own->submits);
	usage->user_submits = (uint32_t) _less(usage->user_submits, own->user_submits);
}

__attribute__((hot)) extern void aif_usage_of(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
	struct aif_usage_query *query = arg;
	bool of_qos = query->snapshot->policy->carrier == AIF_CARRIER_QOS;

	memset(ret_usage, 0, sizeof(*ret_usage));
	query->rough = of_qos && !query->exact &&
		       aif_usage_table_get(query->snapshot, alloc, ret_usage);
	if (query->rough)
		ret_usage->user_submits = ret_usage->submits;
	else if (of_qos)
		_from_qos(query, alloc, ret_usage);
	else
		_from_assoc(query, alloc, ret_usage);
	aif_tally_fill(query->snapshot->policy, alloc, ret_usage);
	if (query->own && query->own->alloc == alloc)
		_take_off(&query->own->usage, ret_usage);
}
