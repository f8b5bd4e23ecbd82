/* wrapper_probe.c - see wrapper_probe.h */
#include "slurmctld.h"
#include "wrapper_probe.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

typedef int (*probe_fn)(const struct aif_restag *tag, uint32_t *ret_nodes, uint32_t *ret_gpus, bool exact);

/* The wrapper shadows the stock name up to 24.11 and has its own later. */
static const char *const file_names[] = { "select_cons_tres.so", "select_cons_tres_aif.so" };

/*
 * A select plugin stays loaded as long as slurmctld runs, and our reference keeps it mapped: once found, the address
 * stays good. Whether the wrapper is active is asked anew each time. What was not found is looked for again.
 */
static struct {
	pthread_mutex_t mutex;
	void *handle;
	probe_fn probe;
} found = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* Stock's file may be loaded under the same name: it has no such symbol. */
static bool _try_file(const char *dir, const char *name)
{
	char *path = xstrdup_printf("%s/%s", dir, name);
	void *handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);

	xfree(path);
	if (!handle)
		return false;
	found.probe = (probe_fn) dlsym(handle, "aif_select_probe");
	if (!found.probe) {
		dlclose(handle);
		return false;
	}
	found.handle = handle;
	return true;
}

static bool _try_dir(const char *dir)
{
	for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]); i++) {
		if (_try_file(dir, file_names[i]))
			return true;
	}
	return false;
}

static probe_fn _search(void)
{
	char *dirs = xstrdup(slurm_conf.plugindir), *last = NULL;
	char *dir = dirs ? strtok_r(dirs, ":", &last) : NULL;

	while (dir && !_try_dir(dir))
		dir = strtok_r(NULL, ":", &last);
	xfree(dirs);
	return found.probe;
}

static probe_fn _find(void)
{
	probe_fn probe;

	pthread_mutex_lock(&found.mutex);
	probe = found.probe ? found.probe : _search();
	pthread_mutex_unlock(&found.mutex);
	return probe;
}

extern bool aif_wrapper_probe(const struct aif_restag *tag, uint32_t *ret_nodes,
			      uint32_t *ret_gpus, bool exact)
{
	probe_fn probe = _find();

	return probe && !probe(tag, ret_nodes, ret_gpus, exact);
}

extern void aif_wrapper_probe_fini(void)
{
	if (found.handle)
		dlclose(found.handle);
	found.handle = NULL;
	found.probe = NULL;
}
