/* exclusive.c - see exclusive.h */
#include "exclusive.h"

#include <string.h>

/* A request for specialised cores makes a job exclusive, too. */
static bool _asked(const job_desc_msg_t *job_desc)
{
	return job_desc->shared == JOB_SHARED_NONE || job_desc->core_spec != NO_VAL16;
}

static uint64_t _gpus_per_node(const part_record_t *part)
{
	slurmdb_tres_rec_t key = { .type = "gres", .name = "gpu" };
	assoc_mgr_lock_t locks = { .tres = READ_LOCK };
	uint64_t gpus = 0;
	int position;

	assoc_mgr_lock(&locks);
	position = assoc_mgr_find_tres_pos(&key, true);
	if (position >= 0 && part->tres_cnt && part->total_nodes)
		gpus = (part->tres_cnt[position] + part->total_nodes - 1) / part->total_nodes;
	assoc_mgr_unlock(&locks);
	return gpus;
}

static uint64_t _in_part(const part_record_t *part, uint32_t nodes, uint64_t gpus)
{
	uint64_t per_node = _gpus_per_node(part);
	uint64_t needed = per_node ? (gpus + per_node - 1) / per_node : 0;

	return MAX(nodes, needed) * per_node;
}

extern uint64_t aif_exclusive_gpus(const job_desc_msg_t *job_desc, const char *partitions,
				   uint32_t nodes, uint64_t gpus)
{
	char *names = xstrdup(partitions), *last = NULL;
	char *name = names ? strtok_r(names, ",", &last) : NULL;
	uint64_t most = gpus;

	for (; name; name = strtok_r(NULL, ",", &last)) {
		part_record_t *part = find_part_record(name);

		if (part && (_asked(job_desc) || !part->max_share))
			most = MAX(most, _in_part(part, nodes, gpus));
	}
	xfree(names);
	return most;
}
