/* het.c - see het.h */
#include "het.h"

#include <string.h>

#define COMPONENTS_MAX 128 /* that Slurm takes in one job (MAX_HET_JOB_COMPS) */
#define PAUSE_MAX 60 /* seconds between two components of one submission */

/* Ids of allocations are copied: their table may be replaced between two components. */
struct asked {
	char alloc[64];
	uint64_t secs;
};

static __thread struct {
	bool interactive;
	uint32_t uid;
	uint32_t offset; /* of the last component seen */
	time_t at;
	size_t count;
	struct asked asked[COMPONENTS_MAX];
} job;

/* Plain jobs must not touch the variable: RPC threads are short-lived, and each would allocate its own. */
static bool _is_component(const job_desc_msg_t *job_desc)
{
	return job_desc->het_job_offset != NO_VAL;
}

static bool _follows(const job_desc_msg_t *job_desc, time_t now)
{
	return job_desc->user_id == job.uid && job_desc->het_job_offset == job.offset + 1 &&
	       now - job.at <= PAUSE_MAX;
}

__attribute__((cold)) static void _see(const job_desc_msg_t *job_desc)
{
	time_t now = time(NULL);

	if (!_follows(job_desc, now)) {
		job.count = 0;
		job.interactive = !job_desc->script;
	}
	job.uid = job_desc->user_id;
	job.offset = job_desc->het_job_offset;
	job.at = now;
}

extern void aif_het_see(const job_desc_msg_t *job_desc)
{
	if (_is_component(job_desc))
		_see(job_desc);
}

__attribute__((cold)) static bool _is_interactive(void)
{
	return job.interactive;
}

extern bool aif_het_is_interactive(const job_desc_msg_t *job_desc)
{
	return _is_component(job_desc) ? _is_interactive() : !job_desc->script;
}

__attribute__((cold)) static struct asked *_find(const struct aif_alloc *alloc)
{
	for (size_t i = 0; i < job.count; i++) {
		if (!strcmp(job.asked[i].alloc, alloc->id))
			return &job.asked[i];
	}
	return NULL;
}

extern uint64_t aif_het_secs(const job_desc_msg_t *job_desc, const struct aif_alloc *alloc)
{
	const struct asked *asked = _is_component(job_desc) ? _find(alloc) : NULL;

	return asked ? asked->secs : 0;
}

__attribute__((cold)) static void _add(const struct aif_alloc *alloc, uint64_t secs)
{
	struct asked *asked = _find(alloc);

	if (!asked && job.count < COMPONENTS_MAX) {
		asked = &job.asked[job.count++];
		snprintf(asked->alloc, sizeof(asked->alloc), "%s", alloc->id);
		asked->secs = 0;
	}
	if (asked && __builtin_add_overflow(asked->secs, secs, &asked->secs))
		asked->secs = UINT64_MAX;
}

extern void aif_het_add(const job_desc_msg_t *job_desc, const struct aif_alloc *alloc, uint64_t secs)
{
	if (_is_component(job_desc))
		_add(alloc, secs);
}
