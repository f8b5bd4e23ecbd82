/* gate.c - see gate.h */
#include "gate.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/slurm.h>

#include "gatefile.h"
#include "gating.h"
#include "nodecheck.h"
#include "options.h"
#include "request.h"
#include "rules.h"
#include "ticket.h"

#define PRUNE_DAYS 400 /* longer than any job runs */

/* slurmd's configuration, as slurmstepd has it. Its layout is that of the major and minor version, which SPANK demands. */
extern slurm_conf_t slurm_conf __attribute__((weak));

/* What was decided about this step's job. Lives as long as slurmstepd. */
static struct spank_aif_gate gate = {.open = true};

static bool _prolog_at_allocation(void)
{
	return &slurm_conf && (slurm_conf.prolog_flags & PROLOG_FLAG_ALLOC);
}

/* Whether the job asks for a data residency; a request that cannot be read may. */
static bool _asks_residency(const char *request)
{
	struct aif_options asked = {.mode = ""};

	if (!request)
		return false;
	if (aif_options_parse(request, &asked, NULL))
		return strstr(request, "residency=") != NULL;
	return asked.residency[0] != '\0';
}

/* ---- where it is written down ---- */

static void _append(char *path, size_t size, const char *text, size_t length)
{
	size_t used = strlen(path);

	snprintf(path + used, size - used, "%.*s", (int)length, text);
}

/* "aif" in slurmd's spool directory; %n and %h as slurmd reads them. -1 where that is not known. */
static int _gate_dir(char *ret_dir, size_t size)
{
	const char *node = getenv("SLURMD_NODENAME"), *spool = &slurm_conf ? slurm_conf.slurmd_spooldir : NULL;
	char host[HOST_NAME_MAX + 1] = "";

	if (!node || !spool || gethostname(host, sizeof(host) - 1))
		return -1;
	ret_dir[0] = '\0';
	for (; *spool; spool++) {
		if (spool[0] == '%' && spool[1] == 'n')
			_append(ret_dir, size, node, strlen(node));
		else if (spool[0] == '%' && spool[1] == 'h')
			_append(ret_dir, size, host, strcspn(host, "."));
		else
			_append(ret_dir, size, spool, 1);
		if (spool[0] == '%' && (spool[1] == 'n' || spool[1] == 'h'))
			spool++;
	}
	_append(ret_dir, size, "/aif", 4);
	return strlen(ret_dir) < size - 1 ? 0 : -1;
}

/* ---- the prolog ---- */

static void _add(const char **options, int *count, const char *name, const char *value)
{
	if (!value)
		return;
	options[(*count)++] = name;
	options[(*count)++] = value;
}

static void _check(const char *seal, int argc, char *argv[], struct spank_aif_gate *ret_gate)
{
	const char *options[18] = {"--send-back"};
	char slurm_user[16];
	int count = 1;

	snprintf(slurm_user, sizeof(slurm_user), "%u", slurm_conf.slurm_user_id);
	_add(options, &count, "--job", getenv("SLURM_JOB_ID"));
	_add(options, &count, "--uid", getenv("SLURM_JOB_UID"));
	_add(options, &count, "--node", getenv("SLURMD_NODENAME"));
	_add(options, &count, "--cluster", slurm_conf.cluster_name);
	_add(options, &count, "--slurm-user", slurm_user);
	_add(options, &count, "--auth-info", slurm_conf.authinfo);
	if (argc > 0 && !strncmp(argv[0], "conf_dir=", strlen("conf_dir=")))
		_add(options, &count, "--conf-dir", argv[0] + strlen("conf_dir="));
	spank_aif_nodecheck(&(struct spank_aif_nodecheck){.options = options, .seal = seal, .text = getenv("SPANK_" AIF_TICKET_TEXT_ENV)},
			    ret_gate);
}

static void _decide(const char *dir, uint32_t job, const char *seal, int argc, char *argv[])
{
	struct spank_aif_gate decided;

	_check(seal, argc, argv, &decided);
	if (!decided.open)
		slurm_spank_log("aif: job %u does not run here: %s", job, decided.text);
	if (spank_aif_gatefile_write(dir, job, &decided))
		slurm_spank_log("aif: %s cannot be written: no task of job %u starts here", dir, job);
	spank_aif_gatefile_prune(dir, PRUNE_DAYS);
}

/* Variables of the job's SPANK environment have this prefix in the prolog. */
extern int spank_aif_gate_prolog(spank_t spank, int argc, char *argv[])
{
	const char *seal = getenv("SPANK_" AIF_TICKET_ENV), *request = getenv("SPANK_" AIF_OPTIONS_ENV);
	char dir[PATH_MAX];
	uint32_t job;

	if (!&slurm_conf || spank_get_item(spank, S_JOB_ID, &job) != ESPANK_SUCCESS || _gate_dir(dir, sizeof(dir)))
		return ESPANK_SUCCESS;
	if (seal || (_prolog_at_allocation() && _asks_residency(request)))
		_decide(dir, job, seal, argc, argv);
	else if (spank_aif_gatefile_remove(dir, job)) /* of an earlier job of that number */
		slurm_spank_log("aif: what is in %s of an earlier job %u cannot be removed", dir, job);
	return ESPANK_SUCCESS;
}

/* ---- steps ---- */

static void _close(const char *why, const char *rule)
{
	gate.open = false;
	snprintf(gate.text, sizeof(gate.text), "%s (%s)", why, rule);
}

/* The prolog was not ours, or could not write: go by what the job itself says. */
static void _without_file(spank_t spank)
{
	char request[AIF_OPTIONS_TEXT_MAX];

	if (_prolog_at_allocation() &&
	    spank_getenv(spank, SPANK_AIF_REQUEST_VARIABLE, request, sizeof(request)) == ESPANK_SUCCESS &&
	    _asks_residency(request))
		_close("the node has not checked the job's residency tag", AIF_R_TICKET);
}

/* slurmctld tells slurmd the array's number with a batch script, and arrays have no other jobs. */
static bool _is_other_array(spank_t spank)
{
	uint32_t step = 0, array = 0;

	return gate.array && spank_get_item(spank, S_JOB_STEPID, &step) == ESPANK_SUCCESS && step == SLURM_BATCH_SCRIPT &&
	       (spank_get_item(spank, S_JOB_ARRAY_ID, &array) != ESPANK_SUCCESS || array != gate.array);
}

extern int spank_aif_gate_step(spank_t spank)
{
	char dir[PATH_MAX];
	uint32_t job;
	int found;

	if (!&slurm_conf || spank_get_item(spank, S_JOB_ID, &job) != ESPANK_SUCCESS || _gate_dir(dir, sizeof(dir)))
		return ESPANK_SUCCESS;
	found = spank_aif_gatefile_read(dir, job, &gate);
	if (found < 0)
		_close("what the node found out about the job's residency tag cannot be read", AIF_R_TICKET);
	else if (!found)
		_without_file(spank);
	else if (_is_other_array(spank))
		_close("the job's ticket is of another array", AIF_R_TICKET);
	return ESPANK_SUCCESS;
}

/* The prolog has tried the same, so this is rare. */
static void _show_data(void)
{
	char why[SPANK_AIF_GATING_TEXT];

	if (gate.open && gate.data[0] && spank_aif_gating_enter(gate.data, why, sizeof(why)))
		_close(why, AIF_R_GATING);
}

extern int spank_aif_gate_task(spank_t spank)
{
	int task = 0;

	_show_data();
	if (gate.open)
		return ESPANK_SUCCESS;
	if (spank_get_item(spank, S_TASK_ID, &task) != ESPANK_SUCCESS || !task)
		slurm_spank_log("aif: this task does not start: %s", gate.text);
	_exit(EXIT_FAILURE);
}
