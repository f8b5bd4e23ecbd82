/* exclusive.c - see exclusive.h */
#include "exclusive.h"

#include "parts.h"

/* What is asked, and the most of it that a partition makes of it. */
struct count {
	bool asked;
	uint32_t nodes;
	uint64_t gpus;
	uint64_t most;
};

/* A request for specialised cores makes a job exclusive, too. */
extern bool aif_exclusive_asked(const job_desc_msg_t *job_desc)
{
	return job_desc->shared == JOB_SHARED_NONE || job_desc->core_spec != NO_VAL16;
}

__attribute__((cold)) static uint64_t _gpus_per_node(const part_record_t *part)
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

__attribute__((hot)) static void _in_part(const part_record_t *part, void *arg)
{
	struct count *count = arg;
	uint64_t per_node, needed;

	if (!count->asked && part->max_share)
		return;
	per_node = _gpus_per_node(part);
	needed = per_node ? (count->gpus + per_node - 1) / per_node : 0;
	count->most = MAX(count->most, MAX(count->nodes, needed) * per_node);
}

extern uint64_t aif_exclusive_gpus(const job_desc_msg_t *job_desc, const char *partitions,
				   uint32_t nodes, uint64_t gpus)
{
	struct count count = { aif_exclusive_asked(job_desc), nodes, gpus, gpus };

	aif_parts_each(partitions, _in_part, &count);
	return count.most;
}
