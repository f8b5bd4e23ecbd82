/* aif_config.c - "aif config check": are policy.json and allocations.json fine */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static const char help[] =
    "Usage: aif config check [DIR]\n"
    "Check policy.json and allocations.json of DIR (default: aif's --conf-dir) completely.\n"
    "Prints one line: ok with counts and the hash that jobs carry, or what is wrong and where.\n"
    "Exit status: 0 ok, 1 not ok, 2 wrong command line.\n";

static int check(struct aif_cmd_context *ctx)
{
    int rc = aif_tool_snapshot(ctx);

    if (rc != AIF_EXIT_OK)
        return rc;
    printf("ok: %zu modes, %zu locations, %zu allocations, cluster %s, hash %.16s\n",
           ctx->snapshot->policy->mode_count, ctx->snapshot->policy->location_count,
           aif_alloctable_count(ctx->snapshot->allocs), ctx->snapshot->policy->cluster,
           ctx->snapshot->hash);
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
    if (argc < 1 || argc > 2 || strcmp(argv[0], "check"))
        return aif_tool_fail(AIF_EXIT_USAGE, "say \"aif config check [DIR]\"; see \"aif config --help\"");
    if (argc == 2) {
        free(ctx->conf_dir);
        ctx->conf_dir = aif_tool_strdup(argv[1]);
    }
    return check(ctx);
}
