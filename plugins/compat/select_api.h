/*
 * select_api.h - the select plugin interface of the Slurm version being built for
 *
 * Slurm requires a fixed list of symbols per version. It is written down once here, as two X-macros: AIF_SELECT_PLAIN
 * are the calls that the wrapper only hands on, AIF_SELECT_HOOKED those that it looks at. Each entry is
 * X(return type, name, parameters, arguments). Sources: slurm_select_ops_t in common/select.h (22.05) and
 * interfaces/select.c (later).
 */
#ifndef AIF_COMPAT_SELECT_API_H
#define AIF_COMPAT_SELECT_API_H

#include "slurmctld.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#if AIF_SLURM_AT_LEAST(23, 2)
#include "src/interfaces/select.h"
#else
#include "src/common/select.h"
#endif
#pragma GCC diagnostic pop

/*
 * Up to 24.11 the wrapper shadows select_cons_tres.so in an earlier entry of PluginDir. From 25.05 on only the
 * controller loads select plugins, so it has a name of its own and a missing wrapper is noticed at once.
 */
#if AIF_SLURM_AT_LEAST(25, 5)
#define AIF_SELECT_NAME "cons_tres_aif"
#else
#define AIF_SELECT_NAME "cons_tres"
#endif

/* Where the symbol list and the argument list of select_p_job_test change. */
#define AIF_SELECT_HAS_RESV_TEST (!AIF_SLURM_AT_LEAST(23, 11))
#define AIF_SELECT_HAS_WILL_RUN AIF_SLURM_AT_LEAST(24, 11)
#define AIF_SELECT_HAS_INFO (!AIF_SLURM_AT_LEAST(25, 5))
#define AIF_SELECT_HAS_MEM_REDUCE AIF_SLURM_AT_LEAST(26, 5)

#if AIF_SELECT_HAS_RESV_TEST
#define AIF_SELECT_EXC bitstr_t *
#else
#define AIF_SELECT_EXC resv_exc_t *
#endif

#if AIF_SELECT_HAS_WILL_RUN
#define AIF_JOB_TEST_PARAMS                                                                        \
	(job_record_t *job_ptr, bitstr_t *bitmap, uint32_t min_nodes, uint32_t max_nodes,          \
	 uint32_t req_nodes, uint16_t mode, list_t *preemptee_candidates,                  \
	 list_t **preemptee_job_list, AIF_SELECT_EXC exc, will_run_data_t *will_run_ptr)
#define AIF_JOB_TEST_ARGS                                                                          \
	(job_ptr, bitmap, min_nodes, max_nodes, req_nodes, mode, preemptee_candidates,             \
	 preemptee_job_list, exc, will_run_ptr)
#else
#define AIF_JOB_TEST_PARAMS                                                                        \
	(job_record_t *job_ptr, bitstr_t *bitmap, uint32_t min_nodes, uint32_t max_nodes,          \
	 uint32_t req_nodes, uint16_t mode, list_t *preemptee_candidates,                  \
	 list_t **preemptee_job_list, AIF_SELECT_EXC exc)
#define AIF_JOB_TEST_ARGS                                                                          \
	(job_ptr, bitmap, min_nodes, max_nodes, req_nodes, mode, preemptee_candidates,             \
	 preemptee_job_list, exc)
#endif

/* The arguments of one select_p_job_test() call, so that it can be repeated with other nodes. */
struct aif_job_test {
	job_record_t *job_ptr;
	bitstr_t *bitmap;
	uint32_t min_nodes;
	uint32_t max_nodes;
	uint32_t req_nodes;
	uint16_t mode;
	list_t *preemptee_candidates;
	list_t **preemptee_job_list;
	AIF_SELECT_EXC exc;
#if AIF_SELECT_HAS_WILL_RUN
	will_run_data_t *will_run_ptr;
#endif
};

/* The arguments of a call, as an initializer of struct aif_job_test. */
#if AIF_SELECT_HAS_WILL_RUN
#define AIF_JOB_TEST_WILL_RUN .will_run_ptr = will_run_ptr,
#else
#define AIF_JOB_TEST_WILL_RUN
#endif
#define AIF_JOB_TEST_INIT                                                                          \
	{                                                                                          \
		.job_ptr = job_ptr, .bitmap = bitmap, .min_nodes = min_nodes,                      \
		.max_nodes = max_nodes, .req_nodes = req_nodes, .mode = mode,                      \
		.preemptee_candidates = preemptee_candidates,                                      \
		.preemptee_job_list = preemptee_job_list, .exc = exc, AIF_JOB_TEST_WILL_RUN        \
	}

#if AIF_SELECT_HAS_INFO
#define AIF_SELECT_HOOKED_INFO(X) X(int, select_p_state_save, (char *dir_name), (dir_name))
#else
#define AIF_SELECT_HOOKED_INFO(X)
#endif

#define AIF_SELECT_HOOKED(X)                                                                       \
	AIF_SELECT_HOOKED_INFO(X)                                                                  \
	X(int, select_p_node_init, (void), ())                                                     \
	X(int, select_p_job_test, AIF_JOB_TEST_PARAMS, AIF_JOB_TEST_ARGS)                          \
	X(int, select_p_job_begin, (job_record_t * job_ptr), (job_ptr))                            \
	X(int, select_p_job_expand, (job_record_t * from_job_ptr, job_record_t *to_job_ptr),       \
	  (from_job_ptr, to_job_ptr))                                                              \
	X(int, select_p_job_resized, (job_record_t * job_ptr, node_record_t *node_ptr),            \
	  (job_ptr, node_ptr))                                                                     \
	X(int, select_p_job_fini, (job_record_t * job_ptr), (job_ptr))                             \
	X(int, select_p_job_suspend, (job_record_t * job_ptr, bool indf_susp),                     \
	  (job_ptr, indf_susp))                                                                    \
	X(int, select_p_job_resume, (job_record_t * job_ptr, bool indf_susp),                      \
	  (job_ptr, indf_susp))                                                                    \
	X(int, select_p_select_nodeinfo_set, (job_record_t * job_ptr), (job_ptr))                  \
	X(int, select_p_reconfigure, (void), ())

#define AIF_SELECT_PLAIN_ALL(X)                                                                    \
	X(int, select_p_job_ready, (job_record_t * job_ptr), (job_ptr))                            \
	X(int, select_p_select_nodeinfo_set_all, (void), ())

#if AIF_SELECT_HAS_INFO
#define AIF_SELECT_PLAIN_INFO(X)                                                                   \
	X(int, select_p_state_restore, (char *dir_name), (dir_name))                               \
	X(int, select_p_job_init, (list_t *jobs), (jobs))                                  \
	X(bitstr_t *, select_p_step_pick_nodes,                                                    \
	  (job_record_t * job_ptr, select_jobinfo_t *jobinfo, uint32_t node_count,                 \
	   bitstr_t **avail_nodes),                                                                \
	  (job_ptr, jobinfo, node_count, avail_nodes))                                             \
	X(int, select_p_step_start, (step_record_t * step_ptr), (step_ptr))                        \
	X(int, select_p_step_finish, (step_record_t * step_ptr, bool killing_step),                \
	  (step_ptr, killing_step))                                                                \
	X(int, select_p_select_nodeinfo_pack,                                                      \
	  (select_nodeinfo_t * nodeinfo, buf_t *buffer, uint16_t protocol_version),                \
	  (nodeinfo, buffer, protocol_version))                                                    \
	X(int, select_p_select_nodeinfo_unpack,                                                    \
	  (select_nodeinfo_t * *nodeinfo, buf_t *buffer, uint16_t protocol_version),               \
	  (nodeinfo, buffer, protocol_version))                                                    \
	X(select_nodeinfo_t *, select_p_select_nodeinfo_alloc, (void), ())                         \
	X(int, select_p_select_nodeinfo_free, (select_nodeinfo_t * nodeinfo), (nodeinfo))          \
	X(int, select_p_select_nodeinfo_get,                                                       \
	  (select_nodeinfo_t * nodeinfo, enum select_nodedata_type dinfo, enum node_states state,  \
	   void *data),                                                                            \
	  (nodeinfo, dinfo, state, data))                                                          \
	X(select_jobinfo_t *, select_p_select_jobinfo_alloc, (void), ())                           \
	X(int, select_p_select_jobinfo_free, (select_jobinfo_t * jobinfo), (jobinfo))              \
	X(int, select_p_select_jobinfo_set,                                                        \
	  (select_jobinfo_t * jobinfo, enum select_jobdata_type data_type, void *data),            \
	  (jobinfo, data_type, data))                                                              \
	X(int, select_p_select_jobinfo_get,                                                        \
	  (select_jobinfo_t * jobinfo, enum select_jobdata_type data_type, void *data),            \
	  (jobinfo, data_type, data))                                                              \
	X(select_jobinfo_t *, select_p_select_jobinfo_copy, (select_jobinfo_t * jobinfo),          \
	  (jobinfo))                                                                               \
	X(int, select_p_select_jobinfo_pack,                                                       \
	  (select_jobinfo_t * jobinfo, buf_t *buffer, uint16_t protocol_version),                  \
	  (jobinfo, buffer, protocol_version))                                                     \
	X(int, select_p_select_jobinfo_unpack,                                                     \
	  (select_jobinfo_t * *jobinfo, buf_t *buffer, uint16_t protocol_version),                 \
	  (jobinfo, buffer, protocol_version))                                                     \
	X(int, select_p_get_info_from_plugin,                                                      \
	  (enum select_plugindata_info dinfo, job_record_t *job_ptr, void *data),                  \
	  (dinfo, job_ptr, data))
#else
#define AIF_SELECT_PLAIN_INFO(X)
#endif

#if !AIF_SLURM_AT_LEAST(23, 2)
#define AIF_SELECT_PLAIN_22(X)                                                                     \
	X(int, select_p_job_signal, (job_record_t * job_ptr, int sig), (job_ptr, sig))             \
	X(char *, select_p_select_jobinfo_sprint,                                                  \
	  (select_jobinfo_t * jobinfo, char *buf, size_t size, int mode),                          \
	  (jobinfo, buf, size, mode))                                                              \
	X(char *, select_p_select_jobinfo_xstrdup, (select_jobinfo_t * jobinfo, int mode),         \
	  (jobinfo, mode))                                                                         \
	X(int, select_p_update_node_config, (int node_inx), (node_inx))
#else
#define AIF_SELECT_PLAIN_22(X)
#endif

#if AIF_SELECT_HAS_RESV_TEST
#define AIF_SELECT_PLAIN_RESV(X)                                                                   \
	X(bitstr_t *, select_p_resv_test,                                                          \
	  (resv_desc_msg_t * resv_desc_ptr, uint32_t node_cnt, bitstr_t *avail_bitmap,             \
	   bitstr_t **core_bitmap),                                                                \
	  (resv_desc_ptr, node_cnt, avail_bitmap, core_bitmap))
#else
#define AIF_SELECT_PLAIN_RESV(X)
#endif

#if AIF_SELECT_HAS_MEM_REDUCE
#define AIF_SELECT_PLAIN_26(X)                                                                     \
	X(void, select_p_job_mem_reduce, (job_record_t * job_ptr), (job_ptr))
#else
#define AIF_SELECT_PLAIN_26(X)
#endif

#define AIF_SELECT_PLAIN(X)                                                                        \
	AIF_SELECT_PLAIN_ALL(X)                                                                    \
	AIF_SELECT_PLAIN_INFO(X)                                                                   \
	AIF_SELECT_PLAIN_22(X)                                                                     \
	AIF_SELECT_PLAIN_RESV(X)                                                                   \
	AIF_SELECT_PLAIN_26(X)

/* Pointers to the stock plugin's functions, members named like the symbols. */
#define AIF_SELECT_MEMBER(ret, name, params, args) ret(*name) params;
struct aif_select_ops {
	AIF_SELECT_HOOKED(AIF_SELECT_MEMBER)
	AIF_SELECT_PLAIN(AIF_SELECT_MEMBER)
};
#undef AIF_SELECT_MEMBER

/* Repeat a call of the stock plugin's job_test with the arguments as they are in test now. */
extern int aif_compat_job_test(const struct aif_select_ops *ops, const struct aif_job_test *test);

/* True if reservations keep cores or GPUs of some nodes from the job, or give it some: then nodes of a kind are not alike. */
extern bool aif_compat_job_test_excludes(const struct aif_job_test *test);

/* True if test looks for a start later than now. */
extern bool aif_compat_job_test_is_later(const struct aif_job_test *test);

/*
 * True if nothing but too few free GPUs could be the reason for which cons_tres gives no node to a job now: nobody may be
 * stopped for it, and it needs no licences, of which later versions would tell.
 */
extern bool aif_compat_job_test_is_plain(const struct aif_job_test *test);

/* True if we were loaded into slurmctld: clients and slurmd load select plugins too. */
extern bool aif_compat_in_slurmctld(void);

#endif
