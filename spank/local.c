/* local.c - srun: a new job, or a step of the job around it */
#include <stdlib.h>
#include <strings.h>

#include "contexts.h"
#include "option_table.h"
#include "request.h"
#include "restag.h"
#include "rules.h"

static void _tell(const char *option, const char *asked, const char *of_job)
{
	slurm_spank_log(
	    "aif: --%s=%s has no effect on a step: the job runs with %s; give the option "
	    "to sbatch or salloc",
	    option, asked, of_job && of_job[0] ? of_job : "none");
}

/* Is the job that runs here at least as narrow as its step wants it? */
static bool _is_inside(const char *asked, const char *of_job)
{
	struct aif_restag limit, tag;

	return of_job && !aif_restag_parse(asked, NULL, 0, &limit, NULL) &&
	       !aif_restag_parse(of_job, NULL, 0, &tag, NULL) && aif_restag_within(&tag, &limit);
}

/*
 * The job has its nodes already. Where those may lie outside of what is asked now, the step must not start, and Slurm
 * passes over what an optional plugin returns here.
 */
static void _refuse_other_tag(const char *asked, const char *asked_of_job)
{
	const char *of_job = getenv(AIF_ENV_RESIDENCY);

	if (!asked[0] || !strcasecmp(asked, asked_of_job) || _is_inside(asked, of_job))
		return;
	slurm_spank_log("aif: the job of this step is not inside its residency tag: asked %s, the job has %s "
			"(" AIF_R_WIDEN "); give --data-residency to sbatch or salloc",
			asked, of_job && of_job[0] ? of_job : "none");
	exit(EXIT_FAILURE);
}

/*
 * A job's options reach its steps through the environment, so only a value that is neither what the
 * job asked for nor what it got deserves a word.
 */
static void _tell_no_effect(void)
{
	const struct aif_options *asked = spank_aif_asked();
	const char *text = getenv(SPANK_AIF_REQUEST_VARIABLE);
	struct aif_options of_job = {.mode = ""};
	const char *mode = getenv(AIF_ENV_MODE), *allocation = getenv(AIF_ENV_ALLOCATION);

	if (text)
		aif_options_parse(text, &of_job, NULL);
	_refuse_other_tag(asked->residency, of_job.residency);
	if (asked->mode[0] && strcasecmp(asked->mode, of_job.mode) &&
	    (!mode || strcasecmp(asked->mode, mode)))
		_tell("ai-mode", asked->mode, mode ? mode : of_job.mode);
	if (asked->allocation[0] && strcasecmp(asked->allocation, of_job.allocation) &&
	    (!allocation || strcasecmp(asked->allocation, allocation)))
		_tell("ai-allocation", asked->allocation,
		      allocation ? allocation : of_job.allocation);
}

extern int spank_aif_local_post_opt(spank_t spank)
{
	if (!getenv("SLURM_JOB_ID"))
		return spank_aif_request_send(spank);
	_tell_no_effect();
	return ESPANK_SUCCESS;
}
