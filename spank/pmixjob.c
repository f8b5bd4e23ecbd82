/*
 * pmixjob.c - see pmixjob.h
 *
 * PMIx_Store_internal() on the server, under the wildcard rank, is what reaches clients. PMIx_server_register_resources() does not
 * with PMIx 4.2 (it takes the values, no client is told), and a second PMIx_server_register_nspace() takes the first one's place.
 *
 * With PMIx 5 clients read the server's values in shared memory, where keys that PMIx does not know itself are numbers, given by each
 * process in the order in which it meets them. So a client is given the value of another key (seen with 5.0.7: the allocation for the
 * mode, and a mode for a key of the client's own), whoever publishes it and how. So the server is made to meet PADS other keys
 * before ours: then ours have numbers that no client has given to anything, the client finds nothing by itself, and asks the server, by
 * the key's name. Those keys are of a namespace without processes, which is gone again before any client starts.
 */
#include "config.h"

#include "pmixjob.h"

#include <sys/types.h>
#include <unistd.h>

#ifdef HAVE_PMIX

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pmix_common.h>

#include "contexts.h"

#define VALUE_MAX 256

#define MAJOR_NUMBERS 5 /* of PMIx: the first that gives numbers to keys */
#define MAJOR_MAX 5     /* the last that this was tried with */
#define PADS 512        /* more keys of its own than any client meets */
#define PAD_NAMESPACE "slurm-aif.pad"

typedef int (*initialized_fn)(void);
typedef const char *(*version_fn)(void);
typedef pmix_status_t (*store_fn)(const pmix_proc_t *proc, const char key[], pmix_value_t *value);
typedef pmix_status_t (*register_fn)(const char nspace[], int local_procs, pmix_info_t info[], size_t count,
				     pmix_op_cbfunc_t done, void *data);
typedef void (*deregister_fn)(const char nspace[], pmix_op_cbfunc_t done, void *data);

static const struct {
	const char *variable;
	const char *key;
} names[] = {
    {AIF_ENV_MODE, "aif.mode"},
    {AIF_ENV_ALLOCATION, "aif.allocation"},
    {AIF_ENV_RESIDENCY, "aif.residency"},
    {AIF_ENV_ISLAND, "aif.island"},
};

/* The process that ran init_post_opt. */
static pid_t server_pid;

extern void spank_aif_pmixjob_begin(void)
{
	server_pid = getpid();
}

/* As mpi/pmix names it; for a heterogeneous job by its first component, which is what the variable says. */
static int _find_namespace(spank_t spank, pmix_proc_t *ret_proc)
{
	char job[16];
	uint32_t step;

	if (spank_getenv(spank, "SLURM_JOB_ID", job, sizeof(job)) != ESPANK_SUCCESS ||
	    spank_get_item(spank, S_JOB_STEPID, &step) != ESPANK_SUCCESS)
		return -1;
	*ret_proc = (pmix_proc_t){.rank = PMIX_RANK_WILDCARD};
	snprintf(ret_proc->nspace, sizeof(ret_proc->nspace), "slurm.pmix.%lu.%d", strtoul(job, NULL, 10), (int)step);
	return 0;
}

static void _store_all(spank_t spank, const pmix_proc_t *proc, store_fn store)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char text[VALUE_MAX];
		pmix_value_t value = {.type = PMIX_STRING, .data.string = text};

		if (spank_getenv(spank, names[i].variable, text, sizeof(text)) == ESPANK_SUCCESS)
			store(proc, names[i].key, &value);
	}
}

/* "OpenPMIx 4.2.2 (...)", "PMIx 3.2.3, ..."; 0: none of these. */
static unsigned long _major(version_fn version)
{
	const char *text = version ? version() : "";

	text += strcspn(text, "0123456789");
	return *text ? strtoul(text, NULL, 10) : 0;
}

/* Without callbacks both calls wait until it is done. Returns 0. */
static int _pad(void *library)
{
	register_fn enter = (register_fn)dlsym(library, "PMIx_server_register_nspace");
	deregister_fn leave = (deregister_fn)dlsym(library, "PMIx_server_deregister_nspace");
	pmix_info_t *info = enter && leave ? calloc(PADS, sizeof(*info)) : NULL;
	pmix_status_t status;

	if (!info)
		return -1;
	for (size_t i = 0; i < PADS; i++) {
		snprintf(info[i].key, sizeof(info[i].key), "slurm-aif.pad.%zu", i);
		info[i].value.type = PMIX_BOOL;
		info[i].value.data.flag = true;
	}
	status = enter(PAD_NAMESPACE, 0, info, PADS, NULL, NULL);
	free(info);
	if (status != PMIX_SUCCESS && status != PMIX_OPERATION_SUCCEEDED)
		return -1;
	leave(PAD_NAMESPACE, NULL, NULL);
	return 0;
}

/* A job that is none of ours has nothing to publish. */
static int _has_any(spank_t spank)
{
	char text[VALUE_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (spank_getenv(spank, names[i].variable, text, sizeof(text)) == ESPANK_SUCCESS)
			return 1;
	return 0;
}

static void _publish(spank_t spank, void *library)
{
	initialized_fn initialized = (initialized_fn)dlsym(library, "PMIx_Initialized");
	store_fn store = (store_fn)dlsym(library, "PMIx_Store_internal");
	unsigned long major = _major((version_fn)dlsym(library, "PMIx_Get_version"));
	pmix_proc_t proc;

	if (!initialized || !store || !major || major > MAJOR_MAX || !initialized() || _find_namespace(spank, &proc) < 0)
		return;
	if (major < MAJOR_NUMBERS || !_pad(library))
		_store_all(spank, &proc, store);
}

extern void spank_aif_pmixjob_publish(spank_t spank)
{
	void *library;

	if (!server_pid || getpid() != server_pid || !_has_any(spank))
		return;
	library = dlopen("libpmix.so.2", RTLD_LAZY | RTLD_NOLOAD);
	if (!library)
		return;
	_publish(spank, library);
	dlclose(library);
}

#else

extern void spank_aif_pmixjob_begin(void)
{
}

extern void spank_aif_pmixjob_publish(spank_t spank)
{
	(void)spank;
}

#endif
