/* view.c - see view.h */
#include "view.h"

#include "array_count.h"
#include "exclusive.h"
#include "gres_count.h"

#include <string.h>

/* Data of slurmctld: weak, so that the plugin can be loaded (and inspected) where there is none. */
extern part_record_t *default_part_loc __attribute__((weak));

static part_record_t *_default_part(void)
{
	return &default_part_loc ? default_part_loc : NULL;
}

/* Without a limit of its own a job gets its partition's; in a list of partitions the largest can become true. */
static uint32_t _longer(uint32_t minutes, const part_record_t *part)
{
	uint32_t own = part->default_time != NO_VAL ? part->default_time : part->max_time;

	return MAX(minutes, own);
}

static uint32_t _default_minutes(const char *partitions)
{
	char *names = xstrdup(partitions), *last = NULL;
	uint32_t minutes = 0;

	for (char *name = strtok_r(names, ",", &last); name; name = strtok_r(NULL, ",", &last)) {
		part_record_t *part = find_part_record(name);

		if (part)
			minutes = _longer(minutes, part);
	}
	xfree(names);
	return minutes;
}

static uint32_t _minutes(uint32_t asked, const char *partitions)
{
	uint32_t minutes = asked;

	if (minutes == NO_VAL && partitions)
		minutes = _default_minutes(partitions);
	if (!minutes || minutes >= NO_VAL)
		return AIF_MINUTES_UNKNOWN;
	return minutes;
}

/*
 * Partition-specific associations go by the first partition, as in Slurm. "enforce" is 0 and the lists are known to
 * be there, so the association manager neither complains nor asks slurmdbd.
 */
static void _fill_from_assoc(struct aif_view *view, uint32_t uid)
{
	assoc_mgr_lock_t locks = { .assoc = READ_LOCK, .user = READ_LOCK };
	slurmdb_assoc_rec_t key = { .uid = uid, .acct = view->account };
	slurmdb_assoc_rec_t *assoc = NULL;
	char *first = xstrdup(view->partition), *comma = first ? strchr(first, ',') : NULL;

	if (comma)
		*comma = '\0';
	key.partition = first;
	assoc_mgr_lock(&locks);
	if (assoc_mgr_assoc_list && assoc_mgr_user_list)
		(void) assoc_mgr_fill_in_assoc(NULL, &key, 0, &assoc, true);
	if (assoc) {
		if (!view->account)
			view->account = xstrdup(assoc->acct);
		view->user = xstrdup(assoc->user);
	}
	assoc_mgr_unlock(&locks);
	xfree(first);
}

/* A user whose account is not his yet is still known by name to the association manager. */
static void _fill_user(struct aif_view *view, uint32_t uid)
{
	assoc_mgr_lock_t locks = { .user = READ_LOCK };
	slurmdb_user_rec_t key = { .uid = uid };
	slurmdb_user_rec_t *user = NULL;

	assoc_mgr_lock(&locks);
	if (assoc_mgr_user_list)
		(void) assoc_mgr_fill_in_user(NULL, &key, 0, &user, true);
	if (user)
		view->user = xstrdup(user->name);
	assoc_mgr_unlock(&locks);
}

/* An allocation that is named brings its account with it: then the user's default account must not interfere. */
static void _fill_names(const job_desc_msg_t *job_desc, struct aif_view *view)
{
	part_record_t *part = _default_part();

	if (job_desc->partition)
		view->partition = xstrdup(job_desc->partition);
	else if (part)
		view->partition = xstrdup(part->name);
	if (job_desc->account)
		view->account = xstrdup(job_desc->account);
	/* An empty name asks for the default one, which for an allocation's job is the allocation's. */
	if (job_desc->qos && job_desc->qos[0])
		view->qos = xstrdup(job_desc->qos);
	xstrtolower(view->account);
	xstrtolower(view->qos);
	if (view->account || !view->options.allocation[0])
		_fill_from_assoc(view, job_desc->user_id);
	if (!view->user)
		_fill_user(view, job_desc->user_id);
}

/* A request that Slurm's parser rejects is counted as nothing: Slurm refuses it right after us, in its own words. */
static void _fill_size(const job_desc_msg_t *job_desc, const char *partitions,
		       struct aif_request *request)
{
	uint64_t gpus = 0;
	uint32_t nodes = job_desc->min_nodes;

	(void) aif_gres_count(job_desc, &gpus, &nodes);
	request->nodes = (nodes && nodes < NO_VAL) ? nodes : 1;
	request->gpus = aif_exclusive_gpus(job_desc, partitions, request->nodes, gpus);
	request->array_tasks = aif_array_count(job_desc->array_inx, slurm_conf.max_array_sz);
}

extern void aif_view_init(const job_desc_msg_t *job_desc, const struct aif_options *options,
			  struct aif_view *ret_view)
{
	struct aif_request *request = &ret_view->request;

	memset(ret_view, 0, sizeof(*ret_view));
	ret_view->options = *options;
	_fill_names(job_desc, ret_view);
	_fill_size(job_desc, ret_view->partition, request);
	request->account = ret_view->account;
	request->user = ret_view->user;
	request->qos = ret_view->qos;
	request->partition = ret_view->partition;
	request->options = &ret_view->options;
	request->minutes = _minutes(job_desc->time_limit, ret_view->partition);
	request->begin = MAX(time(NULL), job_desc->begin_time);
}

extern void aif_view_clear(struct aif_view *view)
{
	xfree(view->account);
	xfree(view->user);
	xfree(view->qos);
	xfree(view->partition);
}
