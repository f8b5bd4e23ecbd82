/* select_api.c - see select_api.h */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_DEFAULT */
#endif
#include <dlfcn.h>

#include "select_api.h"

extern bool aif_compat_in_slurmctld(void)
{
	/* Clients that use libslurm.so lack the function: a plain call would end them. */
#ifdef IS_SLURMCTLD /* from 25.05 on, for a more general function */
	bool (*ask)(uint32_t) = (bool (*)(uint32_t))dlsym(RTLD_DEFAULT, "run_in_daemon");

	return ask && ask(IS_SLURMCTLD);
#else
	bool (*ask)(void) = (bool (*)(void))dlsym(RTLD_DEFAULT, "running_in_slurmctld");

	return ask && ask();
#endif
}

extern int aif_compat_job_test(const struct aif_select_ops *ops, const struct aif_job_test *test)
{
	return ops->select_p_job_test(test->job_ptr, test->bitmap, test->min_nodes, test->max_nodes,
				      test->req_nodes, test->mode, test->preemptee_candidates,
				      test->preemptee_job_list, test->exc
#if AIF_SELECT_HAS_WILL_RUN
				      ,
				      test->will_run_ptr
#endif
	);
}

extern bool aif_compat_job_test_is_plain(const struct aif_job_test *test)
{
	bool preempts = test->preemptee_candidates && list_count(test->preemptee_candidates);

	return !preempts && !test->job_ptr->license_list;
}

extern bool aif_compat_job_test_excludes(const struct aif_job_test *test)
{
#if AIF_SELECT_HAS_RESV_TEST
	return test->exc || test->job_ptr->resv_name;
#else
	const resv_exc_t *exc = test->exc;

	return test->job_ptr->resv_name || (exc && (exc->core_bitmap || exc->gres_list_exc || exc->gres_list_inc));
#endif
}

extern bool aif_compat_job_test_is_later(const struct aif_job_test *test)
{
#if AIF_SELECT_HAS_WILL_RUN
	return test->will_run_ptr && test->will_run_ptr->start > time(NULL);
#else
	(void)test;
	return false;
#endif
}
