/*
 * assumptions.c - what plugins/compat assumes of the Slurm that it is built for, one block per assumption
 *
 * Never linked: plugins/compat/assume compiles it when configure has found Slurm's source tree. When that does not go,
 * it compiles each block alone and says the sentences of those that do not hold, so that a new version of Slurm is
 * refused with what changed in it. A block begins with a line of the form of those below and sees what is before the first.
 */
#include "multifactor.h"
#include "select_api.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include "src/slurmctld/acct_policy.h"
#include "src/slurmctld/fed_mgr.h"
#include "src/slurmctld/locks.h"
#if AIF_SLURM_AT_LEAST(23, 2)
#include "src/interfaces/job_submit.h"
#include "src/interfaces/site_factor.h"
#include "src/interfaces/topology.h"
#define SUBMIT job_submit_g_submit
#define MODIFY job_submit_g_modify
#else
#include "src/common/site_factor.h"
#include "src/common/slurm_topology.h"
#include "src/slurmctld/job_submit.h"
#define SUBMIT job_submit_plugin_submit
#define MODIFY job_submit_plugin_modify
#endif
#pragma GCC diagnostic pop

#define SAME_TYPE(name, type, function) extern __typeof__(type) name; __typeof__(&(function)) name##_as = &(name)
#define MEMBER(name, type, struct_type, member) __typeof__(type) *name(struct_type *record) { return &record->member; }

/*= the version is one that has been read: 22.05 to 26.05 */
_Static_assert(AIF_SLURM_AT_LEAST(22, 5) && !AIF_SLURM_AT_LEAST(26, 6), "");

/*= config.h is that of a build without assertions (NDEBUG), as packages have it */
#ifndef NDEBUG
#error "this tree was configured with --enable-debug or --enable-developer"
#endif

/*= job_submit() takes the job, the user and a message */
SAME_TYPE(submit, int(job_desc_msg_t *, uint32_t, char **), SUBMIT);

/*= job_modify() takes the changes, the job, the user and, from 23.02 on, a message */
#if AIF_SLURM_AT_LEAST(23, 2)
SAME_TYPE(modify, int(job_desc_msg_t *, job_record_t *, uint32_t, char **), MODIFY);
#else
SAME_TYPE(modify, int(job_desc_msg_t *, job_record_t *, uint32_t), MODIFY);
#endif

/*= select_p_job_test() takes nine arguments, from 24.11 on ten, and exceptions of a reservation by the type of the version */
extern int job_test AIF_JOB_TEST_PARAMS;
#if AIF_SLURM_AT_LEAST(23, 2)
__typeof__(&select_g_job_test) job_test_as = &job_test;
#else
int (*job_test_as)(job_record_t *, bitstr_t *, uint32_t, uint32_t, uint32_t, uint16_t, List, List *, bitstr_t *) = &job_test;
#endif

/*= priority_p_set() takes the last priority and the job */
SAME_TYPE(set, uint32_t(uint32_t, job_record_t *), priority_g_set);

/*= the list of priority factors is asked for by user, up to 23.11 by a message and the user */
void *factors(void)
{
	aif_multifactor.get_factors = priority_g_get_priority_factors_list;
	return &aif_multifactor;
}

/*= site_factor_p_set() takes the job, site_factor_p_update() nothing */
SAME_TYPE(site_set, void(job_record_t *), site_factor_g_set);
SAME_TYPE(site_update, void(void), site_factor_g_update);

/*= the controller's GRES parser takes a struct of pointers, up to 23.11 the pointers */
#if AIF_SLURM_AT_LEAST(24, 5)
SAME_TYPE(parse, int(gres_job_state_validate_t *), gres_job_state_validate);
MEMBER(parse_list, list_t **, gres_job_state_validate_t, gres_list)
MEMBER(parse_cpus, uint32_t *, gres_job_state_validate_t, min_cpus)
#else
SAME_TYPE(parse, int(char *, char *, char *, char *, char *, char *, char *, uint32_t *, uint32_t *, uint32_t *, uint16_t *,
		     uint16_t *, uint16_t *, uint16_t *, uint16_t *, List *), gres_job_state_validate);
#endif

/*= the association manager finds associations and TRES by record, and says whether its locks are held */
SAME_TYPE(fill, int(void *, slurmdb_assoc_rec_t *, int, slurmdb_assoc_rec_t **, bool), assoc_mgr_fill_in_assoc);
SAME_TYPE(position, int(slurmdb_tres_rec_t *, bool), assoc_mgr_find_tres_pos);

/*= the job submit counters are moved by job, from 23.11 on with a flag for the locks */
#if AIF_SLURM_AT_LEAST(23, 11)
SAME_TYPE(unsubmit, void(job_record_t *, bool), acct_policy_remove_job_submit);
#else
SAME_TYPE(unsubmit, void(job_record_t *), acct_policy_remove_job_submit);
#endif

/*= locks of slurmctld have the members conf, job, node, part and fed */
slurmctld_lock_t locks = { .conf = READ_LOCK, .job = WRITE_LOCK, .node = READ_LOCK, .part = READ_LOCK, .fed = NO_LOCK };

/*= bit strings are made of words of 64 bits, and count bits in as many */
_Static_assert(sizeof(bitstr_t) == sizeof(int64_t) && sizeof(bitoff_t) == sizeof(int64_t), "");

/*= lists are walked by a function of an item and an argument */
int each(list_t *list, int (*see)(void *, void *))
{
	return list_for_each(list, see, NULL);
}

/*= a job has one priority for each partition of a list, in an array that moved in 24.05 and 25.05 */
#if AIF_SLURM_AT_LEAST(25, 5)
uint32_t *priorities(job_record_t *job) { return job->prio_mult->priority_array; }
#elif AIF_SLURM_AT_LEAST(24, 5)
uint32_t *priorities(job_record_t *job) { return job->part_prio->priority_array; }
#else
uint32_t *priorities(job_record_t *job) { return job->priority_array; }
#endif

/*= a job keeps the parts of its priority as doubles, and its site factor and nice value as 32-bit numbers */
MEMBER(age, double, __typeof__(*((job_record_t *) 0)->prio_factors), priority_age)
MEMBER(factor_site, uint32_t, __typeof__(*((job_record_t *) 0)->prio_factors), priority_site)
MEMBER(site, uint32_t, job_record_t, site_factor)
MEMBER(nice_value, uint32_t, job_details_t, nice)

/*= what a failed try of cons_tres changes in a job has the sizes in which it is saved */
MEMBER(memory, uint64_t, job_details_t, pn_min_memory)
MEMBER(cpus, uint32_t, job_details_t, min_cpus)
MEMBER(flags, uint64_t, job_record_t, bit_flags)
MEMBER(best, bool, job_record_t, best_switch)
MEMBER(waiting, time_t, job_record_t, wait4switch_start)
MEMBER(start, time_t, job_record_t, start_time)

/*= what a job was given is told by nodes, cores, CPUs and memory of each */
MEMBER(held_nodes, bitstr_t *, job_resources_t, node_bitmap)
MEMBER(held_cores, bitstr_t *, job_resources_t, core_bitmap)
MEMBER(held_cpus, uint16_t *, job_resources_t, cpus)
MEMBER(held_memory, uint64_t *, job_resources_t, memory_allocated)

/*= a node's rank is kept in 64 bits, and its place in the table in its record */
MEMBER(rank, uint64_t, node_record_t, sched_weight)
int place(node_record_t *node) { return (int) node->index + (node == node_record_table_ptr[0]) + node_record_count; }

/*= the GPUs of a node are told by counts, bit strings, lines of gres.conf and links */
MEMBER(gpus, uint64_t, gres_node_state_t, gres_cnt_avail)
MEMBER(gpus_taken, bitstr_t *, gres_node_state_t, gres_bit_alloc)
MEMBER(lines, bitstr_t **, gres_node_state_t, topo_gres_bitmap)
MEMBER(line_cores, bitstr_t **, gres_node_state_t, topo_core_bitmap)
MEMBER(links, int **, gres_node_state_t, links_cnt)

/*= the choice of GPUs for a job is told by counts and bit strings of each node of the cluster */
MEMBER(chosen_counts, uint64_t *, gres_job_state_t, gres_cnt_node_select)
MEMBER(chosen_bits, bitstr_t **, gres_job_state_t, gres_bit_select)
MEMBER(given_bits, bitstr_t **, gres_job_state_t, gres_bit_alloc)
MEMBER(nodes_in_all, uint32_t, gres_job_state_t, total_node_cnt)

/*= a will-run test says its start, from 24.11 on */
#if AIF_SELECT_HAS_WILL_RUN
MEMBER(will_start, time_t, will_run_data_t, start)
#endif

/*= a partition has the number of its topology, from 25.05 on */
#if AIF_SLURM_AT_LEAST(25, 5)
int topology(part_record_t *part) { return (int) part->topology_idx; }
#endif

/*= topology plugins tell the path of a node, from 23.11 on by their interface, and their nodes by name from 24.11 on */
#if AIF_SLURM_AT_LEAST(23, 11)
SAME_TYPE(path, int(char *, char **, char **), topology_g_get_node_addr);
#else
SAME_TYPE(path, int(char *, char **, char **), slurm_topo_get_node_addr);
#endif
#if AIF_SLURM_AT_LEAST(24, 11)
SAME_TYPE(leaf, bitstr_t *(char *), topology_g_get_bitmap);
#endif

/*= the federation that a cluster is in keeps its members in a list */
list_t *members(void) { return fed_mgr_fed_rec->cluster_list; }

/*= the id of cons_tres is what clients and state files know it by */
_Static_assert(SELECT_PLUGIN_CONS_TRES == 109, "");
