/* explain_limits.c - jobs that wait for a limit of their allocation */
#include "config.h"

#include <stdlib.h>

#include "charge.h"
#include "common.h"
#include "explain_private.h"
#include "message.h"
#include "rules.h"

/* ---- budget ---- */

/* The longest time limit that what is left pays for; 0: not even a minute. */
static uint32_t affordable(const struct aif_explain *e, uint64_t left)
{
    uint64_t each = aif_explain_units(e) * 60;
    uint64_t fits = each ? aif_charge_tres_secs(&e->alloc->charge, left) / each : 0;

    return fits > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)fits;
}

/* Whether it would fit if running jobs gave back all they reserve. */
static bool fits_later(const struct aif_explain *e)
{
    uint64_t limit = e->standing.pace.limit_secs;
    uint64_t unspent = limit > e->standing.used ? limit - e->standing.used : 0;

    return e->standing.reserved && aif_explain_asked(e) <= unspent;
}

static void budget_next(struct aif_explain *e, bool paced)
{
    uint32_t longest = affordable(e, e->standing.left_now);
    char *limit = aif_explain_minutes(longest);

    if (longest && longest < e->job->minutes)
        e->next = aif_tool_format(
            "shorten it: scontrol update JobId=%s TimeLimit=%s%s", e->job->id, limit,
            fits_later(e) ? ", or wait: running jobs give back what they do not use" : "");
    else if (fits_later(e))
        e->next = aif_tool_strdup("wait: running jobs give back what they do not use");
    else if (paced)
        e->next = aif_tool_format("wait for the next month's grant; \"aif quota %s\" shows it",
                                  e->alloc->id);
    else
        e->next = aif_tool_format("cancel it (scancel %s) or ask for more hours; \"aif quota %s\" "
                                  "shows the account of them",
                                  e->job->id, e->alloc->id);
    free(limit);
}

void aif_explain_budget(struct aif_explain *e)
{
    const struct aif_standing *s = &e->standing;
    bool paced =
        e->alloc && s->pace.limit_secs < e->alloc->amount_secs && aif_explain_asked(e) <= s->left;
    char asked[AIF_AMOUNT_TEXT];
    char *rest, *used, *reserved, *total;

    if (!e->alloc || !s->known)
        return;
    aif_message_amount_up(aif_explain_asked(e), e->alloc->unit, asked);
    rest = aif_explain_amount(e, paced ? s->left_now : s->left);
    used = aif_explain_amount(e, s->used);
    reserved = aif_explain_amount(e, s->reserved);
    total = aif_explain_amount(e, e->alloc->amount_secs);
    e->why = aif_tool_format("up to its time limit it costs %s, but allocation %s has %s left%s "
                             "(of %s, used %s, reserved by running jobs %s)",
                             asked, e->alloc->id, rest, paced ? " this month" : "", total, used,
                             reserved);
    e->rule = paced ? AIF_Q_PACE : AIF_Q_LEFT;
    budget_next(e, paced);
    free(rest);
    free(used);
    free(reserved);
    free(total);
}

/* ---- state and counts ---- */

static void why_state(struct aif_explain *e)
{
    char end[AIF_DATE_TEXT];

    if (!e->alloc)
        return;
    if (e->alloc->state != AIF_STATE_OK) {
        e->rule = AIF_A_STATE;
        e->why = aif_tool_format("allocation %s is %s, so no job of it starts", e->alloc->id,
                                 aif_alloc_state_name(e->alloc->state));
        e->next = aif_tool_strdup("ask who granted the allocation; the job stays in the queue");
    } else if (e->alloc->end < e->now) {
        aif_message_date(e->alloc->end, end);
        e->rule = AIF_A_EXPIRED;
        e->why =
            aif_tool_format("allocation %s ended on %s, so no job of it starts", e->alloc->id, end);
        e->next = aif_tool_format("cancel it (scancel %s) or ask for an extension", e->job->id);
    }
}

void aif_explain_all_jobs(struct aif_explain *e)
{
    const slurmdb_qos_rec_t *qos = e->live ? aif_live_qos(e->live, e->job->qos) : NULL;

    why_state(e);
    if (e->why || !qos || !qos->usage)
        return;
    e->why = aif_tool_format("%u jobs of its allocation run, and %u may run at once",
                             qos->usage->grp_used_jobs, qos->grp_jobs);
    e->next = aif_tool_strdup("none: it starts when one of them ends");
}

void aif_explain_user_jobs(struct aif_explain *e)
{
    const slurmdb_qos_rec_t *qos = e->live ? aif_live_qos(e->live, e->job->qos) : NULL;
    uint32_t running, queued;

    if (!qos)
        return;
    aif_live_user_jobs(qos, e->job->uid, &running, &queued);
    e->why = aif_tool_format(
        "%u jobs of %s run under this allocation, and its mode%s%s lets %u run at once", running,
        e->job->user, e->alloc ? " " : "", e->alloc ? e->alloc->mode->name : "", qos->max_jobs_pu);
    e->next = aif_tool_strdup("none: it starts when one of them ends");
}

void aif_explain_wall(struct aif_explain *e)
{
    char *asked, *limit;

    if (!e->alloc || !e->alloc->mode->wall_max_minutes)
        return;
    asked = aif_explain_minutes(e->job->minutes);
    limit = aif_explain_minutes(e->alloc->mode->wall_max_minutes);
    e->rule = AIF_M_WALL;
    e->why = aif_tool_format("its time limit is %s, and mode %s allows %s", asked,
                             e->alloc->mode->name, limit);
    e->next =
        aif_tool_format("shorten it: scontrol update JobId=%s TimeLimit=%s", e->job->id, limit);
    free(asked);
    free(limit);
}
