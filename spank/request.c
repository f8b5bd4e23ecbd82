/* request.c - see request.h */
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/*
 * Without its request a job could run where its user does not want it to, and Slurm passes over
 * what an optional plugin returns here. Nothing was sent yet.
 */
static void _give_up(const char *why)
{
	slurm_spank_log("aif: the --ai options cannot be passed to slurmctld: %s (AIF-C009); "
			"nothing was submitted",
			why);
	exit(EXIT_FAILURE);
}

/* A wish of the person at the terminal, not a property of the job: it has no option. */
static void _add_explain(struct aif_options *request)
{
	const char *wish = getenv(SPANK_AIF_EXPLAIN_VARIABLE);

	if (wish && !strcmp(wish, "1"))
		snprintf(request->explain, sizeof(request->explain), "yes");
}

extern int spank_aif_request_send(spank_t spank)
{
	struct aif_options request = *spank_aif_asked();
	char text[AIF_OPTIONS_TEXT_MAX];
	spank_err_t rc;

	_forget_outer_job();
	_add_explain(&request);
	if (aif_options_format(&request, text, sizeof(text)) < 0)
		_give_up("they are too long");
	if (!text[0])
		return _forget_request(spank);
	rc = spank_job_control_setenv(spank, AIF_OPTIONS_ENV, text, 1);
	if (rc != ESPANK_SUCCESS)
		_give_up(spank_strerror(rc));
	if (setenv(SPANK_AIF_REQUEST_VARIABLE, text, 1) < 0)
		_give_up(strerror(errno));
	return ESPANK_SUCCESS;
}
