/* explain_hold.c - jobs that slurm-aif itself holds, until the reason is gone */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "explain_private.h"
#include "message.h"
#include "rules.h"
#include "slurmdb.h"
#include "timetext.h"

/* What ends a hold, by its rule. */
static char *release_text(const struct aif_explain *e, const char *rule)
{
    char start[AIF_DATE_TEXT];

    if (!strcmp(rule, AIF_A_EARLY) && e->alloc) {
        aif_message_date(e->alloc->start, start);
        return aif_tool_format("none: it is released when the allocation starts on %s", start);
    }
    if (!strcmp(rule, AIF_A_STATE))
        return aif_tool_strdup(
            "none: it is released when the allocation is in state ok again; ask who granted it");
    if (!strcmp(rule, AIF_M_CLOSED))
        return aif_tool_format(
            "none: it is released when the mode opens again; \"aif modes %s\" says when",
            e->alloc ? e->alloc->mode->name : "");
    if (!strcmp(rule, AIF_Q_PACE))
        return aif_tool_strdup("none: it is released when the next month's grant covers it");
    if (!strcmp(rule, AIF_Q_LEFT))
        return aif_tool_strdup("none: it is released when enough is left, as running jobs give "
                               "back what they do not use");
    return aif_tool_strdup("none: it is released when the rule no longer stands against it");
}

/* The reason that stands at the job is one of our sentences: "aif: what: numbers (rule); next
 * step". */
static char *reason_sentence(const char *text)
{
    const char *end = text ? strstr(text, "; ") : NULL;

    if (!text || strncmp(text, "aif: ", 5))
        return NULL;
    text += 5;
    return end ? aif_tool_format("%.*s", (int)(end - text), text) : aif_tool_strdup(text);
}

static char *rule_sentence(const char *id)
{
    const struct aif_rule *rule = aif_rules_find(id);

    return rule ? aif_tool_format("%s (%s)", rule->title, id) : aif_tool_strdup(id);
}

time_t aif_explain_held(const struct aif_explain *e)
{
    time_t since;

    if (e->job->state != JOB_PENDING || e->job->priority || !e->ours->hold[0])
        return 0;
    /* Marks of older times do not say when: mostly it was at submission. */
    return aif_timetext_date(e->ours->held, AIF_DAY_START, &since) < 0 ? e->job->submit : since;
}

void aif_explain_hold(struct aif_explain *e)
{
    const char *rule = e->ours->hold;
    char *sentence;

    if (!rule[0])
        return;
    sentence = reason_sentence(e->job->reason_text);
    if (!sentence) /* the first look at the queue puts one there */
        sentence = rule_sentence(rule);
    e->rule = rule;
    e->why = aif_tool_format("slurm-aif holds it: %s", sentence);
    e->next = release_text(e, rule);
    free(sentence);
}
