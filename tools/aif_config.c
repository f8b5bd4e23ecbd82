/* aif_config.c - "aif config check": are policy.json and allocations.json fine */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "advice.h"
#include "common.h"
#include "config_init.h"

#define ADVICE_SHOWN 50 /* lines; a table that is all wrong needs no more */

static const char help[] =
    "Usage: aif config check [DIR]\n"
    "       aif config init\n"
    "check: check policy.json and allocations.json of DIR (default: aif's --conf-dir) and the map that the policy\n"
    "may name, completely.\n"
    "Prints one line: ok with counts and the hash that jobs carry, or what is wrong and where.\n"
    "After ok, a line of advice for whatever looks odd about a lane, placement or an allocation, and\n"
    "of the rules that are not on: it changes nothing.\n"
    "init: print a \"placement\" section for policy.json, proposed from the cluster that slurmctld knows.\n"
    "Exit status: 0 ok, 1 not ok, 2 wrong command line, 3 Slurm cannot be reached (init).\n";

static void print_advice(void *arg, const char *text)
{
    size_t *count = arg;

    if (++*count <= ADVICE_SHOWN)
        printf("advice: %s\n", text);
}

static void advise(const struct aif_snapshot *snapshot)
{
    const time_t now = time(NULL);
    size_t count = 0;

    aif_advice_enforce(snapshot->policy, print_advice, &count);
    aif_advice_lanes(snapshot->policy, print_advice, &count);
    aif_advice_placement(snapshot->policy, snapshot->fabricmap, print_advice, &count);
    for (size_t i = 0; i < aif_alloctable_count(snapshot->allocs); i++)
        aif_advice_give(snapshot->policy, aif_alloctable_at(snapshot->allocs, i), now, print_advice,
                        &count);
    if (count > ADVICE_SHOWN)
        printf("advice: %zu more lines\n", count - ADVICE_SHOWN);
}

/* argv: what follows "check". */
static int check(struct aif_cmd_context *ctx, int argc, char **argv)
{
    int rc;

    if (argc > 1)
        return aif_tool_fail(AIF_EXIT_USAGE, "config check takes one directory; see \"aif config --help\"");
    if (argc == 1) {
        free(ctx->conf_dir);
        ctx->conf_dir = aif_tool_strdup(argv[0]);
    }
    rc = aif_tool_snapshot(ctx);
    if (rc != AIF_EXIT_OK)
        return rc;
    printf("ok: %zu modes, %zu locations, %zu allocations, cluster %s, hash %.16s\n",
           ctx->snapshot->policy->mode_count, ctx->snapshot->policy->location_count,
           aif_alloctable_count(ctx->snapshot->allocs), ctx->snapshot->policy->cluster,
           ctx->snapshot->hash);
    advise(ctx->snapshot);
    return AIF_EXIT_OK;
}

int aif_cmd_config(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int rc;

    if (aif_tool_option(argc, argv, "h", longs, help, &rc) == AIF_TOOL_OPT_DONE)
        return rc;
    argc -= optind;
    argv += optind;
    if (argc >= 1 && !strcmp(argv[0], "check"))
        return check(ctx, argc - 1, argv + 1);
    if (argc == 1 && !strcmp(argv[0], "init"))
        return aif_config_init();
    return aif_tool_fail(AIF_EXIT_USAGE,
                         "say \"aif config check [DIR]\" or \"aif config init\"; see \"aif config --help\"");
}
