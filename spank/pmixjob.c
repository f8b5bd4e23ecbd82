/*
 * pmixjob.c - see pmixjob.h
 *
 * PMIx_Store_internal() on the server, under the wildcard rank, is what reaches clients. PMIx_server_register_resources() does not
 * with PMIx 4.2 (it takes the values, no client is told), and a second PMIx_server_register_nspace() takes the first one's place.
 *
 * Not with PMIx 5: clients read the server's values in shared memory, where keys that PMIx does not know itself are numbers, given by
 * each process in the order in which it meets them. A client that has met another key of its own first is given the value of the
 * wrong one (seen with 5.0.7: the allocation for the mode). No value is better than a wrong one.
 */
#include "config.h"

#include "pmixjob.h"

#include <sys/types.h>
#include <unistd.h>

#ifdef HAVE_PMIX

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pmix_common.h>

#include "contexts.h"

#define VALUE_MAX 256

#define MAJOR_MAX 4 /* of PMIx */

typedef int (*initialized_fn)(void);
typedef const char *(*version_fn)(void);
typedef pmix_status_t (*store_fn)(const pmix_proc_t *proc, const char key[], pmix_value_t *value);

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

static void _store_all(spank_t spank, store_fn store)
{
	pmix_proc_t proc;

	if (_find_namespace(spank, &proc) < 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char text[VALUE_MAX];
		pmix_value_t value = {.type = PMIX_STRING, .data.string = text};

		if (spank_getenv(spank, names[i].variable, text, sizeof(text)) == ESPANK_SUCCESS)
			store(&proc, names[i].key, &value);
	}
}

/* "OpenPMIx 4.2.2 (...)", "PMIx 3.2.3, ..." */
static int _is_sound(version_fn version)
{
	const char *text = version ? version() : "";

	text += strcspn(text, "0123456789");
	return *text && strtoul(text, NULL, 10) <= MAJOR_MAX;
}

extern void spank_aif_pmixjob_publish(spank_t spank)
{
	void *library;
	initialized_fn initialized;
	store_fn store;

	if (!server_pid || getpid() != server_pid)
		return;
	library = dlopen("libpmix.so.2", RTLD_LAZY | RTLD_NOLOAD);
	if (!library)
		return;
	initialized = (initialized_fn)dlsym(library, "PMIx_Initialized");
	store = (store_fn)dlsym(library, "PMIx_Store_internal");
	if (_is_sound((version_fn)dlsym(library, "PMIx_Get_version")) && initialized && store && initialized())
		_store_all(spank, store);
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
