/* no_policy.c - see no_policy.h */
#include "no_policy.h"

#include "projid.h"
#include "rules.h"
#include "verdict.h"
#include "view.h"

#include <string.h>
#include <strings.h>

static bool _is_ours(const slurmdb_qos_rec_t *qos)
{
	struct aif_projid id;

	return !aif_projid_parse(qos->name, &id, NULL) ||
	       (qos->description &&
		!strncasecmp(qos->description, AIF_QOS_MARK, strlen(AIF_QOS_MARK)));
}

static int _is_meant(void *x, void *key)
{
	const slurmdb_qos_rec_t *qos = x, *meant = key;

	return meant->id ? qos->id == meant->id : !xstrcasecmp(qos->name, meant->name);
}

/* The QOS that Slurm will give the job: asked for, or the default one of its association. */
static bool _has_our_qos(const struct aif_request *request, uint32_t uid)
{
	assoc_mgr_lock_t locks = { .assoc = READ_LOCK, .qos = READ_LOCK, .user = READ_LOCK };
	slurmdb_assoc_rec_t key = { .uid = uid, .acct = (char *) request->account };
	slurmdb_qos_rec_t meant = { .name = (char *) request->qos }, *qos = NULL;
	slurmdb_assoc_rec_t *assoc = NULL;
	bool ours;

	assoc_mgr_lock(&locks);
	if (assoc_mgr_assoc_list && assoc_mgr_user_list)
		(void) assoc_mgr_fill_in_assoc(NULL, &key, 0, &assoc, true);
	assoc_mgr_get_default_qos_info(assoc, &meant);
	if (assoc_mgr_qos_list)
		qos = list_find_first_ro(assoc_mgr_qos_list, _is_meant, &meant);
	ours = qos && _is_ours(qos);
	assoc_mgr_unlock(&locks);
	return ours;
}

extern void aif_no_policy(const job_desc_msg_t *job_desc, const struct aif_options *options,
			  struct aif_decision *ret_decision)
{
	struct aif_view view;

	aif_view_init(job_desc, options, &view);
	aif_decide(NULL, &view.request, NULL, NULL, ret_decision);
	if (ret_decision->verdict == AIF_IGNORE && view.request.gpus &&
	    _has_our_qos(&view.request, job_desc->user_id))
		aif_verdict_refuse(ret_decision, AIF_C_NOPOLICY,
				   "no valid policy is loaded, so GPU jobs of EuroHPC allocations cannot be accepted",
				   NULL, NULL,
				   "tell the administrators: \"aif config check\" shows what is wrong");
	aif_view_clear(&view);
}
