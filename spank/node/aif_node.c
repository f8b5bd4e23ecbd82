/*
 * aif_node.c - the check of a tagged job on its node; spank_aif.so runs it in the prolog
 *
 * A program of its own, so that neither the parsers of JSON nor MUNGE's library are loaded where nothing is checked, and so that
 * whatever goes wrong in it only means "no". The ticket comes in the environment (AIF_TICKET, AIF_TICKET_TEXT). Prints one line:
 *     ok ARRAY              the job may run; its ticket is of the array ARRAY, 0: of itself
 *     no TEXT               it may not; TEXT names the rule
 * and after the first the data sets that its tasks shall see, as gating.h lists them.
 */
#include "config.h"

#include <getopt.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <slurm/slurm.h>

#include "judge.h"
#include "rules.h"
#include "sendback.h"
#include "text.h"
#include "ticket.h"

#define SECONDS 120 /* slurmctld may be busy; beyond, whoever waits takes silence for a no */

static const char help[] =
    "Usage: aif-node --job ID --uid UID --node NAME --cluster NAME --slurm-user UID\n"
    "                [--auth-info TEXT] [--conf-dir DIR] [--send-back]\n"
    "Tell whether a job with a data residency tag may run on a node. The prolog of spank_aif.so runs it;\n"
    "see spank_aif(8). The ticket is taken from the environment: sealed AIF_TICKET, in plain AIF_TICKET_TEXT.\n"
    "\n"
    "  --conf-dir DIR  where policy.json is; default: \"aif\" beside slurm.conf (SLURM_CONF)\n"
    "  --send-back     have slurmctld requeue and hold, or cancel, a job that may not run\n"
    "\n"
    "Exit status: 0 it may run, 1 it may not, 2 wrong command line.\n";

struct arguments {
    struct aif_node_case of;
    bool send_back;
    bool has_slurm_user;
};

static int read_id(const char *text, uint32_t *ret_id)
{
    uint64_t number;

    if (aif_text_to_u64(text, &number) || number > UINT32_MAX) {
        fprintf(stderr, "aif-node: \"%s\" is no id\n", text);
        return -1;
    }
    *ret_id = (uint32_t)number;
    return 0;
}

static int take_option(struct arguments *arguments, int option)
{
    switch (option) {
    case 'j':
        return read_id(optarg, &arguments->of.job);
    case 'u':
        return read_id(optarg, &arguments->of.uid);
    case 's':
        arguments->has_slurm_user = true;
        return read_id(optarg, &arguments->of.slurm_user);
    case 'n':
        arguments->of.node = optarg;
        return 0;
    case 'c':
        arguments->of.cluster = optarg;
        return 0;
    case 'a':
        arguments->of.authinfo = optarg;
        return 0;
    case 'd':
        arguments->of.conf_dir = optarg;
        return 0;
    case 'b':
        arguments->send_back = true;
        return 0;
    case 'h':
        fputs(help, stdout);
        exit(0);
    default:
        return -1;
    }
}

static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
    static const struct option options[] = {
        {"job", required_argument, NULL, 'j'},        {"uid", required_argument, NULL, 'u'},
        {"slurm-user", required_argument, NULL, 's'}, {"node", required_argument, NULL, 'n'},
        {"cluster", required_argument, NULL, 'c'},    {"auth-info", required_argument, NULL, 'a'},
        {"conf-dir", required_argument, NULL, 'd'},   {"send-back", no_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},             {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (take_option(arguments, option))
            return -1;
    }
    if (optind == argc && arguments->of.job && arguments->has_slurm_user && arguments->of.node && arguments->of.cluster)
        return 0;
    fputs(help, stderr);
    return -1;
}

/* The rule that a text names at its end, "(AIF-R011)". */
static const char *rule_of(const char *text)
{
    if (strstr(text, "(" AIF_R_GATING ")"))
        return AIF_R_GATING;
    return strstr(text, AIF_R_NODE) ? AIF_R_NODE : AIF_R_TICKET;
}

static int refuse(const struct arguments *arguments, const char *text)
{
    struct aif_error err = {0};

    printf("no %s\n", text);
    fflush(stdout);
    if (arguments->send_back && aif_node_sendback(arguments->of.job, rule_of(text), arguments->of.node, &err))
        fprintf(stderr, "aif-node: %s\n", err.text);
    return 1;
}

/* "aif" beside slurm.conf. */
static void default_conf_dir(char *ret_path, size_t size)
{
    char conf[4096];
    const char *from = getenv("SLURM_CONF");

    snprintf(conf, sizeof(conf), "%s", from && from[0] ? from : "/etc/slurm/slurm.conf");
    snprintf(ret_path, size, "%s/aif", dirname(conf));
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.of = {.seal = getenv(AIF_TICKET_ENV), .text = getenv(AIF_TICKET_TEXT_ENV)}};
    char conf_dir[4096 + 8];
    struct aif_error err = {0};
    char data[SPANK_AIF_GATING_LIST] = "";
    uint32_t array = 0;

    alarm(SECONDS);
    if (read_arguments(argc, argv, &arguments))
        return 2;
    default_conf_dir(conf_dir, sizeof(conf_dir));
    if (!arguments.of.conf_dir)
        arguments.of.conf_dir = conf_dir;
    slurm_init(NULL);
    if (aif_node_judge(&arguments.of, &array, data, &err))
        return refuse(&arguments, err.text);
    printf("ok %u\n%s", array, data);
    return 0;
}
