/* common.c - see common.h */
#include "config.h"

#include "common.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef AIF_DEFAULT_CONF_DIR
#define AIF_DEFAULT_CONF_DIR "/etc/slurm/aif"
#endif

int aif_tool_fail(int exit_code, const char *fmt, ...)
{
    va_list args;

    fflush(stdout);
    fputs("aif: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return exit_code;
}

static void out_of_memory(void)
{
    fputs("aif: out of memory\n", stderr);
    exit(AIF_EXIT_FAILED);
}

void *aif_tool_alloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size);

    if (!p)
        out_of_memory();
    return p;
}

char *aif_tool_strdup(const char *text)
{
    char *copy = text ? strdup(text) : NULL;

    if (text && !copy)
        out_of_memory();
    return copy;
}

char *aif_tool_format(const char *fmt, ...)
{
    char *text;
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        out_of_memory();
    va_end(args);
    return text;
}

char *aif_tool_conf_dir(const char *given)
{
    const char *conf = getenv("SLURM_CONF");
    const char *slash;

    if (given)
        return aif_tool_strdup(given);
    slash = conf ? strrchr(conf, '/') : NULL;
    if (!slash)
        return aif_tool_strdup(AIF_DEFAULT_CONF_DIR);
    return aif_tool_format("%.*s/aif", (int)(slash - conf), conf);
}

int aif_tool_snapshot(struct aif_cmd_context *ctx)
{
    struct aif_error err = {0};

    if (ctx->snapshot)
        return AIF_EXIT_OK;
    if (aif_snapshot_load(ctx->conf_dir, &ctx->snapshot, &err) < 0)
        return aif_tool_fail(AIF_EXIT_FAILED, "%s", err.text);
    return AIF_EXIT_OK;
}

int aif_tool_option(int argc, char **argv, const char *shorts, const struct option *longs, const char *help,
                    int *ret_exit)
{
    int opt;

    opterr = 0; /* we say it in our own words */
    opt = getopt_long(argc, argv, shorts, longs, NULL);
    if (opt == 'h') {
        fputs(help, stdout);
        *ret_exit = aif_tool_finish(AIF_EXIT_OK);
        return AIF_TOOL_OPT_DONE;
    }
    if (opt != '?' && opt != ':')
        return opt;
    *ret_exit = aif_tool_fail(AIF_EXIT_USAGE, "%s: option \"%s\" is unknown, ambiguous or lacks its value; see \"aif %s --help\"",
                              argv[0], optind > 1 ? argv[optind - 1] : "", argv[0]);
    return AIF_TOOL_OPT_DONE;
}

int aif_tool_finish(int exit_code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    if (exit_code != AIF_EXIT_OK)
        return exit_code;
    return aif_tool_fail(AIF_EXIT_FAILED, "cannot write the output: %s", strerror(errno));
}
