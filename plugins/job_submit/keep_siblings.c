/* keep_siblings.c - see keep_siblings.h */
#include "keep_siblings.h"

#include "federation.h"
#include "rules.h"
#include "siblings.h"
#include "verdict.h"

static void _refuse(const char *asked, struct aif_decision *decision)
{
	aif_verdict_refuse(decision, AIF_R_SIBLING, "no cluster that the job may go to lies inside the residency tag",
			   asked ? asked : "any", decision->residency_text,
			   "leave --clusters out, or name others");
}

extern void aif_keep_siblings(const struct aif_snapshot *snapshot, const char *asked, char **clusters,
			      struct aif_decision *decision)
{
	const char *names[AIF_COMPAT_FEDERATION_MAX + 1];
	char text[AIF_SIBLINGS_TEXT_MAX];

	if (!decision->has_residency || !aif_compat_federation(names))
		return;
	if (aif_siblings_allowed(snapshot->policy, &decision->residency, names, asked, text, sizeof(text)) <= 0) {
		_refuse(asked, decision);
		return;
	}
	if (xstrcmp(*clusters, text)) {
		xfree(*clusters);
		*clusters = xstrdup(text);
	}
}
