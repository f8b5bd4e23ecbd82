/* verdict.c - see verdict.h */
#include "verdict.h"

#include "message.h"
#include "rules.h"
#include "usage_of.h"
#include "wrapper_probe.h"

#include <stdio.h>
#include <string.h>

extern void aif_verdict_refuse(struct aif_decision *decision, const char *rule, const char *what,
			       const char *asked, const char *limit, const char *next)
{
	struct aif_message message = {
		.what = what, .asked = asked, .limit = limit, .rule = rule, .next = next
	};

	decision->verdict = AIF_REJECT;
	decision->rule = rule;
	aif_message_format(&message, decision->message, sizeof(decision->message));
}

extern void aif_verdict_no_policy(const struct aif_options *options,
				  struct aif_decision *ret_decision)
{
	const struct aif_request request = { .options = options };

	aif_decide(NULL, &request, NULL, NULL, ret_decision);
}

extern void aif_verdict_bad_options(const char *reason, struct aif_decision *ret_decision)
{
	const struct aif_rule *rule = aif_rules_in(reason);

	memset(ret_decision, 0, sizeof(*ret_decision));
	ret_decision->verdict = AIF_REJECT;
	ret_decision->rule = rule ? rule->id : AIF_C_OPTION;
	snprintf(ret_decision->message, sizeof(ret_decision->message), "%s", reason);
}

__attribute__((cold)) static void _refuse_missing(const struct aif_snapshot *snapshot, struct aif_decision *decision)
{
	bool of_qos = snapshot->policy->carrier == AIF_CARRIER_QOS;
	const struct aif_alloc *alloc = decision->alloc;
	char what[256];

	snprintf(what, sizeof(what), "allocation %s has no %s in Slurm yet", alloc->id,
		 of_qos ? "QOS" : "account");
	aif_verdict_refuse(decision, AIF_C_REFERENCE, what, of_qos ? alloc->qos : alloc->account, NULL,
			   "tell the administrators: \"aif apply\" makes it");
}

__attribute__((cold)) static void _refuse_inactive(struct aif_decision *decision)
{
	aif_verdict_refuse(decision, AIF_R_INACTIVE,
			   "data residency cannot be kept, the select plugin of slurm-aif is not active",
			   decision->residency_text, NULL,
			   "tell the administrators; the job was not queued");
}

__attribute__((cold)) static void _refuse_nowhere(const struct aif_request *request, uint32_t nodes, uint32_t gpus,
			    struct aif_decision *decision)
{
	char asked[AIF_RESTAG_TEXT_MAX + 64], limit[64];

	snprintf(asked, sizeof(asked), "%u node%s and %llu GPU%s inside %s", request->nodes,
		 request->nodes == 1 ? "" : "s", (unsigned long long) request->gpus,
		 request->gpus == 1 ? "" : "s", decision->residency_text);
	snprintf(limit, sizeof(limit), "%u node%s and %u GPU%s", nodes, nodes == 1 ? "" : "s", gpus,
		 gpus == 1 ? "" : "s");
	aif_verdict_refuse(decision, AIF_R_NOWHERE, "too little of this cluster lies inside the residency tag",
			   asked, limit, "ask for less, or for a wider --data-residency");
}

static bool _has_room(const struct aif_request *request, uint32_t nodes, uint32_t gpus)
{
	return nodes >= request->nodes && gpus >= request->gpus;
}

__attribute__((cold)) static void _check_residency(const struct aif_request *request, struct aif_decision *decision)
{
	uint32_t nodes = 0, gpus = 0;
	bool active = aif_wrapper_probe(&decision->residency, decision->note, false, &nodes, &gpus);

	if (active && !_has_room(request, nodes, gpus))
		active = aif_wrapper_probe(&decision->residency, decision->note, true, &nodes, &gpus);
	if (!active)
		_refuse_inactive(decision);
	else if (!_has_room(request, nodes, gpus))
		_refuse_nowhere(request, nodes, gpus, decision);
}

__attribute__((cold)) static void _refuse_decay(struct aif_decision *decision)
{
	aif_verdict_refuse(decision, AIF_C_CARRIER,
			   "usage of accounts is not kept, so the budget cannot be checked",
			   "PriorityDecayHalfLife or PriorityUsageResetPeriod in slurm.conf",
			   "PriorityDecayHalfLife=0 and PriorityUsageResetPeriod=NONE",
			   "tell the administrators");
}

/* Usage grows between two looks: less than a fifth of what may be used is too little for numbers that are a moment old. */
static bool _is_plenty(uint64_t wanted, uint64_t left, uint64_t all)
{
	return left >= wanted && left - wanted >= all / 5;
}

static bool _is_queue_short(uint32_t queued, uint32_t more, uint32_t limit)
{
	return !limit || (queued <= limit && _is_plenty(more, limit - queued, limit));
}

/* Whether rough numbers suffice: nothing is said to the user, and no limit is near. */
static bool _is_clear(const struct aif_decision *decision, const struct aif_request *request)
{
	const struct aif_usage *usage = &decision->usage;
	const struct aif_mode *mode;

	if (decision->verdict != AIF_ACCEPT || decision->message[0] || decision->free ||
	    decision->advised_count)
		return false;
	mode = decision->alloc->mode;
	return _is_plenty(decision->asked_secs, decision->left_secs, decision->alloc->amount_secs) &&
	       _is_queue_short(usage->submits, request->array_tasks, mode->submits_per_allocation) &&
	       _is_queue_short(usage->user_submits, request->array_tasks, mode->submits_per_user);
}

static void _decide(const struct aif_request *request, struct aif_usage_query *query,
		    struct aif_decision *ret_decision)
{
	aif_decide(query->snapshot, request, aif_usage_of, query, ret_decision);
	if (!query->rough || _is_clear(ret_decision, request))
		return;
	query->exact = true;
	aif_decide(query->snapshot, request, aif_usage_of, query, ret_decision);
}

static bool _has_assoc(const struct aif_request *request, const struct aif_alloc *alloc, uint32_t uid)
{
	assoc_mgr_lock_t locks = { .assoc = READ_LOCK, .user = READ_LOCK };
	slurmdb_assoc_rec_t key = { .uid = uid, .acct = alloc->account }, *found = NULL;
	char *first = request->partition ? xstrndup(request->partition, strcspn(request->partition, ",")) : NULL;

	key.partition = first;
	assoc_mgr_lock(&locks);
	(void) assoc_mgr_fill_in_assoc(NULL, &key, 0, &found, true);
	assoc_mgr_unlock(&locks);
	xfree(first);
	return found;
}

/*
 * Slurm finds out only after us who may not use an account: too late where numbers are told, or where a job that moves to the
 * allocation gets its mark.
 */
__attribute__((cold)) static void _check_user(const struct aif_request *request, uint32_t uid,
					      struct aif_decision *decision)
{
	char what[256];

	if (!(slurm_conf.accounting_storage_enforce & ACCOUNTING_ENFORCE_ASSOCS) ||
	    _has_assoc(request, decision->alloc, uid))
		return;
	snprintf(what, sizeof(what), "user %.64s is no member of allocation %s",
		 request->user ? request->user : "unknown", decision->alloc->id);
	aif_verdict_refuse(decision, AIF_A_MEMBER, what, NULL, NULL,
			   "ask the project's leader, or use another allocation");
}

__attribute__((hot)) extern void aif_verdict(const struct aif_snapshot *snapshot, const struct aif_request *request,
			uint32_t uid, const struct aif_usage_own *own,
			struct aif_decision *ret_decision)
{
	struct aif_usage_query query = { .snapshot = snapshot, .uid = uid, .own = own };

	_decide(request, &query, ret_decision);
	if (ret_decision->usage.known && (ret_decision->message[0] || (own && own->alloc != ret_decision->alloc)))
		_check_user(request, uid, ret_decision);
	if (ret_decision->verdict != AIF_ACCEPT && ret_decision->verdict != AIF_HOLD)
		return;
	if (query.missing)
		_refuse_missing(snapshot, ret_decision);
	else if (query.decays && ret_decision->asked_secs)
		_refuse_decay(ret_decision);
	else if (ret_decision->has_residency &&
		 !aif_wrapper_probe_recalls(ret_decision->note, request->nodes, request->gpus))
		_check_residency(request, ret_decision);
}

static bool _is_one_of(const char *rule, const char *const *rules)
{
	for (; *rules; rules++) {
		if (!strcmp(rule, *rules))
			return true;
	}
	return false;
}

extern int aif_verdict_code(const struct aif_decision *decision)
{
	static const char *const limits[] = { AIF_M_GPUS, AIF_M_NODES, AIF_M_WALL,      AIF_M_SUBMITS,
					      AIF_M_CROWDED, AIF_A_OUTLIVES, AIF_Q_LEFT, AIF_Q_NOLIMIT,
					      AIF_Q_INFERENCE, AIF_Q_PACE, NULL };
	static const char *const nodes[] = { AIF_R_NOWHERE, NULL };

	if (!decision->rule)
		return SLURM_SUCCESS;
	if (_is_one_of(decision->rule, limits))
		return ESLURM_ACCOUNTING_POLICY;
	if (_is_one_of(decision->rule, nodes))
		return ESLURM_REQUESTED_NODE_CONFIG_UNAVAILABLE;
	return ESLURM_ACCESS_DENIED;
}
