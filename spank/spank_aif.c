/*
 * spank_aif.c - the SPANK plugin's entry points: which context does what
 *
 * srun is the local context, sbatch and salloc the allocator context, slurmstepd the remote one.
 * slurmd loads the plugin as well and has nothing to do here, but for the prolog: slurmd runs that in a slurmstepd of its own.
 */
#include <string.h>

#include <slurm/spank.h>

#include "contexts.h"
#include "gate.h"
#include "option_table.h"
#include "pmixjob.h"

/* What follows is what Slurm looks up; the rest of the plugin stays hidden. */
#pragma GCC visibility push(default)

SPANK_PLUGIN(aif, 1);

static int _is_client(spank_context_t context)
{
	return context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR;
}

/* There is but one argument, for nodes, so another can only be a slip. On a node it must not cost a job. */
static int _refuse_arguments(int argc, char *argv[])
{
	if (argc <= 0 || (argc == 1 && !strncmp(argv[0], "conf_dir=", strlen("conf_dir="))))
		return ESPANK_SUCCESS;
	if (!_is_client(spank_context()))
		return ESPANK_SUCCESS;
	slurm_spank_log("aif: plugstack.conf: unknown argument '%s' of spank_aif.so, limit one conf_dir=DIR "
			"(AIF-C003); remove it, the --ai options are off until then",
			argv[argc - 1]);
	return ESPANK_BAD_ARG;
}

extern int slurm_spank_init(spank_t spank, int argc, char *argv[])
{
	spank_context_t context = spank_context();
	int rc = _refuse_arguments(argc, argv);

	if (rc != ESPANK_SUCCESS)
		return rc;
	if (!_is_client(context) && context != S_CTX_REMOTE)
		return ESPANK_SUCCESS;
	rc = spank_aif_register(spank);
	return _is_client(context) ? rc : ESPANK_SUCCESS;
}

extern int slurm_spank_init_post_opt(spank_t spank, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	switch (spank_context()) {
	case S_CTX_LOCAL:
		return spank_aif_local_post_opt(spank);
	case S_CTX_ALLOCATOR:
		return spank_aif_allocator_post_opt(spank);
	case S_CTX_REMOTE:
		spank_aif_pmixjob_begin();
		return spank_aif_gate_step(spank);
	default:
		return ESPANK_SUCCESS;
	}
}

extern int slurm_spank_user_init(spank_t spank, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	return spank_aif_remote_user_init(spank);
}

extern int slurm_spank_job_prolog(spank_t spank, int argc, char *argv[])
{
	return spank_aif_gate_prolog(spank, argc, argv);
}

extern int slurm_spank_task_init_privileged(spank_t spank, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	return spank_aif_gate_task(spank);
}

extern int slurm_spank_task_init(spank_t spank, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	return spank_aif_remote_task_init(spank);
}
