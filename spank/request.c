/* request.c - see request.h */
#include "request.h"

#include <stdlib.h>

#include "contexts.h"
#include "option_table.h"

static void _forget_outer_job(void)
{
	unsetenv(AIF_ENV_MODE);
	unsetenv(AIF_ENV_ALLOCATION);
	unsetenv(AIF_ENV_RESIDENCY);
	unsetenv(AIF_ENV_ISLAND);
}

static int _forget_request(spank_t spank)
{
	/* srun takes over the SPANK environment of a job around it. */
	spank_job_control_unsetenv(spank, AIF_OPTIONS_ENV);
	unsetenv(SPANK_AIF_REQUEST_VARIABLE);
	return ESPANK_SUCCESS;
}

extern int spank_aif_request_send(spank_t spank)
{
	char text[AIF_OPTIONS_TEXT_MAX];
	spank_err_t rc;

	_forget_outer_job();
	if (aif_options_empty(spank_aif_asked()))
		return _forget_request(spank);
	if (aif_options_format(spank_aif_asked(), text, sizeof(text)) < 0)
		return ESPANK_NOSPACE;
	rc = spank_job_control_setenv(spank, AIF_OPTIONS_ENV, text, 1);
	if (rc != ESPANK_SUCCESS)
		slurm_spank_log("aif: the request cannot be passed to slurmctld: %s; job not sent",
				spank_strerror(rc));
	else if (setenv(SPANK_AIF_REQUEST_VARIABLE, text, 1) < 0)
		rc = ESPANK_NOSPACE;
	return rc;
}
