/* facts.c - see facts.h */
#include "config.h"

#include "facts.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/common.h"
#include "gpucores.h"
#include "machine.h"
#include "text.h"

#define CPUS_MAX 8192

static const char *first_of(const char *const *names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);

        if (value && *value)
            return value;
    }
    return NULL;
}

static char *node_name(void)
{
    const char *given = getenv("SLURMD_NODENAME");
    char name[256] = "localhost";

    if (given)
        return aif_tool_strdup(given);
    gethostname(name, sizeof(name) - 1);
    name[strcspn(name, ".")] = '\0';
    return aif_tool_strdup(name);
}

/* ---- cores ---- */

static void add_cpus(struct aif_text *text, unsigned first, unsigned last)
{
    aif_text_printf(text, last > first ? "%s%u-%u" : "%s%u", text->length ? "," : "", first, last);
}

static void find_cores(struct aif_rank *rank, const struct aif_machine *machine)
{
    cpu_set_t *set = CPU_ALLOC(CPUS_MAX);
    const size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
    struct aif_text text = {0};

    if (set && sched_getaffinity(0, size, set) == 0) {
        for (unsigned cpu = 0; cpu < CPUS_MAX; cpu++) {
            unsigned first = cpu;

            for (; cpu < CPUS_MAX && CPU_ISSET_S(cpu, size, set); cpu++)
                rank->domains |= aif_machine_cpu(machine, cpu);
            if (cpu > first)
                add_cpus(&text, first, cpu - 1);
        }
        rank->cores = aif_tool_strdup(text.data);
    }
    aif_text_free(&text);
    CPU_FREE(set);
}

/* ---- GPUs ---- */

static void place_gpus(struct aif_rank *rank, const struct aif_machine *machine)
{
    uint64_t near[AIF_RANK_GPUS_MAX];
    char *cores[AIF_RANK_GPUS_MAX] = {NULL};
    size_t seen = aif_machine_gpus(machine, near, AIF_RANK_GPUS_MAX);
    size_t said = seen ? 0 : aif_gpucores_read(rank->node, cores);

    for (size_t i = 0; i < rank->gpu_count; i++) {
        uint32_t index = rank->gpus[i].index;

        if (index < seen)
            rank->gpus[i].near = near[index];
        else if (index < said && cores[index])
            rank->gpus[i].near = aif_machine_cores(machine, cores[index]);
    }
    for (size_t i = 0; i < said; i++)
        free(cores[i]);
}

static void find_gpus(struct aif_rank *rank, const struct aif_machine *machine)
{
    static const char *const names[] = {"SLURM_STEP_GPUS", "SLURM_JOB_GPUS", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", NULL};
    const char *at = first_of(names);

    while (at && *at >= '0' && *at <= '9' && rank->gpu_count < AIF_RANK_GPUS_MAX) {
        char *end;

        rank->gpus[rank->gpu_count++].index = (uint32_t)strtoul(at, &end, 10);
        at = *end == ',' ? end + 1 : end;
    }
    place_gpus(rank, machine);
}

/* ---- network devices ---- */

/* "mlx5_0:1,mlx5_1:1", "=mlx5_0", "mlx5"; "^mlx5_0" says which not. */
static bool is_named(const char *list, const char *name)
{
    const size_t length = strlen(name);

    for (const char *at = list; at && *list != '^' && (at = strstr(at, name)); at += length)
        if ((at == list || strchr(",=", at[-1])) && (!at[length] || strchr(",:", at[length])))
            return true;
    return false;
}

static void find_nics(struct aif_rank *rank, const struct aif_machine *machine)
{
    static const char *const names[] = {"UCX_NET_DEVICES", "NCCL_IB_HCA", "NCCL_SOCKET_IFNAME", NULL};
    const char *wanted = first_of(names), *found[AIF_RANK_NICS_MAX];
    uint64_t near[AIF_RANK_NICS_MAX];

    rank->nic_count = aif_machine_nics(machine, found, near, AIF_RANK_NICS_MAX);
    for (size_t i = 0; i < rank->nic_count; i++)
        rank->nics[i] = (struct aif_rank_nic){aif_tool_strdup(found[i]), near[i], wanted && is_named(wanted, found[i])};
}

void aif_rank_facts(struct aif_rank *rank)
{
    struct aif_machine *machine = aif_machine_open();

    rank->node = node_name();
    rank->address = aif_tool_strdup(getenv("AIF_TOPOLOGY"));
    find_cores(rank, machine);
    find_gpus(rank, machine);
    find_nics(rank, machine);
    aif_machine_close(machine);
}
