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
	memset(ret_decision, 0, sizeof(*ret_decision));
	ret_decision->verdict = AIF_REJECT;
	ret_decision->rule = AIF_C_OPTION;
	snprintf(ret_decision->message, sizeof(ret_decision->message), "%s", reason);
}

static void _refuse_no_qos(struct aif_decision *decision)
{
	char what[256];

	snprintf(what, sizeof(what), "allocation %s has no QOS in Slurm yet", decision->alloc->id);
	aif_verdict_refuse(decision, AIF_C_REFERENCE, what, decision->alloc->qos, NULL,
			   "tell the administrators: \"aif apply\" makes it");
}

static void _refuse_inactive(struct aif_decision *decision)
{
	aif_verdict_refuse(decision, AIF_R_INACTIVE,
			   "data residency cannot be kept, the select plugin of slurm-aif is not active",
			   decision->residency_text, NULL,
			   "tell the administrators; the job was not queued");
}

static void _refuse_nowhere(const struct aif_request *request, uint32_t nodes, uint32_t gpus,
			    struct aif_decision *decision)
{
	char asked[AIF_RESIDENCY_TEXT_MAX + 64], limit[64];

	snprintf(asked, sizeof(asked), "%u node%s and %llu GPU%s inside %s", request->nodes,
		 request->nodes == 1 ? "" : "s", (unsigned long long) request->gpus,
		 request->gpus == 1 ? "" : "s", decision->residency_text);
	snprintf(limit, sizeof(limit), "%u node%s and %u GPU%s", nodes, nodes == 1 ? "" : "s", gpus,
		 gpus == 1 ? "" : "s");
	aif_verdict_refuse(decision, AIF_R_NOWHERE, "too little of this cluster lies inside the residency tag",
			   asked, limit, "ask for less, or for a wider --data-residency");
}

static void _check_residency(const struct aif_request *request, struct aif_decision *decision)
{
	uint32_t nodes = 0, gpus = 0;

	if (!aif_wrapper_probe(&decision->residency, &nodes, &gpus))
		_refuse_inactive(decision);
	else if (nodes < request->nodes || gpus < request->gpus)
		_refuse_nowhere(request, nodes, gpus, decision);
}

extern void aif_verdict(const struct aif_snapshot *snapshot, const struct aif_request *request,
			struct aif_decision *ret_decision)
{
	struct aif_usage_query query = { .gpu_tres = snapshot->policy->gpu_tres };

	aif_decide(snapshot, request, aif_usage_of, &query, ret_decision);
	if (ret_decision->verdict != AIF_ACCEPT)
		return;
	if (query.qos_missing)
		_refuse_no_qos(ret_decision);
	else if (ret_decision->has_residency)
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
	static const char *const limits[] = { AIF_M_GPUS, AIF_M_NODES,   AIF_M_WALL, AIF_A_OUTLIVES,
					      AIF_Q_LEFT, AIF_Q_NOLIMIT, NULL };
	static const char *const nodes[] = { AIF_R_NOWHERE, NULL };

	if (!decision->rule)
		return SLURM_SUCCESS;
	if (_is_one_of(decision->rule, limits))
		return ESLURM_ACCOUNTING_POLICY;
	if (_is_one_of(decision->rule, nodes))
		return ESLURM_REQUESTED_NODE_CONFIG_UNAVAILABLE;
	return ESLURM_ACCESS_DENIED;
}
