/* lane_thread.c - see lane_thread.h */
#include "lane_thread.h"

#include "lane_apply.h"
#include "lane_file.h"
#include "own_thread.h"
#include "snapwatch.h"
#include "state_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define BATCH 8192	/* jobs that are changed before slurmctld's locks are given back for a moment */
#define SAVE_SECONDS 60 /* at the latest, while something runs: for those who read the file */

/* What the thread works on; its own, as it may be left behind. */
struct lanes {
	const char *plugin;
	char *windows_path;
	char *lifted_path;
	char *decay_path; /* multifactor writes it after each pass of its decay thread */
	struct stat decay;
	struct aif_lane_book *book;
	struct aif_lane_plan plan;
	char *windows_text;	   /* as saved before the start, until it is put back */
	char *lifted_text;
	bool loaded;
	bool unsaved; /* what was to be written could not be */
	time_t due;
	time_t saved_at;
};

static struct aif_own_thread *own;

static const slurmctld_lock_t look_lock = { .conf = READ_LOCK, .job = READ_LOCK, .node = READ_LOCK, .part = READ_LOCK };
static const slurmctld_lock_t change_lock = { .conf = READ_LOCK, .job = WRITE_LOCK, .node = READ_LOCK,
					   .part = READ_LOCK };

/* ---- the files ---- */

static void _complain(const struct lanes *lanes, const struct aif_error *err)
{
	error("%s: %s", lanes->plugin, err->text);
}

static void _load_one(const struct lanes *lanes, const char *path, size_t limit, char **ret_text)
{
	struct aif_error err = { 0 };

	if (aif_state_file_read(path, limit, ret_text, &err))
		_complain(lanes, &err);
}

/* Not before the first look is due: until then another controller may be in charge. */
static void _load(struct lanes *lanes)
{
	if (lanes->loaded)
		return;
	lanes->loaded = true;
	_load_one(lanes, lanes->windows_path, AIF_SHAREWINDOW_TEXT_MAX, &lanes->windows_text);
	_load_one(lanes, lanes->lifted_path, AIF_LANE_LIFTED_MAX, &lanes->lifted_text);
}

static void _forget(char **text)
{
	free(*text);
	*text = NULL;
}

static void _put_back(struct lanes *lanes)
{
	struct aif_error err = { 0 };

	if (lanes->windows_text &&
	    aif_lane_book_restore(lanes->book, lanes->windows_text, strlen(lanes->windows_text), &err)) {
		_complain(lanes, &err);
		lanes->book->changed = true;
	}
	if (lanes->lifted_text && aif_lane_file_put_back(lanes->book, lanes->lifted_text, &err)) {
		_complain(lanes, &err);
		lanes->book->lifted_changed = true;
	}
	_forget(&lanes->windows_text);
	_forget(&lanes->lifted_text);
}

/* Under the lock: what is to be written after it. */
static void _take_texts(struct lanes *lanes, char **ret_windows, char **ret_lifted, time_t now)
{
	struct aif_lane_book *book = lanes->book;

	if (book->windows && (book->changed || lanes->unsaved || (book->running && now - lanes->saved_at >= SAVE_SECONDS))) {
		*ret_windows = aif_sharewindow_save(book->windows);
		lanes->saved_at = now;
	}
	book->changed = false;
	if (!book->lifted_changed && !lanes->unsaved)
		return;
	*ret_lifted = aif_lane_file_lifted(book);
	aif_lane_book_saving(book);
	book->lifted_changed = !*ret_lifted;
}

static void _save(struct lanes *lanes, char *windows, char *lifted)
{
	struct aif_error err = { 0 };

	lanes->unsaved = aif_state_file_write(lanes->windows_path, 0644, windows, &err) ||
			 aif_state_file_write(lanes->lifted_path, 0644, lifted, &err);
	if (lanes->unsaved)
		_complain(lanes, &err);
	else if (lifted)
		aif_lane_book_saved(lanes->book);
	free(windows);
	free(lifted);
}

/* ---- a look ---- */

static void _tell_shares(const struct lanes *lanes)
{
	const struct aif_policy *policy = lanes->book->snapshot->policy;
	struct aif_sharewindow_state state;

	for (size_t i = 0; i < policy->share_count; i++) {
		aif_sharewindow_get(lanes->book->windows, i, &state);
		info("%s: share \"%s\" has used %u.%02u %% of the GPUs, limit %u %%: its lanes are %s",
		     lanes->plugin, policy->shares[i].title, state.used_bp / 100, state.used_bp % 100,
		     policy->shares[i].percent, state.closed ? "closed" : "open");
	}
}

/* Takes over the reference. Returns false, without the lock, when it is time to end or there is nothing to go by. */
static bool _begin(struct aif_own_thread *thread, struct lanes *lanes, struct aif_snapshot *snapshot, time_t now)
{
	bool first = !lanes->book->snapshot;

	if (!aif_own_thread_lock(thread, look_lock)) {
		aif_snapshot_put(snapshot);
		return false;
	}
	if (aif_lane_book_adopt(lanes->book, snapshot, aif_lane_look_gpus(snapshot->policy), now)) {
		if (first)
			_put_back(lanes);
		return true;
	}
	aif_lane_apply_forget(lanes->book);
	unlock_slurmctld(look_lock);
	return false;
}

/* A task that parted from a lifted array meanwhile is found by it; it is written down soon. */
static void _change(struct aif_own_thread *thread, struct lanes *lanes)
{
	size_t done = 0;

	while (done < lanes->plan.count && aif_own_thread_lock(thread, change_lock)) {
		aif_lane_apply_plan(lanes->book, &lanes->plan, &done, BATCH);
		if (lanes->book->lifted_changed)
			aif_lane_apply_hurry();
		unlock_slurmctld(change_lock);
	}
}

static void _look(struct aif_own_thread *thread, struct lanes *lanes, struct aif_snapshot *snapshot)
{
	char *windows = NULL, *lifted = NULL;
	time_t now = time(NULL);

	if (!_begin(thread, lanes, snapshot, now))
		return;
	if (aif_lane_look(lanes->book, &lanes->plan, now))
		_tell_shares(lanes);
	aif_lane_apply_use(lanes->book);
	_take_texts(lanes, &windows, &lifted, now);
	debug2("%s: %zu jobs known in %zu bytes, %zu to change", lanes->plugin,
	       aif_lane_table_count(lanes->book->table), aif_lane_table_bytes(lanes->book->table),
	       lanes->plan.count);
	unlock_slurmctld(look_lock);
	_save(lanes, windows, lifted);
	_change(thread, lanes);
}

/* ---- when ---- */

static bool _has_decayed(struct lanes *lanes)
{
	struct stat now = { 0 };

	if (stat(lanes->decay_path, &now) || (now.st_ino == lanes->decay.st_ino &&
					      now.st_mtim.tv_sec == lanes->decay.st_mtim.tv_sec &&
					      now.st_mtim.tv_nsec == lanes->decay.st_mtim.tv_nsec))
		return false;
	lanes->decay = now;
	return true;
}

static bool _is_due(struct lanes *lanes, const struct aif_snapshot *snapshot, time_t now)
{
	bool decayed = _has_decayed(lanes), hurried = aif_lane_apply_is_hurried();

	/* A clock that was put back must not make it sleep. */
	return decayed || hurried || snapshot != lanes->book->snapshot || now >= lanes->due ||
	       lanes->due - now > (time_t) snapshot->policy->recheck + 1;
}

static void _tick(struct aif_own_thread *thread, void *arg)
{
	struct aif_snapshot *snapshot = aif_snapwatch_get();
	struct lanes *lanes = arg;
	time_t now = time(NULL);

	if (!snapshot)
		return;
	if (!aif_own_thread_in_control() || !_is_due(lanes, snapshot, now)) {
		aif_snapshot_put(snapshot);
		return;
	}
	lanes->due = now + MAX(snapshot->policy->recheck, 1);
	_load(lanes);
	_look(thread, lanes, snapshot);
}

/* ---- life ---- */

static void _destroy(void *arg)
{
	struct lanes *lanes = arg;

	aif_lane_apply_forget(lanes->book);
	aif_lane_book_destroy(lanes->book);
	free(lanes->plan.jobs);
	free(lanes->windows_text);
	free(lanes->lifted_text);
	xfree(lanes->windows_path);
	xfree(lanes->lifted_path);
	xfree(lanes->decay_path);
	free(lanes);
}

/* slurm_conf may change under the thread's feet, so what comes from it is settled at the start. */
static struct lanes *_create(const char *plugin)
{
	const char *dir = slurm_conf.state_save_location;
	struct lanes *lanes = calloc(1, sizeof(*lanes));

	if (!lanes)
		return NULL;
	lanes->plugin = plugin;
	lanes->book = aif_lane_book_create();
	lanes->windows_path = xstrdup_printf("%s/aif_lanes.json", dir);
	lanes->lifted_path = xstrdup_printf("%s/aif_lifted", dir);
	lanes->decay_path = xstrdup_printf("%s/priority_last_decay_ran", dir);
	if (lanes->book)
		return lanes;
	_destroy(lanes);
	return NULL;
}

extern int aif_lane_thread_start(const char *plugin)
{
	struct lanes *lanes;

	if (own || !running_in_slurmctld())
		return SLURM_SUCCESS;
	lanes = _create(plugin);
	if (!lanes)
		return SLURM_ERROR;
	own = aif_own_thread_start(_tick, _destroy, lanes);
	if (own)
		return SLURM_SUCCESS;
	_destroy(lanes);
	return SLURM_ERROR;
}

extern void aif_lane_thread_stop(void)
{
	aif_own_thread_stop(own);
	own = NULL;
	aif_lane_apply_use(NULL); /* one that is left behind has the book still, and frees it some time later */
}
