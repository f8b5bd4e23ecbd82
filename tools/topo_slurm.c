/* topo_slurm.c - "aif topo" from what slurmctld knows of a job; see topo.h */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admincomment.h"
#include "common.h"
#include "gpusite.h"
#include "hosts.h"
#include "nametable.h"
#include "rank/gpucores.h"
#include "slurmconn.h"
#include "text.h"
#include "topo.h"

#define DETAILS_MAX (64 * 1024 * 1024)

/* What the job has on some nodes, in scontrol's words. Texts are parts of one. */
struct detail {
    const char *nodes;
    const char *cpus;
    const char *gres;
    struct aif_hosts hosts;
};

struct asking {
    struct aif_topo *topo;
    const job_info_t *job;
    struct aif_gpusite *site;
    char *text; /* that details are in */
    struct detail *details;
    size_t detail_count;
    struct aif_nametable *by_node; /* details */
};

/* ---- details ---- */

/*
 * malloc'ed; "" where there is none. Which cores a job has is in no call of libslurm from 23.02 on; scontrol says it in the same
 * words in all versions.
 */
static char *print_details(uint32_t job)
{
    char *command = aif_tool_format("exec scontrol -o -d show job %u 2>/dev/null", job);
    FILE *in = popen(command, "r");
    struct aif_text text = {0};
    char part[4096];
    size_t got;

    while (in && text.length < DETAILS_MAX && (got = fread(part, 1, sizeof(part), in)) > 0)
        aif_text_append(&text, part, got);
    if (in)
        pclose(in);
    free(command);
    return text.data ? text.data : aif_tool_strdup("");
}

/* The value of "key" at *at, ended by a NUL; *at goes behind it. NULL: the key does not stand there. */
static const char *take_value(char **at, const char *key)
{
    char *value = *at + strlen(key);

    if (strncmp(*at, key, strlen(key)))
        return NULL;
    *at = value + strcspn(value, " \n");
    if (**at)
        *(*at)++ = '\0';
    return value;
}

/* "Nodes=n[1-2] CPU_IDs=0-3 Mem=0 GRES=gpu:2(IDX:0-1)" */
static bool next_detail(char **at, struct detail *ret_detail)
{
    while ((*at = strstr(*at, " Nodes="))) {
        ++*at;
        ret_detail->nodes = take_value(at, "Nodes=");
        ret_detail->cpus = take_value(at, "CPU_IDs=");
        if (!ret_detail->cpus || !take_value(at, "Mem="))
            continue;
        ret_detail->gres = take_value(at, "GRES=");
        if (ret_detail->gres)
            return true;
    }
    return false;
}

static void read_details(struct asking *asking)
{
    const size_t room = asking->job->num_nodes;
    char *at = asking->text = print_details(asking->topo->job);
    size_t hosts = 0;

    asking->details = aif_tool_alloc(room, sizeof(*asking->details));
    asking->by_node = aif_nametable_create(room);
    while (asking->by_node && asking->detail_count < room && next_detail(&at, &asking->details[asking->detail_count])) {
        struct detail *detail = &asking->details[asking->detail_count++];

        aif_hosts_expand(detail->nodes, &detail->hosts);
        for (size_t i = 0; i < detail->hosts.count && hosts < room; i++, hosts++)
            aif_nametable_add(asking->by_node, detail->hosts.names[i], detail);
    }
}

static void free_details(struct asking *asking)
{
    for (size_t i = 0; i < asking->detail_count; i++)
        aif_hosts_free(&asking->details[i].hosts);
    aif_nametable_destroy(asking->by_node);
    free(asking->details);
    free(asking->text);
}

/* ---- sockets ---- */

/* Sockets of a list of cores or CPUs, so many to a socket. */
static uint64_t sockets_of(const char *list, uint32_t per_socket)
{
    uint64_t sockets = 0;

    while (per_socket && *list >= '0' && *list <= '9') {
        char *end;
        unsigned long first = strtoul(list, &end, 10), last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

        for (unsigned long socket = first / per_socket; socket <= last / per_socket && socket < 64; socket++)
            sockets |= UINT64_C(1) << socket;
        list = *end == ',' ? end + 1 : end;
    }
    return sockets;
}

/* ---- one node ---- */

/* What is behind the next "IDX:" of GPUs; NULL: there is no more. */
static const char *next_gpus(const char *at)
{
    const char *gpus = at ? strstr(at, "gpu") : NULL;
    const char *indexes = gpus ? strstr(gpus, "IDX:") : NULL;

    return indexes ? indexes + 4 : NULL;
}

/* "gpu:a100:2(IDX:0-1)", in some versions "gpu(IDX:0-1)", and others with commas between. */
static void read_gpus(struct aif_rank *rank, const char *detail)
{
    for (const char *at = next_gpus(detail); at; at = next_gpus(at)) {
        while (*at >= '0' && *at <= '9') {
            char *end;
            unsigned long first = strtoul(at, &end, 10), last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

            for (; first <= last && rank->gpu_count < AIF_RANK_GPUS_MAX; first++)
                rank->gpus[rank->gpu_count++].index = (uint32_t)first;
            at = *end == ',' ? end + 1 : end;
        }
    }
}

static void place_gpus(struct aif_rank *rank, const node_info_t *node)
{
    char *cores[AIF_RANK_GPUS_MAX] = {NULL};
    size_t said = aif_gpucores_read(rank->node, cores);

    for (size_t i = 0; i < rank->gpu_count; i++)
        if (rank->gpus[i].index < said && cores[rank->gpus[i].index])
            rank->gpus[i].near = sockets_of(cores[rank->gpus[i].index], node->cores);
    for (size_t i = 0; i < said; i++)
        free(cores[i]);
}

static void describe(const struct asking *asking, const char *name, struct aif_rank *rank)
{
    const node_info_t *node = aif_nametable_get(asking->site->by_name, name);
    const struct detail *detail = asking->by_node ? aif_nametable_get(asking->by_node, name) : NULL;

    rank->node = aif_tool_strdup(name);
    if (!node || !detail)
        return;
    read_gpus(rank, detail->gres);
    place_gpus(rank, node);
    rank->cores = aif_tool_strdup(detail->cpus);
    rank->domains = sockets_of(detail->cpus, (uint32_t)node->cores * node->threads);
}

/* ---- all nodes, all ranks ---- */

static int add_nodes(const struct asking *asking)
{
    struct aif_hosts hosts;

    aif_hosts_expand(asking->job->nodes, &hosts);
    for (size_t i = 0; i < hosts.count; i++) {
        struct aif_rank *rank = aif_rankmap_append(&asking->topo->map, AIF_RANK_NONE);

        if (rank)
            describe(asking, hosts.names[i], rank);
    }
    aif_hosts_free(&hosts);
    return AIF_EXIT_OK;
}

static void add_ranks(const struct asking *asking, const slurm_step_layout_t *layout)
{
    struct aif_hosts nodes;

    aif_hosts_expand(layout->node_list, &nodes);
    for (uint32_t i = 0; i < layout->node_cnt && i < nodes.count; i++) {
        for (uint32_t j = 0; j < layout->tasks[i]; j++) {
            struct aif_rank *rank = aif_rankmap_append(&asking->topo->map, layout->tids[i][j]);

            if (rank)
                describe(asking, nodes.names[i], rank);
        }
    }
    aif_hosts_free(&nodes);
}

static int add_step(const struct asking *asking)
{
    slurm_step_id_t id = {.job_id = asking->topo->job, .step_id = asking->topo->step, .step_het_comp = NO_VAL};
    slurm_step_layout_t *layout;
    int code;

    aif_slurm_quiet();
    errno = 0;
    layout = slurm_job_step_layout_get(&id);
    code = errno;
    aif_slurm_loud();
    if (!layout && (code == ESLURM_INVALID_JOB_ID || !code))
        return aif_tool_fail(AIF_EXIT_FAILED, "topo: job %u has no step %u now", id.job_id, id.step_id);
    if (!layout)
        return aif_slurmctld_failed("read the step", code);
    add_ranks(asking, layout);
    slurm_job_step_layout_free(layout);
    return AIF_EXIT_OK;
}

/* What job_submit noted. */
static void read_ours(struct aif_topo *topo, const char *comment)
{
    struct aif_admincomment ours = {0};

    if (!comment || aif_admincomment_read(comment, &ours) != 1)
        return;
    topo->mode = ours.mode[0] ? aif_tool_strdup(ours.mode) : NULL;
    topo->allocation = ours.alloc[0] ? aif_tool_strdup(ours.alloc) : NULL;
    topo->residency = ours.residency[0] ? aif_tool_strdup(ours.residency) : NULL;
}

static int describe_job(struct asking *asking)
{
    int rc;

    if (!asking->job->nodes || !*asking->job->nodes)
        return aif_tool_fail(AIF_EXIT_FAILED, "topo: job %u has no nodes yet; see \"aif explain %u\"", asking->topo->job,
                             asking->topo->job);
    rc = aif_gpusite_load(&asking->site);
    if (rc != AIF_EXIT_OK)
        return rc;
    read_details(asking);
    rc = asking->topo->step == AIF_TOPO_NO_STEP ? add_nodes(asking) : add_step(asking);
    free_details(asking);
    aif_gpusite_free(asking->site);
    return rc;
}

int aif_topo_ask_slurm(struct aif_topo *topo)
{
    struct asking asking = {.topo = topo};
    job_info_msg_t *jobs = NULL;
    int rc, code;

    topo->map.domain = "socket";
    topo->map.by_node = true;
    aif_slurm_quiet();
    errno = 0;
    rc = slurm_load_job(&jobs, topo->job, 0);
    code = errno;
    aif_slurm_loud();
    if (rc != SLURM_SUCCESS && code != ESLURM_INVALID_JOB_ID)
        return aif_slurmctld_failed("read the job", code);
    if (rc != SLURM_SUCCESS || !jobs->record_count)
        return aif_tool_fail(AIF_EXIT_FAILED, "topo: slurmctld knows no job %u now; see \"aif explain %u\"", topo->job, topo->job);
    asking.job = &jobs->job_array[0];
    read_ours(topo, asking.job->admin_comment);
    rc = describe_job(&asking);
    slurm_free_job_info_msg(jobs);
    return rc;
}
