/* wrapper_probe.c - see wrapper_probe.h */
#include "slurmctld.h"
#include "select_stamp.h"
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
	_Atomic(const _Atomic uint64_t *) stamp; /* select_stamp.h */
} found = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* A note, one word so that threads cannot mix theirs: from the top the state, then numbers of nodes and GPUs, or as many as fit there. */
#define STATE_BITS 26
#define NODES_BITS 17
#define GPUS_BITS 21
#define LAST(bits) (((uint64_t) 1 << (bits)) - 1)
#define MIX UINT64_C(0x9e3779b97f4a7c15) /* spreads neighbours (Knuth, The Art of Computer Programming, 6.4) */

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
	atomic_store(&found.stamp, (const _Atomic uint64_t *) dlsym(handle, "aif_select_stamp"));
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

/* 0: the wrapper is not active. */
static uint64_t _stamp(void)
{
	const _Atomic uint64_t *stamp = atomic_load_explicit(&found.stamp, memory_order_acquire);
	uint64_t now = stamp ? atomic_load_explicit(stamp, memory_order_acquire) : 0;

	return now & AIF_STAMP_ACTIVE ? now : 0;
}

/* What an answer is made of: what the wrapper was told, and as nobody is told of features, the second in which slurmctld last changed a node. */
static uint64_t _state(uint64_t stamp)
{
	uint64_t changed = stamp & AIF_STAMP_FEATURES ? (uint64_t) last_node_update : 0;

	return (stamp * MIX + changed) * MIX >> (64 - STATE_BITS);
}

/* In a second with a change there may be another one. */
static bool _will_be_seen(uint64_t stamp)
{
	return !(stamp & AIF_STAMP_FEATURES) || last_node_update < time(NULL);
}

static uint64_t _note_of(uint64_t stamp, uint32_t nodes, uint32_t gpus)
{
	uint64_t counts = MIN(nodes, LAST(NODES_BITS)) << GPUS_BITS | MIN(gpus, LAST(GPUS_BITS));

	return _state(stamp) << (NODES_BITS + GPUS_BITS) | counts;
}

extern bool aif_wrapper_probe(const struct aif_restag *tag, _Atomic uint64_t *note, bool exact, uint32_t *ret_nodes,
			      uint32_t *ret_gpus)
{
	probe_fn probe = _find();
	uint64_t stamp = _stamp(); /* what changes from here on is another stamp */

	if (!probe || probe(tag, ret_nodes, ret_gpus, exact))
		return false;
	if (note && _will_be_seen(stamp))
		atomic_store(note, _note_of(stamp, *ret_nodes, *ret_gpus));
	return true;
}

extern bool aif_wrapper_probe_recalls(const _Atomic uint64_t *note, uint64_t nodes, uint64_t gpus)
{
	uint64_t word = note ? atomic_load_explicit(note, memory_order_relaxed) : 0;
	uint64_t stamp = _stamp();

	return word && stamp && word >> (NODES_BITS + GPUS_BITS) == _state(stamp) && (word >> GPUS_BITS & LAST(NODES_BITS)) >= nodes &&
	       (word & LAST(GPUS_BITS)) >= gpus;
}

extern void aif_wrapper_probe_fini(void)
{
	if (found.handle)
		dlclose(found.handle);
	found.handle = NULL;
	found.probe = NULL;
	atomic_store(&found.stamp, NULL);
}
