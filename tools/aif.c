/* aif.c - the command "aif": finds the subcommand and gives it its context */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static const struct command {
    const char *name;
    int (*run)(struct aif_cmd_context *ctx, int argc, char **argv);
    const char *summary;
} commands[] = {
    {"quota", aif_cmd_quota, "show what allocations have used and have left"},
    {"check", aif_cmd_check, "ask whether a job would be accepted, without submitting it"},
    {"explain", aif_cmd_explain, "say why a job waits, what it costs, what to do"},
    {"topo", aif_cmd_topo, "show where a job's ranks and GPUs are, and what is wrong with that"},
    {"lanes", aif_cmd_lanes, "show what lanes promise, how it is kept, and the shares of the machine"},
    {"top", aif_cmd_top, "watch lanes, allocations near their end, placement and reporting"},
    {"modes", aif_cmd_modes, "show the site's access modes and what each allows"},
    {"rules", aif_cmd_rules, "say what a rule id means"},
    {"config", aif_cmd_config, "check policy.json and allocations.json, or propose a part of them"},
    {"doctor", aif_cmd_doctor, "look for what keeps slurm-aif from working well here"},
    {"plan", aif_cmd_plan, "show what apply would change in Slurm's accounting"},
    {"apply", aif_cmd_apply, "mirror the allocations in Slurm's accounting"},
    {"audit", aif_cmd_audit, "show where tagged data was processed, and what was refused"},
    {"export", aif_cmd_export, "print the usage ledger as JSON lines or CSV"},
    {"ledger", aif_cmd_ledger, "manage the usage ledger: the key that signs it, names of users"},
    {"report", aif_cmd_report, "show how far usage has been reported, and what could not be"},
    {"verify", aif_cmd_verify, "check the usage ledger, or what was exported of it"},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
    puts("Usage: aif [--conf-dir DIR] COMMAND [OPTION]... [ARGUMENT]...\n"
         "AI Factory allocations on a Slurm cluster.\n"
         "\n"
         "Commands (\"aif COMMAND --help\" tells more):");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    puts("\n"
         "  --conf-dir DIR  where policy.json and allocations.json are; default: \"aif\" beside\n"
         "                  slurm.conf (SLURM_CONF), else /etc/slurm/aif\n"
         "  --version       print the version\n"
         "\n"
         "Exit status: 0 fine; 1 a check failed or there are differences; 2 wrong command line;\n"
         "3 slurmctld or slurmdbd cannot be reached or refuses.");
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static int run_command(const char *conf_dir, int argc, char **argv)
{
    const struct command *command = find_command(argv[0]);
    struct aif_cmd_context ctx = {0};
    int rc;

    if (!command)
        return aif_tool_fail(AIF_EXIT_USAGE, "no such command: %s; see \"aif --help\"", argv[0]);
    ctx.conf_dir = aif_tool_conf_dir(conf_dir);
    optind = 0; /* glibc: start over, for the subcommand's own options */
    rc = command->run(&ctx, argc, argv);
    aif_snapshot_put(ctx.snapshot);
    free(ctx.conf_dir);
    return aif_tool_finish(rc);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"conf-dir", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {0},
    };
    const char *conf_dir = NULL;
    int opt;

    setlocale(LC_CTYPE, "");
    opterr = 0;
    while ((opt = getopt_long(argc, argv, "+hV", longs, NULL)) != -1) {
        if (opt == 'c') {
            conf_dir = optarg;
        } else if (opt == 'h') {
            print_help();
            return aif_tool_finish(AIF_EXIT_OK);
        } else if (opt == 'V') {
            puts("aif " PACKAGE_VERSION " (Slurm " AIF_SLURM_VERSION ")");
            return aif_tool_finish(AIF_EXIT_OK);
        } else {
            return aif_tool_fail(AIF_EXIT_USAGE,
                                 "unknown option or missing value: %s; see \"aif --help\"",
                                 argv[optind - 1]);
        }
    }
    if (optind < argc)
        return run_command(conf_dir, argc - optind, argv + optind);
    return aif_tool_fail(AIF_EXIT_USAGE, "which command? See \"aif --help\"");
}
