/* local.c - srun: a new job, or a step of the job around it */
#include <stdlib.h>
#include <strings.h>

#include "contexts.h"
#include "option_table.h"
#include "request.h"

/* A job's options reach its steps through the environment; only a different value deserves a word. */
static void _tell_no_effect(const char *option, const char *asked, const char *variable)
{
	const char *of_job = getenv(variable);

	if (asked[0] && of_job && strcasecmp(asked, of_job))
		slurm_spank_log("aif: --%s=%s has no effect on a step: the job runs with %s; "
				"give the option to sbatch or salloc",
				option, asked, of_job);
}

extern int spank_aif_local_post_opt(spank_t spank)
{
	const struct aif_options *asked = spank_aif_asked();

	if (!getenv("SLURM_JOB_ID"))
		return spank_aif_request_send(spank);
	_tell_no_effect("ai-mode", asked->mode, AIF_ENV_MODE);
	_tell_no_effect("ai-allocation", asked->allocation, AIF_ENV_ALLOCATION);
	return ESPANK_SUCCESS;
}
