/*
 * ledger_tool.h - what "aif ledger" does; see aif_ledger.c
 */
#ifndef AIF_LEDGER_TOOL_H
#define AIF_LEDGER_TOOL_H

#include <stdbool.h>

#include "ledger.h"
#include "policy.h"

/* The files that are meant, from options or policy.json; they belong to the caller. */
struct aif_ledger_files {
    const char *ledger;
    const char *key;
};

/* Each prints what it did or why not, and returns an enum aif_exit. */
int aif_ledger_key_show(const struct aif_ledger_files *files);
int aif_ledger_key_new(const struct aif_ledger_files *files);
int aif_ledger_key_rotate(const struct aif_ledger_files *files);

/* Move what was written before a day to a file that is not there yet. */
struct aif_ledger_archive_wish {
    struct aif_ledger_files files;
    const struct aif_report_conf *conf; /* whose sinks must be past that day */
    const char *before; /* YYYY-MM-DD */
    const char *path;
    bool dry_run; /* only tell what would be moved */
};
int aif_ledger_archive(const struct aif_ledger_archive_wish *wish);

/* Say on stderr that a ledger's events from since on are not all in it, if that is so. 0; -1 with err filled. */
int aif_ledger_tell_archived(struct aif_ledger *ledger, int64_t since, struct aif_error *err);

#endif
