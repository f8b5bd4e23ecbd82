/* compare.c - see compare.h */
#include "compare.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "admincomment.h"

#define TOTALS_EACH 64 /* calls */

enum finding { LOST, LATER, RANGE, CODE, PREEMPT, DIFFERS, FOUND, STRICT, RECOUNT, FINDINGS };

static const char *const names[FINDINGS] = {"LOST",    "LATER", "RANGE",  "CODE",   "PREEMPT",
					    "DIFFERS", "FOUND", "STRICT", "RECOUNT"};

static atomic_uint counts[FINDINGS];
static atomic_uint calls, skipped, starts, recounts;

/* Both answers to one call. */
struct answers {
	const struct aif_job_test *test;
	time_t asked_at;
	struct aif_trial stock, ours;
	uint32_t offered; /* nodes */
};

extern void compare_log_totals(void)
{
	char text[256] = "";
	size_t used = 0;

	for (int i = 0; i < FINDINGS; i++) {
		int n = snprintf(text + used, sizeof(text) - used, " %s %u", names[i],
				 atomic_load(&counts[i]));

		if (n > 0 && used + (size_t)n < sizeof(text))
			used += (size_t)n;
	}
	info("audit: totals: calls %u skipped %u starts %u recounts %u%s", atomic_load(&calls),
	     atomic_load(&skipped), atomic_load(&starts), atomic_load(&recounts), text);
}

extern void compare_recount(int differences, const char *after)
{
	if (differences < 0)
		return;
	atomic_fetch_add(&recounts, 1);
	if (!differences)
		return;
	atomic_fetch_add(&counts[RECOUNT], 1);
	info("audit: RECOUNT after %s: %d differences", after, differences);
}

static uint16_t _mode(const struct answers *answers)
{
	return answers->test->mode & SELECT_MODE_BASE;
}

static const char *_mode_name(const struct answers *answers)
{
	switch (_mode(answers)) {
	case SELECT_MODE_RUN_NOW:
		return "RUN_NOW";
	case SELECT_MODE_WILL_RUN:
		return answers->test->job_ptr->bit_flags & BACKFILL_TEST ? "WILL_RUN backfill"
									  : "WILL_RUN";
	default:
		return "TEST_ONLY";
	}
}

static void _describe(const struct answers *answers, const struct aif_trial *trial, char *ret_text,
		      size_t size)
{
	char *nodes = trial->rc == SLURM_SUCCESS ? bitmap2node_name(trial->nodes) : NULL;

	snprintf(ret_text, size, "rc %d in %lds nodes %s gpus %lu cpus %u stops %u", trial->rc,
		 trial->rc || _mode(answers) != SELECT_MODE_WILL_RUN
		     ? 0L
		     : (long)(trial->start_time - answers->asked_at),
		 nodes ? nodes : "-", (unsigned long)trial->gpus, trial->total_cpus,
		 trial->preempted);
	xfree(nodes);
}

static void _report(const struct answers *answers, enum finding finding, const char *more)
{
	const struct aif_job_test *test = answers->test;
	char theirs[512], mine[512];

	atomic_fetch_add(&counts[finding], 1);
	_describe(answers, &answers->stock, theirs, sizeof(theirs));
	_describe(answers, &answers->ours, mine, sizeof(mine));
	info("audit: %s JobId=%u %s%s nodes %u-%u (%u) of %u; stock %s; ours %s; name %s", names[finding],
	     test->job_ptr->job_id, _mode_name(answers), more, test->min_nodes, test->max_nodes,
	     test->req_nodes, answers->offered, theirs, mine,
	     test->job_ptr->name ? test->job_ptr->name : "-");
}

static bool _is_strict(const job_record_t *job_ptr)
{
	struct aif_admincomment comment = {0};

	if (job_ptr->admin_comment)
		aif_admincomment_read(job_ptr->admin_comment, &comment);
	return strstr(comment.placement, "strict");
}

/* Would Slurm start the job on that answer in this cycle? */
static bool _starts(const struct answers *answers, const struct aif_trial *trial)
{
	if (trial->rc != SLURM_SUCCESS || _mode(answers) == SELECT_MODE_TEST_ONLY)
		return false;
	if (_mode(answers) == SELECT_MODE_RUN_NOW)
		return true;
	return trial->start_time <= answers->asked_at && !aif_compat_nodes_hold_up(trial->nodes);
}

static bool _is_fewer(const struct answers *answers)
{
	const struct aif_job_test *test = answers->test;
	uint32_t ours = (uint32_t)bit_set_count(answers->ours.nodes);
	uint32_t stock = (uint32_t)bit_set_count(answers->stock.nodes);

	/* Stock itself goes beyond max_nodes now and then for GPUs of a whole job: as many as its own are no fault of ours. */
	if (ours == stock)
		return false;
	/* Stock gives what was asked where there is room, and so must we. */
	return ours < test->min_nodes || ours > test->max_nodes ||
	       (ours < test->req_nodes && ours < stock) || (ours > test->req_nodes && ours > stock);
}

static bool _is_other_count(const struct answers *answers)
{
	bool same_nodes =
	    bit_set_count(answers->ours.nodes) == bit_set_count(answers->stock.nodes);

	return same_nodes && answers->ours.gpus != answers->stock.gpus;
}

static void _compare_starts(const struct answers *answers)
{
	atomic_fetch_add(&starts, 1);
	if (_is_fewer(answers))
		_report(answers, RANGE, " number of nodes");
	else if (_is_other_count(answers))
		_report(answers, RANGE, " number of GPUs");
	if (answers->ours.preempted > answers->stock.preempted)
		_report(answers, PREEMPT, "");
	if (!bit_equal(answers->ours.nodes, answers->stock.nodes))
		_report(answers, DIFFERS, "");
}

static void _compare_refusals(const struct answers *answers)
{
	const struct aif_trial *theirs = &answers->stock, *mine = &answers->ours;

	if (theirs->rc && !mine->rc)
		_report(answers, FOUND, "");
	else if (_mode(answers) == SELECT_MODE_RUN_NOW ? !aif_compat_is_same_refusal(theirs->rc, mine->rc)
							: theirs->rc != mine->rc)
		_report(answers, CODE, "");
	else if (_mode(answers) == SELECT_MODE_WILL_RUN && mine->rc == SLURM_SUCCESS &&
		 mine->start_time > theirs->start_time + 1)
		_report(answers, LATER, "");
}

static void _compare(const struct answers *answers)
{
	bool theirs = _starts(answers, &answers->stock), mine = _starts(answers, &answers->ours);

	if (theirs && mine)
		_compare_starts(answers);
	else if (theirs && _is_strict(answers->test->job_ptr))
		_report(answers, STRICT, "");
	else if (theirs)
		_report(answers, LOST, answers->ours.rc ? "" : " completing or later");
	else if (mine)
		_report(answers, FOUND, "");
	else if (!_is_strict(answers->test->job_ptr))
		_compare_refusals(answers);
}

extern int compare_job_test(const struct aif_select_ops *stock, const struct aif_select_ops *ours,
			    struct aif_job_test *test)
{
	struct answers answers = {.test = test, .offered = (uint32_t)bit_set_count(test->bitmap)};
	int rc;

	answers.asked_at = time(NULL);
	aif_compat_trial(stock, test, &answers.stock);
	rc = aif_compat_job_test(ours, test);
	aif_compat_trial_read(test, rc, &answers.ours);
	/* Across the beginning of a second the two looked at different times. */
	if (_mode(&answers) != SELECT_MODE_WILL_RUN || answers.asked_at == time(NULL))
		_compare(&answers);
	else
		atomic_fetch_add(&skipped, 1);
	aif_compat_trial_clear(&answers.stock);
	aif_compat_trial_clear(&answers.ours);
	if ((atomic_fetch_add(&calls, 1) + 1) % TOTALS_EACH == 0)
		compare_log_totals();
	return rc;
}
