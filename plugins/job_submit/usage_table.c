/* usage_table.c - see usage_table.h */
#include "usage_table.h"

#include "bigmem.h"
#include "qos_index.h"
#include "snapwatch.h"
#include "usage_read.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SMALL 64 /* allocations: up to here the list of QOS is searched */
#define NS_PER_SECOND 1000000000LL
#define INTERVAL_NS (NS_PER_SECOND / 4)
#define INTERVAL_MAX_NS (NS_PER_SECOND / 2)
#define AGE_MAX_NS NS_PER_SECOND
#define REST 100 /* a pass, under locks that submissions wait for, may take one part in so many of the time */

struct entry {
	bool present;
	uint64_t used_secs, reserved_secs, free_used_secs, free_reserved_secs;
	uint32_t submits;
};

struct content {
	struct aif_snapshot *snapshot; /* whose allocations the entries are of, by index; NULL: empty */
	int64_t taken_ns;
	struct entry *entries;
	size_t room;
};

/* All but "spare" and "index", which are the thread's own, and "near" is guarded by the mutex. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	pthread_t thread;
	bool running, stop, wanted;
	int64_t interval_ns;
	struct content now;
	struct content spare;
	struct aif_qos_index index;
	_Atomic(const struct entry *) near; /* entries of "now", for hints to memory only: they may be gone */
} table = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static int64_t _now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* -- the thread ------------------------------------------------------------------------------------------------ */

struct pass {
	const struct aif_snapshot *snapshot;
	struct aif_usage_places places;
	struct entry *entries;
};

/* An allocation whose TRES is not counted stays absent: the exact look-up says so. */
static int _note(void *x, void *arg)
{
	const slurmdb_qos_rec_t *qos = x;
	struct pass *pass = arg;
	struct aif_usage usage = { 0 };
	const struct aif_alloc *alloc;
	struct entry *entry;
	bool is_free;

	alloc = aif_qos_index_find(&table.index, pass->snapshot->allocs, qos, &is_free);
	if (!alloc || !aif_usage_places_known(&pass->places, alloc))
		return 0;
	entry = &pass->entries[aif_alloctable_index(pass->snapshot->allocs, alloc)];
	aif_usage_read_qos(qos, &pass->places, alloc, is_free, &usage);
	entry->present |= !is_free;
	entry->used_secs += usage.used_secs;
	entry->reserved_secs += usage.reserved_secs;
	entry->free_used_secs += usage.free_used_secs;
	entry->free_reserved_secs += usage.free_reserved_secs;
	entry->submits += usage.submits;
	return 0;
}

/* The coarse clock only moves every few milliseconds. */
static int64_t _exact_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* Returns how long the locks were kept. */
static int64_t _copy_all(struct pass *pass)
{
	assoc_mgr_lock_t locks = { .qos = READ_LOCK, .tres = READ_LOCK };
	int64_t start_ns;

	assoc_mgr_lock(&locks);
	start_ns = _exact_ns();
	aif_usage_places_find(pass->snapshot->policy, &pass->places);
	if (assoc_mgr_qos_list)
		(void) list_for_each_ro(assoc_mgr_qos_list, _note, pass);
	start_ns = _exact_ns() - start_ns;
	assoc_mgr_unlock(&locks);
	return start_ns;
}

static bool _make_room(struct content *content, size_t count)
{
	if (count > content->room) {
		free(content->entries);
		content->entries = aif_bigmem_create(count * sizeof(*content->entries));
		content->room = content->entries ? count : 0;
	}
	return content->room >= count;
}

/* Fill the spare content, and put it in the place of the old, which becomes the spare one. */
static void _take(struct aif_snapshot *snapshot)
{
	struct content *spare = &table.spare, old;
	size_t count = aif_alloctable_count(snapshot->allocs);
	struct pass pass = { .snapshot = snapshot };
	int64_t took_ns;

	if (!_make_room(spare, count)) {
		aif_snapshot_put(snapshot);
		return;
	}
	memset(spare->entries, 0, count * sizeof(*spare->entries));
	pass.entries = spare->entries;
	spare->snapshot = snapshot;
	spare->taken_ns = _now_ns();
	took_ns = _copy_all(&pass);
	pthread_mutex_lock(&table.mutex);
	table.interval_ns = MIN(MAX(REST * took_ns, INTERVAL_NS), INTERVAL_MAX_NS);
	old = table.now;
	table.now = *spare;
	atomic_store_explicit(&table.near, table.now.entries, memory_order_relaxed);
	pthread_mutex_unlock(&table.mutex);
	aif_snapshot_put(old.snapshot);
	old.snapshot = NULL;
	*spare = old;
}

static void _wait_a_while(void)
{
	int64_t until_ns = _now_ns() + table.interval_ns;
	struct timespec until = { .tv_sec = until_ns / NS_PER_SECOND,
				  .tv_nsec = until_ns % NS_PER_SECOND };

	while (!table.stop &&
	       pthread_cond_timedwait(&table.wake, &table.mutex, &until) != ETIMEDOUT)
		;
}

static void *_run(void *arg)
{
	struct aif_snapshot *snapshot;

	(void) arg;
	pthread_mutex_lock(&table.mutex);
	while (!table.stop) {
		if (!table.wanted) {
			pthread_cond_wait(&table.wake, &table.mutex);
			continue;
		}
		table.wanted = false;
		pthread_mutex_unlock(&table.mutex);
		if ((snapshot = aif_snapwatch_get()))
			_take(snapshot);
		pthread_mutex_lock(&table.mutex);
		_wait_a_while();
	}
	pthread_mutex_unlock(&table.mutex);
	return NULL;
}

extern int aif_usage_table_start(void)
{
	pthread_condattr_t attr;

	if (table.running || !running_in_slurmctld())
		return SLURM_SUCCESS;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&table.wake, &attr);
	pthread_condattr_destroy(&attr);
	table.stop = table.wanted = false;
	table.interval_ns = INTERVAL_NS;
	if (pthread_create(&table.thread, NULL, _run, NULL)) {
		pthread_cond_destroy(&table.wake);
		return SLURM_ERROR;
	}
	table.running = true;
	return SLURM_SUCCESS;
}

static void _drop(struct content *content)
{
	aif_snapshot_put(content->snapshot);
	free(content->entries);
	memset(content, 0, sizeof(*content));
}

extern void aif_usage_table_stop(void)
{
	if (!table.running)
		return;
	pthread_mutex_lock(&table.mutex);
	table.stop = true;
	pthread_cond_signal(&table.wake);
	pthread_mutex_unlock(&table.mutex);
	pthread_join(table.thread, NULL);
	pthread_cond_destroy(&table.wake);
	atomic_store_explicit(&table.near, NULL, memory_order_relaxed);
	_drop(&table.now);
	_drop(&table.spare);
	aif_qos_index_clear(&table.index);
	table.running = false;
}

/* -- the hook's side ------------------------------------------------------------------------------------------- */

static void _ask_for_new(int64_t age_ns)
{
	if (table.wanted || age_ns < table.interval_ns)
		return;
	table.wanted = true;
	pthread_cond_signal(&table.wake);
}

static bool _find(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc,
		  struct entry *ret_entry)
{
	/* A newer snapshot may share the allocations; while ours is kept their address cannot be another table's. */
	bool same = table.now.snapshot && table.now.snapshot->allocs == snapshot->allocs;
	int64_t age_ns = same ? _now_ns() - table.now.taken_ns : INT64_MAX;

	_ask_for_new(age_ns);
	if (age_ns > AGE_MAX_NS)
		return false;
	*ret_entry = table.now.entries[aif_alloctable_index(snapshot->allocs, alloc)];
	return ret_entry->present;
}

/* What is beyond the end of the entries, or freed, does no harm when it is fetched. An entry may lie across two lines. */
extern void aif_usage_table_expect(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc)
{
	const struct entry *near = atomic_load_explicit(&table.near, memory_order_relaxed);
	size_t at = aif_alloctable_index(snapshot->allocs, alloc);

	if (!near)
		return;
	__builtin_prefetch((const char *) near + at * sizeof(*near));
	__builtin_prefetch((const char *) near + (at + 1) * sizeof(*near) - 1);
}

extern bool aif_usage_table_get(const struct aif_snapshot *snapshot, const struct aif_alloc *alloc,
				struct aif_usage *ret_usage)
{
	struct entry entry;
	bool found;

	if (!table.running || aif_alloctable_count(snapshot->allocs) <= SMALL)
		return false;
	pthread_mutex_lock(&table.mutex);
	found = _find(snapshot, alloc, &entry);
	pthread_mutex_unlock(&table.mutex);
	if (!found)
		return false;
	ret_usage->known = true;
	ret_usage->used_secs = entry.used_secs;
	ret_usage->reserved_secs = entry.reserved_secs;
	ret_usage->free_used_secs = entry.free_used_secs;
	ret_usage->free_reserved_secs = entry.free_reserved_secs;
	ret_usage->submits = entry.submits;
	return true;
}
