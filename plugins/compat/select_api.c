/* select_api.c - see select_api.h */
#include "select_api.h"

/* Clients that use libslurm.so do not have this function; a strong reference would end them at the first call. */
#pragma weak slurm_running_in_slurmctld

extern bool aif_compat_in_slurmctld(void)
{
	return slurm_running_in_slurmctld && slurm_running_in_slurmctld();
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

extern bool aif_compat_job_test_is_later(const struct aif_job_test *test)
{
#if AIF_SELECT_HAS_WILL_RUN
	return test->will_run_ptr && test->will_run_ptr->start > time(NULL);
#else
	(void) test;
	return false;
#endif
}
