/* aif_top.c - "aif top": lanes, allocations near their end, placement and reporting at a glance, again and again */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "slurmconn.h"
#include "top_show.h"

#define INTERVAL 10
#define INTERVAL_MIN 2
#define INTERVAL_MAX 3600
#define CLEAR "\033[H\033[2J"

static const char help[] =
    "Usage: aif top [--once] [--interval SECONDS] [--json|--parsable]\n"
    "Lanes, allocations near their end, how running jobs are placed and how late reporting is, anew\n"
    "every 10 seconds until Ctrl-C. Once only where the output is no terminal.\n"
    "\n"
    "  --once              show it once\n"
    "  --interval SECONDS  2 to 3600\n"
    "  --json              for programs; once\n"
    "  --parsable          the same as lines of key and text, separated by '|'\n"
    "\n"
    "Exit status: 0 fine; 1 policy.json or allocations.json cannot be read; 2 wrong command line;\n"
    "3 Slurm cannot be reached.\n";

struct wish {
    bool once, json, parsable;
    unsigned interval;
};

static int show(struct aif_cmd_context *ctx, const struct wish *wish)
{
    struct aif_topdata *data = NULL;
    int rc = aif_topdata_load(ctx, &data);

    if (rc != AIF_EXIT_OK)
        return rc;
    if (wish->json || wish->parsable) {
        aif_top_show_data(data, wish->parsable);
    } else {
        char text[32];
        struct tm tm;

        if (!wish->once)
            fputs(CLEAR, stdout);
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", localtime_r(&data->now, &tm));
        printf("aif top of %s at %s\n\n", ctx->snapshot->policy->cluster, text);
        aif_top_show(data);
    }
    aif_topdata_free(data);
    return AIF_EXIT_OK;
}

/* Files may have changed in between; what cannot be read now may be again in a moment. */
static void read_again(struct aif_cmd_context *ctx)
{
    struct aif_snapshot *fresh = NULL;

    if (aif_snapshot_load(ctx->conf_dir, &fresh, NULL) < 0)
        return;
    aif_snapshot_put(ctx->snapshot);
    ctx->snapshot = fresh;
}

static int run(struct aif_cmd_context *ctx, const struct wish *wish)
{
    int rc = show(ctx, wish);

    while (!wish->once && !ferror(stdout)) {
        fflush(stdout);
        sleep(wish->interval);
        read_again(ctx);
        rc = show(ctx, wish);
    }
    return rc;
}

static int read_interval(const char *text, struct wish *wish)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value < INTERVAL_MIN || value > INTERVAL_MAX)
        return aif_tool_fail(AIF_EXIT_USAGE, "top: --interval %s: want %d to %d seconds", text, INTERVAL_MIN, INTERVAL_MAX);
    wish->interval = (unsigned)value;
    return AIF_EXIT_OK;
}

int aif_cmd_top(struct aif_cmd_context *ctx, int argc, char **argv)
{
    static const struct option longs[] = {
        {"once", no_argument, NULL, 'o'}, {"interval", required_argument, NULL, 'i'}, {"json", no_argument, NULL, 'j'},
        {"parsable", no_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'}, {0},
    };
    struct wish wish = {.interval = INTERVAL};
    int opt, rc = AIF_EXIT_OK;

    while ((opt = aif_tool_option(argc, argv, "h", longs, help, &rc)) != -1) {
        if (opt == AIF_TOOL_OPT_DONE)
            return rc;
        if (opt == 'i' && (rc = read_interval(optarg, &wish)) != AIF_EXIT_OK)
            return rc;
        wish.json |= opt == 'j';
        wish.parsable |= opt == 'p';
        wish.once |= opt == 'o';
    }
    if (optind < argc)
        return aif_tool_fail(AIF_EXIT_USAGE, "top: \"%s\" is not wanted here; see \"aif top --help\"", argv[optind]);
    wish.once |= wish.json || wish.parsable || !isatty(STDOUT_FILENO);
    rc = aif_tool_snapshot(ctx);
    if (rc == AIF_EXIT_OK)
        rc = aif_slurm_init();
    return rc == AIF_EXIT_OK ? run(ctx, &wish) : rc;
}
