/* explain_lane.c - see explain_lane.h */
#include "config.h"

#include <stdlib.h>

#include "common.h"
#include "explain_private.h"
#include "lanestate.h"
#include "lanetext.h"
#include "slurmdb.h"

/* ---- finding out ---- */

static struct aif_lane_job lane_job(const struct aif_explain *e, const struct aif_livejob *job)
{
    const int32_t pace = e->standing.known ? e->standing.pace.priority : 0;

    return (struct aif_lane_job){
        .alloc = job->alloc,
        .free = job->free,
        .since = job->eligible,
        .pace = job->free ? AIF_PACE_LOWEST : pace,
        .behind = aif_livejob_behind(e->lane.data->jobs->jobs, e->lane.data->jobs->count, job),
    };
}

static void look(struct aif_explain *e, struct aif_livejob *job)
{
    const struct aif_policy *policy = e->snapshot->policy;
    const struct aif_livejobs *jobs = e->lane.data->jobs;
    const struct aif_lane_job own = lane_job(e, job);
    int64_t given = job->site;
    const bool known = aif_lanestate_given(jobs->state_dir, job->id, &given) >= 0;

    job->pace = own.pace;
    aif_siteparts_split(policy, aif_lanedata_windows(e->lane.data), &own, known ? &given : NULL,
                        job->site, e->now, &e->lane.parts);
    job->capped = e->lane.parts.place == AIF_SITEPLACE_CLOSED;
    aif_ahead_count(jobs->jobs, jobs->count, job, e->now, policy->lanes.guard_after,
                    &e->lane.ahead);
    e->lane.job = job;
}

int aif_explain_lane_load(struct aif_explain *e)
{
    struct aif_livejob *job;
    int rc;

    if (!e->job->live || e->job->state != JOB_PENDING)
        return AIF_EXIT_OK;
    rc = aif_lanedata_load(e->snapshot, false, &e->lane.data);
    if (rc != AIF_EXIT_OK)
        return rc;
    job = aif_livejobs_find(e->lane.data->jobs, e->job->record_id);
    if (job && job->state == AIF_LIVEJOB_WAITING) {
        look(e, job);
    } else {
        aif_lanedata_free(e->lane.data);
        e->lane.data = NULL;
    }
    return AIF_EXIT_OK;
}

void aif_explain_lane_free(struct aif_explain_lane *lane)
{
    aif_lanedata_free(lane->data);
    lane->data = NULL;
}

/* ---- saying it ---- */

/* Takes over list. */
static char *join(char *list, const char *separator, char *word)
{
    char *text = list && word ? aif_tool_format("%s%s%s", list, separator, word) : NULL;

    if (!text)
        return list ? list : word;
    free(list);
    free(word);
    return text;
}

static char *part(char *list, const char *name, int64_t points)
{
    return points ? join(list, ", ", aif_tool_format("%s %+lld", name, (long long)points)) : list;
}

static char *site_text(const struct aif_siteparts *parts)
{
    char *list = parts->place == AIF_SITEPLACE_LANE
                     ? aif_tool_format("base %+lld", (long long)parts->base)
                     : NULL;

    list = part(list, "urgency", parts->urgency);
    list = part(list, "level", parts->level);
    list = part(list, "guard", parts->guard);
    list = part(list, "pacing", parts->pace);
    list = part(list, "set by an administrator", parts->admin);
    return parts->place == AIF_SITEPLACE_CLOSED ? join(aif_tool_strdup("lane closed"), ", ", list)
                                                : list;
}

static char *factors_text(const struct aif_livejob *job)
{
    char *list = NULL;

    if (!job->has_factors)
        return aif_tool_format("all else %+lld", (long long)job->priority - (long long)job->site);
    list = part(list, "age", job->factors[AIF_FACTOR_AGE]);
    list = part(list, "fair share", job->factors[AIF_FACTOR_FAIR_SHARE]);
    list = part(list, "size", job->factors[AIF_FACTOR_SIZE]);
    return part(list, "partition, QOS, TRES and nice", job->factors[AIF_FACTOR_OTHER]);
}

char *aif_explain_lane_priority(const struct aif_explain *e)
{
    const struct aif_livejob *job = e->lane.job;
    char *site, *list;

    if (!job)
        return NULL;
    if (job->held)
        return aif_tool_strdup("0: it is held");
    if (job->direct)
        return aif_tool_format(
            "%u, set by an administrator: neither its lane nor anything else moves it",
            job->priority);
    site = site_text(&e->lane.parts);
    list = aif_tool_format("site factor %+lld%s%s%s", (long long)job->site, site ? " (" : "",
                           site ? site : "", site ? ")" : "");
    free(site);
    list = join(list, ", ", factors_text(job));
    return join(aif_tool_format("%u%s", job->priority, job->least ? " (the least there is)" : ""),
                ": ", list);
}

/* ", waited 0:12:10 of at most 0:30:00" */
static char *waited_text(const struct aif_explain *e, uint32_t target)
{
    const int64_t secs = aif_livejob_wait(e->lane.job, e->now);
    char *waited = aif_lanetext_secs(secs), *most = aif_lanetext_secs(target), *text;

    if (!aif_livejob_since(e->lane.job, e->now))
        text = target ? aif_tool_format("target %s once it can start", most) : NULL;
    else if (!target)
        text = aif_tool_format("waited %s", waited);
    else if (secs > (int64_t)target)
        text = aif_tool_format("waited %s, longer than the target of %s", waited, most);
    else
        text = aif_tool_format("waited %s, target %s", waited, most);
    free(waited);
    free(most);
    return text;
}

static char *place_text(const struct aif_explain *e)
{
    if (e->lane.data->jobs->hidden)
        return aif_tool_strdup(
            "place not known: jobs of other users cannot be seen here (PrivateData=jobs)");
    if (!e->lane.job->ready)
        return NULL;
    return aif_tool_format("place %llu of %llu", (unsigned long long)e->lane.ahead.place,
                           (unsigned long long)e->lane.ahead.of);
}

const struct aif_share *aif_explain_lane_share(const struct aif_explain *e,
                                               struct aif_sharewindow_state *ret_state)
{
    const struct aif_policy *policy = e->snapshot->policy;
    const struct aif_share *share = e->lane.parts.capped;

    if (share)
        aif_sharewindow_get(e->lane.data->windows, (size_t)(share - policy->shares), ret_state);
    return share;
}

static char *closed_text(const struct aif_explain *e)
{
    const struct aif_policy *policy = e->snapshot->policy;
    struct aif_sharewindow_state state;
    const struct aif_share *share = aif_explain_lane_share(e, &state);
    char *used, *again, *text;

    if (!share)
        return aif_tool_strdup(
            "closed, as a share of the machine that it counts to is used up (\"aif lanes\")");
    used = aif_lanetext_percent(state.used_bp);
    again = aif_lanetext_percent((int64_t)share->percent * policy->lanes.resume);
    text = aif_tool_format(
        "closed: \"%s\" has used %s of the machine, limit %u%%; opens again below %s", share->title,
        used, share->percent, again);
    free(used);
    free(again);
    return text;
}

static char *outside_text(const struct aif_explain *e)
{
    const uint32_t after = e->snapshot->policy->lanes.guard_after;
    char *guard = after && !e->lane.job->free ? aif_lanetext_secs(after) : NULL;
    char *text = waited_text(e, 0);

    if (guard)
        text = join(text, ", ", aif_tool_format("lifted once it has waited %s", guard));
    free(guard);
    return text;
}

char *aif_explain_lane_text(const struct aif_explain *e)
{
    const struct aif_mode *mode = e->lane.job ? aif_livejob_lane(e->lane.job) : NULL;

    if (!e->lane.job)
        return NULL;
    if (!mode)
        return join(aif_tool_strdup("none"), "; ", outside_text(e));
    if (!e->lane.data->jobs->plugin)
        return aif_tool_format(
            "%s, but neither priority/aif nor site_factor/aif is configured: nothing lifts it",
            mode->name);
    if (e->lane.parts.place == AIF_SITEPLACE_CLOSED)
        return join(join(aif_tool_format("%s", mode->name), " is ", closed_text(e)), "; ",
                    outside_text(e));
    return join(join(aif_tool_strdup(mode->name), ", ", place_text(e)), ", ",
                waited_text(e, mode->lane.target));
}

char *aif_explain_lane_expected(const struct aif_explain *e)
{
    char *when, *text;

    if (!e->lane.job || e->job->start <= e->now)
        return NULL;
    when = aif_explain_moment(e->job->start);
    text = aif_tool_format("%s, as the controller estimates now", when);
    free(when);
    return text;
}

static char *kind_text(const struct aif_ahead *ahead, enum aif_ahead_kind kind)
{
    char *list = NULL;

    if (kind != AIF_AHEAD_OTHER_LANE)
        return aif_tool_format("%llu %s", (unsigned long long)ahead->counts[kind],
                               aif_ahead_words(kind));
    for (size_t i = 0; i < ahead->lane_count; i++)
        list = join(list, ", ",
                    aif_tool_format("%llu of lane %s", (unsigned long long)ahead->lanes[i].jobs,
                                    ahead->lanes[i].mode->name));
    return list;
}

char *aif_explain_lane_ahead(const struct aif_explain *e)
{
    const struct aif_ahead *ahead = &e->lane.ahead;
    char *list = NULL;

    if (!e->lane.job || e->lane.job->held)
        return NULL;
    if (e->lane.data->jobs->hidden)
        return aif_tool_format(
            "%llu of the jobs that can be seen here (PrivateData=jobs hides those of others)",
            (unsigned long long)ahead->total);
    for (int kind = 0; kind < AIF_AHEAD_KINDS; kind++)
        if (ahead->counts[kind])
            list = join(list, ", ", kind_text(ahead, (enum aif_ahead_kind)kind));
    return list;
}
