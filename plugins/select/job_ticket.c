/* job_ticket.c - see job_ticket.h */
#include "job_ticket.h"

#include <stdio.h>
#include <string.h>

#include "admincomment.h"
#include "env_list.h"
#include "job_alloc.h"
#include "job_tag.h"
#include "snapwatch.h"

/* Data of slurmctld: weak, so that any program can load the plugin. */
extern time_t last_job_update __attribute__((weak));

static void _fill_alloc(const job_record_t *job_ptr, const struct aif_snapshot *snapshot, struct aif_ticket *ticket)
{
	assoc_mgr_lock_t locks = {.assoc = READ_LOCK, .qos = READ_LOCK};
	const struct aif_alloc *alloc;

	if (!snapshot)
		return;
	snprintf(ticket->policy, sizeof(ticket->policy), "%.16s", snapshot->hash);
	assoc_mgr_lock(&locks);
	alloc = aif_job_alloc(snapshot, job_ptr);
	assoc_mgr_unlock(&locks);
	if (!alloc)
		return;
	snprintf(ticket->alloc, sizeof(ticket->alloc), "%s", alloc->id);
	snprintf(ticket->mode, sizeof(ticket->mode), "%s", alloc->mode->name);
}

/* A task of an array gets its own id in the moment it starts, when it is too late for another ticket. */
static void _fill_job(const job_record_t *job_ptr, struct aif_ticket *ticket)
{
	ticket->array = job_ptr->array_job_id != 0;
	ticket->job = ticket->array ? job_ptr->array_job_id : job_ptr->job_id;
	ticket->uid = job_ptr->user_id;
	snprintf(ticket->cluster, sizeof(ticket->cluster), "%s", slurm_conf.cluster_name);
	ticket->issued = time(NULL);
}

static bool _fill_tag(const job_record_t *job_ptr, const struct aif_snapshot *snapshot, struct aif_ticket *ticket)
{
	struct aif_restag tag;

	return job_tag_of(job_ptr, snapshot, &tag) == JOB_TAG_SET &&
	       !aif_restag_format(&tag, ticket->tag, sizeof(ticket->tag));
}

/* Those that job_submit/aif has written down. Most jobs name none: do not parse JSON for them once more. */
static void _fill_datasets(const job_record_t *job_ptr, struct aif_ticket *ticket)
{
	struct aif_admincomment mark;

	if (job_ptr->admin_comment && strstr(job_ptr->admin_comment, "\"data\"") &&
	    aif_admincomment_read(job_ptr->admin_comment, &mark) > 0)
		memcpy(ticket->datasets, mark.datasets, sizeof(ticket->datasets));
}

extern bool job_ticket_needed(const job_record_t *job_ptr, struct aif_ticket *ret_ticket)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	bool needed;

	*ret_ticket = (struct aif_ticket){.tag = ""};
	needed = _fill_tag(job_ptr, snapshot, ret_ticket);
	if (needed) {
		_fill_job(job_ptr, ret_ticket);
		_fill_alloc(job_ptr, snapshot, ret_ticket);
		_fill_datasets(job_ptr, ret_ticket);
	}
	aif_snapshot_put(snapshot);
	return needed;
}

extern bool job_ticket_has(const job_record_t *job_ptr, const struct aif_ticket *ticket, time_t since)
{
	char *const *env = job_ptr->spank_job_env;
	const char *text = aif_env_list_get(env, job_ptr->spank_job_env_size, AIF_TICKET_TEXT_ENV);
	struct aif_ticket there;

	return text && aif_env_list_get(env, job_ptr->spank_job_env_size, AIF_TICKET_ENV) &&
	       !aif_ticket_parse(text, strlen(text), &there, NULL) && there.issued >= since &&
	       aif_ticket_same(&there, ticket);
}

extern void job_ticket_put(job_record_t *job_ptr, const char *text, const char *seal)
{
	const struct aif_env_setting settings[] = {{AIF_TICKET_ENV, seal}, {AIF_TICKET_TEXT_ENV, text}};

	aif_env_list_apply(&job_ptr->spank_job_env, &job_ptr->spank_job_env_size, settings, 2);
	last_job_update = time(NULL);
}
