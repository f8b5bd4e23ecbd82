/*
 * report_tool.h - what "aif report reconcile" and "aif report advise" do; see aif_report.c
 */
#ifndef AIF_REPORT_TOOL_H
#define AIF_REPORT_TOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "commands.h"

struct aif_report_wish {
    const char *ledger; /* path */
    const char *month;      /* "2026-11"; NULL: this and the previous one */
    const char *allocation; /* NULL: all */
    bool json;
    bool parsable;
    bool resend; /* to sinks that differ */
    bool has_from, has_to; /* of advise */
    int64_t from, to;
    bool islands;       /* of plot */
    const char *output; /* of plot; NULL: stdout */
};

/* Print what was found, or why not; returns an enum aif_exit. The context has its snapshot. */
int aif_report_reconcile(struct aif_cmd_context *ctx, const struct aif_report_wish *wish);

/* The same of what rules that only advise would have done. Needs no snapshot. */
int aif_report_advise(const struct aif_report_wish *wish);

/* Let the next round send everything to a sink once more. AIF_EXIT_OK, or an exit code after one line. */
int aif_report_resend(const char *path, const char *sink);

#endif
