/* local.c - srun: a new job, or a step of the job around it */
#include <stdlib.h>
#include <strings.h>

#include "contexts.h"
#include "option_table.h"
#include "request.h"

static void _tell(const char *option, const char *asked, const char *of_job)
{
	slurm_spank_log(
	    "aif: --%s=%s has no effect on a step: the job runs with %s; give the option "
	    "to sbatch or salloc",
	    option, asked, of_job && of_job[0] ? of_job : "none");
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
