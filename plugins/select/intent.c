/* intent.c - see intent.h */
#include "intent.h"

#include <string.h>

#include "admincomment.h"
#include "select_job.h"
#include "snapwatch.h"

static struct aif_placement_wish _wish(const job_record_t *job_ptr)
{
	struct aif_admincomment comment = {0};
	struct aif_placement_wish wish = {0}, none = {0};

	if (job_ptr->admin_comment && strstr(job_ptr->admin_comment, "\"place\""))
		aif_admincomment_read(job_ptr->admin_comment, &comment);
	return aif_placement_parse(comment.placement, &wish, NULL) ? none : wish;
}

static time_t _strict_until(const job_record_t *job_ptr, const struct aif_placement_wish *wish, uint32_t strict_max)
{
	uint32_t seconds = wish->strict_seconds ? MIN(wish->strict_seconds, strict_max) : strict_max;
	time_t until = aif_compat_job_eligible(job_ptr) + (time_t)seconds;

	return wish->strict && until > time(NULL) ? until : 0;
}

extern bool intent_read(const job_record_t *job_ptr, struct intent *ret_intent)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	const part_record_t *part = job_ptr->part_ptr;
	uint32_t strict_max = 0;

	*ret_intent = (struct intent){.mode = AIF_PLACEMENT_OFF};
	if (snapshot) {
		const struct aif_placement_conf *placement = &snapshot->policy->placement;

		ret_intent->mode = aif_placement_mode_of(placement, part ? part->name : NULL);
		ret_intent->leftover_seconds = placement->leftover_seconds;
		strict_max = placement->strict_max;
	}
	aif_snapshot_put(snapshot);
	if (ret_intent->mode == AIF_PLACEMENT_OFF)
		return false;
	ret_intent->wish = _wish(job_ptr);
	if (ret_intent->mode == AIF_PLACEMENT_ON)
		ret_intent->strict_until = _strict_until(job_ptr, &ret_intent->wish, strict_max);
	return ret_intent->wish.placement != AIF_PLACE_ANY;
}
