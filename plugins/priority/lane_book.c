/* lane_book.c - see lane_book.h */
#include "lane_book.h"

#include "lane.h"
#include "pace.h"

#include <stdlib.h>

#define SITE_MAX (UINT32_MAX - 16) /* Slurm's NO_VAL and its kin are above */

extern struct aif_lane_book *aif_lane_book_create(void)
{
	struct aif_lane_book *book = calloc(1, sizeof(*book));

	if (book && (book->table = aif_lane_table_create()))
		return book;
	free(book);
	return NULL;
}

static void _forget_policy(struct aif_lane_book *book)
{
	aif_sharewindow_destroy(book->windows);
	free(book->standings);
	free(book->queues);
	aif_snapshot_put(book->snapshot);
	book->windows = NULL;
	book->standings = NULL;
	book->queues = NULL;
	book->snapshot = NULL;
}

extern void aif_lane_book_destroy(struct aif_lane_book *book)
{
	if (!book)
		return;
	_forget_policy(book);
	aif_lane_table_destroy(book->table);
	free(book->lifted);
	free(book->by_qos);
	free(book);
}

/* ---- another configuration ---- */

/* Positions of allocations mean others now. */
static void _forget_allocs(struct aif_lane_book *book)
{
	for (size_t i = 0; i < aif_lane_table_count(book->table); i++) {
		struct aif_lane_entry *entry = aif_lane_table_at(book->table, i);

		if (entry->alloc)
			entry->flags |= AIF_LANE_LOOSE;
		entry->alloc = entry->run_alloc = entry->run_gpus = 0;
		entry->flags &= ~(uint32_t) AIF_LANE_KNOWN;
	}
	book->running = 0;
}

static bool _make(struct aif_lane_book *book, time_t now)
{
	const struct aif_policy *policy = book->snapshot->policy;
	size_t allocs = aif_alloctable_count(book->snapshot->allocs);

	book->standings = calloc(allocs + 1, sizeof(*book->standings));
	book->queues = calloc(policy->mode_count + 1, sizeof(*book->queues));
	if (policy->share_count)
		book->windows = aif_sharewindow_create(policy, book->capacity, now);
	return book->standings && book->queues && (book->windows || !policy->share_count);
}

static void _forget_queues(struct aif_lane_book *book)
{
	for (size_t i = 0; i < book->snapshot->policy->mode_count; i++)
		book->queues[i] = (struct aif_lane_queue) { .best = AIF_LANE_OWN_UNKNOWN };
}

static bool _replace(struct aif_lane_book *book, struct aif_snapshot *snapshot, time_t now)
{
	struct aif_lane_book old = *book;
	bool made;

	book->snapshot = snapshot;
	book->windows = NULL;
	made = _make(book, now);
	if (old.windows && book->windows) {
		book->from = aif_sharewindow_adopt(book->windows, old.windows);
	}
	_forget_policy(&old);
	_forget_allocs(book);
	book->changed = true;
	if (made)
		_forget_queues(book);
	else
		_forget_policy(book);
	return made;
}

extern bool aif_lane_book_adopt(struct aif_lane_book *book, struct aif_snapshot *snapshot, uint64_t capacity, time_t now)
{
	struct aif_snapshot *old = book->snapshot;

	book->capacity = capacity;
	if (old && old->policy == snapshot->policy && old->allocs == snapshot->allocs) {
		book->snapshot = snapshot;
		aif_snapshot_put(old);
		if (book->windows)
			aif_sharewindow_capacity(book->windows, capacity);
		return true;
	}
	return _replace(book, snapshot, now);
}

extern int aif_lane_book_restore(struct aif_lane_book *book, const char *text, size_t length, struct aif_error *err)
{
	time_t at;

	if (!book->windows)
		return 0;
	if (aif_sharewindow_restore(book->windows, text, length, &at, err))
		return -1;
	book->from = book->looked_at = at;
	return 0;
}

/* ---- runs ---- */

extern const struct aif_alloc *aif_lane_book_alloc(const struct aif_lane_book *book, uint32_t alloc)
{
	return alloc ? aif_alloctable_at(book->snapshot->allocs, alloc - 1) : NULL;
}

extern void aif_lane_book_run(struct aif_lane_book *book, struct aif_lane_entry *entry, uint32_t alloc, uint32_t gpus,
			      time_t from)
{
	entry->run_alloc = alloc;
	entry->run_gpus = gpus;
	entry->run_from = (uint32_t) from;
	if (book->windows)
		aif_sharewindow_start(book->windows, aif_lane_book_alloc(book, alloc), gpus,
				      from > book->from ? from : book->from);
	book->running++;
	book->changed = true;
}

extern void aif_lane_book_stop(struct aif_lane_book *book, struct aif_lane_entry *entry, time_t at)
{
	if (at < (time_t) entry->run_from)
		at = entry->run_from;
	if (book->windows)
		aif_sharewindow_stop(book->windows, aif_lane_book_alloc(book, entry->run_alloc), entry->run_gpus,
				     at > book->from ? at : book->from);
	entry->run_alloc = entry->run_gpus = 0;
	book->running--;
	book->changed = true;
}

extern void aif_lane_book_ran(struct aif_lane_book *book, uint32_t alloc, uint32_t gpus, time_t from, time_t until)
{
	struct aif_lane_entry entry = { 0 };

	aif_lane_book_run(book, &entry, alloc, gpus, from);
	aif_lane_book_stop(book, &entry, until);
}

/* ---- points ---- */

/* As for a job that has not waited at all: a refresh has no more to look at, for most jobs. */
static void _stand(const struct aif_lane_book *book, struct aif_lane_standing *standing, const struct aif_alloc *alloc)
{
	const struct aif_lane_job job = { .alloc = alloc, .pace = standing->pace };
	const struct aif_lane *lane = &alloc->mode->lane;
	struct aif_lane_parts parts;

	aif_lane_parts(book->snapshot->policy, book->windows, &job, 0, &parts);
	standing->points = parts.total;
	standing->open = lane->present && alloc->state == AIF_STATE_OK && standing->pace > AIF_PACE_LOWEST &&
			 !parts.capped;
	standing->levels = standing->open && lane->level;
}

extern void aif_lane_book_pace(struct aif_lane_book *book, uint32_t alloc, int32_t pace)
{
	struct aif_lane_standing *standing = &book->standings[alloc - 1];

	standing->known = true;
	if (pace == standing->pace)
		return;
	standing->pace = pace;
	_stand(book, standing, aif_lane_book_alloc(book, alloc));
}

static const struct aif_lane_standing *_standing(const struct aif_lane_book *book, const struct aif_lane_entry *entry)
{
	return entry->alloc && !(entry->flags & AIF_LANE_FREE) ? &book->standings[entry->alloc - 1] : NULL;
}

extern bool aif_lane_book_levels(const struct aif_lane_book *book, const struct aif_lane_entry *entry)
{
	const struct aif_lane_standing *standing = _standing(book, entry);

	return standing && standing->levels;
}

static struct aif_lane_queue *_queue(const struct aif_lane_book *book, const struct aif_lane_entry *entry)
{
	const struct aif_alloc *alloc = aif_lane_book_alloc(book, entry->alloc);

	return &book->queues[alloc->mode - book->snapshot->policy->modes];
}

extern int32_t *aif_lane_book_best(const struct aif_lane_book *book, const struct aif_lane_entry *entry)
{
	return &_queue(book, entry)->best;
}

extern int32_t aif_lane_book_join(struct aif_lane_book *book, const struct aif_lane_entry *entry)
{
	struct aif_lane_queue *queue = _queue(book, entry);

	return queue->best == AIF_LANE_OWN_UNKNOWN ? 0 : ++queue->joined;
}

static void _find_best(struct aif_lane_book *book)
{
	_forget_queues(book);
	for (size_t i = 0; i < aif_lane_table_count(book->table); i++) {
		const struct aif_lane_entry *entry = aif_lane_table_at(book->table, i);
		int32_t *best;

		if (!(entry->flags & AIF_LANE_WAITS) || !aif_lane_book_levels(book, entry))
			continue;
		best = aif_lane_book_best(book, entry);
		if (entry->own > *best)
			*best = entry->own;
	}
}

/* Windows of a clock that was ahead by more than their length begin anew: nothing that runs is in them. */
static void _mind_the_clock(struct aif_lane_book *book, time_t now)
{
	if (book->from > now + (time_t) book->snapshot->policy->lanes.window)
		book->from = now;
}

extern bool aif_lane_book_settle(struct aif_lane_book *book, time_t now)
{
	bool turned = book->windows && aif_sharewindow_advance(book->windows, now);

	_mind_the_clock(book, now);
	book->changed = book->changed || turned;
	book->looked_at = now;
	for (size_t i = 0; i < aif_alloctable_count(book->snapshot->allocs); i++)
		_stand(book, &book->standings[i], aif_alloctable_at(book->snapshot->allocs, i));
	_find_best(book);
	return turned;
}

/*
 * How far the job is behind the best of its lane; negative: ahead, until the next look lifts the others. One whose own
 * is not known yet counts as the best one possible, so that it does not overtake those that came before.
 */
static int64_t _behind(const struct aif_lane_book *book, const struct aif_lane_entry *entry)
{
	int32_t best, own = entry->own == AIF_LANE_OWN_UNKNOWN ? book->most_own : entry->own;

	if (!aif_lane_book_levels(book, entry))
		return 0;
	best = *aif_lane_book_best(book, entry);
	return best == AIF_LANE_OWN_UNKNOWN ? 0 : (int64_t) best - own;
}

static bool _is_for_the_guard(const struct aif_lane_book *book, const struct aif_lane_entry *entry, time_t now)
{
	uint32_t after = book->snapshot->policy->lanes.guard_after;

	return after && entry->since && now - (time_t) entry->since > (time_t) after;
}

static int64_t _points(const struct aif_lane_book *book, const struct aif_lane_entry *entry, time_t now)
{
	const struct aif_lane_standing *standing = _standing(book, entry);
	struct aif_lane_job job = { .since = entry->since, .pace = standing ? standing->pace : 0 };
	struct aif_lane_parts parts;
	int64_t behind;

	if (standing && !standing->open && !_is_for_the_guard(book, entry, now))
		return standing->points;
	behind = _behind(book, entry);
	job.alloc = aif_lane_book_alloc(book, entry->alloc);
	job.free = entry->flags & AIF_LANE_FREE;
	if (job.alloc && job.free)
		job.pace = AIF_PACE_LOWEST;
	job.behind = behind < 0 ? 0 : behind > INT32_MAX ? INT32_MAX : (int32_t) behind;
	aif_lane_parts(book->snapshot->policy, book->windows, &job, now, &parts);
	if (behind >= 0)
		return parts.total;
	return parts.total + (behind > -AIF_LANE_BOOST_MAX ? behind : -AIF_LANE_BOOST_MAX);
}

static bool _is_foreign(const struct aif_lane_entry *entry)
{
	return !entry->alloc && !(entry->flags & AIF_LANE_LOOSE);
}

/* What the job has without us; of one that is ours, none. */
static uint32_t _base(const struct aif_lane_entry *entry, uint32_t none)
{
	return _is_foreign(entry) ? entry->site - (uint32_t) entry->given : none;
}

extern uint32_t aif_lane_book_site(const struct aif_lane_book *book, const struct aif_lane_entry *entry, uint32_t none,
				   time_t now)
{
	int64_t site;

	if (_is_foreign(entry) && !(entry->flags & AIF_LANE_NOTED))
		return entry->site;
	site = _base(entry, none) + _points(book, entry, now);
	if (site < 0)
		return 0;
	return site < (int64_t) SITE_MAX ? (uint32_t) site : SITE_MAX;
}

static bool _is_safe(const struct aif_lane_book *book, const struct aif_lane_entry *entry)
{
	return !_is_foreign(entry) || !(entry->flags & AIF_LANE_UNSAVED || atomic_load(&book->saving));
}

extern uint32_t aif_lane_book_give(struct aif_lane_book *book, struct aif_lane_entry *entry, uint32_t none, uint32_t site)
{
	int32_t given;

	if (site > entry->site && !_is_safe(book, entry))
		site = entry->site;
	given = entry->alloc ? 0 : (int32_t) (site - _base(entry, none));
	/* Of one that is noted the file says what it needs to, lifted or not. */
	if (entry->flags & AIF_LANE_NOTED ? entry->alloc != 0 : !given != !entry->given)
		book->lifted_changed = true;
	entry->given = given;
	entry->site = site;
	entry->flags &= ~(uint32_t) (entry->alloc ? AIF_LANE_LOOSE | AIF_LANE_NOTED : AIF_LANE_LOOSE);
	return site;
}

extern bool aif_lane_book_note(struct aif_lane_book *book, struct aif_lane_entry *entry, time_t now)
{
	if (!_is_foreign(entry) || entry->flags & AIF_LANE_NOTED || !_points(book, entry, now))
		return false;
	aif_lane_book_lifted(book, entry, 0);
	return true;
}

extern void aif_lane_book_lifted(struct aif_lane_book *book, struct aif_lane_entry *entry, int32_t given)
{
	entry->flags |= AIF_LANE_NOTED | AIF_LANE_UNSAVED;
	entry->given = given;
	book->lifted_changed = true;
}

extern void aif_lane_book_saving(struct aif_lane_book *book)
{
	for (size_t i = 0; i < aif_lane_table_count(book->table); i++)
		aif_lane_table_at(book->table, i)->flags &= ~(uint32_t) AIF_LANE_UNSAVED;
	atomic_store(&book->saving, true);
}

extern void aif_lane_book_saved(struct aif_lane_book *book)
{
	atomic_store(&book->saving, false);
}

extern void aif_lane_book_taken(struct aif_lane_book *book, struct aif_lane_entry *entry)
{
	if (entry->given || entry->flags & AIF_LANE_NOTED)
		book->lifted_changed = true;
	if (entry->flags & AIF_LANE_NOTED)
		entry->flags |= AIF_LANE_UNSAVED;
	entry->given = 0;
}
