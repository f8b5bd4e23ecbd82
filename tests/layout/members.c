#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_DEFAULT */
#endif
#include <dlfcn.h>

#include "members.h"

#include "plugins/compat/slurmctld.h"
#include "src/common/slurm_protocol_common.h"
#include "src/common/slurm_protocol_defs.h"
#include "src/common/slurm_protocol_pack.h"

#define MEMBER(type, member) {#member, offsetof(type, member), sizeof(((type *)NULL)->member), false}
#define TEXT(type, member) {#member, offsetof(type, member), sizeof(char *), true}
#define RECORD(title, writer_name, write_it, list) \
	{.name = (title), .writer = (writer_name), .write = (write_it), .members = (list), .count = sizeof(list) / sizeof(*(list))}

/* What messages have from 25.05 on. */
#if AIF_SLURM_AT_LEAST(25, 5)
#define FROM_2505(...) __VA_ARGS__
#else
#define FROM_2505(...)
#endif

#if AIF_SLURM_AT_LEAST(24, 11)
static void write_request(void *writer, void *record, void *buffer)
{
	int (*const write)(slurm_msg_t *, buf_t *) = writer;
	slurm_msg_t message = {.msg_type = REQUEST_SUBMIT_BATCH_JOB, .data = record, .protocol_version = SLURM_PROTOCOL_VERSION};

	write(&message, buffer);
}

static const struct layout_member request[] = {
	TEXT(job_desc_msg_t, account), TEXT(job_desc_msg_t, admin_comment), TEXT(job_desc_msg_t, array_inx), MEMBER(job_desc_msg_t, begin_time),
	TEXT(job_desc_msg_t, clusters), TEXT(job_desc_msg_t, comment), MEMBER(job_desc_msg_t, core_spec), MEMBER(job_desc_msg_t, cpus_per_task),
	TEXT(job_desc_msg_t, cpus_per_tres), MEMBER(job_desc_msg_t, max_nodes), TEXT(job_desc_msg_t, mem_per_tres), MEMBER(job_desc_msg_t, min_cpus),
	MEMBER(job_desc_msg_t, min_nodes), MEMBER(job_desc_msg_t, ntasks_per_node), MEMBER(job_desc_msg_t, ntasks_per_socket),
	MEMBER(job_desc_msg_t, ntasks_per_tres), MEMBER(job_desc_msg_t, num_tasks), TEXT(job_desc_msg_t, partition),
	MEMBER(job_desc_msg_t, pn_min_memory), MEMBER(job_desc_msg_t, priority), TEXT(job_desc_msg_t, qos), TEXT(job_desc_msg_t, req_nodes),
	TEXT(job_desc_msg_t, script), MEMBER(job_desc_msg_t, shared), MEMBER(job_desc_msg_t, sockets_per_node), MEMBER(job_desc_msg_t, time_limit),
	MEMBER(job_desc_msg_t, time_min), TEXT(job_desc_msg_t, tres_freq), TEXT(job_desc_msg_t, tres_per_job), TEXT(job_desc_msg_t, tres_per_node),
	TEXT(job_desc_msg_t, tres_per_socket), TEXT(job_desc_msg_t, tres_per_task), MEMBER(job_desc_msg_t, user_id),
};
const struct layout_record layout_request = RECORD("job_desc_msg_t", "pack_msg", write_request, request);

static void write_job(void *writer, void *record, void *buffer)
{
	void (*const write)(job_record_t *, bool, buf_t *, uint16_t) = writer;

	write(record, false, buffer, SLURM_PROTOCOL_VERSION);
}

static void write_details(void *writer, void *record, void *buffer)
{
	void (*const write)(job_details_t *, buf_t *, uint16_t) = writer;

	write(record, buffer, SLURM_PROTOCOL_VERSION);
}

static void write_partition(void *writer, void *record, void *buffer)
{
	void (*const write)(part_record_t *, buf_t *, uint16_t) = writer;

	write(record, buffer, SLURM_PROTOCOL_VERSION);
}

/* They are written as a list. */
static void write_gres(void *writer, void *record, void *buffer)
{
	int (*const write)(list_t *, buf_t *, uint32_t, bool, uint16_t) = writer;
	list_t *(*const make)(void (*)(void *)) = dlsym(RTLD_DEFAULT, "list_create");
	void (*const append)(list_t *, void *) = dlsym(RTLD_DEFAULT, "list_append");
	void (*const end)(list_t *) = dlsym(RTLD_DEFAULT, "list_destroy");
	gres_state_t state = {.plugin_id = 1, .gres_data = record};
	list_t *const list = make(NULL);

	append(list, &state);
	write(list, buffer, 1, true, SLURM_PROTOCOL_VERSION);
	end(list);
}

static void write_node(void *writer, void *record, void *buffer)
{
	void (*const write)(void *, uint16_t, buf_t *) = writer;

	write(record, SLURM_PROTOCOL_VERSION, buffer);
}

static const struct layout_member job[] = {
	TEXT(job_record_t, account), TEXT(job_record_t, admin_comment), MEMBER(job_record_t, array_job_id), MEMBER(job_record_t, batch_flag),
	MEMBER(job_record_t, bit_flags), TEXT(job_record_t, comment), TEXT(job_record_t, cpus_per_tres), MEMBER(job_record_t, het_job_id),
	MEMBER(job_record_t, job_state), MEMBER(job_record_t, priority), MEMBER(job_record_t, req_switch), MEMBER(job_record_t, restart_cnt),
	MEMBER(job_record_t, site_factor), TEXT(job_record_t, state_desc), MEMBER(job_record_t, state_reason), MEMBER(job_record_t, suspend_time),
	TEXT(job_record_t, tres_per_job), TEXT(job_record_t, tres_per_node), TEXT(job_record_t, tres_per_socket), TEXT(job_record_t, tres_per_task),
	MEMBER(job_record_t, user_id), MEMBER(job_record_t, wait4switch),
};
const struct layout_record layout_job = RECORD("job_record_t", "job_record_pack_common", write_job, job);

static const struct layout_member details[] = {
	MEMBER(job_details_t, begin_time), MEMBER(job_details_t, nice), MEMBER(job_details_t, ntasks_per_node), MEMBER(job_details_t, ntasks_per_tres),
	FROM_2505(MEMBER(job_details_t, segment_size),) MEMBER(job_details_t, submit_time), TEXT(job_details_t, work_dir),
};
const struct layout_record layout_details = RECORD("job_details_t", "job_record_pack_details_common", write_details, details);

static const struct layout_member partition[] = {
	MEMBER(part_record_t, cr_type), MEMBER(part_record_t, default_time), MEMBER(part_record_t, max_share), MEMBER(part_record_t, max_time),
	TEXT(part_record_t, name), FROM_2505(TEXT(part_record_t, topology_name),)
};
const struct layout_record layout_partition = RECORD("part_record_t", "part_record_pack", write_partition, partition);

static const struct layout_member node[] = {
	MEMBER(node_record_t, cores), MEMBER(node_record_t, core_spec_cnt), TEXT(node_record_t, features), MEMBER(node_record_t, mem_spec_limit),
	TEXT(node_record_t, name), MEMBER(node_record_t, node_state), MEMBER(node_record_t, real_memory), FROM_2505(MEMBER(node_record_t, tot_cores),)
	MEMBER(node_record_t, tot_sockets), MEMBER(node_record_t, tpc), MEMBER(node_record_t, weight),
};
const struct layout_record layout_node = RECORD("node_record_t", "node_record_pack", write_node, node);

/* Numbers of nodes are left out: so long would be the arrays that follow. */
static const struct layout_member gres[] = {
	MEMBER(gres_job_state_t, cpus_per_gres), MEMBER(gres_job_state_t, flags), MEMBER(gres_job_state_t, gres_per_job),
	MEMBER(gres_job_state_t, gres_per_node), MEMBER(gres_job_state_t, gres_per_socket), MEMBER(gres_job_state_t, gres_per_task),
	MEMBER(gres_job_state_t, mem_per_gres), MEMBER(gres_job_state_t, ntasks_per_gres), MEMBER(gres_job_state_t, total_gres),
	TEXT(gres_job_state_t, type_name),
};
const struct layout_record layout_gres = RECORD("gres_job_state_t", "gres_job_state_pack", write_gres, gres);
#else
/* In these slurmctld writes them, or the library needs a slurm.conf for it: sizes alone. */
const struct layout_record layout_request = {.name = "job_desc_msg_t"}, layout_job = {.name = "job_record_t"}, layout_details = {.name = "job_details_t"};
const struct layout_record layout_gres = {.name = "gres_job_state_t"};
const struct layout_record layout_partition = {.name = "part_record_t"}, layout_node = {.name = "node_record_t"};
#endif
