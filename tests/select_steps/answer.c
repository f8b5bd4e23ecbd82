/*
 * answer.c - all nodes answer, though there are none
 *
 * Preloaded into slurmctld: what it sends to its nodes ends here and is answered with success. A node that is told to end
 * a job has already ended it, but for every fifth job: that one lingers until slurmctld asks again, as with an epilog
 * that takes its time, so that there are nodes that are completing.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include "slurmctld.h"

#include <dlfcn.h>
#include <pthread.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "src/common/forward.h"
#include "src/common/slurm_protocol_defs.h"
#pragma GCC diagnostic pop

#define LINGERING_MAX 4096 /* ids of jobs that were asked once */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint32_t lingering[LINGERING_MAX];
static uint32_t next;

/* True when it is asked for the first time about a job that lingers. */
static bool _lingers(uint32_t job_id)
{
	bool known = false;

	if (job_id % 5)
		return false;
	pthread_mutex_lock(&mutex);
	for (uint32_t i = 0; i < LINGERING_MAX && !known; i++)
		known = lingering[i] == job_id;
	if (!known)
		lingering[next++ % LINGERING_MAX] = job_id;
	pthread_mutex_unlock(&mutex);
	return !known;
}

static uint32_t _answer(const slurm_msg_t *msg)
{
	const kill_job_msg_t *kill = msg->data;

	switch (msg->msg_type) {
	case REQUEST_TERMINATE_JOB:
	case REQUEST_KILL_TIMELIMIT:
	case REQUEST_KILL_PREEMPTED:
		return _lingers(kill->step_id.job_id) ? SLURM_SUCCESS
						      : ESLURMD_KILL_JOB_ALREADY_COMPLETE;
	default:
		return SLURM_SUCCESS;
	}
}

static ret_data_info_t *_make(char *name, uint32_t rc)
{
	ret_data_info_t *info = xmalloc(sizeof(*info));
	return_code_msg_t *code = xmalloc(sizeof(*code));

	code->return_code = rc;
	info->type = RESPONSE_SLURM_RC;
	info->node_name = xstrdup(name);
	info->data = code;
	return info;
}

/* Its types differ between versions, what is behind them does not. */
extern AIF_EXPORT list_t *answer_for_all(void *hosts, slurm_msg_t *msg, int timeout) __asm__("start_msg_tree");

extern list_t *answer_for_all(void *hosts, slurm_msg_t *msg, int timeout)
{
	list_t *answers = list_create(destroy_data_info);
	void *left = hostlist_copy(hosts);
	uint32_t rc = _answer(msg);
	char *name;

	(void)timeout;
	while ((name = hostlist_shift(left))) {
		list_append(answers, _make(name, rc));
		free(name);
	}
	hostlist_destroy(left);
	return answers;
}

#if AIF_SLURM_AT_LEAST(25, 5)
/* Nodes of a cloud stay powered down there, also where there is no power saving. Called once they are known and before any job is. */
extern AIF_EXPORT void priority_g_thread_start(void)
{
	void (*const real)(void) = (void (*)(void))dlsym(RTLD_NEXT, "priority_g_thread_start");

	for (int i = 0; i < node_record_count; i++) {
		if (node_record_table_ptr[i])
			node_record_table_ptr[i]->node_state &= ~NODE_STATE_POWERED_DOWN;
	}
	real();
}
#endif
