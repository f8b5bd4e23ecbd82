/* lane_apply.c - see lane_apply.h */
#include "lane_apply.h"

#include "job_priority.h"

#include <stdatomic.h>

#define BATCH 64

static struct aif_lane_book *used;
static atomic_bool hurried;

extern void aif_lane_apply_use(struct aif_lane_book *book)
{
	used = book;
}

extern void aif_lane_apply_forget(const struct aif_lane_book *book)
{
	if (used == book)
		used = NULL;
}

extern void aif_lane_apply_hurry(void)
{
	atomic_store(&hurried, true);
}

extern bool aif_lane_apply_is_hurried(void)
{
	return atomic_exchange(&hurried, false);
}

/* What the job's site factor shall be; the entry goes by it from now on. */
static uint32_t _decide(struct aif_lane_book *book, struct aif_lane_entry *entry, time_t now)
{
	return aif_lane_book_give(book, entry, NICE_OFFSET, aif_lane_book_site(book, entry, NICE_OFFSET, now));
}

extern bool aif_lane_apply(job_record_t *job_ptr)
{
	time_t now = time(NULL);
	struct aif_lane_entry *entry;

	if (!used || !IS_JOB_PENDING(job_ptr) || !job_ptr->details)
		return false;
	entry = aif_lane_look_at(used, job_ptr, now);
	if (!entry)
		return false;
	job_ptr->site_factor = _decide(used, entry, now);
	if (used->lifted_changed)
		aif_lane_apply_hurry();
	return entry->own == AIF_LANE_OWN_UNKNOWN && aif_lane_book_levels(used, entry);
}

/* The entry's job has that priority apart from us. Returns by how many points it stays behind its lane until the next look. */
static uint32_t _take_place(struct aif_lane_book *book, struct aif_lane_entry *entry, int32_t own)
{
	int32_t *best = aif_lane_book_best(book, entry);
	int32_t behind = entry->own == AIF_LANE_OWN_UNKNOWN ? aif_lane_book_join(book, entry) : 0;

	entry->own = own;
	if (*best == AIF_LANE_OWN_UNKNOWN)
		*best = own;
	else if (behind || own > *best)
		aif_lane_apply_hurry();
	return (uint32_t) behind;
}

extern uint32_t aif_lane_apply_level(job_record_t *job_ptr, uint32_t priority)
{
	struct aif_lane_entry *entry;
	uint32_t site, behind;
	int32_t own;

	if (!used || !IS_JOB_PENDING(job_ptr) || job_ptr->direct_set_prio)
		return priority;
	entry = aif_lane_table_find(used->table, job_ptr->job_id);
	/* A site_factor plugin of the site's own runs after us, and wins. */
	if (!entry || entry->site != job_ptr->site_factor || !aif_lane_book_levels(used, entry) ||
	    !aif_job_own_priority(job_ptr, priority, &own))
		return priority;
	behind = _take_place(used, entry, own);
	site = aif_lane_book_site(used, entry, NICE_OFFSET, time(NULL));
	aif_lane_book_give(used, entry, NICE_OFFSET, site > behind ? site - behind : 0);
	if (!aif_job_shift(job_ptr, &priority, entry->site))
		entry->site = job_ptr->site_factor;
	return priority;
}

/* Jobs of one refresh that get other points. In a batch the processor waits for several records at a time. */
struct batch {
	struct aif_lane_entry *entries[BATCH];
	job_record_t *jobs[BATCH];
	uint32_t sites[BATCH];
	size_t count;
};

static void _refresh(struct aif_lane_book *book, struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->jobs[i] = find_job_record(batch->entries[i]->job_id);
	for (size_t i = 0; i < batch->count; i++) {
		struct aif_lane_entry *entry = batch->entries[i];
		job_record_t *job_ptr = batch->jobs[i];

		if (!job_ptr || !IS_JOB_PENDING(job_ptr) || job_ptr->site_factor != entry->site)
			continue;
		job_ptr->site_factor = aif_lane_book_give(book, entry, NICE_OFFSET, batch->sites[i]);
	}
	batch->count = 0;
}

static void _refresh_if_due(struct aif_lane_book *book, struct aif_lane_entry *entry, struct batch *batch, time_t now)
{
	uint32_t site = aif_lane_book_site(book, entry, NICE_OFFSET, now);

	if (site == entry->site)
		return;
	batch->entries[batch->count] = entry;
	batch->sites[batch->count++] = site;
	if (batch->count == BATCH)
		_refresh(book, batch);
}

/* Along the table: a walk along the list of all jobs takes longer than all the rest. */
extern void aif_lane_apply_pending(void)
{
	struct batch batch;
	time_t now = time(NULL);

	if (!used)
		return;
	batch.count = 0;
	for (size_t i = 0; i < aif_lane_table_count(used->table); i++) {
		struct aif_lane_entry *entry = aif_lane_table_at(used->table, i);

		if (entry->flags & AIF_LANE_WAITS)
			_refresh_if_due(used, entry, &batch, now);
	}
	_refresh(used, &batch);
}

static void _carry_out(struct aif_lane_book *book, uint32_t job_id, time_t now)
{
	job_record_t *job_ptr = find_job_record(job_id);
	struct aif_lane_entry *entry;

	if (!job_ptr || !IS_JOB_PENDING(job_ptr) || !aif_job_has_turn(job_ptr))
		return;
	entry = aif_lane_table_find(book->table, job_id);
	if (!entry || entry->site != job_ptr->site_factor)
		return;
	aif_job_set_site(job_ptr, _decide(book, entry, now));
}

extern void aif_lane_apply_plan(struct aif_lane_book *book, const struct aif_lane_plan *plan, size_t *at, size_t count)
{
	time_t now = time(NULL);

	for (; count && *at < plan->count; count--)
		_carry_out(book, plan->jobs[(*at)++], now);
}
