/*
 * remote.c - slurmstepd on a compute node: AIF_* for the tasks
 *
 * Nothing here may fail a job or drain a node, so every call's outcome is only a choice of what to
 * set.
 *
 * Where a value comes from, first found: the job's environment (job_submit/aif puts it there for
 * batch jobs, the controller's reply for srun and salloc), the same for one component of a
 * heterogeneous job, and at last what the job asked for. Options that reach slurmstepd directly are
 * no source: those of a step say nothing about its job.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "contexts.h"
#include "hints.h"
#include "pmixjob.h"
#include "request.h"

#define VALUE_MAX 256 /* of aif_options' members */

/* Which component of a heterogeneous job runs here; 0 for other jobs. */
static uint32_t _component(spank_t spank)
{
	char text[16];
	uint32_t job_id, first;

	if (spank_get_item(spank, S_JOB_ID, &job_id) != ESPANK_SUCCESS ||
	    spank_getenv(spank, "SLURM_JOB_ID", text, sizeof(text)) != ESPANK_SUCCESS)
		return 0;
	first = (uint32_t)strtoul(text, NULL, 10);
	return job_id >= first ? job_id - first : 0;
}

/* salloc and srun receive a heterogeneous job's values under names of their own per component. */
static int _of_component(spank_t spank, const char *name, char *value, int size)
{
	uint32_t component = _component(spank);
	char variable[64];

	snprintf(variable, sizeof(variable), "%s_HET_GROUP_%u", name, component);
	if (spank_getenv(spank, variable, value, size) == ESPANK_SUCCESS)
		return 0;
	snprintf(variable, sizeof(variable), "%s_PACK_GROUP_%u", name, component);
	if (spank_getenv(spank, variable, value, size) == ESPANK_SUCCESS)
		return 0;
	return -1;
}

static void _export(spank_t spank, const char *name, const char *asked)
{
	char value[VALUE_MAX];

	if (spank_getenv(spank, name, value, sizeof(value)) == ESPANK_SUCCESS)
		return;
	if (_of_component(spank, name, value, sizeof(value)) == 0)
		spank_setenv(spank, name, value, 1);
	else if (asked[0])
		spank_setenv(spank, name, asked, 1);
}

static void _read_request(spank_t spank, struct aif_options *ret_asked)
{
	char text[AIF_OPTIONS_TEXT_MAX];

	if (spank_getenv(spank, SPANK_AIF_REQUEST_VARIABLE, text, sizeof(text)) == ESPANK_SUCCESS)
		aif_options_parse(text, ret_asked, NULL);
}

extern int spank_aif_remote_user_init(spank_t spank)
{
	struct aif_options asked = {.mode = ""};

	_read_request(spank, &asked);
	_export(spank, AIF_ENV_MODE, asked.mode);
	_export(spank, AIF_ENV_ALLOCATION, asked.allocation);
	_export(spank, AIF_ENV_RESIDENCY, asked.residency);
	spank_aif_hints_node(spank);
	spank_aif_pmixjob_publish(spank);
	return ESPANK_SUCCESS;
}

extern int spank_aif_remote_task_init(spank_t spank)
{
	spank_aif_hints_gpus(spank);
	return ESPANK_SUCCESS;
}
