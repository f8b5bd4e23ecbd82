/*
 * commands.h - the subcommands of "aif" and what they share
 *
 * Each subcommand is one function in a file of its own. It parses its own options with getopt_long() (optind is
 * already reset), prints results to stdout and one clear line per problem to stderr, and returns an exit code.
 */
#ifndef AIF_COMMANDS_H
#define AIF_COMMANDS_H

#include "snapshot.h"

/* Documented in "aif --help" and aif(1); scripts rely on them. */
enum aif_exit {
    AIF_EXIT_OK = 0,
    AIF_EXIT_FAILED = 1, /* a check failed, or there are differences */
    AIF_EXIT_USAGE = 2,  /* the command line is wrong */
    AIF_EXIT_SLURM = 3,  /* slurmctld or slurmdbd cannot be reached, or refuses us */
};

struct aif_cmd_context {
    char *conf_dir;                /* directory of policy.json and allocations.json */
    struct aif_snapshot *snapshot; /* filled by aif_tool_snapshot(); freed by the dispatcher */
};

/* argv[0] is the subcommand's name; argv[argc] is NULL. Returns an enum aif_exit. */
int aif_cmd_config(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_doctor(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_plan(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_apply(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_quota(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_explain(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_lanes(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_topo(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_top(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_check(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_modes(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_rules(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_audit(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_export(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_ledger(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_report(struct aif_cmd_context *ctx, int argc, char **argv);
int aif_cmd_verify(struct aif_cmd_context *ctx, int argc, char **argv);

#endif
