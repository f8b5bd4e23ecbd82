/*
 * audit.c - a select plugin in front of the wrapper that tells where stock Slurm would have answered better
 *
 * PluginDir lists its directory first, then the wrapper's, then Slurm's own. Each time Slurm asks for nodes, the
 * stock plugin is asked on copies (select_trial.h), then the wrapper for good, and the two answers are compared
 * (compare.h). Both use the one stock plugin that the wrapper has loaded, so both look at the same allocations.
 * Where the wrapper offers to recount its table (aif_select_recount), it has to after each change, before Slurm looks
 * for nodes again.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr() */
#endif
#include <dlfcn.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"

#define OURS_FILE "select_" AIF_SELECT_NAME ".so"
#define STOCK_FILE "select_cons_tres.so"

AIF_EXPORT const char plugin_name[] = "audit of the slurm-aif wrapper of select/cons_tres";
AIF_EXPORT const char plugin_type[] = "select/" AIF_SELECT_NAME;
AIF_EXPORT const uint32_t plugin_id = SELECT_PLUGIN_CONS_TRES;
AIF_EXPORT const uint32_t plugin_version = AIF_PLUGIN_VERSION;

static struct aif_select_ops ours, stock;
static void *ours_lib, *stock_lib;
static int (*recount)(void);
static bool active;

extern AIF_EXPORT int init(void);
extern AIF_EXPORT int fini(void);

struct symbol {
	const char *name;
	size_t offset; /* in struct aif_select_ops */
};

#define SYMBOL(ret, name, params, args) {#name, offsetof(struct aif_select_ops, name)},
static const struct symbol symbols[] = {AIF_SELECT_HOOKED(SYMBOL) AIF_SELECT_PLAIN(SYMBOL)};
#undef SYMBOL

static bool _bind(void *lib, struct aif_select_ops *ret_ops)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *address = dlsym(lib, symbols[i].name);

		if (!address) {
			error("audit: no %s", symbols[i].name);
			return false;
		}
		memcpy((char *)ret_ops + symbols[i].offset, &address, sizeof(address));
	}
	return true;
}

/* The library of that file name, in any directory of PluginDir, that is the wrapper or is not. */
static void *_open(const char *file, int flags, bool is_wrapper)
{
	const char *dir = slurm_conf.plugindir;
	char path[PATH_MAX];

	while (dir && *dir) {
		size_t length = strcspn(dir, ":");
		void *lib;

		snprintf(path, sizeof(path), "%.*s/%s", (int)length, dir, file);
		lib = dlopen(path, RTLD_LAZY | RTLD_LOCAL | flags);
		if (lib && dlsym(lib, "init") != (void *)init &&
		    !dlsym(lib, "aif_select_probe") == !is_wrapper)
			return lib;
		if (lib)
			dlclose(lib);
		dir += length + (dir[length] == ':');
	}
	error("audit: no %s%s in PluginDir=%s", is_wrapper ? "wrapper " : "loaded ", file,
	      slurm_conf.plugindir);
	return NULL;
}

extern int init(void)
{
	int (*ours_init)(void);

	ours_lib = _open(OURS_FILE, 0, true);
	ours_init = ours_lib ? (int (*)(void))dlsym(ours_lib, "init") : NULL;
	if (!ours_init || !_bind(ours_lib, &ours) || ours_init() != SLURM_SUCCESS)
		return SLURM_ERROR;
	/* The wrapper has loaded it: this is a second reference to the same one. */
	stock_lib = _open(STOCK_FILE, RTLD_NOLOAD, false);
	if (!stock_lib || !_bind(stock_lib, &stock))
		return SLURM_ERROR;
	recount = (int (*)(void))dlsym(ours_lib, "aif_select_recount");
	active = aif_compat_in_slurmctld();
	if (active)
		info("audit: comparing the wrapper with stock%s", recount ? ", recounting" : "");
	return SLURM_SUCCESS;
}

extern int fini(void)
{
	int (*ours_fini)(void) = ours_lib ? (int (*)(void))dlsym(ours_lib, "fini") : NULL;

	if (active)
		compare_log_totals();
	if (stock_lib)
		dlclose(stock_lib);
	if (ours_fini)
		ours_fini();
	if (ours_lib)
		dlclose(ours_lib);
	ours_lib = stock_lib = NULL;
	active = false;
	return SLURM_SUCCESS;
}

#define FORWARD(ret, name, params, args)                                                           \
	extern AIF_EXPORT ret name params;                                                         \
	extern ret name params                                                                     \
	{                                                                                          \
		return ours.name args;                                                             \
	}
AIF_SELECT_PLAIN(FORWARD)
AIF_SELECT_HOOKED_INFO(FORWARD)
#undef FORWARD

#define DECLARE(ret, name, params, args) extern AIF_EXPORT ret name params;
AIF_SELECT_HOOKED(DECLARE)
#undef DECLARE

/*
 * What happened last. Recounting waits until Slurm looks for nodes: a hook is in the middle of a change of which
 * other records do not know yet.
 */
static _Atomic(const char *) changed;

static int _changed(int rc, const char *by)
{
	atomic_store(&changed, by);
	return rc;
}

static void _recount(void)
{
	const char *by = atomic_exchange(&changed, NULL);

	if (by && recount)
		compare_recount(recount(), by);
}

extern int select_p_node_init(void)
{
	return ours.select_p_node_init();
}

extern int select_p_reconfigure(void)
{
	if (active)
		compare_log_totals();
	return _changed(ours.select_p_reconfigure(), "reconfigure");
}

extern int select_p_job_test AIF_JOB_TEST_PARAMS
{
	struct aif_job_test test = AIF_JOB_TEST_INIT;

	/* A reservation looks for its nodes with a record that is only half filled in. */
	if (!active || !job_ptr->job_id || !job_ptr->details)
		return aif_compat_job_test(&ours, &test);
	_recount();
	return compare_job_test(&stock, &ours, &test);
}

extern int select_p_job_begin(job_record_t *job_ptr)
{
	return _changed(ours.select_p_job_begin(job_ptr), "begin");
}

extern int select_p_job_expand(job_record_t *from_job_ptr, job_record_t *to_job_ptr)
{
	return _changed(ours.select_p_job_expand(from_job_ptr, to_job_ptr), "expand");
}

extern int select_p_job_resized(job_record_t *job_ptr, node_record_t *node_ptr)
{
	return _changed(ours.select_p_job_resized(job_ptr, node_ptr), "resized");
}

extern int select_p_job_fini(job_record_t *job_ptr)
{
	return _changed(ours.select_p_job_fini(job_ptr), "fini");
}

extern int select_p_job_suspend(job_record_t *job_ptr, bool indf_susp)
{
	return _changed(ours.select_p_job_suspend(job_ptr, indf_susp), "suspend");
}

extern int select_p_job_resume(job_record_t *job_ptr, bool indf_susp)
{
	return _changed(ours.select_p_job_resume(job_ptr, indf_susp), "resume");
}

extern int select_p_select_nodeinfo_set(job_record_t *job_ptr)
{
	return _changed(ours.select_p_select_nodeinfo_set(job_ptr), "nodeinfo_set");
}
