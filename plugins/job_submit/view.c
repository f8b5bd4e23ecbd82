/* view.c - see view.h */
#include "view.h"

#include "array_count.h"
#include "exclusive.h"
#include "gres_count.h"
#include "parts.h"

#include <string.h>

/* Without a limit of its own a job gets its partition's; in a list of partitions the largest can become true. */
static void _longer(const part_record_t *part, void *arg)
{
	uint32_t own = part->default_time != NO_VAL ? part->default_time : part->max_time;
	uint32_t *minutes = arg;

	*minutes = MAX(*minutes, own);
}

static uint32_t _minutes(uint32_t asked, const char *partitions)
{
	uint32_t minutes = asked;

	if (asked == NO_VAL) {
		minutes = 0;
		aif_parts_each(partitions, _longer, &minutes);
	}
	if (!minutes || minutes >= NO_VAL)
		return AIF_MINUTES_UNKNOWN;
	return minutes;
}

/* Keep text: in the buffer if it fits there, else in *owned. */
static const char *_keep(const char *text, char *buffer, char **owned)
{
	size_t length = strlen(text);

	if (length < AIF_VIEW_NAME_MAX)
		return memcpy(buffer, text, length + 1);
	return *owned = xstrdup(text);
}

/*
 * Partition-specific associations go by the first partition, as in Slurm. "enforce" is 0 and the lists are known to
 * be there, so the association manager neither complains nor asks slurmdbd.
 */
static const slurmdb_assoc_rec_t *_find_assoc(const struct aif_view *view, uint32_t uid)
{
	slurmdb_assoc_rec_t key = { .uid = uid, .acct = (char *) view->request.account };
	slurmdb_assoc_rec_t *assoc = NULL;
	char *first = NULL;

	key.partition = (char *) view->partition;
	if (view->partition && strchr(view->partition, ','))
		key.partition = first =
			xstrndup(view->partition, strcspn(view->partition, ","));
	if (assoc_mgr_assoc_list && assoc_mgr_user_list)
		(void) assoc_mgr_fill_in_assoc(NULL, &key, 0, &assoc, true);
	xfree(first);
	return assoc;
}

__attribute__((cold)) static void _fill_from_assoc(struct aif_view *view, uint32_t uid)
{
	const slurmdb_assoc_rec_t *assoc = _find_assoc(view, uid);

	if (!assoc)
		return;
	if (!view->request.account && assoc->acct)
		view->request.account = _keep(assoc->acct, view->account_text, &view->account);
	if (assoc->user)
		view->request.user = _keep(assoc->user, view->user_text, &view->user);
}

/* A user whose account is not his yet is still known by name to the association manager. */
__attribute__((cold)) static void _fill_user(struct aif_view *view, uint32_t uid)
{
	slurmdb_user_rec_t key = { .uid = uid };
	slurmdb_user_rec_t *user = NULL;

	if (assoc_mgr_user_list)
		(void) assoc_mgr_fill_in_user(NULL, &key, 0, &user, true);
	if (user && user->name)
		view->request.user = _keep(user->name, view->user_text, &view->user);
}

/* An allocation that is named brings its account with it: then the user's default account must not interfere. */
__attribute__((noinline)) static void _fill_from_slurmdb(struct aif_view *view, uint32_t uid)
{
	assoc_mgr_lock_t locks = { .assoc = READ_LOCK, .user = READ_LOCK };

	assoc_mgr_lock(&locks);
	if (view->request.account || !view->request.options->allocation[0])
		_fill_from_assoc(view, uid);
	if (!view->request.user)
		_fill_user(view, uid);
	assoc_mgr_unlock(&locks);
	if (view->request.user)
		aif_user_names_put(uid, view->request.user);
}

static void _fill_user_name(struct aif_view *view, uint32_t uid)
{
	if (view->request.account && aif_user_names_get(uid, view->user_text))
		view->request.user = view->user_text;
	else
		_fill_from_slurmdb(view, uid);
}

/* Slurm writes names in lower case; most users do so, too, and then nothing is copied. */
__attribute__((cold)) static const char *_lowered(const char *name, char **owned)
{
	*owned = xstrdup(name);
	xstrtolower(*owned);
	return *owned;
}

static const char *_lower(const char *name, char **owned)
{
	for (const char *c = name; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			return _lowered(name, owned);
	}
	return name;
}

static void _fill_names(const job_desc_msg_t *job_desc, struct aif_view *view)
{
	struct aif_request *request = &view->request;

	view->partition = job_desc->partition ? job_desc->partition : aif_parts_default();
	request->partition = view->partition;
	if (job_desc->account)
		request->account = _lower(job_desc->account, &view->account);
	/* An empty name asks for the default one, which for an allocation's job is the allocation's. */
	if (job_desc->qos && job_desc->qos[0])
		request->qos = _lower(job_desc->qos, &view->qos);
	_fill_user_name(view, job_desc->user_id);
}

/* A request that Slurm's parser rejects is counted as nothing: Slurm refuses it right after us, in its own words. */
static void _fill_size(const job_desc_msg_t *job_desc, struct aif_request *request)
{
	uint64_t gpus = 0;
	uint32_t nodes = job_desc->min_nodes;

	(void) aif_gres_count(job_desc, &gpus, &nodes);
	request->nodes = (nodes && nodes < NO_VAL) ? nodes : 1;
	request->gpus = aif_exclusive_gpus(job_desc, request->partition, request->nodes, gpus);
	request->array_tasks = aif_array_count(job_desc->array_inx, slurm_conf.max_array_sz);
}

__attribute__((hot)) extern void aif_view_init(const job_desc_msg_t *job_desc, const struct aif_options *options,
			  struct aif_view *ret_view)
{
	struct aif_request *request = &ret_view->request;
	time_t now;

	memset(request, 0, sizeof(*request));
	ret_view->account = ret_view->qos = ret_view->user = NULL;
	request->options = options;
	request->billing = AIF_BILLING_UNKNOWN;
	_fill_names(job_desc, ret_view);
	_fill_size(job_desc, request);
	request->minutes = _minutes(job_desc->time_limit, request->partition);
	now = time(NULL);
	request->begin = MAX(now, job_desc->begin_time);
}

__attribute__((cold)) static void _free_texts(struct aif_view *view)
{
	xfree(view->account);
	xfree(view->user);
	xfree(view->qos);
}

extern void aif_view_clear(struct aif_view *view)
{
	if (view->account || view->user || view->qos)
		_free_texts(view);
}
