/* lane_run.c - see lane_run.h */
#include "lane_run.h"

/* A job that was resumed runs since then. */
static time_t _began(const job_record_t *job_ptr)
{
	return MAX(job_ptr->start_time, job_ptr->suspend_time);
}

/* Of a run that the record no longer shows as running. A requeued job's record has no trace of it. */
static time_t _ended(const job_record_t *job_ptr, time_t now)
{
	time_t end = now;

	if (IS_JOB_FINISHED(job_ptr) && job_ptr->end_time)
		end = job_ptr->end_time;
	else if (IS_JOB_SUSPENDED(job_ptr) && job_ptr->suspend_time)
		end = job_ptr->suspend_time;
	return MIN(end, now);
}

extern bool aif_lane_run_ended(const struct aif_lane_book *book, const job_record_t *job_ptr)
{
	return IS_JOB_FINISHED(job_ptr) && job_ptr->end_time > book->looked_at && job_ptr->start_time &&
	       job_ptr->start_time < job_ptr->end_time;
}

static struct aif_lane_entry *_see_running(struct aif_lane_book *book, const job_record_t *job_ptr,
					   struct aif_lane_entry *entry, uint32_t alloc, uint32_t gpus, time_t now)
{
	time_t from = MIN(_began(job_ptr), now);

	if (entry && entry->run_alloc) {
		if (entry->run_from == (uint32_t) _began(job_ptr) && entry->run_gpus == gpus)
			return entry;
		/* It was resized, else it started again. */
		if (entry->run_from == (uint32_t) _began(job_ptr))
			from = now;
		aif_lane_book_stop(book, entry, from);
	}
	if (!alloc || !gpus)
		return entry;
	if (!entry)
		entry = aif_lane_table_add(book->table, job_ptr->job_id);
	if (!entry)
		return NULL;
	aif_lane_book_run(book, entry, alloc, gpus, from);
	entry->run_from = (uint32_t) _began(job_ptr);
	return entry;
}

extern struct aif_lane_entry *aif_lane_run_see(struct aif_lane_book *book, const job_record_t *job_ptr,
					       struct aif_lane_entry *entry, uint32_t alloc, uint32_t gpus, time_t now)
{
	if (IS_JOB_RUNNING(job_ptr))
		return _see_running(book, job_ptr, entry, alloc, gpus, now);
	if (entry && entry->run_alloc)
		aif_lane_book_stop(book, entry, _ended(job_ptr, now));
	else if (alloc && gpus && aif_lane_run_ended(book, job_ptr))
		aif_lane_book_ran(book, alloc, gpus, _began(job_ptr), _ended(job_ptr, now));
	return entry;
}
