/* aif_check.c - "aif check": would this job be accepted? The controller decides; nothing is
 * submitted */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "common.h"
#include "jsonout.h"
#include "outcome.h"
#include "sbatch.h"
#include "slurmconn.h"

static const char help[] = "Usage: aif check [--json|--parsable] [SBATCH-OPTION]... [SCRIPT [ARGUMENT]...]\n"
                           "Ask the controller for its decision on a batch job, with the numbers, "
                           "without submitting it: the\n"
                           "same decision, by the same plugins, as sbatch would get right now. "
                           "After the first option everything is\n"
                           "sbatch's: options, script, arguments.\n"
                           "  --json      as JSON\n"
                           "  --parsable  as lines of key and text, separated by '|'\n"
                           "Exit status: 0 accepted (a job that would be held is accepted), 1 "
                           "refused, 2 wrong command line\n"
                           "(in sbatch's own words), 3 slurmctld cannot be reached.\n";

/* What the controller is: reachable, and with our plugin or without. */
static int ask_controller(bool *ret_loaded)
{
    slurm_conf_t *conf = NULL;
    int rc, code;

    aif_slurm_quiet();
    errno = 0;
    rc = slurm_load_ctl_conf((time_t)0, &conf);
    code = errno;
    aif_slurm_loud();
    if (rc != SLURM_SUCCESS)
        return aif_slurmctld_failed("ask for a decision", code);
    *ret_loaded = conf->job_submit_plugins && strstr(conf->job_submit_plugins, "aif");
    slurm_free_ctl_conf(conf);
    return AIF_EXIT_OK;
}

/* ---- for people ---- */

static void print_lines(const char *first, const char *text)
{
    size_t length;

    for (; *text; text += text[length] ? length + 1 : length) {
        length = strcspn(text, "\n");
        printf("%s%.*s\n", first, (int)length, text);
    }
}

/* The sentence of an acceptance says so itself. */
static void print_verdict(const char *word, const char *message)
{
    if (!strstr(message, "accepted under "))
        printf("%s: ", word);
    print_lines("", message);
}

static void print_start(const struct aif_outcome *outcome)
{
    if (!outcome->start)
        return;
    printf("start: Slurm expects %s, on %s%s%s\n", outcome->start, outcome->nodes,
           outcome->partition ? " in partition " : "",
           outcome->partition ? outcome->partition : "");
}

static void print_text(const struct aif_outcome *outcome, bool loaded)
{
    const char *word = aif_outcome_word(outcome->verdict);
    const char *message = outcome->message;

    if (outcome->verdict == AIF_OUTCOME_SLURM)
        printf("%s: %s\n", word, outcome->reason);
    else if (!message)
        printf("%s: slurm-aif had nothing to say (sbatch --quiet, or spank_aif is not installed "
               "here)\n",
               word);
    if (message && outcome->verdict == AIF_OUTCOME_SLURM)
        print_lines("slurm-aif: ", message);
    else if (message)
        print_verdict(word, message);
    if (outcome->others)
        print_lines("sbatch: ", outcome->others);
    if (!loaded)
        puts("note: the controller runs without job_submit/aif, so only Slurm's own limits were "
             "asked");
    print_start(outcome);
}

/* ---- for programs ---- */

static struct json_object *outcome_json(const struct aif_outcome *outcome, bool loaded)
{
    struct json_object *object = json_object_new_object();
    bool accepted =
        outcome->verdict == AIF_OUTCOME_ACCEPTED || outcome->verdict == AIF_OUTCOME_HELD;

    json_object_object_add(object, "accepted", json_object_new_boolean(accepted));
    aif_jsonout_text(object, "verdict", aif_outcome_word(outcome->verdict));
    aif_jsonout_text(object, "rule", outcome->rule);
    aif_jsonout_text(object, "message", outcome->message);
    aif_jsonout_text(object, "slurm", outcome->reason);
    aif_jsonout_text(object, "others", outcome->others);
    json_object_object_add(object, "plugin", json_object_new_boolean(loaded));
    aif_jsonout_text(object, "start", outcome->start);
    aif_jsonout_text(object, "nodes", outcome->nodes);
    aif_jsonout_text(object, "partition", outcome->partition);
    json_object_object_add(object, "cpus",
                           outcome->start ? json_object_new_int64(outcome->cpus) : NULL);
    return object;
}

/* ---- the question ---- */

static int exit_code(enum aif_outcome_verdict verdict)
{
    return verdict == AIF_OUTCOME_ACCEPTED || verdict == AIF_OUTCOME_HELD ? AIF_EXIT_OK
                                                                          : AIF_EXIT_FAILED;
}

/* sbatch did something else than asking: it printed its version, or did not like its options. */
static int pass_on(const struct aif_sbatch *sbatch)
{
    fputs(sbatch->out, stdout);
    fputs(sbatch->err, stderr);
    return aif_tool_fail(AIF_EXIT_USAGE,
                         "no job was checked; see \"aif check --help\" and sbatch(1)");
}

static int check(int count, char *const *arguments, enum aif_format format, bool loaded)
{
    struct aif_sbatch sbatch = {0};
    struct aif_outcome outcome = {0};
    int rc = aif_sbatch_test(count, arguments, &sbatch);

    if (rc == AIF_EXIT_OK) {
        aif_outcome_read(sbatch.err, sbatch.status, &outcome);
        if (outcome.verdict == AIF_OUTCOME_NO_CHECK || sbatch.out[0])
            rc = pass_on(&sbatch);
        else if (format == AIF_FORMAT_PLAIN)
            print_text(&outcome, loaded);
        else
            aif_jsonout_print(outcome_json(&outcome, loaded), format == AIF_FORMAT_PARSABLE);
        rc = rc == AIF_EXIT_OK ? exit_code(outcome.verdict) : rc;
    }
    aif_outcome_free(&outcome);
    aif_sbatch_free(&sbatch);
    return rc;
}

/* sbatch's options are not ours to parse, so only what stands before them is looked at. */
int aif_cmd_check(struct aif_cmd_context *ctx, int argc, char **argv)
{
    const char *option = argc > 1 ? argv[1] : "";
    enum aif_format format = !strcmp(option, "--json")       ? AIF_FORMAT_JSON
                             : !strcmp(option, "--parsable") ? AIF_FORMAT_PARSABLE
                                                             : AIF_FORMAT_PLAIN;
    bool loaded = false;
    int first = format == AIF_FORMAT_PLAIN ? 1 : 2;
    int rc;

    (void)ctx;
    if (first < argc && (!strcmp(argv[first], "--help") || !strcmp(argv[first], "-h"))) {
        fputs(help, stdout);
        return AIF_EXIT_OK;
    }
    if (first == argc)
        return aif_tool_fail(AIF_EXIT_USAGE,
                             "check which job? Say \"aif check [SBATCH-OPTION]... SCRIPT\"");
    rc = aif_slurm_init();
    if (rc == AIF_EXIT_OK)
        rc = ask_controller(&loaded);
    return rc == AIF_EXIT_OK ? check(argc - first, argv + first, format, loaded) : rc;
}
