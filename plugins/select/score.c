/* score.c - see score.h */
#include "score.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admincomment.h"
#include "select_nodes.h"

#define SLOTS 1024 /* a job has the one of its number: who is crowded out has no score */

struct slot {
	uint32_t job_id; /* 0: empty */
	uint64_t nodes;	 /* hash of their bitmap */
	char score[AIF_PLACESCORE_SIZE];
	char *ours; /* xmalloc'ed: "<score> nodes <list>", NULL where the choice was ours */
};

static struct {
	pthread_mutex_t mutex;
	struct slot slots[SLOTS];
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void _empty(struct slot *slot)
{
	xfree(slot->ours);
	slot->job_id = 0;
}

extern void score_keep(uint32_t job_id, const bitstr_t *nodes, const char *score, const char *ours, const char *ours_nodes)
{
	struct slot *slot = &kept.slots[job_id % SLOTS];

	pthread_mutex_lock(&kept.mutex);
	_empty(slot);
	slot->job_id = job_id;
	slot->nodes = aif_compat_bit_hash(nodes);
	snprintf(slot->score, sizeof(slot->score), "%s", score);
	if (ours)
		slot->ours = xstrdup_printf("%s nodes %s", ours, ours_nodes);
	pthread_mutex_unlock(&kept.mutex);
}

extern void score_forget(uint32_t job_id)
{
	struct slot *slot = &kept.slots[job_id % SLOTS];

	pthread_mutex_lock(&kept.mutex);
	if (slot->job_id == job_id)
		_empty(slot);
	pthread_mutex_unlock(&kept.mutex);
}

/* Take out the slot of a job that begins; job_id is 0 if it has none. The caller frees ours. */
static struct slot _take(const job_record_t *job_ptr)
{
	struct slot *slot = &kept.slots[job_ptr->job_id % SLOTS], taken = {0};

	pthread_mutex_lock(&kept.mutex);
	if (slot->job_id == job_ptr->job_id && slot->nodes == aif_compat_bit_hash(job_ptr->node_bitmap)) {
		taken = *slot;
		slot->ours = NULL;
		slot->job_id = 0;
	}
	pthread_mutex_unlock(&kept.mutex);
	return taken;
}

static void _write(job_record_t *job_ptr, const char *score)
{
	struct aif_admincomment ours = {0};
	struct aif_error err = {0};
	char *text;
	int found = 0;

	if (job_ptr->admin_comment)
		found = aif_admincomment_read(job_ptr->admin_comment, &ours);
	/* The score of an earlier run goes in any case. */
	if (!strcmp(ours.score, score) || (!found && !score[0]))
		return;
	snprintf(ours.score, sizeof(ours.score), "%s", score);
	if (aif_admincomment_merge(job_ptr->admin_comment, &ours, &text, &err)) {
		debug("aif: %pJ: its score is not written down: its admin_comment is somebody else's", job_ptr);
		return;
	}
	xfree(job_ptr->admin_comment);
	job_ptr->admin_comment = xstrdup(text);
	free(text);
}

extern void score_begin(job_record_t *job_ptr)
{
	struct slot slot = _take(job_ptr);
	char *nodes;

	if (slot.ours) {
		nodes = bitmap2node_name(job_ptr->node_bitmap);
		info("aif: shadow: JobId=%u partition=%s ours %s stock %s nodes %s", job_ptr->job_id,
		     job_ptr->part_ptr ? job_ptr->part_ptr->name : "", slot.ours, slot.score, nodes);
		xfree(nodes);
	}
	xfree(slot.ours);
	_write(job_ptr, slot.job_id ? slot.score : "");
}

extern void score_destroy(void)
{
	pthread_mutex_lock(&kept.mutex);
	for (uint32_t i = 0; i < SLOTS; i++)
		_empty(&kept.slots[i]);
	pthread_mutex_unlock(&kept.mutex);
}
