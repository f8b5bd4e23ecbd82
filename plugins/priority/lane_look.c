/* lane_look.c - see lane_look.h */
#include "lane_look.h"

#include "job_alloc.h"
#include "job_priority.h"
#include "lane_run.h"
#include "pace.h"
#include "usage_read.h"

#include <stdlib.h>
#include <string.h>

/* Data of slurmctld: weak, since sshare loads priority plugins as well. */
extern list_t *job_list __attribute__((weak));

static const assoc_mgr_lock_t look_locks = { .assoc = READ_LOCK, .qos = READ_LOCK, .tres = READ_LOCK };

struct look {
	struct aif_lane_book *book;
	const struct aif_snapshot *snapshot;
	struct aif_usage_places places;
	struct aif_lane_plan *plan; /* NULL when looking at one job */
	time_t now;
	int gpus_at;
};

#define QOS_MAX (1u << 20) /* ids that are remembered */

/* ---- whose it is ---- */

static bool _is_free(const struct aif_alloc *alloc, const job_record_t *job_ptr)
{
	return alloc->free_qos && job_ptr->qos_ptr && !xstrcasecmp(job_ptr->qos_ptr->name, alloc->free_qos);
}

static uint32_t _by_record(struct look *look, const job_record_t *job_ptr, bool *ret_free)
{
	const struct aif_alloc *alloc = aif_job_alloc(look->snapshot, job_ptr);

	*ret_free = alloc && _is_free(alloc, job_ptr);
	return alloc ? (uint32_t) aif_alloctable_index(look->snapshot->allocs, alloc) + 1 : 0;
}

/* Where it is remembered what a QOS stands for: 0 not yet, else 1 + twice its allocation (+ 1: its free QOS). Or NULL. */
static uint32_t *_by_qos(struct aif_lane_book *book, uint32_t qos_id)
{
	size_t room = (size_t) qos_id + 64;
	uint32_t *by_qos;

	if (qos_id < book->qos_room)
		return &book->by_qos[qos_id];
	if (qos_id >= QOS_MAX || !(by_qos = realloc(book->by_qos, room * sizeof(*by_qos))))
		return NULL;
	memset(by_qos + book->qos_room, 0, (room - book->qos_room) * sizeof(*by_qos));
	book->by_qos = by_qos;
	book->qos_room = room;
	return &by_qos[qos_id];
}

static uint32_t _by_name(struct look *look, const job_record_t *job_ptr, bool *ret_free)
{
	uint32_t *known = _by_qos(look->book, job_ptr->qos_id), alloc;

	if (known && *known) {
		*ret_free = !(*known & 1);
		return (*known - 1) / 2;
	}
	alloc = _by_record(look, job_ptr, ret_free);
	if (known)
		*known = 1 + 2 * alloc + *ret_free;
	return alloc;
}

/* 1 + position, or 0. Names are only looked up where nothing else tells. */
static uint32_t _alloc_of(struct look *look, const job_record_t *job_ptr, const struct aif_lane_entry *entry,
			  bool *ret_free)
{
	if (look->snapshot->policy->carrier == AIF_CARRIER_QOS)
		return _by_name(look, job_ptr, ret_free);
	if (!look->plan || !entry || !(entry->flags & AIF_LANE_KNOWN))
		return _by_record(look, job_ptr, ret_free);
	*ret_free = entry->flags & AIF_LANE_FREE;
	return entry->alloc;
}

/* Cheaper than reading JSON, and as good: users cannot write admin_comment. */
static bool _was_ours(const job_record_t *job_ptr)
{
	return job_ptr->admin_comment && strstr(job_ptr->admin_comment, "\"aif\"");
}

/* ---- pace ---- */

/* The association of the job's account itself. */
static const slurmdb_assoc_rec_t *_account_of(const job_record_t *job_ptr)
{
	const slurmdb_assoc_rec_t *assoc = job_ptr->assoc_ptr;

	while (assoc && assoc->user && assoc->usage)
		assoc = assoc->usage->parent_assoc_ptr;
	return assoc;
}

/* Of the allocation of a job that is not on its free QOS, as Slurm counts it. */
static uint64_t _used_secs(const struct look *look, const struct aif_alloc *alloc, const job_record_t *job_ptr)
{
	const slurmdb_assoc_rec_t *account;
	struct aif_usage usage = { 0 };

	if (look->snapshot->policy->carrier == AIF_CARRIER_QOS)
		aif_usage_read_qos(job_ptr->qos_ptr, &look->places, alloc, false, &usage);
	else if ((account = _account_of(job_ptr)))
		aif_usage_read_assoc(account, &look->places, alloc, &usage);
	return usage.used_secs;
}

static void _find_pace(struct look *look, uint32_t alloc_at, const job_record_t *job_ptr)
{
	const struct aif_alloc *alloc;
	uint64_t months[AIF_PACE_MONTHS_MAX];
	struct aif_pace_use use;
	struct aif_pace pace = { 0 };

	if (look->book->standings[alloc_at - 1].known)
		return;
	alloc = aif_lane_book_alloc(look->book, alloc_at);
	if (alloc->pacing.kind != AIF_PACING_NONE) {
		aif_balance_use(aif_balances_find(look->snapshot->balances, alloc->id), alloc,
				_used_secs(look, alloc, job_ptr), months, look->now, &use);
		aif_pace(alloc, &use, look->now, &pace);
	}
	aif_lane_book_pace(look->book, alloc_at, pace.priority);
}

static void _forget_usage(struct aif_lane_book *book)
{
	if (book->by_qos)
		memset(book->by_qos, 0, book->qos_room * sizeof(*book->by_qos));
	for (size_t i = 0; i < aif_alloctable_count(book->snapshot->allocs); i++)
		book->standings[i].known = false;
}

/* ---- what waits ---- */

static int _by_job(const void *a, const void *b)
{
	const struct aif_lane_lifted *one = a, *other = b;

	return one->job_id < other->job_id ? -1 : one->job_id > other->job_id;
}

/* What a job had without us as of the last save before a restart. */
static bool _saved_base(const struct aif_lane_book *book, uint32_t job_id, uint32_t *ret_base)
{
	struct aif_lane_lifted key = { .job_id = job_id }, *found = NULL;

	if (book->lifted_count)
		found = bsearch(&key, book->lifted, book->lifted_count, sizeof(key), _by_job);
	if (found)
		*ret_base = found->base;
	return found;
}

/* What the array that a task parted from has without us. The task took along what the array had then, points of ours included. */
static bool _array_base(const struct aif_lane_book *book, const job_record_t *job_ptr, uint32_t *ret_base)
{
	const struct aif_lane_entry *array;
	const job_record_t *array_ptr;
	bool saved;

	if (!job_ptr->array_job_id || job_ptr->array_job_id == job_ptr->job_id)
		return false;
	array = aif_lane_table_find(book->table, job_ptr->array_job_id);
	saved = _saved_base(book, job_ptr->array_job_id, ret_base);
	if (array && !array->alloc && array->flags & AIF_LANE_NOTED)
		*ret_base = array->site - (uint32_t) array->given;
	else if (!saved)
		return false;
	array_ptr = find_job_record(job_ptr->array_job_id);
	return array_ptr && job_ptr->site_factor >= *ret_base && job_ptr->site_factor <= array_ptr->site_factor;
}

/* Whether we know of a job that has no entry what it has without us, and what we gave it. */
static bool _lifted(const struct aif_lane_book *book, const job_record_t *job_ptr, int32_t *ret_given)
{
	uint32_t base;

	if (!_saved_base(book, job_ptr->job_id, &base) && !_array_base(book, job_ptr, &base))
		return false;
	*ret_given = (int32_t) (job_ptr->site_factor - base);
	return true;
}

static bool _is_for_the_guard(const struct look *look, const job_record_t *job_ptr)
{
	const struct aif_lanes_conf *guard = &look->snapshot->policy->lanes;
	time_t begin = job_ptr->details->begin_time;

	return guard->guard_after && guard->guard_points && begin && look->now - begin > (time_t) guard->guard_after;
}

/* Jobs that are not ours get an entry when there is something to do for them. */
static struct aif_lane_entry *_others_entry(struct look *look, const job_record_t *job_ptr,
					    struct aif_lane_entry *entry)
{
	bool loose, lifted;
	int32_t given;

	if (entry) {
		if (entry->alloc)
			entry->flags |= AIF_LANE_LOOSE;
		else if (entry->site != job_ptr->site_factor)
			aif_lane_book_taken(look->book, entry);
		return entry;
	}
	loose = job_ptr->site_factor != NICE_OFFSET && _was_ours(job_ptr);
	lifted = _lifted(look->book, job_ptr, &given);
	if (!loose && !lifted && !_is_for_the_guard(look, job_ptr) &&
	    look->snapshot->policy->carrier == AIF_CARRIER_QOS)
		return NULL;
	entry = aif_lane_table_add(look->book->table, job_ptr->job_id);
	if (!entry)
		return NULL;
	entry->flags = loose && !lifted ? AIF_LANE_LOOSE : 0;
	if (lifted)
		aif_lane_book_lifted(look->book, entry, given);
	return entry;
}

static void _set_flag(struct aif_lane_entry *entry, uint32_t flag, bool on)
{
	entry->flags = on ? entry->flags | flag : entry->flags & ~flag;
}

static void _write_down(const struct look *look, const job_record_t *job_ptr, struct aif_lane_entry *entry,
			uint32_t alloc, bool has_turn)
{
	int32_t own;

	if (!look->plan)
		_set_flag(entry, AIF_LANE_THEIRS, false);
	else if (entry->alloc && entry->alloc == alloc && entry->site != job_ptr->site_factor)
		_set_flag(entry, AIF_LANE_THEIRS, true);
	entry->alloc = alloc;
	entry->flags |= AIF_LANE_KNOWN;
	entry->site = job_ptr->site_factor;
	entry->since = (uint32_t) job_ptr->details->begin_time;
	_set_flag(entry, AIF_LANE_WAITS, has_turn && !(entry->flags & AIF_LANE_THEIRS));
	if (look->plan && has_turn && aif_job_own_priority(job_ptr, job_ptr->priority, &own))
		entry->own = own;
}

static struct aif_lane_entry *_see_waiting(struct look *look, const job_record_t *job_ptr,
					   struct aif_lane_entry *entry, bool has_turn)
{
	bool is_free = false;
	uint32_t alloc = _alloc_of(look, job_ptr, entry, &is_free);

	if (!alloc)
		entry = _others_entry(look, job_ptr, entry);
	else if (!entry)
		entry = aif_lane_table_add(look->book->table, job_ptr->job_id);
	if (!entry)
		return NULL;
	if (alloc) {
		_set_flag(entry, AIF_LANE_LOOSE, false);
		if (!is_free)
			_find_pace(look, alloc, job_ptr);
	}
	_set_flag(entry, AIF_LANE_FREE, is_free);
	_write_down(look, job_ptr, entry, alloc, has_turn);
	return entry;
}

/* ---- one job after the other ---- */

static uint32_t _gpus_of(const struct look *look, const job_record_t *job_ptr)
{
	uint64_t gpus = look->gpus_at >= 0 && job_ptr->tres_alloc_cnt ? job_ptr->tres_alloc_cnt[look->gpus_at] : 0;

	return gpus < NO_VAL ? (uint32_t) gpus : 0;
}

static bool _may_have_run(const struct look *look, const job_record_t *job_ptr, const struct aif_lane_entry *entry)
{
	return look->book->windows &&
	       ((entry && entry->run_alloc) || IS_JOB_RUNNING(job_ptr) || aif_lane_run_ended(look->book, job_ptr));
}

/* It may be requeued, and must not keep then for its own what we gave it. */
static struct aif_lane_entry *_see_begun(struct look *look, const job_record_t *job_ptr, struct aif_lane_entry *entry)
{
	int32_t given;

	if (!entry && !IS_JOB_FINISHED(job_ptr) && _lifted(look->book, job_ptr, &given) &&
	    (entry = aif_lane_table_add(look->book->table, job_ptr->job_id))) {
		entry->site = job_ptr->site_factor;
		aif_lane_book_lifted(look->book, entry, given);
	}
	if (entry)
		_set_flag(entry, AIF_LANE_WAITS, false);
	return entry;
}

static bool _is_kept(const job_record_t *job_ptr, const struct aif_lane_entry *entry)
{
	return IS_JOB_PENDING(job_ptr) || entry->run_alloc ||
	       (entry->flags & AIF_LANE_NOTED && !IS_JOB_FINISHED(job_ptr));
}

static int _see(void *x, void *arg)
{
	const job_record_t *job_ptr = x;
	struct look *look = arg;
	struct aif_lane_entry *entry = aif_lane_table_find(look->book->table, job_ptr->job_id);
	bool is_free;

	if (_may_have_run(look, job_ptr, entry))
		entry = aif_lane_run_see(look->book, job_ptr, entry, _alloc_of(look, job_ptr, entry, &is_free),
					 _gpus_of(look, job_ptr), look->now);
	if (IS_JOB_PENDING(job_ptr) && job_ptr->details)
		entry = _see_waiting(look, job_ptr, entry, aif_job_has_turn(job_ptr));
	else
		entry = _see_begun(look, job_ptr, entry);
	if (entry && _is_kept(job_ptr, entry))
		entry->flags |= AIF_LANE_SEEN;
	return 0;
}

/* ---- a look ---- */

static int _find_gpus(const struct aif_policy *policy)
{
	const struct aif_charge gpus = { .tres = AIF_CHARGE_GPU };

	return aif_charge_position(&gpus, policy->gpu_tres);
}

extern uint64_t aif_lane_look_gpus(const struct aif_policy *policy)
{
	assoc_mgr_lock_t locks = { .tres = READ_LOCK };
	uint64_t gpus = 0;
	int at;

	assoc_mgr_lock(&locks);
	at = _find_gpus(policy);
	if (at >= 0)
		gpus = assoc_mgr_tres_array[at]->count;
	assoc_mgr_unlock(&locks);
	return gpus;
}

static void _begin(struct look *look, struct aif_lane_book *book, struct aif_lane_plan *plan, time_t now)
{
	*look = (struct look) { .book = book, .plan = plan, .snapshot = book->snapshot, .now = now };
	look->gpus_at = _find_gpus(book->snapshot->policy);
	aif_usage_places_find(book->snapshot->policy, &look->places);
}

/* What an own priority can be at most, as long as factors are between 0 and 1. */
static int32_t _most_own(void)
{
	int64_t sum = (int64_t) slurm_conf.priority_weight_age + slurm_conf.priority_weight_assoc +
		      slurm_conf.priority_weight_fs + slurm_conf.priority_weight_js +
		      slurm_conf.priority_weight_part + slurm_conf.priority_weight_qos;

	return sum < INT32_MAX ? (int32_t) sum : INT32_MAX;
}

static void _count_gone(const struct aif_lane_entry *entry, void *arg)
{
	struct aif_lane_entry last = *entry;
	const struct look *look = arg;

	if (last.run_alloc)
		aif_lane_book_stop(look->book, &last, look->now);
	aif_lane_book_taken(look->book, &last);
}

static bool _is_to_change(const struct aif_lane_book *book, const struct aif_lane_entry *entry, time_t now)
{
	if (!(entry->flags & AIF_LANE_WAITS))
		return false;
	if (aif_lane_book_site(book, entry, NICE_OFFSET, now) != entry->site)
		return true;
	return entry->own == AIF_LANE_OWN_UNKNOWN && aif_lane_book_levels(book, entry);
}

/* Without memory the rest has its turn at the next look. */
static bool _add(struct aif_lane_plan *plan, uint32_t job_id)
{
	size_t room = plan->room ? 2 * plan->room : 1024;
	uint32_t *jobs;

	if (plan->count == plan->room) {
		jobs = realloc(plan->jobs, room * sizeof(*jobs));
		if (!jobs)
			return false;
		plan->jobs = jobs;
		plan->room = room;
	}
	plan->jobs[plan->count++] = job_id;
	return true;
}

static void _plan(struct aif_lane_book *book, struct aif_lane_plan *plan, time_t now)
{
	for (size_t i = 0; i < aif_lane_table_count(book->table); i++) {
		struct aif_lane_entry *entry = aif_lane_table_at(book->table, i);

		if (entry->flags & AIF_LANE_WAITS)
			(void) aif_lane_book_note(book, entry, now);
		if (_is_to_change(book, entry, now) && !_add(plan, entry->job_id))
			return;
	}
}

extern bool aif_lane_look(struct aif_lane_book *book, struct aif_lane_plan *plan, time_t now)
{
	assoc_mgr_lock_t locks = look_locks;
	struct look look;
	bool turned;

	plan->count = 0;
	if (!&job_list || !job_list)
		return false;
	_forget_usage(book);
	book->most_own = _most_own();
	assoc_mgr_lock(&locks);
	_begin(&look, book, plan, now);
	(void) list_for_each_ro(job_list, _see, &look);
	assoc_mgr_unlock(&locks);
	aif_lane_table_drop(book->table, _count_gone, &look);
	free(book->lifted);
	book->lifted = NULL;
	book->lifted_count = 0;
	turned = aif_lane_book_settle(book, now);
	_plan(book, plan, now);
	return turned;
}

extern struct aif_lane_entry *aif_lane_look_at(struct aif_lane_book *book, const job_record_t *job_ptr, time_t now)
{
	assoc_mgr_lock_t locks = look_locks;
	struct aif_lane_entry *entry = aif_lane_table_find(book->table, job_ptr->job_id);
	struct look look;

	assoc_mgr_lock(&locks);
	_begin(&look, book, NULL, now);
	entry = _see_waiting(&look, job_ptr, entry, !job_ptr->direct_set_prio);
	assoc_mgr_unlock(&locks);
	return entry;
}
