/* usage_of.c - see usage_of.h */
#include "slurmctld.h"
#include "usage_of.h"

#include <string.h>

/* TRES can be added while slurmctld runs, so a position is never kept. -1 when it is not tracked. */
static int _gpu_position(const char *gpu_tres)
{
	char *type = xstrdup(gpu_tres), *name = strchr(type, '/');
	slurmdb_tres_rec_t key = { .type = type };
	int position;

	if (name)
		*name++ = '\0';
	key.name = name;
	position = assoc_mgr_find_tres_pos(&key, true);
	xfree(type);
	return position;
}

static int _position(const struct aif_usage_query *query, const struct aif_alloc *alloc)
{
	if (!(slurm_conf.accounting_storage_enforce & ACCOUNTING_ENFORCE_LIMITS))
		return -1;
	if (alloc->unit == AIF_UNIT_NODE_HOUR)
		return TRES_ARRAY_NODE;
	return _gpu_position(query->gpu_tres);
}

static void _read(const slurmdb_qos_usage_t *usage, int position, struct aif_usage *ret_usage)
{
	if (usage->usage_tres_raw)
		ret_usage->used_secs = (uint64_t) usage->usage_tres_raw[position];
	if (usage->grp_used_tres_run_secs)
		ret_usage->reserved_secs = usage->grp_used_tres_run_secs[position];
}

extern void aif_usage_of(void *arg, const struct aif_alloc *alloc, struct aif_usage *ret_usage)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK, .tres = READ_LOCK };
	struct aif_usage_query *query = arg;
	slurmdb_qos_rec_t key = { .name = alloc->qos };
	slurmdb_qos_rec_t *qos = NULL;
	int position;

	memset(ret_usage, 0, sizeof(*ret_usage));
	assoc_mgr_lock(&locks);
	position = _position(query, alloc);
	ret_usage->known = position >= 0;
	(void) assoc_mgr_fill_in_qos(NULL, &key, 0, &qos, true);
	query->qos_missing = !qos;
	if (qos && qos->usage && ret_usage->known)
		_read(qos->usage, position, ret_usage);
	assoc_mgr_unlock(&locks);
}
