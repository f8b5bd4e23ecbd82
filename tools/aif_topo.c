/* aif_topo.c - "aif topo": which ranks of a job run where, and what is wrong with that */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "slurmconn.h"
#include "topo.h"

static const char help[] =
    "Usage: aif topo [--json | --parsable] [--svg FILE] [--check] [JOBID[.STEP]]\n"
    "Show where the ranks of a job run: islands of the network, nodes, cores, NUMA nodes, GPUs; how\n"
    "good that is against the best possible; and what is wrong with it.\n"
    "\n"
    "As a step with PMIx (srun with mpi=pmix) every rank tells where it is, and rank 0 prints the\n"
    "map. Without PMIx, in a batch script, or for a JOBID, the map is what Slurm itself knows: nodes,\n"
    "GPUs and cores of the job, and sockets instead of NUMA nodes.\n"
    "\n"
    "  --json         for programs\n"
    "  --parsable     columns separated by '|', for scripts\n"
    "  --svg FILE     draw the map, too\n"
    "  --check        exit with 1 if something is wrong\n"
    "\n"
    "Exit status: 0 fine; 1 no such job, something wrong with --check, or FILE cannot be written;\n"
    "2 wrong command line; 3 Slurm or the PMIx server cannot be reached.\n";

struct wish {
    bool json, parsable, check;
    const char *svg;
    const char *job;
};

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* "123" or "123.0". */
static int read_job(const char *text, struct aif_topo *topo)
{
    char *end;
    unsigned long job = strtoul(text, &end, 10), step = AIF_TOPO_NO_STEP;

    if (*text >= '0' && *text <= '9' && *end == '.' && end[1] >= '0' && end[1] <= '9')
        step = strtoul(end + 1, &end, 10);
    if (*text < '0' || *text > '9' || *end || !job || job >= UINT32_MAX || step > AIF_TOPO_NO_STEP)
        return aif_tool_fail(AIF_EXIT_USAGE, "topo: \"%s\" is no job, want JOBID or JOBID.STEP, like 123 or 123.0", text);
    topo->job = (uint32_t)job;
    topo->step = (uint32_t)step;
    return AIF_EXIT_OK;
}

static void free_topo(struct aif_topo *topo)
{
    aif_rankmap_clear(&topo->map);
    free(topo->mode);
    free(topo->allocation);
    free(topo->residency);
}

/* The job that this process belongs to, or the one that was asked for. */
static int find_job(const struct wish *wish, struct aif_topo *topo)
{
    const char *job = variable("SLURM_JOB_ID"), *step = variable("SLURM_STEP_ID");
    int rc;

    topo->step = AIF_TOPO_NO_STEP;
    if (wish->job)
        return read_job(wish->job, topo);
    if (!job)
        return aif_tool_fail(AIF_EXIT_USAGE, "topo: this is no job; give a JOBID, or run it in one: srun --mpi=pmix aif topo");
    rc = read_job(job, topo);
    if (rc == AIF_EXIT_OK && step && variable("SLURM_PROCID") && strtoul(step, NULL, 10) < 0xfffffff0UL)
        topo->step = (uint32_t)strtoul(step, NULL, 10);
    return rc;
}

/* Without PMIx every task of a step can print the same: the first one does. */
static bool is_for_me(const struct wish *wish, const struct aif_topo *topo)
{
    const char *rank = variable("SLURM_PROCID");

    return wish->job || topo->step == AIF_TOPO_NO_STEP || !rank || !strcmp(rank, "0");
}

static int ask(struct aif_cmd_context *ctx, const struct wish *wish, struct aif_topo *topo, bool *ret_here)
{
    int rc = find_job(wish, topo);

    *ret_here = true;
    if (rc != AIF_EXIT_OK)
        return rc;
    if (!wish->job && variable("PMIX_NAMESPACE")) {
        rc = aif_topo_ask_ranks(topo, ret_here);
    } else {
        *ret_here = is_for_me(wish, topo);
        rc = *ret_here ? aif_slurm_init() : AIF_EXIT_OK;
        if (rc == AIF_EXIT_OK && *ret_here)
            rc = aif_topo_ask_slurm(topo);
    }
    if (rc == AIF_EXIT_OK && *ret_here) {
        aif_topo_find_islands(ctx, topo);
        aif_rankmap_sort(&topo->map);
    }
    return rc;
}

static void say_nothing(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

static int show(const struct wish *wish, const struct aif_topo *topo)
{
    int rc = AIF_EXIT_OK;

    if (wish->json)
        aif_topo_print_json(topo);
    else
        aif_topo_print(topo, wish->parsable);
    if (wish->svg)
        rc = aif_topo_draw(topo, wish->svg);
    if (rc == AIF_EXIT_OK && wish->check && aif_rankmap_complain(&topo->map, say_nothing, NULL))
        rc = AIF_EXIT_FAILED;
    return rc;
}

/* False: *ret_rc is what to end with. */
static bool read_options(int argc, char **argv, struct wish *wish, int *ret_rc)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'},  {"parsable", no_argument, NULL, 'p'}, {"svg", required_argument, NULL, 's'},
        {"check", no_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'},     {0},
    };
    int opt;

    while ((opt = aif_tool_option(argc, argv, "h", longs, help, ret_rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return false;
        wish->json |= opt == 'j';
        wish->parsable |= opt == 'p';
        wish->check |= opt == 'c';
        if (opt == 's')
            wish->svg = optarg;
    }
    if (optind < argc)
        wish->job = argv[optind++];
    if (optind == argc && !(wish->json && wish->parsable))
        return true;
    *ret_rc = aif_tool_fail(AIF_EXIT_USAGE, "topo: one JOBID at most, and --json or --parsable; see \"aif topo --help\"");
    return false;
}

int aif_cmd_topo(struct aif_cmd_context *ctx, int argc, char **argv)
{
    struct wish wish = {0};
    struct aif_topo topo = {0};
    bool here = false;
    int rc = AIF_EXIT_OK;

    if (!read_options(argc, argv, &wish, &rc))
        return rc;
    rc = ask(ctx, &wish, &topo, &here);
    if (rc == AIF_EXIT_OK && here)
        rc = show(&wish, &topo);
    free_topo(&topo);
    return rc;
}
