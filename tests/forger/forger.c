/*
 * forger.c - a SPANK plugin of a user's own, who wants things in his job's SPANK environment that are not his to say
 *
 * In sbatch, salloc and srun each variable FORGE_name=value becomes name=value there. Named in a plugstack.conf of the user's.
 */
#include <string.h>

#include <slurm/spank.h>

SPANK_PLUGIN(forger, 1);

#define PREFIX "FORGE_"

extern char **environ;

static void _forge(spank_t spank, const char *entry)
{
	char name[64];
	size_t length = strcspn(entry, "=");

	if (length < sizeof(name) && entry[length] == '=') {
		memcpy(name, entry, length);
		name[length] = '\0';
		spank_job_control_setenv(spank, name, entry + length + 1, 1);
	}
}

extern int slurm_spank_init_post_opt(spank_t spank, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; spank_context() != S_CTX_REMOTE && environ[i]; i++) {
		if (!strncmp(environ[i], PREFIX, strlen(PREFIX)))
			_forge(spank, environ[i] + strlen(PREFIX));
	}
	return ESPANK_SUCCESS;
}
