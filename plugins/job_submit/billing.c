/* billing.c - see billing.h */
#include "billing.h"

#include "decide.h"
#include "exclusive.h"
#include "gres_count.h"
#include "parts.h"

struct bill {
	const job_desc_msg_t *job_desc;
	list_t *gres;
	uint32_t nodes;
	uint64_t gpus;
	uint64_t most;
};

static uint64_t _cpus(const struct bill *bill)
{
	uint32_t cpus = bill->job_desc->min_cpus;

	return cpus && cpus < NO_VAL ? cpus : bill->nodes;
}

static uint64_t _per_node(const part_record_t *part, int at)
{
	if (!part->tres_cnt || !part->total_nodes)
		return 0;
	return (part->tres_cnt[at] + part->total_nodes - 1) / part->total_nodes;
}

/* Megabytes. Not given: the partition's default, else the cluster's; 0: all of the nodes. */
static uint64_t _memory(const struct bill *bill, const part_record_t *part)
{
	uint64_t asked = bill->job_desc->pn_min_memory;
	uint64_t of_gres = aif_gres_memory(bill->gres);

	if (asked == NO_VAL64 && of_gres)
		return of_gres;
	if (asked == NO_VAL64)
		asked = part->def_mem_per_cpu ? part->def_mem_per_cpu : slurm_conf.def_mem_per_cpu;
	if (!(asked & ~MEM_PER_CPU))
		return _per_node(part, TRES_ARRAY_MEM) * bill->nodes;
	if (asked & MEM_PER_CPU)
		return (asked & ~MEM_PER_CPU) * _cpus(bill);
	return asked * bill->nodes;
}

/* Nodes that the GPUs take up may be more than those asked for. */
static void _whole_nodes(const struct bill *bill, const part_record_t *part, uint64_t *tres)
{
	slurmdb_tres_rec_t key = { .type = "gres", .name = "gpu" };
	int gpu = assoc_mgr_find_tres_pos(&key, true);
	uint64_t per_node = gpu >= 0 ? _per_node(part, gpu) : 0;
	uint64_t nodes = per_node ? MAX(bill->nodes, bill->gpus / per_node) : bill->nodes;

	tres[TRES_ARRAY_NODE] = nodes;
	for (int at = 0; at < (int) g_tres_count; at++) {
		if (at != TRES_ARRAY_NODE && at != TRES_ARRAY_BILLING)
			tres[at] = MAX(tres[at], _per_node(part, at) * nodes);
	}
}

static uint64_t _rounded_up(double billed)
{
	uint64_t whole = billed > 0 ? (uint64_t) billed : 0;

	return whole + (billed > (double) whole);
}

static void _in_part(const part_record_t *part, void *arg)
{
	struct bill *bill = arg;
	uint64_t *tres = xcalloc(g_tres_count, sizeof(*tres));
	double billed;

	tres[TRES_ARRAY_NODE] = bill->nodes;
	tres[TRES_ARRAY_CPU] = _cpus(bill);
	tres[TRES_ARRAY_MEM] = _memory(bill, part);
	aif_gres_tres(bill->gres, tres);
	if (aif_exclusive_asked(bill->job_desc) || !part->max_share)
		_whole_nodes(bill, part, tres);
	billed = assoc_mgr_tres_weighted(tres, part->billing_weights, slurm_conf.priority_flags, true);
	bill->most = MAX(bill->most, _rounded_up(billed));
	xfree(tres);
}

extern uint64_t aif_billing(const job_desc_msg_t *job_desc, const char *partitions, uint32_t nodes,
			    uint64_t gpus)
{
	assoc_mgr_lock_t locks = { .tres = READ_LOCK };
	struct bill bill = { .job_desc = job_desc, .nodes = nodes, .gpus = gpus };
	uint32_t parsed;

	if (!aif_gres_list(job_desc, &bill.gres, &parsed))
		return AIF_BILLING_UNKNOWN;
	assoc_mgr_lock(&locks);
	aif_parts_each(partitions, _in_part, &bill);
	assoc_mgr_unlock(&locks);
	FREE_NULL_LIST(bill.gres);
	return bill.most;
}
