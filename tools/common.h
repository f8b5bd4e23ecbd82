/*
 * common.h - what every tool needs: the configuration directory, complaints in one line, option handling
 *
 * No Slurm here, so that "aif config check" and "aif verify" work on a machine without Slurm running.
 */
#ifndef AIF_TOOL_COMMON_H
#define AIF_TOOL_COMMON_H

#include <getopt.h>

#include "commands.h"

/* Print "aif: <text>\n" to stderr and return exit_code. */
int aif_tool_fail(int exit_code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The configuration directory: given if not NULL, else "aif" beside the file that SLURM_CONF names, else the
 * compiled default. malloc'ed; NULL when memory is out.
 */
char *aif_tool_conf_dir(const char *given);

/*
 * Load the snapshot once per process into ctx->snapshot. Returns AIF_EXIT_OK, or prints the reason and returns
 * AIF_EXIT_FAILED.
 */
int aif_tool_snapshot(struct aif_cmd_context *ctx);

/*
 * getopt_long() for a subcommand: long and short options are the caller's; "--help" prints help and
 * anything unknown prints one line. Returns the option's value, -1 after the last one, or AIF_TOOL_OPT_DONE when
 * the subcommand shall return *ret_exit.
 */
#define AIF_TOOL_OPT_DONE (-2)
int aif_tool_option(int argc, char **argv, const char *shorts, const struct option *longs, const char *help,
                    int *ret_exit);

/* xasprintf-like: malloc'ed text; ends the program when memory is out. Tools only, never in lib/. */
char *aif_tool_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void *aif_tool_alloc(size_t count, size_t size); /* zeroed; count 0 gives room for one */
char *aif_tool_strdup(const char *text);         /* NULL stays NULL */

/* Flush stdout; a full disk or closed pipe turns exit code OK into FAILED with one line. */
int aif_tool_finish(int exit_code);

#endif
