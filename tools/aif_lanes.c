/* aif_lanes.c - "aif lanes": what lanes promise, whether they keep it, and what of their shares is
 * used */
#include "config.h"

#include <stdlib.h>

#include "common.h"
#include "lanes_show.h"
#include "slurmconn.h"

static const char help[] =
    "Usage: aif lanes [--json|--parsable]\n"
    "Per mode with a lane: jobs that wait and run, how long those waited that started within the\n"
    "window (the longest of 50, 90, 95 and 99 of 100), the target, and how often it was kept; "
    "then\n"
    "what of each share of the machine is used, and whether that has closed lanes. Jobs that wait\n"
    "outside of lanes, and the longest wait of these, stand beside. Nobody's jobs are named.\n"
    "  -j, --json      as JSON, times in seconds since 1970, waits in seconds\n"
    "  -P, --parsable  columns separated by '|', an empty line between modes and shares\n"
    "Exit status: 0 ok, 1 no valid policy.json, 2 wrong command line, 3 Slurm cannot be reached.\n";

static int show(const struct aif_snapshot *snapshot, char format)
{
    struct aif_lanedata *data = NULL;
    struct aif_lanestat *stats;
    int rc = aif_lanedata_load(snapshot, true, &data);

    if (rc != AIF_EXIT_OK)
        return rc;
    stats = aif_tool_alloc(snapshot->policy->mode_count + 1, sizeof(*stats));
    aif_lanestat_fill(snapshot->policy, data->jobs->jobs, data->jobs->count, data->waits, data->now,
                      stats);
    if (format == 'j')
        aif_lanes_show_json(data, stats);
    else if (format == 'P')
        aif_lanes_show_parsable(data, stats);
    else
        aif_lanes_show_text(data, stats);
    free(stats);
    aif_lanedata_free(data);
    return AIF_EXIT_OK;
}

int aif_cmd_lanes(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"parsable", no_argument, NULL, 'P'},
                                          {0}};
    char format = 't';
    int opt, rc;

    while ((opt = aif_tool_option(argc, argv, "hjP", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        format = (char)opt;
    }
    if (optind < argc)
        return aif_tool_fail(AIF_EXIT_USAGE, "lanes takes no argument %s; see \"aif lanes --help\"",
                             argv[optind]);
    rc = aif_tool_snapshot(ctx);
    if (rc == AIF_EXIT_OK)
        rc = aif_slurm_init();
    return rc == AIF_EXIT_OK ? show(ctx->snapshot, format) : rc;
}
