/* outcome.c - see outcome.h */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "outcome.h"
#include "rules.h"

#define OURS "aif: "
#define FAILED "allocation failure: "

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

static const char *without(const char *text, const char *start)
{
    return starts_with(text, start) ? text + strlen(start) : text;
}

/* "0: " before what is said of one component of a heterogeneous job. */
static const char *without_component(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits && text[digits] == ':' && text[digits + 1] == ' ' ? text + digits + 2 : text;
}

/* Once is enough: the components of a heterogeneous job often get the same sentence. */
static void append(char **text, const char *line)
{
    char *longer;

    if (*text && strstr(*text, line))
        return;
    longer = aif_tool_format("%s%s%s", *text ? *text : "", *text ? "\n" : "", line);
    free(*text);
    *text = longer;
}

/* The last rule id wins: with several sentences it is the one that decided. */
static void note_rule(const char *line, struct aif_outcome *outcome)
{
    const struct aif_rule *rule = aif_rules_in(line);

    if (rule)
        snprintf(outcome->rule, sizeof(outcome->rule), "%s", rule->id);
}

static void replace(char **text, const char *start, size_t length)
{
    free(*text);
    *text = aif_tool_format("%.*s", (int)length, start);
}

/* "Job 7 to start at 2026-11-21T09:00:00 using 4 processors on nodes n[1-2] in partition gpu"; for
 * het jobs "on n1". */
static bool note_start(const char *line, struct aif_outcome *outcome)
{
    const char *at = strstr(line, " to start at ");
    const char *using = strstr(line, " using ");
    const char *on = strstr(line, " processors on ");
    const char *in = strstr(line, " in partition ");

    if (!starts_with(line, "Job ") || !at || !using || !on || at > using || using > on)
        return false;
    at += strlen(" to start at ");
    replace(&outcome->start, at, (size_t)(using - at));
    outcome->cpus = (uint32_t)strtoul(using + strlen(" using "), NULL, 10);
    on = without(on + strlen(" processors on "), "nodes ");
    replace(&outcome->nodes, on, in ? (size_t)(in - on) : strlen(on));
    if (in)
        replace(&outcome->partition, in + strlen(" in partition "),
                strlen(in + strlen(" in partition ")));
    return true;
}

static void read_line(const char *line, struct aif_outcome *outcome)
{
    const char *said = without_component(without(without(line, "sbatch: "), "error: "));

    if (starts_with(line, FAILED)) {
        append(&outcome->reason, line + strlen(FAILED));
    } else if (starts_with(said, OURS)) {
        note_rule(said, outcome);
        append(&outcome->message, said + strlen(OURS));
    } else if (said != line && !note_start(said, outcome) && !starts_with(said, "debug")) {
        append(&outcome->others, said);
    }
}

/* What lib/decide.c says of jobs that it lets through, when it is asked to explain. */
static bool is_held(const char *message)
{
    return message && strstr(message, "the job is held");
}

static bool is_let_through(const char *message)
{
    return !message || strstr(message, "(" AIF_Q_NOTICE ")") ||
           strstr(message, "(" AIF_Q_FREE ")") || is_held(message);
}

static enum aif_outcome_verdict verdict_of(const struct aif_outcome *outcome, int status)
{
    if (status && !outcome->reason)
        return AIF_OUTCOME_NO_CHECK;
    if (status)
        return is_let_through(outcome->message) ? AIF_OUTCOME_SLURM : AIF_OUTCOME_REFUSED;
    return is_held(outcome->message) ? AIF_OUTCOME_HELD : AIF_OUTCOME_ACCEPTED;
}

void aif_outcome_read(const char *err, int status, struct aif_outcome *ret_outcome)
{
    char *copy = aif_tool_strdup(err);
    char *rest = NULL;

    memset(ret_outcome, 0, sizeof(*ret_outcome));
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        read_line(line, ret_outcome);
    free(copy);
    ret_outcome->verdict = verdict_of(ret_outcome, status);
    if (ret_outcome->verdict == AIF_OUTCOME_HELD) { /* Slurm's guess knows nothing of the hold */
        free(ret_outcome->start);
        ret_outcome->start = NULL;
    }
}

void aif_outcome_free(struct aif_outcome *outcome)
{
    free(outcome->message);
    free(outcome->others);
    free(outcome->reason);
    free(outcome->start);
    free(outcome->nodes);
    free(outcome->partition);
    memset(outcome, 0, sizeof(*outcome));
}

const char *aif_outcome_word(enum aif_outcome_verdict verdict)
{
    static const char *const words[] = {"accepted", "held", "refused", "refused by Slurm",
                                        "not checked"};

    return words[verdict];
}
