/*
 * slurmdb.h - Slurm's public API (slurm.h, slurmdb.h) as one and the same thing for every Slurm version
 *
 * For the tools, which need no Slurm source tree. Everything here is about differences between versions; the code
 * that uses it speaks the newest form.
 */
#ifndef AIF_COMPAT_SLURMDB_H
#define AIF_COMPAT_SLURMDB_H

#include <stdint.h>

/* From 26.05 on calls take a job as a struct; Slurm keeps the older form for those who ask for it. */
#define SLURM_BACKWARD_COMPAT 1

#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>

/* 22.05 has only the pointer types List and ListIterator; 24.11 only list_t and list_itr_t; between them both. */
#if SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(23, 2, 0)
typedef struct xlist list_t;
typedef struct listIterator list_itr_t;
#endif

/* Ask for associations without what they inherit: members of their own up to 23.11, flags after. */
#ifdef ASSOC_COND_FLAG_WOPL
#define AIF_ASSOC_COND_RAW(cond) ((cond)->flags |= ASSOC_COND_FLAG_WOPL)
#else
#define AIF_ASSOC_COND_RAW(cond) ((cond)->without_parent_limits = 1)
#endif

/* libslurm has these for what slurmdb.h calls bitstr_t, but no public header does. */
extern int slurm_bit_test(bitstr_t *bits, int64_t bit);
extern int64_t slurm_bit_size(bitstr_t *bits);

/* The same for what slurm_get_statistics() and slurm_job_will_run2() allocate. */
extern void slurm_free_stats_response_msg(stats_info_response_msg_t *response);
extern void slurm_free_will_run_response_msg(will_run_response_msg_t *response);

/*
 * Reservations have a comment from 23.02 on, which then says that aif made one. Their number of nodes is a zero-terminated
 * list up to 23.02, a number after.
 */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 2, 0)
#define AIF_RESV_COMMENT "made by aif apply"
#define AIF_RESV_MARK(desc) ((desc)->comment = (char *)AIF_RESV_COMMENT)
#define AIF_RESV_IS_OURS(info) ((info)->comment && !strcmp((info)->comment, AIF_RESV_COMMENT))
#else
#define AIF_RESV_MARK(desc) ((void)(desc))
#define AIF_RESV_IS_OURS(info) ((void)(info), true)
#endif
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 11, 0)
#define AIF_RESV_NODES(desc, nodes) ((desc)->node_cnt = *(nodes))
#else
#define AIF_RESV_NODES(desc, nodes) ((desc)->node_cnt = (nodes))
#endif

/* How clients write GPUs into a job's request, before their number. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 11, 0)
#define AIF_GRES_GPU "gres/gpu:"
#else
#define AIF_GRES_GPU "gres:gpu:"
#endif

/* --segment came with 24.11; before, it is left out. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(24, 11, 0)
#define AIF_JOB_SEGMENT(desc, nodes) ((desc)->segment_size = (nodes))
#else
#define AIF_JOB_SEGMENT(desc, nodes) ((void)(desc), (void)(nodes))
#endif

/* What priorities are made of: up to 22.05 members of the object itself; from 23.02 on a struct that may be missing. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 2, 0)
#define AIF_LOAD_JOB_PRIO(response) slurm_load_job_prio((response), 0)
#define AIF_PRIO_FACTORS(object) ((object)->prio_factors)
#else
#define AIF_LOAD_JOB_PRIO(response) slurm_load_job_prio((response), NULL, NULL, NULL, 0)
#define AIF_PRIO_FACTORS(object) (object)
#endif

/* Host lists are pointers by name up to 23.02, structs after. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 11, 0)
typedef hostlist_t *aif_hostlist_t;
#else
typedef hostlist_t aif_hostlist_t;
#endif

/* Bits of SelectTypeParameters have other names in later versions, and the same values. */
#define AIF_SELECT_SOCKET 0x0002
#define AIF_SELECT_MEMORY 0x0010

/* plugstack.conf had a place of its own in slurm.conf (PlugStackConfig) until then. */
#if SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(23, 2, 0)
#define AIF_CONF_PLUGSTACK(conf) ((conf)->plugstack)
#else
#define AIF_CONF_PLUGSTACK(conf) ((void)(conf), (const char *)NULL)
#endif

/* slurmctld's configuration has another destructor from 26.05 on. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(26, 5, 0)
#define slurm_free_ctl_conf slurm_free_conf
#endif

/* The id of a job record, or of a submission's answer: a plain member up to 25.05, part of step_id after. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(25, 11, 0)
#define AIF_JOB_ID(record) ((record)->step_id.job_id)
#else
#define AIF_JOB_ID(record) ((record)->job_id)
#endif

/* From then on the end of a job is told by a step's id, for which Slurm has no older form. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(25, 11, 0)
#define AIF_COMPLETE_JOB(id, code)                                                                                              \
	slurm_complete_job(&(slurm_step_id_t){.job_id = (id), .step_id = NO_VAL, .step_het_comp = NO_VAL}, (code))
#else
#define AIF_COMPLETE_JOB(id, code) slurm_complete_job((id), (code))
#endif

/* The same for what sprio shows, which changed one version later. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(26, 5, 0)
#define AIF_PRIO_JOB_ID(object) ((object)->step_id.job_id)
#else
#define AIF_PRIO_JOB_ID(object) ((object)->job_id)
#endif

/* Who gives the reason for a node's state: told by the client up to 25.11, known to slurmctld after. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(26, 5, 0)
#define AIF_NODE_REASON_BY(update, uid) ((void)(update))
#else
#define AIF_NODE_REASON_BY(update, uid) ((update)->reason_uid = (uid))
#endif

#endif
