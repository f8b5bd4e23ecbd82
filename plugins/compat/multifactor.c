/* multifactor.c - see multifactor.h */
#include "multifactor.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "priority_multifactor.so"

struct aif_multifactor aif_multifactor;

static void *handle;

static const struct {
	const char *name;
	void *slot; /* a function pointer of aif_multifactor */
} symbols[] = {
	{ "priority_p_set", &aif_multifactor.set },
	{ "priority_p_reconfig", &aif_multifactor.reconfig },
	{ "priority_p_set_assoc_usage", &aif_multifactor.set_assoc_usage },
	{ "priority_p_job_end", &aif_multifactor.job_end },
	{ "priority_p_get_priority_factors_list", &aif_multifactor.get_factors },
#if !AIF_SLURM_AT_LEAST(25, 11)
	{ "priority_p_calc_fs_factor", &aif_multifactor.calc_fs_factor },
#endif
#if AIF_SLURM_AT_LEAST(23, 2)
	{ "priority_p_recover", &aif_multifactor.recover },
#endif
#if AIF_SLURM_AT_LEAST(23, 11)
	{ "priority_p_thread_start", &aif_multifactor.thread_start },
#endif
};

/* xmalloc'ed path of the first directory of PluginDir that has the file, or NULL. */
static char *_find_file(void)
{
	char *dirs = xstrdup(slurm_conf.plugindir), *last = NULL, *path = NULL;
	char *dir = dirs ? strtok_r(dirs, ":", &last) : NULL;

	for (; dir; dir = strtok_r(NULL, ":", &last)) {
		path = xstrdup_printf("%s/%s", dir, FILE_NAME);
		if (!access(path, R_OK))
			break;
		xfree(path);
	}
	xfree(dirs);
	return path;
}

static int _resolve(const char *path)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *address = dlsym(handle, symbols[i].name);

		if (!address) {
			error("priority/aif: %s lacks %s; it is not of Slurm %s", path,
			      symbols[i].name, SLURM_VERSION_STRING);
			return SLURM_ERROR;
		}
		memcpy(symbols[i].slot, &address, sizeof(address));
	}
	return SLURM_SUCCESS;
}

static int _check_version(const char *path)
{
	const uint32_t *version = dlsym(handle, "plugin_version");

	if (version && *version == SLURM_VERSION_NUMBER)
		return SLURM_SUCCESS;
	error("priority/aif: %s is not of Slurm %s, which this build is for", path,
	      SLURM_VERSION_STRING);
	return SLURM_ERROR;
}

static int _call(const char *name)
{
	int (*function)(void) = NULL;
	void *address = dlsym(handle, name);

	if (!address)
		return SLURM_SUCCESS;
	memcpy(&function, &address, sizeof(address));
	return function();
}

static int _load(const char *path)
{
	handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (!handle) {
		error("priority/aif: %s", dlerror());
		return SLURM_ERROR;
	}
	if (_check_version(path) == SLURM_SUCCESS && _resolve(path) == SLURM_SUCCESS &&
	    _call("init") == SLURM_SUCCESS)
		return SLURM_SUCCESS;
	dlclose(handle);
	handle = NULL;
	return SLURM_ERROR;
}

extern int aif_multifactor_open(void)
{
	char *path = _find_file();
	int rc = SLURM_ERROR;

	if (path)
		rc = _load(path);
	else
		error("priority/aif: no %s in PluginDir %s", FILE_NAME, slurm_conf.plugindir);
	xfree(path);
	return rc;
}

extern void aif_multifactor_close(void)
{
	if (!handle)
		return;
	(void) _call("fini");
	dlclose(handle);
	handle = NULL;
}
