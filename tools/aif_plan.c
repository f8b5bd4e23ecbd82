/* aif_plan.c - "aif plan" and "aif apply" */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier.h"
#include "common.h"
#include "headroom.h"
#include "plan_show.h"
#include "slurmconn.h"

static const char plan_help[] =
    "Usage: aif plan [--json|--parsable]\n"
    "Show what \"aif apply\" would change in slurmdbd; change nothing.\n"
    "  + add   ~ modify   - close (its allocation is gone)   ! conflict, cannot be done\n"
    "  (drift) somebody else changed what aif had made; applying undoes that\n"
    "  --parsable  a line for each field of each change, separated by '|', for scripts\n"
    "Exit status: 0 nothing to change, 1 there are differences or the configuration is wrong,\n"
    "2 wrong command line, 3 slurmdbd or slurmctld cannot be reached or refuses.\n";

static const char apply_help[] =
    "Usage: aif apply [OPTION]...\n"
    "Mirror every allocation of allocations.json as a QOS with its limits, or with the carrier\n"
    "\"association\" as limits of its account's association, with the account and the associations\n"
    "of its members. Where a lane preempts, its QOS list those that yield to it; its headroom is a\n"
    "standing reservation. Shows the changes first. Only QOS that aif made (description \"aif\n"
    "<project ID>\") are ever changed. What Slurm's counters have lost of the use that the ledger\n"
    "knows is taken off the limits. Running it again changes nothing. It never asks back.\n"
    "  --prune      then remove what aif made and nothing needs: QOS without jobs, accounts, headroom\n"
    "  --dry-run    only show all that would be done\n"
    "  --quiet      say nothing when there is nothing to change\n"
    "  --need-live  fail when slurmctld does not answer, instead of counting what the ledger knows\n"
    "               as lost\n"
    "  --json       print JSON\n"
    "  --parsable   print a line for each field of each change, separated by '|'\n"
    "  --yes        accepted for scripts\n"
    "Exit status: 0 done or nothing to do, 1 conflicts remain, or there are differences with\n"
    "--dry-run, or the configuration is wrong, 2 wrong command line, 3 slurmdbd or slurmctld cannot\n"
    "be reached or refuses.\n";

struct options {
    bool json;
    bool parsable;
    bool quiet;
    bool dry_run; /* "aif plan" is nothing else */
    bool prune;
    bool need_live;
};

struct run {
    struct aif_cmd_context *ctx;
    const struct options *options;
    time_t now;
    void *conn;
    struct aif_known known;
    struct aif_dbd dbd;
    struct aif_plan plan;
    struct aif_plan prune;
};

static const struct aif_policy *policy_of(const struct run *run)
{
    return run->ctx->snapshot->policy;
}

static int connect_slurm(struct run *run)
{
    int rc = aif_tool_snapshot(run->ctx);

    if (rc == AIF_EXIT_OK)
        rc = aif_slurm_init();
    if (rc == AIF_EXIT_OK)
        rc = aif_carrier_check(policy_of(run));
    if (rc == AIF_EXIT_OK)
        rc = aif_carrier_check_preempt(policy_of(run));
    if (rc == AIF_EXIT_OK)
        rc = aif_known_load(run->ctx->snapshot, run->options->need_live, &run->known);
    if (rc == AIF_EXIT_OK && !(run->conn = aif_slurmdb_open()))
        rc = AIF_EXIT_SLURM;
    return rc == AIF_EXIT_OK ? aif_dbd_read(run->conn, policy_of(run), &run->dbd) : rc;
}

static void disconnect_slurm(struct run *run)
{
    aif_plan_free(&run->plan);
    aif_plan_free(&run->prune);
    aif_dbd_free(&run->dbd);
    aif_known_free(&run->known);
    if (run->conn)
        aif_slurmdb_close(&run->conn);
}

static bool is_for_programs(const struct options *options)
{
    return options->json || options->parsable;
}

/* Show a plan, and carry it out unless that is all that was asked for. */
static int carry_out(struct run *run, const struct aif_plan *plan)
{
    int rc = AIF_EXIT_OK;

    if (!is_for_programs(run->options))
        aif_plan_print(plan);
    if (!run->options->dry_run)
        rc = aif_plan_apply(run->conn, run->ctx->snapshot, run->now, &run->dbd, plan);
    if (rc == AIF_EXIT_OK && !run->options->dry_run)
        rc = aif_headroom_apply(plan);
    if (rc == AIF_EXIT_OK && !is_for_programs(run->options))
        aif_plan_print_sum(plan, run->options->dry_run ? "planned" : "applied");
    return rc;
}

/* From what slurmdbd knows after the first part: that has closed the QOS whose jobs are now looked for. */
static int prune(struct run *run)
{
    int rc = AIF_EXIT_OK;

    if (!run->options->dry_run) {
        aif_dbd_free(&run->dbd);
        rc = aif_dbd_read(run->conn, policy_of(run), &run->dbd);
    }
    if (rc == AIF_EXIT_OK)
        rc = aif_prune_make(run->ctx->snapshot, &run->dbd, &run->prune);
    if (rc == AIF_EXIT_OK)
        rc = aif_headroom_prune(run->ctx->snapshot, run->now, &run->prune);
    return rc == AIF_EXIT_OK ? carry_out(run, &run->prune) : rc;
}

static int finish(const struct run *run)
{
    const struct options *options = run->options;
    size_t count = run->plan.count + run->prune.count;
    size_t conflicts = run->plan.conflicts + run->prune.conflicts;

    if (options->json)
        aif_plan_print_json(run->ctx, &run->plan, options->prune ? &run->prune : NULL, !options->dry_run);
    else if (options->parsable)
        aif_plan_print_parsable(&run->plan, options->prune ? &run->prune : NULL);
    else if (!count && !options->quiet)
        puts("nothing to change");
    return (options->dry_run ? count : conflicts) ? AIF_EXIT_FAILED : AIF_EXIT_OK;
}

static int run_options(struct aif_cmd_context *ctx, const struct options *options)
{
    struct run run = {.ctx = ctx, .options = options, .now = time(NULL)};
    int rc = connect_slurm(&run);

    if (rc == AIF_EXIT_OK)
        rc = aif_plan_make(ctx->snapshot, &run.dbd, &run.known, run.now, &run.plan);
    if (rc == AIF_EXIT_OK)
        rc = aif_headroom_plan(ctx->snapshot, run.now, &run.plan);
    if (rc == AIF_EXIT_OK)
        rc = carry_out(&run, &run.plan);
    if (rc == AIF_EXIT_OK && options->prune)
        rc = prune(&run);
    if (rc == AIF_EXIT_OK)
        rc = finish(&run);
    disconnect_slurm(&run);
    return rc;
}

static int check_arguments(int argc, char **argv)
{
    if (optind < argc)
        return aif_tool_fail(AIF_EXIT_USAGE, "%s takes no arguments, got \"%s\"; see \"aif %s --help\"", argv[0],
                             argv[optind], argv[0]);
    return AIF_EXIT_OK;
}

int aif_cmd_plan(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},
        {"parsable", no_argument, NULL, 'P'},
        {0},
    };
    struct options options = {.dry_run = true};
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hj", longs, plan_help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        options.json |= opt == 'j';
        options.parsable |= opt == 'P';
    }
    rc = check_arguments(argc, argv);
    return rc == AIF_EXIT_OK ? run_options(ctx, &options) : rc;
}

int aif_cmd_apply(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"dry-run", no_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},
        {"parsable", no_argument, NULL, 'P'},
        {"need-live", no_argument, NULL, 'l'},
        {"prune", no_argument, NULL, 'p'},
        {"quiet", no_argument, NULL, 'q'},
        {"yes", no_argument, NULL, 'y'},
        {0},
    };
    struct options options = {.json = false};
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hjnqy", longs, apply_help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        options.json |= opt == 'j';
        options.parsable |= opt == 'P';
        options.dry_run |= opt == 'n';
        options.need_live |= opt == 'l';
        options.prune |= opt == 'p';
        options.quiet |= opt == 'q';
    }
    rc = check_arguments(argc, argv);
    return rc == AIF_EXIT_OK ? run_options(ctx, &options) : rc;
}
